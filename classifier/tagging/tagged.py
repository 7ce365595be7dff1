"""A policy with its tagged clauses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifier.errors import require_package
from classifier.model.model import Model
from classifier.taxonomy import Category
from classifier.text.markup import highlighted_lines, plain
from classifier.types import Clause, Document

if TYPE_CHECKING:
    import pandas as pd

    from classifier.model.explain import Explanation

NEAR_MISS_SHARE = 0.5
"""A score of so much of the threshold is a near miss."""


@dataclass(frozen=True, eq=False)
class TaggedPolicy:
    """A policy, its tagged clauses, and the model that tagged them; shows itself in Jupyter.

    Attributes
    ----------
    document
        The policy as read; ``document.text[clause.start:clause.end] == clause.text``.
    clauses
        All its clauses, in order, with labels and scores.
    model
        The model used.
    thresholds
        The thresholds used, category id to probability; the model's own where no others were asked for.
    """

    document: Document
    clauses: tuple[Clause, ...]
    model: Model
    thresholds: Mapping[str, float]

    def to_frame(self) -> pd.DataFrame:
        """Lay the clauses out as a table: where each stands, its text and labels, then one column of scores a category."""
        require_package("tables", "train", "pandas")
        import pandas as pd

        rows = [
            {
                "policy": self.document.name,
                "clause": number,
                "start": clause.start,
                "end": clause.end,
                "place": clause.place,
                "kind": clause.kind,
                "headings": clause.headings,
                "heading": clause.headings[-1] if clause.headings else "",
                "text": plain(clause.text),
                "labels": clause.labels,
                **clause.scores,
            }
            for number, clause in enumerate(self.clauses, 1)
        ]
        places = ["policy", "clause", "start", "end", "place", "kind", "headings", "heading"]
        columns = [*places, "text", "labels", *self.model.taxonomy.ids]
        return pd.DataFrame(rows, columns=columns)

    def counts(self) -> dict[str, int]:
        """Count the clauses of each category, in the order of the taxonomy; a category not found counts 0."""
        return {id: sum(id in clause.labels for clause in self.clauses) for id in self.model.taxonomy.ids}

    def explain(self, clause: Clause, category: str) -> Explanation:
        """Say why a clause has its score in a category: the words that made it, and where they stand.

        Raises
        ------
        ValueError
            If the model has no such category.

        Examples
        --------
        >>> from classifier import load
        >>> tagged = load().tag_text("We keep server logs for 30 days and then delete them.")
        >>> found = tagged.explain(tagged.clauses[0], "retention")
        >>> [tagged.document.text[start:end] for start, end in found.evidence(3)]
        ['30', 'days', 'delete']
        """
        from classifier.model import explain

        return explain.explain_clause(clause, category, self.model, self.thresholds.get(category))

    def near_misses(self, clause: Clause) -> tuple[str, ...]:
        """List the categories that a clause was nearly given, nearest first: a score of half the threshold or more."""
        shares = {
            id: score / max(self.thresholds[id], 1e-9) for id, score in clause.scores.items() if id not in clause.labels
        }
        near = [id for id, share in shares.items() if share >= NEAR_MISS_SHARE and clause.kind == "text"]
        return tuple(sorted(near, key=lambda id: -shares[id]))

    @property
    def is_wrapped(self) -> bool:
        """Whether a line of the document may go on in the next, as in text files."""
        return self.document.format == "text"

    def evident_lines(
        self, clause: Clause, explanations: Sequence[Explanation]
    ) -> tuple[list[list[tuple[str, int]]], list[str]]:
        """Give the lines of a clause as people read them, cut around the words that speak for its labels.

        Returns
        -------
        lines, owners
            For each line its parts, each with a number, -1 for none; the category that the words of each number speak for.
        """
        words = [(span, why.category) for why in explanations for span in why.evidence()]
        places = [(start - clause.start, end - clause.start) for (start, end), _ in words]
        return highlighted_lines(clause.text, places, self.is_wrapped), [category for _, category in words]

    def sentence(self, clause: Clause, category: str | Explanation) -> tuple[int, int]:
        """Find the sentence of a clause that carries a label best, as (start, end) in the document's text.

        Where there is an explanation already, pass it in place of its category.
        """
        from classifier.text import sentences

        spans = [(start + clause.start, end + clause.start) for start, end in sentences.sentence_spans(clause.text)]
        why = self.explain(clause, category) if isinstance(category, str) else category
        return why.sentence(spans or [(clause.start, clause.end)])

    def missing(self) -> tuple[list[Category], list[Category]]:
        """List the categories that no clause has: those the model could have given, and those it never learned."""
        counts = self.counts()
        absent = [category for category in self.model.taxonomy if not counts[category.id]]
        learned = dict(zip(self.model.taxonomy.ids, (self.model.weights != 0).any(axis=0).tolist(), strict=True))
        return [c for c in absent if learned[c.id]], [c for c in absent if not learned[c.id]]

    def __repr__(self) -> str:
        found = sum(bool(clause.labels) for clause in self.clauses)
        return f"<TaggedPolicy {self.document.name!r}: {len(self.clauses)} clauses, {found} with a label>"

    def _repr_html_(self) -> str:
        from classifier.render import html

        return html.policy_to_html(self)
