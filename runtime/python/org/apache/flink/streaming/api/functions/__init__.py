"""Flink's ``org.apache.flink.streaming.api.functions``: see the modules in it."""
