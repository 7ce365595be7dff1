"""The commands about labelled rows: train, audit, import, evaluate; and export."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from classifier.cli.app import (
    files_in,
    say,
)

if TYPE_CHECKING:
    from classifier.model.estimator import ClauseClassifier
    from classifier.taxonomy import Taxonomy
    from classifier.types import Example
_DEFAULT_DATA, _LOCAL_TAXONOMY = Path("data/clauses"), Path("data/taxonomy.toml")
data_argument = click.argument("data", nargs=-1, type=click.Path(path_type=Path), metavar="[DATA]...")
taxonomy_option = click.option(
    "--taxonomy",
    "taxonomy_name",
    metavar="NAME|FILE",
    help="default, opp115, opp115-12, or a taxonomy file; data/taxonomy.toml or the one that comes along if left out.",
)
jobs_option = click.option(
    "-j", "--jobs", type=click.IntRange(min=-1), default=-1, show_default=True, help="Processes; -1 for one a core."
)
also_option = click.option(
    "--also",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Learn from these rows too, each for a tenth and never scored; data/clauses helps where you have few of your own.",
)
fast_option = click.option(
    "--fast", is_flag=True, help="Learn neighbouring words only: tags four times as fast, for about a point of F1."
)
"""What the commands that read labelled rows have in common."""


def terminal_columns(output: str | None) -> int | None:
    """Count the columns of the terminal that is written to; None for a file or a pipe."""
    return shutil.get_terminal_size().columns if output in (None, "-") and sys.stdout.isatty() else None


def make_estimator(fast: bool) -> ClauseClassifier:
    """Return an unfitted estimator, of neighboring words only if `fast`."""
    from classifier.model.estimator import ClauseClassifier

    return ClauseClassifier(window=0) if fast else ClauseClassifier()


def find_taxonomy(name: str | None) -> Taxonomy:
    """Find a taxonomy by its name or file: without either that of the folder we are in, or the shipped one."""
    from classifier import resources, taxonomy
    from classifier.errors import TaxonomyError

    if name in resources.TAXONOMY_NAMES:
        return taxonomy.load_taxonomy(resources.taxonomy_file(name))
    if name in (None, "default"):
        return taxonomy.load_taxonomy(
            _LOCAL_TAXONOMY if _LOCAL_TAXONOMY.exists() else resources.bundled("data/taxonomy.toml")
        )
    if not os.path.lexists(name):
        known = ", ".join(("default", *resources.TAXONOMY_NAMES))
        raise TaxonomyError(f"{name}: there is no such file, and no taxonomy of that name; there are {known}")
    return taxonomy.load_taxonomy(name)


def taxonomy_files(name: str | None) -> list[Path]:
    """List the file of a taxonomy, and the one that is read if none is named."""
    return [Path(name)] if name is not None else [_LOCAL_TAXONOMY]


def input_files(data: Iterable[Path], taxonomy_name: str | None) -> list[Path]:
    """List the files that are read as rows and as taxonomy."""
    data = list(data) or [_DEFAULT_DATA]
    return [*data, *(file for folder in data for file in files_in(folder, ".jsonl")), *taxonomy_files(taxonomy_name)]


def read_auxiliary_rows(also: Iterable[Path], categories: Taxonomy) -> list[Example]:
    """Read rows to learn from beside others, whatever taxonomy they follow, in that of the others."""
    from classifier.datasets.rows import load_examples
    from classifier.datasets.translate import translate
    from classifier.errors import DataError

    if not also:
        return []
    try:
        return load_examples(also, categories)
    except DataError as problem:
        try:
            examples, given = read_rows(also, None)
        except DataError:  # they follow no taxonomy that we know: what is wrong in that of the others is what helps
            raise problem from None
    return translate(examples, given, categories)


def read_rows(
    data: Iterable[Path], taxonomy_name: str | None, taxonomy: Taxonomy | None = None
) -> tuple[list[Example], Taxonomy]:
    """Read labelled rows and the taxonomy they follow: the one named, else `taxonomy`, else the first that fits."""
    from classifier import resources
    from classifier.datasets.rows import load_examples
    from classifier.errors import DataError

    data = list(data) or [_DEFAULT_DATA]
    categories = taxonomy if taxonomy is not None and taxonomy_name is None else find_taxonomy(taxonomy_name)
    try:
        return load_examples(data, categories), categories
    except DataError:
        for name in resources.TAXONOMY_NAMES if taxonomy_name is None else ():
            other = find_taxonomy(name)
            with contextlib.suppress(DataError):
                examples = load_examples(data, other)
                say(f"note: the rows follow the taxonomy {name}")
                return examples, other
        raise
