"""Find the files that come with the package: the default model, taxonomies, sentence parameters."""

from __future__ import annotations

from pathlib import Path

from classifier.errors import TaxonomyError

DEFAULT = "default"
"""Name of the model and the taxonomy that come with the package, wherever a folder or a file is asked for."""
TAXONOMY_NAMES = ("opp115", "opp115-12")
"""Taxonomies of the literature that come with the package, besides the default one."""


def taxonomy_file(name: str) -> Path:
    """Return the taxonomy file of a name in `TAXONOMY_NAMES`.

    Raises
    ------
    TaxonomyError
        If there is none.
    """
    if name not in TAXONOMY_NAMES:
        raise TaxonomyError(f"there is no taxonomy {name!r}; there are {', '.join(TAXONOMY_NAMES)}")
    return Path(__file__).parent / "datasets" / f"{name}.toml"


def default_model() -> Path:
    """Where the model that comes with the package is: inside an installed package, or in the source tree."""
    return bundled("models/default")


def model_folder(path: str | Path | None) -> Path:
    """Return the folder of a model by its path; None and "default" mean the model that comes with the package."""
    return default_model() if path is None or path == DEFAULT else Path(path)


def bundled(name: str) -> Path:
    """Find a file that the wheel carries inside the package and the source tree keeps at its top."""
    inside = Path(__file__).parent / "_data" / Path(name).relative_to("data" if name.startswith("data/") else ".")
    return inside if inside.exists() else Path(__file__).parents[1] / name
