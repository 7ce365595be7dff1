"""Process strings: strip markup, cut into sentences, words and terms. Nothing here knows about policies."""

from classifier.text.analyzer import terms
from classifier.text.context import with_context
from classifier.text.markup import plain

__all__ = ["plain", "terms", "with_context"]
