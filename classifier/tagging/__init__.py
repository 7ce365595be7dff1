"""Tag documents: one, many, or many at once in several processes."""
