"""Measure the second level: values of attributes, on the authored documents by folds and on OPP-115.

    python -m benchmarks.values [opp115=FOLDER] [--json FILE]

The documents are scored in folds of whole documents, with the categories given and from end to end. They were written for
this project, so **these are no figures on real policies**. With the folder of OPP-115, which is not part of this repository,
the second level is learned from it and scored by folds of policies; and the default model, which has seen none of it, is
scored by policy.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

import classifier
from classifier.datasets.rows import load_examples
from classifier.datasets.splits import assign_folds
from classifier.evaluation import matrices
from classifier.evaluation.cross_validation import predict_held_out
from classifier.evaluation.values import ValueReport, value_report
from classifier.model.estimator import ClauseClassifier
from classifier.model.model import Model
from classifier.model.value_training import fit_values
from classifier.model.values import value_labels
from classifier.types import Clause, Example, ValueLabel

ROOT = Path(__file__).parent.parent
N_FOLDS = 3
N_SHOWN = 15
"""Weakest values that are listed."""


def clauses_of(rows: Sequence[Example]) -> list[Clause]:
    """Return rows as clauses."""
    return [Clause(row.text, 0, len(row.text), row.headings, row.context) for row in rows]


def by_folds(
    model: Model, rows: Sequence[Example], others: Sequence[Example] | None
) -> tuple[ValueReport, ValueReport | None]:
    """Score rows by second levels that have not seen their policies.

    Returns
    -------
    given, end_to_end
        With the categories given; and with those of a first level that learned from `others` and the other folds, None
        without `others`.
    """
    categories = model.taxonomy.ids
    folds = assign_folds(matrices.label_matrix(rows, categories) == 1, [row.policy for row in rows], N_FOLDS, 0)
    given: list[tuple[ValueLabel, ...]] = [()] * len(rows)
    found: list[tuple[ValueLabel, ...]] = [()] * len(rows)
    for fold in range(N_FOLDS):
        train = [row for row, k in zip(rows, folds, strict=True) if k != fold]
        numbers = np.flatnonzero(folds == fold).tolist()
        test = [rows[k] for k in numbers]
        heads = replace(model, values=fit_values(model, train))
        clauses = clauses_of(test)
        for k, values in zip(numbers, value_labels(clauses, [row.labels for row in test], heads), strict=True):
            given[k] = values
        if others is not None:
            held_out = predict_held_out(ClauseClassifier(window=0), [*others, *train], test, categories)
            labels = [
                tuple(id for id, is_given in zip(categories, row, strict=True) if is_given)
                for row in held_out.scores >= held_out.thresholds[0]
            ]
            for k, values in zip(numbers, value_labels(clauses, labels, heads), strict=True):
                found[k] = values
    end_to_end = value_report(rows, found, model.taxonomy) if others is not None else None
    return value_report(rows, given, model.taxonomy), end_to_end


def plain_report(report: ValueReport) -> dict[str, Any]:
    """Return a report as rounded plain data."""
    return json.loads(json.dumps(asdict(report)), parse_float=lambda number: round(float(number), 4))  # type: ignore[no-any-return]


def show(title: str, report: ValueReport) -> None:
    """Print a report: averages, then the weakest values."""
    print(
        f"{title}: {report.rows} clauses of {report.policies} policies; macro-F1 {report.macro_f1:.3f} "
        f"[{report.macro_low:.3f}-{report.macro_high:.3f}], micro {report.micro_f1:.3f}, by policy "
        f"{report.policy_macro_f1:.3f}; quotes {report.quote_f1:.3f}, denial {report.denial_f1:.3f}"
    )
    weakest = sorted((row for row in report.values if row.support), key=lambda row: row.f1)[:N_SHOWN]
    for row in weakest:
        figures = f"F1 {row.f1:.3f}  P {row.precision:.3f}  R {row.recall:.3f}  {row.support:5}"
        print(f"  {row.id:<26} {figures}  by policy {row.policy_f1:.3f}")


def main(words: list[str] | None = None) -> int:
    """Measure, print, and write the reports as JSON with --json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpora", nargs="*", metavar="opp115=FOLDER", help="the released corpus")
    parser.add_argument("--json", type=Path, help="file to write the reports to")
    parser.add_argument("--given-only", action="store_true", help="leave out the runs from end to end")
    options = parser.parse_args(words)
    model = classifier.load().model
    documents = load_examples([ROOT / "data/policies"], model.taxonomy)
    others = None if options.given_only else load_examples([ROOT / "data/clauses"], model.taxonomy)
    given, end_to_end = by_folds(model, documents, others)
    results = {"documents": plain_report(given)}
    show("documents, categories given", given)
    if end_to_end is not None:
        results["documents end to end"] = plain_report(end_to_end)
        show("documents, end to end", end_to_end)
    for corpus, _, path in (entry.partition("=") for entry in options.corpora):
        from classifier.datasets.opp115 import load_opp115

        rows = load_opp115(Path(path), model.taxonomy)
        trained, _ = by_folds(model, rows, None)
        results[f"{corpus} trained"] = plain_report(trained)
        show(f"{corpus}, learned from it by folds", trained)
        clauses = clauses_of(rows)
        report = value_report(rows, value_labels(clauses, [row.labels for row in rows], model), model.taxonomy)
        results[f"{corpus} default"] = plain_report(report)
        show(f"{corpus}, default model", report)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
