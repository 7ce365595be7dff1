"""`clauses evaluate`: how good labels are on policies that the model has not seen."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click
from click.core import ParameterSource

from classifier.cli.app import (
    format_by_suffix,
    main,
    progress,
    refuse_overwriting,
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
from classifier.errors import require_package
from classifier.resources import model_folder

if TYPE_CHECKING:
    from classifier.evaluation.report import Report

MAX_SHOWN_MISTAKES = 6
"""Mistakes that text output shows."""
FORMAT_BY_SUFFIX = {"": "text", ".txt": "text", ".text": "text", ".json": "json", ".html": "html", ".csv": "csv"}
"""Format of an output file by its suffix, where `--format` is not given."""
REFUSED_BY = {
    "n_folds": ("--model", "--protocol", "--compare"),
    "also": ("--model", "--compare"),
    "fast": ("--model", "--compare"),
    "curve": ("--model", "--compare"),
}
"""For each parameter the modes in which it has no effect, so that giving it is an error."""


class _Options(NamedTuple):
    """The command line of `clauses evaluate`; the names are click's."""

    data: tuple[Path, ...]
    more: tuple[Path, ...]
    cv: bool
    folder: str | None
    protocol: str | None
    compare: tuple[str, str] | None
    n_folds: int
    gold: Literal["majority", "union"] | None
    curve: bool
    presence_absence: bool
    values: bool
    with_texts: bool
    format_: str | None
    output: str | None
    taxonomy_name: str | None
    also: tuple[Path, ...]
    fast: bool
    jobs: int

    @property
    def modes(self) -> list[str]:
        """The options given that say what to evaluate."""
        modes = {"--cv": self.cv, "--model": self.folder, "--protocol": self.protocol, "--compare": self.compare}
        return [mode for mode, is_given in modes.items() if is_given]

    @property
    def rows(self) -> tuple[Path, ...]:
        """The files of labeled rows, by whichever of the two ways they were given."""
        return (*self.data, *self.more)

    @property
    def output_format(self) -> str:
        """The format asked for, else that of the output file's name, else text."""
        return self.format_ or format_by_suffix(self.output, FORMAT_BY_SUFFIX)


@main.command(short_help="Evaluate on policies the model has not seen.")
@data_argument
@click.option("-d", "--data", "more", multiple=True, type=click.Path(path_type=Path), help="The same as DATA.")
@click.option("--cv", is_flag=True, help="Cross-validate with folds grouped by policy (default).")
@click.option("-m", "--model", "folder", type=click.Path(), help="Score this model instead: a folder, or `default`.")
@click.option(
    "--protocol",
    type=click.Choice(["plue", "grouped-5"]),
    help="Score OPP-115 as published work does. grouped-5: five folds by policy, majority or union labels; plue: the split "
    "of Chi et al. (2023), 95 policies to learn from, 20 to score.",
)
@click.option(
    "--compare", nargs=2, metavar="A.json B.json", type=click.Path(), help="Compare two reports on the same rows."
)
@click.option("--folds", "n_folds", type=click.IntRange(min=2), default=5, show_default=True, help="Number of folds.")
@click.option(
    "--gold",
    type=click.Choice(["majority", "union"]),
    help="With --protocol: keep labels of most annotators, or of any.",
)
@click.option(
    "--curve/--no-curve", default=True, show_default=True, help="Repeat with fewer policies, for a learning curve."
)
@click.option(
    "--presence-absence",
    is_flag=True,
    help="Also report presence/absence F1 as in Harkous et al. (2018); inflated, for comparison only.",
)
@click.option(
    "--values",
    is_flag=True,
    help="Score the values of attributes (which data, which right ...) instead of the categories.",
)
@click.option(
    "--texts/--no-texts", "with_texts", default=True, show_default=True, help="Show the texts of the worst mistakes."
)
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(["text", "json", "html", "csv"]),
    help="Output format.  [default: by the name of the output file, else text]",
)
@click.option("-o", "--output", type=click.Path(), help="Write to this file instead of standard output.")
@taxonomy_option
@also_option
@fast_option
@jobs_option
@click.pass_context
def evaluate(context: click.Context, /, **parameters: Any) -> None:
    """Evaluate on policies the model has not seen (DATA: as for train).

    Folds are by policy, near-duplicates together. Thresholds and calibration are chosen without the fold that is scored.
    Intervals are 95 %, by bootstrap over policies.
    """
    options = _Options(**parameters)
    _check(context, options)
    models = [model_folder(options.folder)] if options.folder else []
    inputs = [*input_files(options.rows, options.also, options.taxonomy_name), *(options.compare or ())]
    refuse_overwriting(options.output, inputs, models)
    if options.output_format == "html":
        require_package("HTML reports", "plots", "matplotlib")
    if options.compare:
        require_memory()
        _compare(options, options.compare)
        return
    require_memory()
    if options.values:
        _evaluate_values(options)
    else:
        _write_report(_evaluate(options), options)


