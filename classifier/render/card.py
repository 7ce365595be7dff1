"""A model becomes its model card, in Markdown.

What only people can say (where the data come from, what the model must not be used for) is handed in as `notes`.
"""

from __future__ import annotations

from classifier.evaluation import report
from classifier.model import description
from classifier.model.model import Model
from classifier.render.templating import fill_template


def model_card(model: Model, notes: str = "") -> str:
    """Write the card of a model, with the figures that the model itself carries, if there are any.

    Parameters
    ----------
    model
        The model, trained.
    notes
        Markdown on origin and limits, put after the opening.
    """
    found = description.figures(model.training)
    figures = report.report_from_dict(found, model.name) if found else None
    return fill_template("card.md", model=model, report=figures, notes=notes.strip(), training=model.training)
