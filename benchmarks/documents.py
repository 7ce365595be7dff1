"""Score the authored documents by models that have not seen them, in folds of whole documents, and write the report.

    python -m benchmarks.documents [--json FILE]

Every model learns from all other rows: the loose paragraphs, the seeds, and the documents of the other folds. The documents
were written for this project, so **these are no figures on real policies**; they show what a change of data or model does.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from classifier import resources, taxonomy
from classifier.datasets.rows import load_examples
from classifier.datasets.splits import assign_folds
from classifier.evaluation import matrices
from classifier.evaluation.build import build_report
from classifier.evaluation.cross_validation import Predictions, predict_held_out
from classifier.evaluation.plan import make_plan
from classifier.evaluation.report import Report
from classifier.model.estimator import ClauseClassifier
from classifier.render.evaluation import report_to_text

ROOT = Path(__file__).parent.parent
N_FOLDS = 5


def measure(categories: taxonomy.Taxonomy) -> Report:
    """Score the clauses of data/policies, each by a model of the other folds and of data/clauses."""
    documents = load_examples([ROOT / "data/policies"], categories)
    others = load_examples([ROOT / "data/clauses"], categories)
    labels = matrices.label_matrix(documents, categories.ids)
    plan = make_plan(documents, N_FOLDS)
    fold_ids = assign_folds(labels == 1, plan.groups, N_FOLDS, 0)
    scores = np.zeros(labels.shape)
    thresholds = np.zeros((N_FOLDS, len(categories)))
    for k in range(N_FOLDS):
        test_rows = [row for row, fold in zip(documents, fold_ids, strict=True) if fold == k]
        train_rows = others + [row for row, fold in zip(documents, fold_ids, strict=True) if fold != k]
        held_out = predict_held_out(ClauseClassifier(window=0), train_rows, test_rows, categories.ids)
        scores[fold_ids == k], thresholds[k] = held_out.scores, held_out.thresholds[0]
    y_pred = scores >= thresholds[fold_ids]
    predictions = Predictions(labels == 1, labels >= 0, y_pred, scores, fold_ids, thresholds, plan)
    return build_report(predictions, documents, categories.ids, f"{N_FOLDS} folds of documents")


def main(words: list[str] | None = None) -> int:
    """Measure, print the table, and write it as JSON with --json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, help="file to write the report to, without texts")
    options = parser.parse_args(words)
    report = measure(taxonomy.load_taxonomy(resources.bundled("data/taxonomy.toml")))
    print("".join(report_to_text(report)), end="")
    if options.json:
        options.json.write_text(report.without_texts().to_json(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
