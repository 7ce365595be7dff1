"""Read Word files."""
