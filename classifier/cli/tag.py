"""`clauses tag`: policies in, tagged clauses out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from classifier.cli.app import (
    EXIT_FAILED,
    has_memory_for_processes,
    is_debugging,
    main,
    processors,
    progress,
    refuse_overwriting,
    say,
    write,
)
from classifier.render.formats import FORMAT_BY_SUFFIX, FORMAT_NAMES, RenderOptions

if TYPE_CHECKING:
    from classifier.tagging.batch import FileResult


@main.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(FORMAT_NAMES, case_sensitive=False),
    help="What to write; by the name of the output file, else text.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    help="Write to this file, making the folders above it, instead of standard output.",
)
@click.option(
    "-m", "--model", "folder", type=click.Path(), help="A model folder; the model that comes along if left out."
)
@click.option(
    "-t",
    "--threshold",
    "thresholds",
    multiple=True,
    metavar="[CATEGORY=]P",
    callback=lambda _context, _parameter, values: _thresholds(values),
    help="Give a label from this probability on: for all categories (0.6) or one (retention=0.4).",
)
@click.option(
    "--explain", is_flag=True, help="Say which words made each label, and which labels were missed by little."
)
@click.option("--all", "show_all", is_flag=True, help="Show navigation too, in text, HTML and Markdown.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Number of processes, for hundreds of files; 0 for one a processor. Pipes and addresses among them make it one.",
)
@click.option(
    "--keep-all", is_flag=True, help="Of web pages keep also what is surely not of the policy, such as menus."
)
@click.option(
    "--allow-private", is_flag=True, help="Fetch an address of this machine or its own network too, if you typed it."
)
@click.pass_context
def tag(
    ctx: click.Context,
    files: tuple[str, ...],
    format_: str | None,
    output: str | None,
    folder: str | None,
    thresholds: dict[str | None, float],
    explain: bool,
    show_all: bool,
    jobs: int,
    keep_all: bool,
    allow_private: bool,
) -> None:
    """Tag the clauses of policies: text, Markdown, HTML, PDF or Word files, https:// addresses, or - for standard input."""
    from classifier.tagging import batch

    output = None if output == "-" else output
    format_ = format_ or _format(output)
    if format_ == "parquet" and output is None:
        raise click.UsageError("Parquet is written to a file: name it with --output")
    reading = {"keep_all": keep_all, "allow_private": allow_private}
    job = batch.Job(
        folder,
        thresholds,
        (format_, RenderOptions(*_look(output), show_all, explain, output is not None)),
        reading,
    )
    try:
        tagger, form = job.prepare()
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--threshold") from None
    refuse_overwriting(output, files, [folder])
    failures: list[str] = []
    n_jobs = min(jobs or processors(), len(files))
    with progress(len(files), "tagging", "clauses", hidden=len(files) < 2 or (output is None and _is_screen())) as tick:
        alone = n_jobs < 2 or not has_memory_for_processes() or not batch.can_share(files)
        done = batch.tag(files, tagger, form, reading) if alone else batch.tag_in_processes(files, job, n_jobs)
        write(form.output(_sorted_out(done, failures, tick), tagger), output, lambda: len(failures) == len(files))
    if failures:
        if len(files) > 1:
            say(f"{len(failures)} of {len(files)} files could not be tagged")
        ctx.exit(EXIT_FAILED)


def _sorted_out(
    done: Iterable[FileResult], failures: list[str], tick: Callable[[int], None]
) -> Iterator[Iterable[str]]:
    """Say what could not be tagged, and pass on the rest."""
    for each in done:
        if each.problem:
            failures.append(each.file)
            say(each.problem)
            if each.details and is_debugging():
                say(each.details)
        else:
            for note in each.notes:
                say(f"note: {note}")
            yield each.pieces
        tick(each.n_clauses)


def _format(output: str | None) -> str:
    suffix = Path(output or "").suffix.lower()
    found = FORMAT_BY_SUFFIX.get(suffix, "text" if suffix in ("", ".txt", ".text") else "")
    if not found:
        known = ", ".join((".txt", *FORMAT_BY_SUFFIX))
        raise click.UsageError(f"{output}: nothing is written as {suffix}; there are {known}, or say --format")
    return found


def _is_screen() -> bool:
    return sys.stdout.isatty()


def _look(output: str | None) -> tuple[int, bool]:
    """Choose width (0 for the usual one) and colour of text."""
    if output is not None or not _is_screen():
        return 0, False
    import shutil

    color = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return shutil.get_terminal_size().columns, color


def _thresholds(values: Iterable[str]) -> dict[str | None, float]:
    """Read ``0.6`` and ``retention=0.4`` as probabilities by category, None for all."""
    result: dict[str | None, float] = {}
    for value in values:
        id, separator, number = value.rpartition("=")
        try:
            result[id if separator else None] = probability = float(number)
        except ValueError:
            raise click.BadParameter(f"{value!r} is neither a probability (0.6) nor CATEGORY=PROBABILITY") from None
        if not 0 <= probability <= 1:
            raise click.BadParameter(f"a threshold must be between 0 and 1, not {number}")
    return result
