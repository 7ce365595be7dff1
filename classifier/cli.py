"""Words typed become one call and one rendering; only this module talks to the terminal.

Exit codes: 0 done; 1 something given could not be used (a policy, data, a model, an output path), the rest is done; 2 the
command line is wrong; 130 interrupted; 141 the reader of the output went away.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import classifier
from classifier.errors import ClassifierError, ReadError, WriteError

if TYPE_CHECKING:
    from classifier.predict import TaggedPolicy, Tagger
    from classifier.taxonomy import Taxonomy
    from classifier.types import Example

EXIT_FAILED, EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 1, 130, 141
FORMATS = ("text", "json", "jsonl", "csv")


class _Guarded(click.Command):
    """A command whose ends are clean: one sentence for an error, nothing for a closed pipe."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            if sys.stdout is None:
                raise WriteError("<stdout>: cannot be written: it is closed")
            result = super().invoke(ctx)
            sys.stdout.flush()
        except ClassifierError as error:
            _say(str(error))
            ctx.exit(EXIT_FAILED)
        except (KeyboardInterrupt, click.Abort):
            _say("interrupted")
            ctx.exit(EXIT_INTERRUPTED)
        except OSError as error:  # of standard output; what we open ourselves has a sentence of its own
            with contextlib.suppress(OSError):  # or Python complains when it flushes at its end
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if isinstance(error, BrokenPipeError):
                ctx.exit(EXIT_BROKEN_PIPE)
            _say(f"<stdout>: cannot be written: {error.strerror}")
            ctx.exit(EXIT_FAILED)
        return result


class _Group(_Guarded, click.Group):
    command_class = _Guarded


_data = click.argument("data", nargs=-1, type=click.Path(path_type=Path), metavar="[DATA]...")
_taxonomy = click.option(
    "--taxonomy",
    "taxonomy_file",
    type=click.Path(),
    help="A taxonomy file; data/taxonomy.toml or the one that comes along.",
)
_jobs = click.option(
    "-j", "--jobs", type=click.IntRange(min=-1), default=-1, show_default=True, help="Processes; -1 for one a core."
)
"""What the commands that read labelled rows have in common."""


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(classifier.__version__, prog_name="clauses")
def main() -> None:
    """Tag every clause of a privacy policy with what it is about."""


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
    _refuse_overwriting(output, files)
    pieces = _renderer(format_, output, show_all)(_tagged(tagger, files, failures), tagger)
    _write(pieces, output, unless=lambda: len(failures) == len(files))
    if failures:
        if len(files) > 1:
            _say(f"{len(failures)} of {len(files)} files could not be tagged")
        ctx.exit(EXIT_FAILED)


@main.command()
@_data
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    help="Folder to write the model to; models/default if DATA is left out too.",
)
@_taxonomy
@click.option("--name", help="What the model calls itself; the folder's name if left out.")
@click.option(
    "--notes", type=click.Path(exists=True, dir_okay=False), help="Markdown on origin and limits, for the model card."
)
@_jobs
def train(
    data: tuple[Path, ...],
    output: str | None,
    taxonomy_file: str | None,
    name: str | None,
    notes: str | None,
    jobs: int,
) -> None:
    """Learn a model from labelled rows in JSON lines (DATA: files or folders, data/clauses if left out)."""
    from classifier import card, model, readers
    from classifier import train as training
    from classifier.render.terminal import Terminal

    output = output or ("models/default" if not data else "")
    if not output:
        raise click.UsageError("say where to write the model: --output models/mine")
    examples, categories = _rows(data, taxonomy_file)
    text = readers.read(notes).text if notes else ""
    with _progress(training.STEPS, f"learning from {len(examples)} rows") as tick:
        fitted, report, remarks = training.train(
            examples,
            categories,
            name=readers.printable(name or Path(output).resolve().name),
            n_jobs=jobs or None,
            tick=tick,
        )
    for remark in remarks:
        _say(f"note: {remark}")
    saved = model.save(fitted, output, card.card(fitted, report, text))
    _write(Terminal().report(report), None)
    _say(f"wrote {output} (sha256 {saved.checksum[:12]})")


