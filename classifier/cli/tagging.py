"""`clauses tag`: policies in, tagged clauses out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import click

from classifier.cli.frame import EXIT_FAILED, main, refuse_overwriting, say, write
from classifier.errors import ReadError

if TYPE_CHECKING:
    from classifier.predict import TaggedPolicy, Tagger

FORMATS = ("text", "json", "jsonl", "csv")


@main.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "-f", "--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True, help="What to write."
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
@click.option("--all", "show_all", is_flag=True, help="Show navigation in the text format too.")
@click.pass_context
def tag(
    ctx: click.Context,
    files: tuple[str, ...],
    format_: str,
    output: str | None,
    folder: str | None,
    thresholds: dict[str | None, float],
    show_all: bool,
) -> None:
    """Tag the clauses of policies: text or Markdown files, or - for standard input."""
    from classifier import predict

    tagger = predict.load(folder)
    everywhere = dict.fromkeys(tagger.categories, thresholds[None]) if None in thresholds else {}
    single = {id: value for id, value in thresholds.items() if id is not None}
    try:
        tagger = predict.Tagger(tagger.model, {**everywhere, **single})
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--threshold") from None
    output = None if output == "-" else output
    failures: list[str] = []
    refuse_overwriting(output, files)
    pieces = _renderer(format_, output, show_all)(_tagged(tagger, files, failures), tagger)
    write(pieces, output, unless=lambda: len(failures) == len(files))
    if failures:
        if len(files) > 1:
            say(f"{len(failures)} of {len(files)} files could not be tagged")
        ctx.exit(EXIT_FAILED)


def _tagged(tagger: Tagger, files: Iterable[str], failures: list[str]) -> Iterator[TaggedPolicy]:
    """Tag one file after the other; what cannot be read is said and left out."""
    for file in files:
        try:
            policy = tagger.tag(file)
        except ReadError as error:
            failures.append(file)
            say(str(error))
            continue
        yield policy


def _renderer(
    format_: str, output: str | None, show_all: bool
) -> Callable[[Iterable[TaggedPolicy], Tagger], Iterator[str]]:
    from classifier.render import data, terminal

    if format_ != "text":
        return {"json": data.to_json, "jsonl": data.to_jsonl, "csv": data.to_csv}[format_]
    to_screen = output is None and sys.stdout.isatty()
    color = to_screen and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    width = terminal.MAX_WIDTH
    if to_screen:
        import shutil

        width = shutil.get_terminal_size().columns
    return partial(terminal.Terminal(width, color).policies, show_all=show_all)


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
