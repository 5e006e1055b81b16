"""Flink's ``org.apache.flink.api.java``: see the modules in it."""
