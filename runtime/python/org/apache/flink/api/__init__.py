"""Flink's ``org.apache.flink.api``: see the modules in it."""
