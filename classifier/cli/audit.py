"""`clauses audit`: the labels that a model trained on other policies doubts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from classifier.cli.app import (
    main,
    progress,
    require_memory,
    say,
    write,
)

if TYPE_CHECKING:
    pass
from classifier.cli.data import data_argument, jobs_option, read_rows, taxonomy_option


@main.command()
@data_argument
@click.option(
    "-n", "--number", type=click.IntRange(min=1), default=50, show_default=True, help="How many doubts to list."
)
@click.option("-c", "--category", "only", help="Doubts of this category only.")
@click.option("-f", "--format", "format_", type=click.Choice(["text", "jsonl"]), default="text", show_default=True)
@taxonomy_option
@jobs_option
def audit(
    data: tuple[Path, ...], number: int, only: str | None, format_: str, taxonomy_name: str | None, jobs: int
) -> None:
    """List the labelled rows that a model trained on all other policies doubts most, worst first, with the reason."""
    require_memory()
    from classifier.render.json import doubts_to_jsonl
    from classifier.render.terminal import Terminal
    from classifier.training import audit as auditing
    from classifier.training.train import STEPS

    examples, categories = read_rows(data, taxonomy_name)
    if only is not None and only not in categories.ids:
        raise click.BadParameter(
            f"no category {only!r}; there are {', '.join(categories.ids)}", param_hint="--category"
        )
    with progress(STEPS, f"reading {len(examples)} rows") as tick:
        found = auditing.audit(examples, categories.ids, n_jobs=jobs or None, tick=tick)
    doubts = [doubt for doubt in found.doubts if only in (None, doubt.category)]
    say(f"{len(doubts)} labels of {len(examples)} rows are doubted")
    left_out = {id: count for id, count in found.left_out.items() if only in (None, id)}
    if left_out:
        counts = ", ".join(f"{id} {count}" for id, count in left_out.items())
        say(
            f"note: {sum(left_out.values())} labels are not judged ({counts}): the other policies do not teach the "
            f"category (fewer than {auditing.MIN_TRAINING_EXAMPLES} examples, all in one policy, no row without it, or too "
            "unlike one another); check these labels yourself"
        )
    write((Terminal().doubts if format_ == "text" else doubts_to_jsonl)(doubts[:number]), None)
