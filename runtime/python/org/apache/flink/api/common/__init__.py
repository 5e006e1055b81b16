"""Flink's ``org.apache.flink.api.common``: see the modules in it."""
