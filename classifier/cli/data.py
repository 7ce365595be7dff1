"""Options and readers that the commands on labeled rows share: train, audit, import and evaluate."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from classifier.cli.app import files_in, say
from classifier.resources import DEFAULT

if TYPE_CHECKING:
    from classifier.model.estimator import ClauseClassifier
    from classifier.taxonomy import Taxonomy
    from classifier.types import Example

DEFAULT_DATA, LOCAL_TAXONOMY = (Path("data/clauses"), Path("data/policies")), Path("data/taxonomy.toml")
"""What is read, relative to the current folder, if nothing is named: of the data those folders that exist."""

data_argument = click.argument("data", nargs=-1, type=click.Path(path_type=Path), metavar="[DATA]...")
taxonomy_option = click.option(
    "--taxonomy",
    "taxonomy_name",
    metavar="NAME|FILE",
    help="default, opp115, opp115-12, or a taxonomy file.  [default: data/taxonomy.toml, else the bundled one]",
)
jobs_option = click.option(
    "-j", "--jobs", type=click.IntRange(min=-1), default=-1, show_default=True, help="Processes; 0 or -1: one per CPU."
)
also_option = click.option(
    "--also",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Learn from these rows too, at a tenth of the weight, never scored; data/clauses helps if you have few of your own.",
)
fast_option = click.option(
    "--fast", is_flag=True, help="Use adjacent word pairs only: four times faster, about 1 point lower F1."
)


def terminal_columns(output: str | None) -> int | None:
    """Return the columns of the terminal that output goes to; None for a file or a pipe."""
    return shutil.get_terminal_size().columns if output in (None, "-") and sys.stdout.isatty() else None


def make_estimator(fast: bool) -> ClauseClassifier:
    """Return an unfitted estimator, of neighboring words only if `fast`."""
    from classifier.model.estimator import ClauseClassifier

    return ClauseClassifier(window=0) if fast else ClauseClassifier()


def find_taxonomy(name: str | None) -> Taxonomy:
    """Load a taxonomy by its name or file; without a name that of the current folder, else the bundled one."""
    from classifier import resources, taxonomy
    from classifier.errors import TaxonomyError

    if name in resources.TAXONOMY_NAMES:
        return taxonomy.load_taxonomy(resources.taxonomy_file(name))
    if name in (None, DEFAULT):
        return taxonomy.load_taxonomy(
            LOCAL_TAXONOMY if LOCAL_TAXONOMY.exists() else resources.bundled("data/taxonomy.toml")
        )
    if not os.path.lexists(name):
        known = ", ".join((DEFAULT, *resources.TAXONOMY_NAMES))
        raise TaxonomyError(f"{name}: there is no such file, and no taxonomy of that name; there are {known}")
    return taxonomy.load_taxonomy(name)


def taxonomy_files(name: str | None) -> list[Path]:
    """List the file that a taxonomy is read from, so that output does not overwrite it."""
    return [LOCAL_TAXONOMY] if name in (None, DEFAULT) else [Path(str(name))]


def input_files(data: Iterable[Path], also: Iterable[Path], taxonomy_name: str | None) -> list[Path]:
    """List the files that rows and taxonomy are read from, so that output does not overwrite them."""
    from classifier.datasets.policies import LABELS_FOLDER

    rows = [*(list(data) or _default_data()), *also]
    labels = [folder / LABELS_FOLDER for folder in rows]
    files = [file for folder in (*rows, *labels) for file in files_in(folder, ".jsonl")]
    return [*rows, *files, *taxonomy_files(taxonomy_name)]


def _default_data() -> list[Path]:
    return [path for path in DEFAULT_DATA if path.exists()] or [DEFAULT_DATA[0]]


def read_auxiliary_rows(paths: Iterable[Path], categories: Taxonomy) -> list[Example]:
    """Read the rows of --also in the categories of the main rows, whatever bundled taxonomy they follow."""
    from classifier.datasets.rows import load_examples
    from classifier.datasets.translate import translate
    from classifier.errors import DataError

    if not paths:
        return []
    try:
        return load_examples(paths, categories)
    except DataError as problem:
        try:
            examples, own_categories = read_rows(paths, None)
        except DataError:  # no bundled taxonomy fits, so the problems in the main one help most
            raise problem from None
    return translate(examples, own_categories, categories)


def read_rows(
    data: Iterable[Path], taxonomy_name: str | None, taxonomy: Taxonomy | None = None
) -> tuple[list[Example], Taxonomy]:
    """Read labeled rows and their taxonomy: the one named, else `taxonomy`, else the first that fits."""
    from classifier import resources
    from classifier.datasets.rows import load_examples
    from classifier.errors import DataError

    data = list(data) or _default_data()
    categories = taxonomy if taxonomy is not None and taxonomy_name is None else find_taxonomy(taxonomy_name)
    try:
        return load_examples(data, categories), categories
    except DataError:
        for name in resources.TAXONOMY_NAMES if taxonomy_name is None else ():
            candidate = find_taxonomy(name)
            with contextlib.suppress(DataError):
                examples = load_examples(data, candidate)
                say(f"note: the rows follow the taxonomy {name}")
                return examples, candidate
        raise
