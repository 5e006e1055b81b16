"""Flink's ``org.apache.flink.streaming``: see the modules in it."""
