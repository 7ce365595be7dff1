"""Tag documents: one, many, or many at once in several processes."""

GARBAGE_THRESHOLD = 50_000
"""Objects allocated before the garbage collector looks for cycles (gc.set_threshold). Imports and tagging make hardly any;
with the default of 700 the search takes up to a tenth of the time."""