def _check(context: click.Context, options: _Options) -> None:
    """Refuse options that exclude each other, or that would have no effect."""
    modes = options.modes
    if len(modes) > 1 and modes != ["--cv", "--protocol"]:
        raise click.UsageError(f"{' and '.join(modes)} exclude each other")
    for name, refusing in REFUSED_BY.items():
        is_given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if is_given and modes and modes[-1] in refusing:
            raise click.UsageError(f"--{name.removeprefix('n_')} is for --cv, not for {modes[-1]}")
    if options.gold and not options.protocol:
        raise click.UsageError("--gold is for --protocol; elsewhere the rows' own labels count")
    if options.protocol:
        from classifier.evaluation.protocols import resolve_gold

        try:
            resolve_gold(options.protocol, options.gold)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
    if options.values and (options.compare or options.protocol or options.output_format == "html"):
        raise click.UsageError("--values is for --cv and --model, and writes text, json or csv")
    if options.presence_absence and (options.compare or options.output_format == "csv"):
        raise click.UsageError("--presence-absence is for text, json and html reports")


def _evaluate_values(options: _Options) -> None:
    """Score the second level, and write its figures as text, JSON or CSV."""
    from classifier.render.value_figures import values_to_csv, values_to_json, values_to_text

    if options.folder:
        from classifier.evaluation.evaluate import seen_policy_notes
        from classifier.evaluation.values import score_values
        from classifier.model.persistence import load_model

        model = load_model(model_folder(options.folder))
        examples, _ = read_rows(options.rows, options.taxonomy_name, model.taxonomy)
        reports = score_values(model, examples)
        for note in seen_policy_notes(model, examples):
            say(f"note: {note}")
    else:
        examples, categories = read_rows(options.rows, options.taxonomy_name)
        from classifier.evaluation.values import cross_validate_values

        with progress(options.n_folds, f"scoring {len(examples)} rows") as on_progress:
            reports = cross_validate_values(
                examples,
                categories,
                classifier=make_estimator(options.fast),
                others=read_auxiliary_rows(options.also, categories),
                n_folds=options.n_folds,
                on_progress=on_progress,
            )
    writers = {"text": values_to_text, "json": values_to_json, "csv": values_to_csv}
    write(writers[options.output_format](reports), options.output)


def _evaluate(options: _Options) -> Report:
    if options.folder:
        from classifier.evaluation.evaluate import evaluate_model
        from classifier.model.persistence import load_model

        model = load_model(model_folder(options.folder))
        examples, categories = read_rows(options.rows, options.taxonomy_name, model.taxonomy)
        return evaluate_model(model, examples, categories)
    examples, categories = read_rows(options.rows, options.taxonomy_name)
    # imported late, since it is slow: errors in the rows are reported first
    from classifier.evaluation.evaluate import cross_validate, evaluate_protocol, max_steps

    shared: dict[str, Any] = {
        "curve": options.curve,
        "auxiliary": read_auxiliary_rows(options.also, categories),
        "model": make_estimator(options.fast),
        "n_jobs": options.jobs or -1,
        "description": "neighboring words only" if options.fast else "",
    }
    steps = max_steps(options.n_folds, options.curve)
    with progress(steps, f"scoring {len(examples)} rows") as on_progress:
        if options.protocol:
            return evaluate_protocol(
                options.protocol, examples, categories, gold=options.gold, on_progress=on_progress, **shared
            )
        return cross_validate(examples, categories, n_folds=options.n_folds, on_progress=on_progress, **shared)


def _write_report(report: Report, options: _Options) -> None:
    from classifier.evaluation.build import with_presence_absence
    from classifier.render.evaluation import (
        mistakes_to_text,
        report_to_csv,
        report_to_html,
        report_to_json,
        report_to_text,
    )

    if options.presence_absence:
        report = with_presence_absence(report)
    if not options.with_texts:
        report = report.without_texts()
    if options.output_format == "text":
        width = terminal_columns(options.output)
        pieces = chain(report_to_text(report, width), mistakes_to_text(report, MAX_SHOWN_MISTAKES, width))
        write(pieces, options.output)
        return
    writers = {"json": report_to_json, "html": report_to_html, "csv": report_to_csv}
    write(writers[options.output_format](report), options.output)
    for note in report.notes:  # text output has them in the report
        say(f"note: {note}")


def _compare(options: _Options, paths: tuple[str, str]) -> None:
    from classifier.evaluation.report import load_report
    from classifier.evaluation.significance import compare_reports
    from classifier.render.evaluation import comparison_to_csv, comparison_to_json, comparison_to_text

    if options.rows:
        raise click.UsageError("--compare takes two reports and no data")
    if options.output_format == "html":
        raise click.UsageError("--compare writes text, json or csv")
    comparison = compare_reports(load_report(paths[0]), load_report(paths[1]), paths)
    pieces = {
        "text": lambda: comparison_to_text(comparison, *paths, terminal_columns(options.output)),
        "json": lambda: comparison_to_json(comparison),
        "csv": lambda: comparison_to_csv(comparison),
    }[options.output_format]()
    write(pieces, options.output)
