"""Predict labeled rows and report how well the labels are predicted."""
