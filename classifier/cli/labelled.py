"""The commands about labelled rows: train, audit, import, evaluate; and export."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from click.core import ParameterSource

from classifier.cli.app import (
    files_in,
    main,
    progress,
    refuse_overwriting,
    refuse_overwriting_model,
    require_memory,
    say,
    write,
)

if TYPE_CHECKING:
    from classifier.evaluation.report import Report
    from classifier.model.estimator import ClauseClassifier
    from classifier.taxonomy import Taxonomy
    from classifier.types import Example

SHOWN_MISTAKES = 6
MAX_NOTES_BYTES = 2**20
_DEFAULT_DATA, _LOCAL_TAXONOMY = Path("data/clauses"), Path("data/taxonomy.toml")
_data = click.argument("data", nargs=-1, type=click.Path(path_type=Path), metavar="[DATA]...")
_taxonomy = click.option(
    "--taxonomy",
    "taxonomy_name",
    metavar="NAME|FILE",
    help="default, opp115, opp115-12, or a taxonomy file; data/taxonomy.toml or the one that comes along if left out.",
)
_jobs = click.option(
    "-j", "--jobs", type=click.IntRange(min=-1), default=-1, show_default=True, help="Processes; -1 for one a core."
)
_also = click.option(
    "--also",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Learn from these rows too, each for a tenth and never scored; data/clauses helps where you have few of your own.",
)
_fast = click.option(
    "--fast", is_flag=True, help="Learn neighbouring words only: tags four times as fast, for about a point of F1."
)
"""What the commands that read labelled rows have in common."""


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
@click.option("--notes", type=click.Path(), help="Markdown on origin and limits, for the model card.")
@_also
@_fast
@_jobs
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
    from classifier.model import persistence as model
    from classifier.readers import registry as readers
    from classifier.render import card
    from classifier.render import evaluation_text as tables

    refuse_overwriting_model(output, [*_read_files((*data, *also), taxonomy_name), *filter(None, [notes])])
    text = _notes(notes) if notes else ""
    examples, categories = _rows(data, taxonomy_name)
    beside = _beside(also, categories)
    from classifier.training import train as training

    with progress(training.STEPS, f"learning from {len(examples)} rows") as tick:
        fitted, report, remarks = training.train(
            examples,
            categories,
            name=readers.printable(name or Path(os.path.realpath(output)).name),
            classifier=_classifier(fast),
            n_jobs=jobs or None,
            tick=tick,
            also=beside,
        )
    for remark in remarks:
        say(f"note: {remark}")
    saved = model.save(fitted, output, card.card(fitted, text))
    write(tables.report(report, _terminal_columns(None)), None)
    say(f"wrote {output} (sha256 {saved.checksum[:12]})")


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
    data: tuple[Path, ...], number: int, only: str | None, format_: str, taxonomy_name: str | None, jobs: int
) -> None:
    """List the labelled rows that a model trained on all other policies doubts most, worst first, with the reason."""
    require_memory()
    from classifier.render import data as rendering
    from classifier.render.terminal import Terminal
    from classifier.training import audit as auditing
    from classifier.training import train as training

    examples, categories = _rows(data, taxonomy_name)
    if only is not None and only not in categories.ids:
        raise click.BadParameter(
            f"no category {only!r}; there are {', '.join(categories.ids)}", param_hint="--category"
        )
    with progress(training.STEPS, f"reading {len(examples)} rows") as tick:
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
    write((Terminal().doubts if format_ == "text" else rendering.doubts)(doubts[:number]), None)


@main.command()
@click.argument("folder", metavar="MODEL", type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="The joblib file to write.")
def export(folder: str, output: str) -> None:
    """Write a model as a fitted scikit-learn pipeline in a joblib file."""
    require_memory()
    refuse_overwriting(output, [], models=[folder])
    from classifier.model import export as exporting
    from classifier.model import persistence as model

    exporting.write(model.load(folder), output)
    say(
        f"wrote {output}. A joblib file can run any code when it is loaded: load it only where you trust who could have "
        "changed it, and with the scikit-learn version that wrote it. policy-clauses itself never loads one."
    )


@main.group("import")
def import_() -> None:
    """Turn a corpus that others labelled into labelled rows."""


@import_.command("opp115")
@click.argument("folder", metavar="DIR", type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="The JSON lines file to write.")
@click.option(
    "--gold",
    type=click.Choice(["majority", "union", "annotator"]),
    default="majority",
    show_default=True,
    help="A label counts if most annotators gave it, if any did, or for each annotator in a row of its own.",
)
@_taxonomy
def import_opp115(
    folder: str, output: str, gold: Literal["majority", "union", "annotator"], taxonomy_name: str | None
) -> None:
    """Read OPP-115 as its authors release it: DIR holds annotations/ and sanitized_policies/.

    Get it at https://usableprivacy.org/data; it is licensed for research, teaching and scholarship.
    """
    import classifier
    from classifier.datasets import opp115
    from classifier.datasets import rows as dataset
    from classifier.errors import WriteError

    if Path(os.path.realpath(output)).is_relative_to(Path(classifier.__file__).resolve().parent):
        raise WriteError(f"{output}: is inside the package, where nothing of a corpus may be; write it elsewhere")
    corpus = [file for part in files_in(folder) for file in files_in(part)]
    refuse_overwriting(output, [*corpus, *_taxonomy_files(taxonomy_name)])
    categories = _categories(taxonomy_name)
    examples = opp115.load(folder, categories, gold)
    write((dataset.to_json(example) + "\n" for example in examples), output)
    policies = len({example.policy for example in examples})
    unknown = [id for id in categories.ids if any(id in example.unknown for example in examples)]
    if unknown:
        say(f"note: not annotated in OPP-115, so unknown in every row: {', '.join(unknown)}")
    say(
        f"wrote {output}: {len(examples)} rows of {policies} policies. OPP-115 is for research: do not publish or commit it"
    )


@main.command()
@_data
@click.option("-d", "--data", "more", multiple=True, type=click.Path(path_type=Path), help="The same as DATA.")
@click.option(
    "--cv", is_flag=True, help="Train and score in folds by policy; what is done if nothing else is asked for."
)
@click.option(
    "-m",
    "--model",
    "folder",
    type=click.Path(),
    help="Score this model folder instead; `default` is the default model.",
)
@click.option(
    "--protocol",
    type=click.Choice(["plue", "grouped-5"]),
    help="Score OPP-115 as the literature does: grouped-5 is five folds by policy of majority or union labels, plue the "
    "split of Chi et al. (2023), 95 policies against 20.",
)
@click.option(
    "--compare", nargs=2, metavar="A.json B.json", type=click.Path(), help="Compare two reports on the same rows."
)
@click.option("--folds", "n_folds", type=click.IntRange(min=2), default=5, show_default=True, help="Number of folds.")
@click.option(
    "--gold", type=click.Choice(["majority", "union"]), help="How annotators' labels become one, in a protocol."
)
@click.option(
    "--curve/--no-curve", default=True, show_default=True, help="Repeat it with fewer policies, for a learning curve."
)
@click.option("--presence-absence", is_flag=True, help="Add the inflated average that some published figures are.")
@click.option(
    "--texts/--no-texts", "with_texts", default=True, show_default=True, help="Show the texts of the worst mistakes."
)
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(["text", "json", "html", "csv"]),
    help="What to write; by the name of the output file, else text.",
)
@click.option("-o", "--output", type=click.Path(), help="Write to this file instead of standard output.")
@_taxonomy
@_also
@_fast
@_jobs
@click.pass_context
def evaluate(
    ctx: click.Context,
    data: tuple[Path, ...],
    more: tuple[Path, ...],
    cv: bool,
    folder: str | None,
    protocol: str | None,
    compare: tuple[str, str] | None,
    n_folds: int,
    gold: Literal["majority", "union"] | None,
    curve: bool,
    presence_absence: bool,
    with_texts: bool,
    format_: str | None,
    output: str | None,
    taxonomy_name: str | None,
    also: tuple[Path, ...],
    fast: bool,
    jobs: int,
) -> None:
    """Say how good labels are that a model gives to policies it has not seen (DATA: as for train, data/clauses if left out).

    Folds are by policy, near-duplicates together; thresholds and calibration are chosen without the fold that they are used
    on; intervals are 95 %, by bootstrap over policies.
    """
    from classifier.evaluation import protocols

    asked = [
        word
        for word, given in (("--cv", cv), ("--model", folder), ("--protocol", protocol), ("--compare", compare))
        if given
    ]
    if len(asked) > 1 and asked != ["--cv", "--protocol"]:
        raise click.UsageError(f"{' and '.join(asked)} exclude each other")
    given = {name for name in ctx.params if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    for name, without in (
        ("n_folds", (folder, protocol, compare)),
        ("also", (folder, compare)),
        ("fast", (folder, compare)),
        ("curve", (folder, compare)),
    ):
        if name in given and any(without):
            raise click.UsageError(f"--{name.removeprefix('n_')} is for --cv, not for {asked[-1]}")
    if gold and not protocol:
        raise click.UsageError("--gold is for --protocol; elsewhere the rows' own labels count")
    if protocol:
        try:
            protocols.decided(protocol, gold)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
    format_ = format_ or _format(output)
    if presence_absence and (compare or format_ == "csv"):
        raise click.UsageError("--presence-absence is for text, json and html reports")
    data = (*data, *more)
    models = [None if folder == "default" else folder] if folder else []
    refuse_overwriting(output, [*_read_files((*data, *also), taxonomy_name), *(compare or ())], models)
    if compare:
        if data:
            raise click.UsageError("--compare takes two reports and no data")
        _compare(compare, format_, output)
        return
    require_memory()
    report = _report(data, also, folder, protocol, n_folds, gold, curve, taxonomy_name, fast, jobs)
    _write_report(report, presence_absence, with_texts, format_, output)


def _report(
    data: tuple[Path, ...],
    also: tuple[Path, ...],
    folder: str | None,
    protocol: str | None,
    n_folds: int,
    gold: Literal["majority", "union"] | None,
    curve: bool,
    taxonomy_name: str | None,
    fast: bool,
    jobs: int,
) -> Report:
    from classifier.model import persistence as model

    if folder:
        from classifier.evaluation import evaluate as evaluating

        fitted = model.load(model.default_path() if folder == "default" else folder)
        examples, categories = _rows(data, taxonomy_name, fitted.taxonomy)
        return evaluating.of_model(fitted, examples, categories)
    examples, categories = _rows(data, taxonomy_name)
    from classifier.evaluation import (
        evaluate as evaluating,  # takes long to load, so what is wrong with the rows is said before
    )

    shared: dict[str, Any] = {
        "curve": curve,
        "also": _beside(also, categories),
        "model": _classifier(fast),
        "n_jobs": jobs or None,
        "how": "neighbouring words only" if fast else "",
    }
    with progress(evaluating.steps(n_folds, curve), f"scoring {len(examples)} rows") as tick:
        if protocol:
            return evaluating.protocol(protocol, examples, categories, gold=gold, tick=tick, **shared)
        return evaluating.cross_validate(examples, categories, n_folds=n_folds, tick=tick, **shared)


def _write_report(report: Report, presence_absence: bool, with_texts: bool, format_: str, output: str | None) -> None:
    from classifier.evaluation import build as figures
    from classifier.render import evaluation as rendering
    from classifier.render import evaluation_text as tables

    if presence_absence:
        report = figures.with_presence_absence(report)
    if not with_texts:
        report = report.without_texts()
    if format_ == "text":
        width = _terminal_columns(output)
        write(chain(tables.report(report, width), tables.mistakes(report, SHOWN_MISTAKES, width)), output)
        return
    write({"json": rendering.to_json, "html": rendering.to_html, "csv": rendering.to_csv}[format_](report), output)
    for note in report.notes:
        say(f"note: {note}")


def _compare(paths: tuple[str, str], format_: str, output: str | None) -> None:
    from classifier.evaluation import report
    from classifier.evaluation import significance as compare
    from classifier.render import evaluation as rendering
    from classifier.render import evaluation_text as tables

    if format_ == "html":
        raise click.UsageError("--compare writes text, json or csv")
    comparison = compare.compare(report.load(paths[0]), report.load(paths[1]), paths)
    pieces = {
        "text": lambda: tables.comparison(comparison, *paths, _terminal_columns(output)),
        "json": lambda: rendering.comparison_to_json(comparison),
        "csv": lambda: rendering.comparison_to_csv(comparison),
    }[format_]()
    write(pieces, output)


def _terminal_columns(output: str | None) -> int | None:
    """Count the columns of the terminal that is written to; None for a file or a pipe."""
    return shutil.get_terminal_size().columns if output in (None, "-") and sys.stdout.isatty() else None


def _format(output: str | None) -> str:
    suffix = Path(output or "").suffix.lower().removeprefix(".")
    return suffix if suffix in ("json", "html", "csv") else "text"


def _classifier(fast: bool) -> ClauseClassifier:
    from classifier.model.estimator import ClauseClassifier

    return ClauseClassifier(window=0) if fast else ClauseClassifier()


def _categories(name: str | None) -> Taxonomy:
    """Find a taxonomy by its name or file: without either that of the folder we are in, or the shipped one."""
    from classifier import taxonomy
    from classifier.datasets import taxonomies as corpora
    from classifier.errors import TaxonomyError
    from classifier.model import persistence as model

    if name in corpora.TAXONOMIES:
        return taxonomy.load(corpora.taxonomy_file(name))
    if name in (None, "default"):
        return taxonomy.load(_LOCAL_TAXONOMY if _LOCAL_TAXONOMY.exists() else model.shipped("data/taxonomy.toml"))
    if not os.path.lexists(name):
        known = ", ".join(("default", *corpora.TAXONOMIES))
        raise TaxonomyError(f"{name}: there is no such file, and no taxonomy of that name; there are {known}")
    return taxonomy.load(name)


def _taxonomy_files(name: str | None) -> list[Path]:
    """List the file of a taxonomy, and the one that is read if none is named."""
    return [Path(name)] if name is not None else [_LOCAL_TAXONOMY]


def _read_files(data: Iterable[Path], taxonomy_name: str | None) -> list[Path]:
    """List the files that are read as rows and as taxonomy."""
    data = list(data) or [_DEFAULT_DATA]
    return [*data, *(file for folder in data for file in files_in(folder, ".jsonl")), *_taxonomy_files(taxonomy_name)]


def _notes(path: str) -> str:
    from classifier import io as files
    from classifier.errors import ReadError, reason
    from classifier.readers import registry as readers

    name = readers.printable(path)
    try:
        data = files.read_regular(path, MAX_NOTES_BYTES)
    except OSError as error:
        raise ReadError(f"{name}: cannot be read: {reason(error)}") from None
    return readers.parse(data, name, Path(path).suffix.lower()).text


def _beside(also: Iterable[Path], categories: Taxonomy) -> list[Example]:
    """Read rows to learn from beside others, whatever taxonomy they follow, in that of the others."""
    from classifier.datasets import rows as dataset
    from classifier.datasets.translate import translate
    from classifier.errors import DataError

    if not also:
        return []
    try:
        return dataset.load(also, categories)
    except DataError as problem:
        try:
            examples, given = _rows(also, None)
        except DataError:  # they follow no taxonomy that we know: what is wrong in that of the others is what helps
            raise problem from None
    return translate(examples, given, categories)


def _rows(
    data: Iterable[Path], taxonomy_name: str | None, taxonomy: Taxonomy | None = None
) -> tuple[list[Example], Taxonomy]:
    """Read labelled rows and the taxonomy they follow: the one named, else `taxonomy`, else the first that fits."""
    from classifier.datasets import rows as dataset
    from classifier.datasets import taxonomies as corpora
    from classifier.errors import DataError

    data = list(data) or [_DEFAULT_DATA]
    categories = taxonomy if taxonomy is not None and taxonomy_name is None else _categories(taxonomy_name)
    try:
        return dataset.load(data, categories), categories
    except DataError:
        for name in corpora.TAXONOMIES if taxonomy_name is None else ():
            other = _categories(name)
            with contextlib.suppress(DataError):
                examples = dataset.load(data, other)
                say(f"note: the rows follow the taxonomy {name}")
                return examples, other
        raise
