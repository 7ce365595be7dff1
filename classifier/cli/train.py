"""`clauses train`: labeled rows in, a model folder out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from classifier.cli.app import (
    main,
    progress,
    refuse_overwriting_model,
    require_memory,
    say,
    write,
)
from classifier.cli.data import (
    also_option,
    data_argument,
    fast_option,
    input_files,
    jobs_option,
    make_estimator,
    read_auxiliary_rows,
    read_rows,
    taxonomy_option,
    terminal_columns,
)

if TYPE_CHECKING:
    from classifier.model.estimator import ClauseClassifier
    from classifier.taxonomy import Taxonomy
    from classifier.types import Example

DEFAULT_OUTPUT = "models/default"
"""Folder to write to if neither data nor a folder is named."""
MAX_NOTES_BYTES = 2**20
"""Largest file of notes, in bytes."""


@main.command(short_help="Train a model on labeled rows.")
@data_argument
@click.option(
    "-o", "--output", type=click.Path(), help="Model folder to write.  [default, without DATA: models/default]"
)
@taxonomy_option
@click.option("--name", help="Model name shown in results.  [default: that of the folder]")
@click.option("--notes", type=click.Path(), help="Markdown file on data sources and limits, for the model card.")
@also_option
@fast_option
@click.option(
    "--if-changed",
    is_flag=True,
    help="Skip training if the model in --output has the same rows, taxonomy, notes and options.",
)
@jobs_option
def train(
    data: tuple[Path, ...],
    output: str | None,
    taxonomy_name: str | None,
    name: str | None,
    notes: str | None,
    also: tuple[Path, ...],
    fast: bool,
    if_changed: bool,
    jobs: int,
) -> None:
    """Train a model on labeled rows.

    DATA are JSON lines files, folders of them, or folders of labeled documents; data/clauses and data/policies by default.
    """
    output = output or (DEFAULT_OUTPUT if not data else "")
    if not output:
        raise click.UsageError("say where to write the model: --output models/mine")
    require_memory()
    from classifier.text.escaping import escape_name

    refuse_overwriting_model(output, [*input_files(data, also, taxonomy_name), *filter(None, [notes])])
    notes_text = _read_notes(notes) if notes else ""
    examples, categories = read_rows(data, taxonomy_name)
    auxiliary = read_auxiliary_rows(also, categories)
    name = escape_name(name or Path(os.path.realpath(output)).name)
    estimator = make_estimator(fast)
    if if_changed and _is_up_to_date(output, examples, categories, name, estimator.window, auxiliary, notes_text):
        return
    _train(output, examples, categories, name, estimator, auxiliary, notes_text, jobs)


def _train(
    output: str,
    examples: Sequence[Example],
    categories: Taxonomy,
    name: str,
    estimator: ClauseClassifier,
    auxiliary: Sequence[Example],
    notes: str,
    jobs: int,
) -> None:
    """Train, write the model folder, and show the evaluation."""
    from classifier.model.persistence import save_model
    from classifier.render.card import model_card
    from classifier.render.evaluation import report_to_text
    from classifier.training.train import MAX_STEPS
    from classifier.training.train import train as train_model

    with progress(MAX_STEPS, f"learning from {len(examples)} rows") as on_progress:
        model, report, remarks = train_model(
            examples,
            categories,
            name=name,
            classifier=estimator,
            n_jobs=jobs or -1,
            on_progress=on_progress,
            auxiliary=auxiliary,
        )
    for remark in remarks:
        say(f"note: {remark}")
    saved = save_model(model, output, model_card(model, notes))
    write(report_to_text(report, terminal_columns(None)), None)
    say(f"wrote {output} (sha256 {saved.checksum[:12]})")


def _is_up_to_date(
    output: str,
    examples: Sequence[Example],
    categories: Taxonomy,
    name: str,
    window: int,
    auxiliary: Sequence[Example],
    notes: str,
) -> bool:
    """Compare the model in a folder with the inputs of training, and tell the user the result."""
    from classifier.errors import ModelError
    from classifier.model.persistence import CARD, DESCRIPTION, load_model
    from classifier.render.card import model_card
    from classifier.training.changes import changes_since_training

    if not os.path.lexists(Path(output) / DESCRIPTION):
        return False
    try:
        model = load_model(output)
    except ModelError as error:
        say(f"training again: {error}")
        return False
    changes = changes_since_training(model, examples, categories, name=name, window=window, auxiliary=auxiliary)
    # The card is a function of model and notes, so a card that differs means other notes, or another template.
    if not changes and _read_card(Path(output) / CARD) != model_card(model, notes):
        changes = ["the notes or the form of the model card"]
    if changes:
        say(f"training again, since this changed: {', '.join(changes)}")
        return False
    say(f"{output} is up to date: trained on the same rows, taxonomy, notes and options")
    return True


def _read_card(path: Path) -> str | None:
    """Return a model card; None if it cannot be read."""
    try:
        return path.read_bytes().decode()
    except (OSError, ValueError):
        return None


def _read_notes(path: str) -> str:
    from classifier.errors import ReadError, reason
    from classifier.io import read_regular
    from classifier.readers.registry import parse
    from classifier.text.escaping import escape_name

    name = escape_name(path)
    try:
        data = read_regular(path, MAX_NOTES_BYTES)
    except OSError as error:
        raise ReadError(f"{name}: cannot be read: {reason(error)}") from None
    return parse(data, name, Path(path).suffix.lower()).text
