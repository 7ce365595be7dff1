"""Read HTML pages."""
