"""`clauses evaluate`: how good labels are on policies that the model has not seen."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from click.core import ParameterSource

from classifier.cli.app import (
    main,
    progress,
    refuse_overwriting,
    require_memory,
    say,
    write,
)
from classifier.errors import require_package

if TYPE_CHECKING:
    from classifier.evaluation.report import Report
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

SHOWN_MISTAKES = 6


@main.command()
@data_argument
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
@taxonomy_option
@also_option
@fast_option
@jobs_option
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
    if format_ == "html":
        require_package("HTML reports", "plots", "matplotlib")
    if presence_absence and (compare or format_ == "csv"):
        raise click.UsageError("--presence-absence is for text, json and html reports")
    data = (*data, *more)
    models = [None if folder == "default" else folder] if folder else []
    refuse_overwriting(output, [*input_files((*data, *also), taxonomy_name), *(compare or ())], models)
    if compare:
        if data:
            raise click.UsageError("--compare takes two reports and no data")
        require_memory()
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
    from classifier import resources
    from classifier.model.persistence import load_model

    if folder:
        from classifier.evaluation.evaluate import evaluate_model

        fitted = load_model(resources.default_model() if folder == "default" else folder)
        examples, categories = read_rows(data, taxonomy_name, fitted.taxonomy)
        return evaluate_model(fitted, examples, categories)
    examples, categories = read_rows(data, taxonomy_name)
    # slow to load, so errors in the rows are reported first
    from classifier.evaluation.evaluate import cross_validate, evaluate_protocol, steps

    shared: dict[str, Any] = {
        "curve": curve,
        "also": read_auxiliary_rows(also, categories),
        "model": make_estimator(fast),
        "n_jobs": jobs or None,
        "how": "neighbouring words only" if fast else "",
    }
    with progress(steps(n_folds, curve), f"scoring {len(examples)} rows") as tick:
        if protocol:
            return evaluate_protocol(protocol, examples, categories, gold=gold, tick=tick, **shared)
        return cross_validate(examples, categories, n_folds=n_folds, tick=tick, **shared)


def _write_report(report: Report, presence_absence: bool, with_texts: bool, format_: str, output: str | None) -> None:
    from classifier.evaluation.build import with_presence_absence
    from classifier.render.evaluation import (
        mistakes_to_text,
        report_to_csv,
        report_to_html,
        report_to_json,
        report_to_text,
    )

    if presence_absence:
        report = with_presence_absence(report)
    if not with_texts:
        report = report.without_texts()
    if format_ == "text":
        width = terminal_columns(output)
        write(chain(report_to_text(report, width), mistakes_to_text(report, SHOWN_MISTAKES, width)), output)
        return
    write(
        {"json": report_to_json, "html": report_to_html, "csv": report_to_csv}[format_](report),
        output,
    )
    for note in report.notes:
        say(f"note: {note}")


def _compare(paths: tuple[str, str], format_: str, output: str | None) -> None:
    from classifier.evaluation.report import load_report
    from classifier.evaluation.significance import compare_reports
    from classifier.render.evaluation import comparison_to_csv, comparison_to_json, comparison_to_text

    if format_ == "html":
        raise click.UsageError("--compare writes text, json or csv")
    comparison = compare_reports(load_report(paths[0]), load_report(paths[1]), paths)
    pieces = {
        "text": lambda: comparison_to_text(comparison, *paths, terminal_columns(output)),
        "json": lambda: comparison_to_json(comparison),
        "csv": lambda: comparison_to_csv(comparison),
    }[format_]()
    write(pieces, output)


def _format(output: str | None) -> str:
    suffix = Path(output or "").suffix.lower().removeprefix(".")
    return suffix if suffix in ("json", "html", "csv") else "text"
