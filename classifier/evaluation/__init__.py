"""Predictions on labelled rows and the report on them."""
