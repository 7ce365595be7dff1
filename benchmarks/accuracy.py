"""Put the estimator beside what else one could use, on the same folds of OPP-115.

    clauses import opp115 DIR -o opp115.jsonl --taxonomy opp115
    python benchmarks/accuracy.py opp115.jsonl

Five folds by policy, near-duplicates together; labels are those of most annotators. Nothing is tuned on what is scored: the
peers have the settings that their authors give them. fastText is left out where it is not installed (pip install
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
OURS, BESIDE = "policy-clauses", "policy-clauses --also data/clauses"
UNMARKED = "policy-clauses, without what annotators marked"
Learner = Callable[[list[str], NDArray[np.int8]], Callable[[list[str]], NDArray[np.bool_]]]


def naive(texts: list[str], labels: NDArray[np.int8]) -> Callable[[list[str]], NDArray[np.bool_]]:
    model = make_pipeline(TfidfVectorizer(), OneVsRestClassifier(LogisticRegression(C=1.0, max_iter=1000)))
    model.fit(texts, labels)
    return lambda unseen: model.predict(unseen) > 0


def linear_svc(texts: list[str], labels: NDArray[np.int8]) -> Callable[[list[str]], NDArray[np.bool_]]:
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = make_pipeline(vectorizer, OneVsRestClassifier(LinearSVC(class_weight="balanced")))
    model.fit(texts, labels)
    return lambda unseen: model.predict(unseen) > 0


def complement_nb(texts: list[str], labels: NDArray[np.int8]) -> Callable[[list[str]], NDArray[np.bool_]]:
    model = make_pipeline(TfidfVectorizer(), OneVsRestClassifier(ComplementNB()))
    model.fit(texts, labels)
    return lambda unseen: model.predict(unseen) > 0


def fasttext(texts: list[str], labels: NDArray[np.int8]) -> Callable[[list[str]], NDArray[np.bool_]]:
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
        hits = np.zeros((len(unseen), labels.shape[1]), dtype=bool)
        for row, text in enumerate(unseen):
            for _, label in model.f.predict(line(text) + "\n", -1, 0.5, "strict"):  # its own predict breaks on numpy 2
                hits[row, int(label.removeprefix("__label__"))] = True
        return hits

    return predict


PEERS: dict[str, Learner] = {
    "naive: TF-IDF + LR, C=1, at 0.5": naive,
    "TF-IDF 1-2-grams + LinearSVC, balanced": linear_svc,
    "TF-IDF + ComplementNB": complement_nb,
    "fastText, one-vs-all, word 2-grams": fasttext,
}


def by_hits(ours: Predictions, hits: NDArray[np.bool_]) -> Predictions:
    """Put other labels in the place of ours; they have no scores, so their average precision means nothing."""
    return Predictions(ours.truth, ours.known, hits, hits.astype(float), ours.parts, ours.thresholds, ours.plan)


def measure(examples: list[Example], ten: Taxonomy, also: list[Example]) -> dict[str, Report]:
    """Score everything on the same folds; ours is the last but for ours that learns from further rows too.

    The peers have no use for what annotators marked in a text, so ours stands there without it, too.
    """
    texts, labels = matrices.model_texts(examples), matrices.label_matrix(examples, ten.ids)
    plan = make_plan(examples, N_FOLDS)
    parts = assign_folds(labels == 1, plan.groups, plan.n_folds)
    ours = cross_val_predict(ClauseClassifier(), examples, ten.ids, n_folds=N_FOLDS, split=plan)
    found = {"keyword rules": baselines.keywords(examples, ten, ten.ids)}
    for name, learn in PEERS.items():
        hits = np.zeros(labels.shape, dtype=bool)
        try:
            for part in range(plan.n_folds):
                train, test = np.flatnonzero(parts != part), np.flatnonzero(parts == part)
                hits[test] = learn([texts[k] for k in train], labels[train])([texts[k] for k in test])
        except ImportError as error:
            print(f"left out: {name} ({error})", file=sys.stderr)
            continue
        found[name] = hits
    reports = {name: build_report(by_hits(ours, hits), examples, ten.ids, name) for name, hits in found.items()}
    further = make_plan(examples, N_FOLDS, also)
    beside = cross_val_predict(ClauseClassifier(), examples, ten.ids, n_jobs=2, split=further)
    unmarked = [replace(row, rationales=()) for row in examples]
    labels_alone = cross_val_predict(ClauseClassifier(), unmarked, ten.ids, n_jobs=2, split=plan)
    found_ours = {UNMARKED: labels_alone, OURS: ours, BESIDE: beside}
    return {
        **reports,
        **{name: build_report(each, examples, ten.ids, name) for name, each in found_ours.items()},
    }


def f1_alone(report: Report) -> dict[str, Any]:
    """Give what means something of a report whose labels have no scores."""
    found = report.summary()
    averages = {key: found["averages"][key] for key in ("micro_f1", "macro_f1")}
    rows = [{"category": row["category"], "f1": row["f1"], "support": row["support"]} for row in found["figures"]]
    return {"averages": averages, "figures": rows}


def table(reports: dict[str, Report], people: Baseline | None) -> str:
    """Set the figures as Markdown, with what ours is ahead by in each line."""
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
        lines.append(f"| `{id}` | " + " | ".join(f"{r.figures[j].f1.value:.3f}" for r in reports.values()) + " |")
    return "\n".join(lines) + "\n"


def main(words: list[str] | None = None) -> int:
    """Measure, print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rows", type=Path, help="what `clauses import opp115 --taxonomy opp115` wrote")
    parser.add_argument("--also", default="data/clauses", help="rows to learn from too in the last line of ours")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args(words)
    ten = taxonomy.load_taxonomy(resources.taxonomy_file("opp115"))
    examples = load_examples([options.rows], ten)
    default = taxonomy.load_taxonomy("data/taxonomy.toml")
    also = translate(load_examples([options.also], default), default, ten)
    reports, people = (
        measure(examples, ten, also),
        baselines.annotators(examples, ten.ids, make_plan(examples, N_FOLDS).groups),
    )
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
