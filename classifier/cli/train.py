"""`clauses train`: labelled rows in, a model folder out."""

from __future__ import annotations

import os
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

if TYPE_CHECKING:
    pass
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

MAX_NOTES_BYTES = 2**20


@main.command()
@data_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    help="Folder to write the model to; models/default if DATA is left out too.",
)
@taxonomy_option
@click.option("--name", help="What the model calls itself; the folder's name if left out.")
@click.option("--notes", type=click.Path(), help="Markdown on origin and limits, for the model card.")
@also_option
@fast_option
@jobs_option
def train(
    data: tuple[Path, ...],
    output: str | None,
    taxonomy_name: str | None,
    name: str | None,
    notes: str | None,
    also: tuple[Path, ...],
    fast: bool,
    jobs: int,
) -> None:
    """Learn a model from labelled rows in JSON lines (DATA: files or folders, data/clauses if left out)."""
    output = output or ("models/default" if not data else "")
    if not output:
        raise click.UsageError("say where to write the model: --output models/mine")
    require_memory()
    from classifier.model.persistence import save_model
    from classifier.render import card
    from classifier.render.evaluation import report_to_text
    from classifier.text.escaping import escape_name

    refuse_overwriting_model(output, [*input_files((*data, *also), taxonomy_name), *filter(None, [notes])])
    text = _notes(notes) if notes else ""
    examples, categories = read_rows(data, taxonomy_name)
    beside = read_auxiliary_rows(also, categories)
    from classifier.training import train as training

    with progress(training.STEPS, f"learning from {len(examples)} rows") as tick:
        fitted, report, remarks = training.train(
            examples,
            categories,
            name=escape_name(name or Path(os.path.realpath(output)).name),
            classifier=make_estimator(fast),
            n_jobs=jobs or None,
            tick=tick,
            also=beside,
        )
    for remark in remarks:
        say(f"note: {remark}")
    saved = save_model(fitted, output, card.model_card(fitted, text))
    write(report_to_text(report, terminal_columns(None)), None)
    say(f"wrote {output} (sha256 {saved.checksum[:12]})")


def _notes(path: str) -> str:
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
