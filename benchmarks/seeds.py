"""Score each seed policy by a model that learned from all other rows, and write the report.

    python benchmarks/seeds.py [--json FILE]

The seeds are the only real policies that are labeled by our own guidelines; there are five, so intervals are wide.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from classifier import resources, taxonomy
from classifier.datasets.rows import load_examples
from classifier.evaluation import matrices
from classifier.evaluation.build import build_report
from classifier.evaluation.cross_validation import Predictions, predict_held_out
from classifier.evaluation.plan import SplitPlan
from classifier.evaluation.report import Report
from classifier.model.estimator import ClauseClassifier
from classifier.render.evaluation import report_to_text


def measure(data: Path, categories: taxonomy.Taxonomy) -> Report:
    """Score each policy of seeds.jsonl by a model of the other rows of `data`."""
    seeds = load_examples([data / "seeds.jsonl"], categories)
    names = sorted({row.policy for row in seeds})
    others = [row for row in load_examples([data], categories) if row.policy not in names]
    scores = np.zeros((len(seeds), len(categories)))
    thresholds = np.zeros((len(names), len(categories)))
    fold_ids = np.array([names.index(row.policy) for row in seeds])
    for k, name in enumerate(names):
        test_rows = [row for row in seeds if row.policy == name]
        train_rows = others + [row for row in seeds if row.policy != name]
        held_out = predict_held_out(ClauseClassifier(window=0), train_rows, test_rows, categories.ids)
        scores[fold_ids == k], thresholds[k] = held_out.scores, held_out.thresholds[0]
    labels = matrices.label_matrix(seeds, categories.ids)
    y_pred, plan = scores >= thresholds[fold_ids], SplitPlan(fold_ids, len(names))
    predictions = Predictions(labels == 1, labels >= 0, y_pred, scores, fold_ids, thresholds, plan)
    return build_report(predictions, seeds, categories.ids, "each seed left out in turn")


def main(words: list[str] | None = None) -> int:
    """Measure, print the table, and write it as JSON with --json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, help="file to write the report to, without texts")
    options = parser.parse_args(words)
    report = measure(Path("data/clauses"), taxonomy.load_taxonomy(resources.bundled("data/taxonomy.toml")))
    print("".join(report_to_text(report)), end="")
    if options.json:
        options.json.write_text(report.without_texts().to_json(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
