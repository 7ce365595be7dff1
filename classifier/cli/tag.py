"""`clauses tag`: policies in, tagged clauses out."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from classifier.cli.app import (
    EXIT_FAILED,
    format_by_suffix,
    has_memory_for_processes,
    is_debugging,
    main,
    processors,
    progress,
    refuse_overwriting_any,
    say,
    write,
)
from classifier.render.formats import FORMAT_BY_SUFFIX, FORMAT_NAMES, SUFFIX_BY_FORMAT, RenderOptions, get_format
from classifier.resources import model_folder
from classifier.tagging import GARBAGE_THRESHOLD

if TYPE_CHECKING:
    from classifier.tagging.batch import FileResult

_NAME_CHARACTERS = re.compile(r"[^\w.-]+")
_FORMATS = {"": "text", ".txt": "text", **FORMAT_BY_SUFFIX, ".text": "text"}
MAX_NAME_CHARACTERS = 100
"""Characters of a file name in an output folder, without suffix."""


@main.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(FORMAT_NAMES, case_sensitive=False),
    help="Output format. [default: by the suffix of the output file, else text]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    help="Output file instead of standard output. A folder (existing, or ending in /) gets one file per policy.",
)
@click.option(
    "-m", "--model", "folder", type=click.Path(), help="Model folder. [default: the model that comes with clauses]"
)
@click.option(
    "-t",
    "--threshold",
    "thresholds",
    multiple=True,
    metavar="[CATEGORY=]P",
    callback=lambda _context, _parameter, values: _thresholds(values),
    help="Lowest score of a label, for all categories (0.6) or one (retention=0.4).",
)
@click.option(
    "--level",
    type=click.Choice(["1", "2"]),
    default="2",
    show_default=True,
    help="1: categories only. 2: also which data, purpose, recipient, right ..., and facts such as periods and countries.",
)
@click.option("--explain", is_flag=True, help="Show the words behind each label, and near misses.")
@click.option("--all", "show_all", is_flag=True, help="Show navigation too, in text, HTML and Markdown.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Worker processes, for hundreds of files; 0 for one per CPU. Always 1 for pipes and web addresses.",
)
@click.option("--keep-all", is_flag=True, help="Keep menus, banners and footers of web pages.")
@click.option(
    "--allow-private", is_flag=True, help="Fetch the address you typed even if it is on this machine or its network."
)
@click.pass_context
def tag(
    ctx: click.Context,
    files: tuple[str, ...],
    format_: str | None,
    output: str | None,
    folder: str | None,
    thresholds: dict[str | None, float],
    level: str,
    explain: bool,
    show_all: bool,
    jobs: int,
    keep_all: bool,
    allow_private: bool,
) -> None:
    """Label the clauses of policies by topic.

    FILE is a text, Markdown, HTML, PDF, Word or e-mail file, a web address (https://...), or - for standard input.
    """
    gc.set_threshold(GARBAGE_THRESHOLD)
    from classifier.tagging import batch

    output = None if output == "-" else output
    in_folder = output is not None and _is_folder(output)
    format_ = format_ or ("text" if in_folder else format_by_suffix(output, _FORMATS))
    if format_ == "parquet" and output is None:
        raise click.UsageError("Parquet is written to a file: name it with --output")
    options = RenderOptions(*_width_and_color(output), show_all, explain, output is not None)
    reader_options = {"keep_all": keep_all, "allow_private": allow_private}
    job = batch.Job(folder, thresholds, partial(get_format, format_, options), reader_options, 1 if level == "1" else 2)
    output_format = get_format(format_, options)
    try:
        tagger, _ = job.prepare()
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--threshold") from None
    targets = _targets(files, str(output), SUFFIX_BY_FORMAT[format_]) if in_folder else []
    refuse_overwriting_any(targets if in_folder else [output], files, [model_folder(folder)])
    failures: list[str] = []
    n_jobs = min(jobs or processors(), len(files))
    hide_progress = len(files) < 2 or (output is None and _is_terminal())
    with progress(len(files), "tagging", "clauses", hidden=hide_progress) as on_progress:
        alone = n_jobs < 2 or not has_memory_for_processes() or not batch.can_share(files)
        results = (
            batch.tag_files(files, tagger, output_format, reader_options)
            if alone
            else batch.tag_in_processes(files, job, n_jobs)
        )
        tagged = _report_failures(results, failures, on_progress)
        if in_folder:
            for number, result in tagged:
                write(output_format.output([result.pieces], tagger), targets[number])
        else:
            pieces = output_format.output((result.pieces for _, result in tagged), tagger)
            write(pieces, output, lambda: len(failures) == len(files))
    if failures:
        if len(files) > 1:
            say(f"{len(failures)} of {len(files)} files could not be tagged")
        ctx.exit(EXIT_FAILED)


def _report_failures(
    results: Iterable[FileResult], failures: list[str], on_progress: Callable[[int], None]
) -> Iterator[tuple[int, FileResult]]:
    """Report the files that could not be tagged, and pass on the others with their position."""
    for number, result in enumerate(results):
        if result.problem:
            failures.append(result.file)
            say(result.problem)
            if result.details and is_debugging():
                say(result.details)
        else:
            for note in result.notes:
                say(f"note: {note}")
            yield number, result
        on_progress(result.n_clauses)


def _is_folder(output: str) -> bool:
    separators = tuple(filter(None, (os.sep, os.altsep)))
    return output.endswith(separators) or Path(output).is_dir()


def _targets(files: Iterable[str], folder: str, suffix: str) -> list[str]:
    """Return an output file in a folder for each input, named after it; names are unique whatever their case."""
    targets: list[str] = []
    taken: set[str] = set()
    for file in files:
        name = "stdin" if file == "-" else _NAME_CHARACTERS.sub("-", _stem(file)).strip("-.")[:MAX_NAME_CHARACTERS]
        name = unique = name or "policy"
        number = 1
        while unique.casefold() in taken:
            number += 1
            unique = f"{name}-{number}"
        taken.add(unique.casefold())
        targets.append(str(Path(folder) / f"{unique}{suffix}"))
    return targets


def _stem(file: str) -> str:
    """Return the name of a file without its suffix; host and path of a web address."""
    from classifier.readers.registry import is_address

    if not is_address(file):
        return Path(file).stem
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(file)
    except ValueError:
        return "address"
    return f"{parts.hostname or ''}{parts.path}"


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _width_and_color(output: str | None) -> tuple[int, bool]:
    """Return the columns of the terminal, 0 for the default, and whether to use color."""
    if output is not None or not _is_terminal():
        return 0, False
    import shutil

    color = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return shutil.get_terminal_size().columns, color


def _thresholds(values: Iterable[str]) -> dict[str | None, float]:
    """Parse ``0.6`` and ``retention=0.4`` as probabilities by category, None for all."""
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
