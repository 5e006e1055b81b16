"""Configurations."""

from _pyflink.context import Configuration

__all__ = ["Configuration"]
