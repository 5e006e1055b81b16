"""Flink's ``org.apache.flink.streaming.python.api``: see the modules in it."""
