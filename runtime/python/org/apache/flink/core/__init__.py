"""Flink's ``org.apache.flink.core``: see the modules in it."""
