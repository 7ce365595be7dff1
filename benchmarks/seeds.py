"""Score each seed policy by a model that learned from everything but it, and write the report.

    python benchmarks/seeds.py [--json FILE]

The seeds are the only real policies that are labelled by our own guidelines; there are five, so intervals are wide.
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
    """Leave out each policy of seeds.jsonl in turn."""
    seeds = load_examples([data / "seeds.jsonl"], categories)
    names = sorted({row.policy for row in seeds})
    others = [row for row in load_examples([data], categories) if row.policy not in names]
    scores = np.zeros((len(seeds), len(categories)))
    thresholds = np.zeros((len(names), len(categories)))
    part = np.array([names.index(row.policy) for row in seeds])
    for k, name in enumerate(names):
        scored = [row for row in seeds if row.policy == name]
        learned = others + [row for row in seeds if row.policy != name]
        found = predict_held_out(ClauseClassifier(window=0), learned, scored, categories.ids)
        scores[part == k], thresholds[k] = found.scores, found.thresholds[0]
    labels = matrices.label_matrix(seeds, categories.ids)
    predicted = Predictions(
        labels == 1, labels >= 0, scores >= thresholds[part], scores, part, thresholds, SplitPlan(part, len(names))
    )
    return build_report(predicted, seeds, categories.ids, "each seed left out in turn")


def main(words: list[str] | None = None) -> int:
    """Measure, print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, help="write the report here, without texts")
    options = parser.parse_args(words)
    report = measure(Path("data/clauses"), taxonomy.load_taxonomy(resources.bundled("data/taxonomy.toml")))
    print("".join(report_to_text(report)), end="")
    if options.json:
        options.json.write_text(report.without_texts().to_json(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
