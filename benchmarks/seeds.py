"""Score each seed policy by a model that learned from all other rows, and write the report.

    python -m benchmarks.seeds [--json FILE]

The seeds are the only real policies that are labeled by our own guidelines; there are five, so intervals are wide.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from benchmarks import held_out
from classifier import taxonomy
from classifier.datasets.rows import load_examples
from classifier.evaluation.plan import SplitPlan
from classifier.evaluation.report import Report

ROOT = Path(__file__).parent.parent


def measure(categories: taxonomy.Taxonomy) -> Report:
    """Score each policy of seeds.jsonl by a model of the other rows of data/clauses."""
    rows = load_examples([ROOT / "data/clauses"], categories)
    names = sorted({row.policy for row in load_examples([ROOT / "data/clauses/seeds.jsonl"], categories)})
    seeds = [row for row in rows if row.policy in names]
    others = [row for row in rows if row.policy not in names]
    fold_ids = np.array([names.index(row.policy) for row in seeds])
    plan = SplitPlan(fold_ids, len(names))
    return held_out.measure(seeds, others, fold_ids, plan, categories.ids, "each seed left out in turn")


def main(words: list[str] | None = None) -> int:
    """Measure, print the table, and write it as JSON with --json."""
    return held_out.run(__doc__, measure, words)


if __name__ == "__main__":
    sys.exit(main())
