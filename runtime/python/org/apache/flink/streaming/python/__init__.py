"""Flink's ``org.apache.flink.streaming.python``: see the modules in it."""
