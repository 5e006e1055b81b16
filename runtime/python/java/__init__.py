"""The few Java names that scripts import."""
