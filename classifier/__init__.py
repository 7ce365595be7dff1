"""Label every clause of a privacy policy by topic.

>>> import classifier
>>> tagger = classifier.load()
>>> tagger.predict(["We never sell your personal information to anyone."])
[('sharing',)]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classifier.errors import (
    ClassifierError,
    DataError,
    InternalReadError,
    LanguageError,
    LimitError,
    MissingPackageError,
    ModelError,
    ReadError,
    TaxonomyError,
    WriteError,
)
from classifier.types import Clause, Document, Example

if TYPE_CHECKING:
    from classifier.model.estimator import ClauseClassifier
    from classifier.tagging.tagged import TaggedPolicy
    from classifier.tagging.tagger import Tagger, load
    from classifier.taxonomy import Taxonomy

__version__ = "0.1.0"
__all__ = [
    "ClassifierError",
    "Clause",
    "ClauseClassifier",
    "DataError",
    "Document",
    "Example",
    "InternalReadError",
    "LanguageError",
    "LimitError",
    "MissingPackageError",
    "ModelError",
    "ReadError",
    "TaggedPolicy",
    "Tagger",
    "Taxonomy",
    "TaxonomyError",
    "WriteError",
    "load",
]

# Imported on first use: `clauses --help` needs neither numpy nor scikit-learn, tagging only numpy.
_LATER = {
    "ClauseClassifier": "model.estimator",
    "TaggedPolicy": "tagging.tagged",
    "Tagger": "tagging.tagger",
    "Taxonomy": "taxonomy",
    "load": "tagging.tagger",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "ClauseClassifier":
        from classifier.errors import require_package

        require_package("estimators", "train", "scipy", "sklearn")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)


def __dir__() -> list[str]:
    return __all__
