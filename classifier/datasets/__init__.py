"""Labelled rows, how they are split, and the formats and corpora of others."""
