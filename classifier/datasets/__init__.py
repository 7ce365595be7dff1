"""Labeled rows, their splits into folds, and corpora of others."""
