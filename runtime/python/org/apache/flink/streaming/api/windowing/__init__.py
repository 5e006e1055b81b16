"""Flink's ``org.apache.flink.streaming.api.windowing``: see the modules in it."""
