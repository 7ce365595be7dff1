"""A model and its report become the model card, in Markdown.

What only people can say (where the data come from, what the model must not be used for) is handed in as `notes`.
"""

from __future__ import annotations

from classifier.evaluate import Report
from classifier.model import Model
from classifier.templates import render


def card(model: Model, report: Report, notes: str = "") -> str:
    """Write the card of a model.

    Parameters
    ----------
    model
        The model, trained.
    report
        Its figures from folds.
    notes
        Markdown on origin and limits, put after the opening.
    """
    return render("card.md", model=model, report=report, notes=notes.strip(), training=model.training)
