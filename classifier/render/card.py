"""Write the model card of a model, in Markdown.

Facts that only people know (where the data come from, what the model must not be used for) are passed in as `notes`.
"""

from __future__ import annotations

from classifier.evaluation.report import report_from_dict
from classifier.model import description
from classifier.model.model import Model
from classifier.render.templating import fill_template


def model_card(model: Model, notes: str = "") -> str:
    """Return the card of a model, with the evaluation that the model itself carries, if there is one.

    Parameters
    ----------
    model
        A trained model, saved or not.
    notes
        Markdown on origin and limits, put after the first paragraph.
    """
    figures = description.figures(model.training)
    report = report_from_dict(figures, model.name) if figures else None
    return fill_template("card.md", model=model, report=report, notes=notes.strip(), training=model.training)
