"""`clauses audit`: the labels that a model trained on other policies doubts."""

from __future__ import annotations

from pathlib import Path

import click

from classifier.cli.app import (
    main,
    progress,
    require_memory,
    say,
    write,
)
from classifier.cli.data import data_argument, jobs_option, read_rows, taxonomy_option


@main.command(short_help="List labels that may be wrong.")
@data_argument
@click.option(
    "-n", "--number", type=click.IntRange(min=1), default=50, show_default=True, help="Number of labels to list."
)
@click.option("-c", "--category", "only", help="Doubts of this category only.")
@click.option("-f", "--format", "format_", type=click.Choice(["text", "jsonl"]), default="text", show_default=True)
@taxonomy_option
@jobs_option
def audit(
    data: tuple[Path, ...], number: int, only: str | None, format_: str, taxonomy_name: str | None, jobs: int
) -> None:
    """Find labels that may be wrong: those that a model trained on the other policies doubts, worst first, with reasons."""
    require_memory()
    from classifier.render.json import doubts_to_jsonl
    from classifier.render.terminal import Terminal
    from classifier.training.audit import MIN_TRAINING_EXAMPLES, audit_labels
    from classifier.training.train import MAX_STEPS

    examples, categories = read_rows(data, taxonomy_name)
    if only is not None and only not in categories.ids:
        raise click.BadParameter(
            f"no category {only!r}; there are {', '.join(categories.ids)}", param_hint="--category"
        )
    with progress(MAX_STEPS, f"reading {len(examples)} rows") as on_progress:
        result = audit_labels(examples, categories.ids, n_jobs=jobs or -1, on_progress=on_progress)
    doubts = [doubt for doubt in result.doubts if only in (None, doubt.category)]
    say(f"{len(doubts)} labels of {len(examples)} rows are doubted")
    not_judged = {id: count for id, count in result.not_judged.items() if only in (None, id)}
    if not_judged:
        counts = ", ".join(f"{id} {count}" for id, count in not_judged.items())
        say(
            f"note: {sum(not_judged.values())} labels are not judged ({counts}): the other policies do not teach the "
            f"category (fewer than {MIN_TRAINING_EXAMPLES} examples, all in one policy, no row without it, or too "
            "unlike one another); check these labels yourself"
        )
    write((Terminal().doubts if format_ == "text" else doubts_to_jsonl)(doubts[:number]), None)
