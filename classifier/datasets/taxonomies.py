"""Corpora that others labelled, as their authors release them, become Examples; one module a corpus.

A corpus is read where it lies and never becomes part of the package: most are licensed for research only. Beside the modules
stand the taxonomies of the literature, so that its protocols can be run again.
"""

from __future__ import annotations

from pathlib import Path

from classifier.errors import TaxonomyError

TAXONOMIES = ("opp115", "opp115-12")


def taxonomy_file(name: str) -> Path:
    """Give the taxonomy file that comes along under this name.

    Raises
    ------
    TaxonomyError
        If there is none.
    """
    if name not in TAXONOMIES:
        raise TaxonomyError(f"there is no taxonomy {name!r}; there are {', '.join(TAXONOMIES)}")
    return Path(__file__).with_name(f"{name}.toml")
