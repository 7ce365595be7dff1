"""Cut a clause into the lines that people read, with the words marked that speak for its labels.

Terminal, Markdown, HTML and notebook output all show these lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from classifier.text.markup import highlighted_lines
from classifier.types import MARKDOWN_FORMATS

if TYPE_CHECKING:
    from classifier.model.explain import Explanation
    from classifier.tagging.tagged import TaggedPolicy
    from classifier.types import Clause, Document


class Highlights(NamedTuple):
    """Lines of a clause.

    Attributes
    ----------
    lines
        For each line its parts as (text, number of a highlight), -1 where there is none.
    categories
        For each highlight the category that it speaks for.
    """

    lines: list[list[tuple[str, int]]]
    categories: list[str]


def is_wrapped(document: Document) -> bool:
    """Return whether a line of the document may continue in the next, as in text files."""
    return document.format in (*MARKDOWN_FORMATS, "email")


def highlight(policy: TaggedPolicy, clause: Clause, explanations: Sequence[Explanation]) -> Highlights:
    """Return the lines of a clause, with the evidence of each explanation highlighted."""
    words = [(span, found.category) for found in explanations for span in found.evidence()]
    places = [(start - clause.start, end - clause.start) for (start, end), _ in words]
    return Highlights(
        highlighted_lines(clause.text, places, is_wrapped(policy.document)), [category for _, category in words]
    )
