"""Score the authored documents by models that have not seen them, in folds of whole documents, and write the report.

    python -m benchmarks.documents [--json FILE]

Every model learns from all other rows: the loose paragraphs, the seeds, and the documents of the other folds. The documents
were written for this project, so **these are no figures on real policies**; they show what a change of data or model does.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import held_out
from classifier import taxonomy
from classifier.datasets.rows import load_examples
from classifier.datasets.splits import assign_folds
from classifier.evaluation import matrices
from classifier.evaluation.plan import make_plan
from classifier.evaluation.report import Report

ROOT = Path(__file__).parent.parent
N_FOLDS = 5


def measure(categories: taxonomy.Taxonomy) -> Report:
    """Score the clauses of data/policies, each by a model of the other folds and of data/clauses."""
    documents = load_examples([ROOT / "data/policies"], categories)
    others = load_examples([ROOT / "data/clauses"], categories)
    plan = make_plan(documents, N_FOLDS)
    fold_ids = assign_folds(matrices.label_matrix(documents, categories.ids) == 1, plan.groups, N_FOLDS, 0)
    return held_out.measure(documents, others, fold_ids, plan, categories.ids, f"{N_FOLDS} folds of documents")


def main(words: list[str] | None = None) -> int:
    """Measure, print the table, and write it as JSON with --json."""
    return held_out.run(__doc__, measure, words)


if __name__ == "__main__":
    sys.exit(main())
