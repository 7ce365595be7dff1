"""Compare the estimator with common alternatives, on the same folds of OPP-115.

    clauses import opp115 DIR -o opp115.jsonl --taxonomy opp115
    python benchmarks/accuracy.py opp115.jsonl

Five folds by policy, near-duplicates together; labels are those of most annotators. Nothing is tuned on the rows that are
scored: the peers have their authors' default settings. fastText is left out where it is not installed (pip install
fasttext-wheel).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from classifier import resources, taxonomy
from classifier.datasets.rows import load_examples
from classifier.datasets.splits import assign_folds
from classifier.datasets.translate import translate
from classifier.evaluation import baselines, matrices
from classifier.evaluation.build import build_report
from classifier.evaluation.cross_validation import Predictions, cross_val_predict
from classifier.evaluation.plan import N_FOLDS, make_plan
from classifier.evaluation.report import Baseline, Report
from classifier.evaluation.significance import compare_reports
from classifier.model.estimator import ClauseClassifier
from classifier.taxonomy import Taxonomy
from classifier.types import Example

PEOPLE = "one annotator against another"
OURS, WITH_AUXILIARY = "policy-clauses", "policy-clauses --also data/clauses"
WITHOUT_RATIONALES = "policy-clauses, without what annotators marked"
Predict = Callable[[list[str]], NDArray[np.bool_]]
Learn = Callable[[list[str], NDArray[np.int8]], Predict]
"""Learn from texts and labels of shape (n_texts, n_categories); the result predicts labels of other texts."""


def naive(texts: list[str], labels: NDArray[np.int8]) -> Predict:
    model = make_pipeline(TfidfVectorizer(), OneVsRestClassifier(LogisticRegression(C=1.0, max_iter=1000)))
    model.fit(texts, labels)
    return lambda unseen: model.predict(unseen) > 0


def linear_svc(texts: list[str], labels: NDArray[np.int8]) -> Predict:
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = make_pipeline(vectorizer, OneVsRestClassifier(LinearSVC(class_weight="balanced")))
    model.fit(texts, labels)
    return lambda unseen: model.predict(unseen) > 0


def complement_nb(texts: list[str], labels: NDArray[np.int8]) -> Predict:
    model = make_pipeline(TfidfVectorizer(), OneVsRestClassifier(ComplementNB()))
    model.fit(texts, labels)
    return lambda unseen: model.predict(unseen) > 0


def fasttext(texts: list[str], labels: NDArray[np.int8]) -> Predict:
    import fasttext as library  # type: ignore[import-not-found, import-untyped, unused-ignore]

    def line(text: str) -> str:
        return " ".join(text.lower().split())

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        rows = [
            " ".join([*(f"__label__{j}" for j in np.flatnonzero(row)), line(text)])
            for text, row in zip(texts, labels, strict=True)
            if row.any()
        ]
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        model = library.train_supervised(
            str(path), loss="ova", epoch=50, lr=0.5, wordNgrams=2, dim=100, thread=1, verbose=0
        )

    def predict(unseen: list[str]) -> NDArray[np.bool_]:
        y_pred = np.zeros((len(unseen), labels.shape[1]), dtype=bool)
        for row, text in enumerate(unseen):
            for _, label in model.f.predict(line(text) + "\n", -1, 0.5, "strict"):  # model.predict breaks on numpy 2
                y_pred[row, int(label.removeprefix("__label__"))] = True
        return y_pred

    return predict


PEERS: dict[str, Learn] = {
    "naive: TF-IDF + LR, C=1, at 0.5": naive,
    "TF-IDF 1-2-grams + LinearSVC, balanced": linear_svc,
    "TF-IDF + ComplementNB": complement_nb,
    "fastText, one-vs-all, word 2-grams": fasttext,
}


def with_labels(ours: Predictions, y_pred: NDArray[np.bool_]) -> Predictions:
    """Replace the predicted labels; the peers give no scores, so their average precision means nothing."""
    return Predictions(ours.y_true, ours.mask, y_pred, y_pred.astype(float), ours.fold_ids, ours.thresholds, ours.plan)


def measure(examples: list[Example], ten: Taxonomy, auxiliary: list[Example]) -> dict[str, Report]:
    """Score all methods on the same folds.

    The peers cannot use rationales, so ours is also scored without them.
    """
    texts, labels = matrices.model_texts(examples), matrices.label_matrix(examples, ten.ids)
    plan = make_plan(examples, N_FOLDS)
    fold_ids = assign_folds(labels == 1, plan.groups, plan.n_folds)
    ours = cross_val_predict(ClauseClassifier(), examples, ten.ids, n_folds=N_FOLDS, split=plan)
    labels_by_name = {"keyword rules": baselines.keywords(examples, ten, ten.ids)}
    for name, learn in PEERS.items():
        y_pred = np.zeros(labels.shape, dtype=bool)
        try:
            for fold in range(plan.n_folds):
                train, test = np.flatnonzero(fold_ids != fold), np.flatnonzero(fold_ids == fold)
                y_pred[test] = learn([texts[k] for k in train], labels[train])([texts[k] for k in test])
        except ImportError as error:
            print(f"left out: {name} ({error})", file=sys.stderr)
            continue
        labels_by_name[name] = y_pred
    labels_only = [replace(row, rationales=()) for row in examples]
    auxiliary_plan = make_plan(examples, N_FOLDS, auxiliary)
    predictions = {
        **{name: with_labels(ours, y_pred) for name, y_pred in labels_by_name.items()},
        WITHOUT_RATIONALES: cross_val_predict(ClauseClassifier(), labels_only, ten.ids, n_jobs=2, split=plan),
        OURS: ours,
        WITH_AUXILIARY: cross_val_predict(ClauseClassifier(), examples, ten.ids, n_jobs=2, split=auxiliary_plan),
    }
    return {name: build_report(each, examples, ten.ids, name) for name, each in predictions.items()}


def f1_alone(report: Report) -> dict[str, Any]:
    """Return the metrics of a report that need no scores, as plain data."""
    summary = report.summary()
    averages = {key: summary["averages"][key] for key in ("micro_f1", "macro_f1")}
    rows = [{"category": row["category"], "f1": row["f1"], "support": row["support"]} for row in summary["figures"]]
    return {"averages": averages, "figures": rows}


def table(reports: dict[str, Report], people: Baseline | None) -> str:
    """Return the metrics as a Markdown table, with the lead of ours in each line."""
    ours = reports[OURS]
    lines = [
        f"{ours.rows} paragraphs of {ours.policies} policies, {ours.n_folds} folds by policy. In brackets 95 % intervals.",
        "",
        "| | micro F1 | macro F1 | ours ahead by (micro) | ours ahead by (macro) |",
        "|---|---|---|---|---|",
    ]
    for name, report in reports.items():
        cells = [
            f"{value.value:.3f} [{value.low:.3f}-{value.high:.3f}]" for value in (report.micro_f1, report.macro_f1)
        ]
        if report is not ours:
            for difference in compare_reports(report, ours).differences[:2]:
                value, low, high = difference.difference
                cells.append(f"{value:+.3f} [{low:+.3f} {high:+.3f}]")
        lines.append(f"| {name} | {' | '.join(cells)} |{' | |' if report is ours else ''}")
    if people is not None:
        cells = [f"{f1.value:.3f} [{f1.low:.3f}-{f1.high:.3f}]" for f1 in (people.micro_f1, people.macro_f1)]
        lines.append(f"| {PEOPLE} | {' | '.join(cells)} | | |")
    lines += ["", "| category | " + " | ".join(reports) + " |", "|---|" + "---|" * len(reports)]
    for j, id in enumerate(ours.categories):
        lines.append(f"| `{id}` | " + " | ".join(f"{r.per_category[j].f1.value:.3f}" for r in reports.values()) + " |")
    return "\n".join(lines) + "\n"


def main(words: list[str] | None = None) -> int:
    """Measure, print the table, and write it as JSON with --json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rows", type=Path, help="file that `clauses import opp115 --taxonomy opp115` wrote")
    parser.add_argument("--also", default="data/clauses", help="further rows to learn from, for the last line of ours")
    parser.add_argument("--json", type=Path, help="file to write the metrics to")
    options = parser.parse_args(words)
    ten = taxonomy.load_taxonomy(resources.taxonomy_file("opp115"))
    examples = load_examples([options.rows], ten)
    default = taxonomy.load_taxonomy("data/taxonomy.toml")
    auxiliary = translate(load_examples([options.also], default), default, ten)
    reports = measure(examples, ten, auxiliary)
    people = baselines.annotators(examples, ten.ids, make_plan(examples, N_FOLDS).groups)
    print(table(reports, people), end="")
    if options.json:
        content: dict[str, Any] = {name: f1_alone(report) for name, report in reports.items()}
        if people is not None:
            averages = {"micro_f1": people.micro_f1, "macro_f1": people.macro_f1}
            rows = [{"category": id, "f1": [round(f1, 4)]} for id, f1 in people.f1.items()]
            content[PEOPLE] = {"averages": averages, "figures": rows}
        options.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