@main.command()
@_data
@click.option(
    "-n", "--number", type=click.IntRange(min=1), default=50, show_default=True, help="How many doubts to list."
)
@click.option("-c", "--category", "only", help="Doubts of this category only.")
@click.option("-f", "--format", "format_", type=click.Choice(["text", "jsonl"]), default="text", show_default=True)
@_taxonomy
@_jobs
def audit(
    data: tuple[Path, ...], number: int, only: str | None, format_: str, taxonomy_file: str | None, jobs: int
) -> None:
    """List the labelled rows that a model trained on all other policies doubts most, worst first, with the reason."""
    from classifier import audit as auditing
    from classifier import train as training
    from classifier.render import data as rendering
    from classifier.render.terminal import Terminal

    examples, categories = _rows(data, taxonomy_file)
    if only is not None and only not in categories.ids:
        raise click.BadParameter(
            f"no category {only!r}; there are {', '.join(categories.ids)}", param_hint="--category"
        )
    with _progress(training.STEPS, f"reading {len(examples)} rows") as tick:
        doubts = auditing.audit(examples, categories.ids, n_jobs=jobs or None, tick=tick)
    doubts = [doubt for doubt in doubts if only in (None, doubt.category)]
    _say(f"{len(doubts)} labels of {len(examples)} rows are doubted")
    _write((Terminal().doubts if format_ == "text" else rendering.doubts)(doubts[:number]), None)


@main.command()
@click.argument("folder", metavar="MODEL", type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="The joblib file to write.")
def export(folder: str, output: str) -> None:
    """Write a model as a fitted scikit-learn pipeline in a joblib file."""
    from classifier import export as exporting
    from classifier import model

    exporting.write(model.load(folder), output)
    _say(
        f"wrote {output}. A joblib file can run any code when it is loaded: load it only where you trust who could have "
        "changed it, and with the scikit-learn version that wrote it. policy-clauses itself never loads one."
    )


def _rows(data: Iterable[Path], taxonomy_file: str | None) -> tuple[list[Example], Taxonomy]:
    """Read labelled rows and the taxonomy they follow: the one named, that of the folder we are in, or the shipped one."""
    from classifier import dataset, model, taxonomy

    local = Path("data/taxonomy.toml")
    categories = taxonomy.load(taxonomy_file or (local if local.exists() else model.shipped("data/taxonomy.toml")))
    return dataset.load(list(data) or [Path("data/clauses")], categories), categories


def _tagged(tagger: Tagger, files: Iterable[str], failures: list[str]) -> Iterator[TaggedPolicy]:
    """Tag one file after the other; what cannot be read is said and left out."""
    for file in files:
        try:
            policy = tagger.tag(file)
        except ReadError as error:
            failures.append(file)
            _say(str(error))
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
    width = shutil.get_terminal_size().columns if to_screen else terminal.MAX_WIDTH
    return partial(terminal.Terminal(width, color).policies, show_all=show_all)


def _refuse_overwriting(output: str | None, files: Iterable[str]) -> None:
    """Stop before the output takes the place of a policy."""
    for file in files:
        with contextlib.suppress(OSError, ValueError):
            if output is not None and Path(output).samefile(file):
                raise WriteError(f"{file}: is a policy to read; name another file for the output")


def _write(pieces: Iterable[str], output: str | None, unless: Callable[[], bool] = lambda: False) -> None:
    """Write pieces of text to standard output as they come, or to a file once they are all there and `unless` is not so."""
    if output is not None:
        from classifier import files

        content = "".join(pieces).encode()
        if not unless():
            files.write(output, content)
        return
    if not sys.stdout.isatty() and hasattr(sys.stdout, "reconfigure"):  # data are UTF-8 whatever the locale says
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    elif hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    for piece in pieces:
        sys.stdout.write(piece)


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


@contextlib.contextmanager
def _progress(steps: int, label: str) -> Iterator[Callable[[], None]]:
    """Show progress on standard error, if a person looks there."""
    with click.progressbar(length=steps, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        bar.render_progress()
        yield lambda: bar.update(1)


def _say(message: str) -> None:
    for line in message.splitlines():
        click.echo(f"clauses: {line}", err=True)


if __name__ == "__main__":
    main(prog_name="clauses")
