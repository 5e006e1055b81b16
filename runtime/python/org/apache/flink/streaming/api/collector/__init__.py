"""Flink's ``org.apache.flink.streaming.api.collector``: see the modules in it."""
