"""Score rows by models that have not seen them, and write the report: what `seeds.py` and `documents.py` share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier import resources, taxonomy
from classifier.evaluation import matrices
from classifier.evaluation.build import build_report
from classifier.evaluation.cross_validation import Predictions, predict_held_out
from classifier.evaluation.plan import SplitPlan
from classifier.evaluation.report import Report
from classifier.model.estimator import ClauseClassifier
from classifier.render.evaluation import report_to_text
from classifier.types import Example


def measure(
    rows: Sequence[Example],
    others: Sequence[Example],
    fold_ids: NDArray[np.intp],
    plan: SplitPlan,
    categories: Sequence[str],
    description: str,
) -> Report:
    """Score the rows of each fold by a model of the other folds and of `others`; `fold_ids` has shape (n_rows,)."""
    scores = np.zeros((len(rows), len(categories)))
    thresholds = np.zeros((plan.n_folds, len(categories)))
    for k in range(plan.n_folds):
        test_rows = [row for row, fold in zip(rows, fold_ids, strict=True) if fold == k]
        train_rows = [*others, *(row for row, fold in zip(rows, fold_ids, strict=True) if fold != k)]
        held_out = predict_held_out(ClauseClassifier(window=0), train_rows, test_rows, categories)
        scores[fold_ids == k], thresholds[k] = held_out.scores, held_out.thresholds[0]
    labels = matrices.label_matrix(rows, categories)
    y_pred = scores >= thresholds[fold_ids]
    predictions = Predictions(labels == 1, labels >= 0, y_pred, scores, fold_ids, thresholds, plan)
    return build_report(predictions, rows, categories, description)


def run(about: str | None, measured: Callable[[taxonomy.Taxonomy], Report], words: list[str] | None) -> int:
    """Measure, print the table, and write it as JSON with --json; `about` is the docstring of the program."""
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, help="file to write the report to, without texts")
    options = parser.parse_args(words)
    report = measured(taxonomy.load_taxonomy(resources.bundled("data/taxonomy.toml")))
    print("".join(report_to_text(report)), end="")
    if options.json:
        options.json.write_text(report.without_texts().to_json(), encoding="utf-8")
    return 0
