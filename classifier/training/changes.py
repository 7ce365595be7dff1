"""Find what changed since a model was trained, so that it need not be trained again.

Everything compared is in model.json or computed from the rows: the checksums of the rows, the taxonomy, the name and the
window of words. Not compared: the program itself, and settings of an estimator other than its window. A model of another
format does not load, so it is always trained again.
"""

from __future__ import annotations

from collections.abc import Sequence

from classifier.datasets.rows import data_digest
from classifier.evaluation.plan import group_policies
from classifier.model.model import Model
from classifier.taxonomy import Taxonomy
from classifier.types import Example


def changes_since_training(
    model: Model,
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    *,
    name: str,
    window: int,
    auxiliary: Sequence[Example] = (),
) -> list[str]:
    """Name the inputs that differ from those a model was trained on.

    Parameters
    ----------
    model
        A trained model.
    examples, taxonomy, name, auxiliary
        As in `classifier.training.train.train`.
    window
        That of the estimator.

    Returns
    -------
    list of str
        In words, for messages; empty if none of these inputs differ.
    """
    is_changed = {
        "the labeled rows": model.training.get("data_sha256") != data_digest(examples),
        "the taxonomy": model.taxonomy != taxonomy,
        "the model's name": model.name != name,
        "--fast": model.window != window,
        "the rows of --also": _auxiliary_digest(model) != _digest_of_kept(examples, auxiliary),
    }
    return [description for description, changed in is_changed.items() if changed]


def _auxiliary_digest(model: Model) -> str | None:
    digest: str | None = model.training.get("also", {}).get("data_sha256")
    return digest


def _digest_of_kept(examples: Sequence[Example], auxiliary: Sequence[Example]) -> str | None:
    """Return the checksum of the auxiliary rows that training keeps; None if there are none."""
    kept = group_policies(examples, auxiliary)[1] if auxiliary else ()
    return data_digest(kept) if kept else None
