"""Flink's ``org.apache.flink.streaming.util``: see the modules in it."""
