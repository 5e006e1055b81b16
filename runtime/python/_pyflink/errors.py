"""Exceptions of the runtime."""

from __future__ import annotations


class JobExecutionException(Exception):
    """A job failed; ``__cause__`` is what a function raised, if it was one."""


class JobCancelled(BaseException):
    """The job is being cancelled. Not an `Exception`, so that scripts do not catch it by accident."""
