"""Work on strings: plain text of marked-up text, words and terms, sentences. Nothing here knows what a policy is."""

from classifier.text.analyzer import terms
from classifier.text.markup import plain

__all__ = ["plain", "terms"]
