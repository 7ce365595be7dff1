"""The part of a model that a result keeps: name, checksum and categories, without the arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from classifier.model.model import Model
from classifier.taxonomy import Taxonomy
from classifier.types import FrozenDict


@dataclass(frozen=True, eq=False)
class ModelInfo:
    """Which model tagged a policy.

    Attributes
    ----------
    name, checksum, taxonomy, training
        As in `Model`.
    thresholds
        The model's own thresholds, category id to probability.
    unlearned
        Ids of the categories that the model never gives, since it had too few examples of them.
    """

    name: str
    checksum: str
    taxonomy: Taxonomy
    thresholds: Mapping[str, float]
    unlearned: frozenset[str]
    training: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<ModelInfo {self.name!r} {self.checksum[:12]}: {len(self.taxonomy)} categories>"


_INFOS: WeakKeyDictionary[Model, ModelInfo] = WeakKeyDictionary()
"""What is kept of each model in use: to look through its weights takes as long as to tag some clauses."""


def model_info(model: Model | ModelInfo) -> ModelInfo:
    """Return what a result keeps of a model.

    >>> from classifier import load
    >>> model_info(load().model).name
    'default'
    """
    if isinstance(model, ModelInfo):
        return model
    info = _INFOS.get(model)
    if info is None:
        ids = model.taxonomy.ids
        learned: list[bool] = np.any(model.weights, axis=0).tolist()
        info = _INFOS[model] = ModelInfo(
            model.name,
            model.checksum,
            model.taxonomy,
            FrozenDict(zip(ids, model.thresholds.tolist(), strict=True)),
            frozenset(id for id, is_learned in zip(ids, learned, strict=True) if not is_learned),
            model.training,
        )
    return info
