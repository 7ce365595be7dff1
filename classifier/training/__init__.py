"""Learn a model from labelled rows."""
