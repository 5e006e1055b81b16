"""Flink's ``org.apache.flink``: see the modules in it."""
