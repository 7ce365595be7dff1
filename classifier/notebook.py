"""A tagged policy becomes what Jupyter shows: HTML that needs no widgets, no script and no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifier.templates import render
from classifier.text import lines

if TYPE_CHECKING:
    from classifier.predict import TaggedPolicy


def policy(tagged: TaggedPolicy) -> str:
    """Show a policy: counts, then its clauses under their headings, each with its labels and scores.

    Everything that comes from the document is escaped.
    """
    categories = {category.id: category for category in tagged.model.taxonomy}
    sections: list[tuple[tuple[str, ...], list[dict[str, object]]]] = []
    for clause in tagged.clauses:
        if clause.kind == "navigation":
            continue
        if not sections or sections[-1][0] != clause.headings:
            sections.append((clause.headings, []))
        labels = [(categories[id], clause.scores[id]) for id in clause.labels]
        sections[-1][1].append({"lines": lines(clause.text), "labels": labels})
    counts = tagged.counts()
    return render(
        "notebook.html",
        name=tagged.document.name,
        model=tagged.model,
        sections=sections,
        found=[(category, counts[category.id]) for category in tagged.model.taxonomy if counts[category.id]],
        missing=tagged.missing()[0],
    )
