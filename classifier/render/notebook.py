"""A tagged policy becomes what Jupyter shows: HTML that needs no widgets, no script and no network; evidence is marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifier.render.templating import render

if TYPE_CHECKING:
    from classifier.tagging.tagger import TaggedPolicy


def policy(tagged: TaggedPolicy) -> str:
    """Show a policy: counts, then its clauses under their headings, each with its labels, scores and the words that speak.

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
        marked, owners = tagged.evident_lines(clause, [tagged.explain(clause, id) for id in clause.labels])
        shown = [[(text, categories[owners[span]] if span >= 0 else None) for text, span in line] for line in marked]
        sections[-1][1].append({"lines": shown, "labels": labels})
    counts = tagged.counts()
    return render(
        "notebook.html",
        name=tagged.document.name,
        model=tagged.model,
        sections=sections,
        found=[(category, counts[category.id]) for category in tagged.model.taxonomy if counts[category.id]],
        missing=tagged.missing()[0],
    )
