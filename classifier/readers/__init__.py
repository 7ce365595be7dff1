"""Read files of several formats as Documents."""

from classifier.readers.registry import from_text, parse, read, read_all

__all__ = ["from_text", "parse", "read", "read_all"]
