"""Flink's package names, for scripts to import from."""
