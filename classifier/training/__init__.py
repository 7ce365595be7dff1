"""Learn a model from labeled rows."""
