"""What stands behind the modules that scripts import: the recorder, and what the engine calls. Not for scripts."""
