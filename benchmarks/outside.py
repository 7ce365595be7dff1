"""Score a model on paragraphs that others labeled, and hold it to floors.

    python -m benchmarks.outside opp115=FILE.jsonl appcorp=FILE.jsonl modern=FILE.jsonl [--model FOLDER] [--update]

A file has one JSON object per line: `text`, and `gold` (a list of that corpus' labels) or `label` (one). The corpora are not
part of this repository: OPP-115 (Wilson et al., ACL 2016) is licensed for research and teaching, and so is APPCorp (2021).
Rows of `modern` are clauses of policies of 2022-2026 with `headings` and `context`, read after data/GUIDELINES.md: `labels`
are our own categories, `unknown` those on which readers disagreed. No row is trained on, and no threshold is chosen on them.

Floors are in floors.json. A metric below its floor by more than `EPSILON` is an error; `--update` raises floors to the
measured values and never lowers one. The metrics of the model's own folds by policy, from model.json, have floors too.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, f1_score

import classifier
from classifier import Tagger

FLOORS = Path(__file__).with_name("floors.json")
EPSILON = 0.002
"""Tolerance below a floor: values differ in the fourth place between processors, and a change that matters is larger."""

MODERN = "modern"
"""The name of the clauses of today's policies that were labeled in our own categories."""
DOCUMENTS = Path(__file__).with_name("results") / "documents.json"
MAPS: dict[str, dict[str, tuple[str, ...]]] = {
    "opp115": {
        "First Party Collection/Use": ("collection", "use", "cookies"),
        "Third Party Sharing/Collection": ("sharing",),
        "User Choice/Control": ("choice",),
        "User Access, Edit and Deletion": ("rights",),
        "Data Retention": ("retention",),
        "Data Security": ("security",),
        "Policy Change": ("changes",),
        "Do Not Track": ("do_not_track",),
        "International and Specific Audiences": ("children", "region", "transfer"),
        "children": ("children",),
        "cookies": ("cookies",),
        "contact": ("contact",),
    },
    "appcorp": {
        "First_Party_Collection_and_Use": ("collection", "use"),
        "Third_Party_Share_and_Collection": ("sharing",),
        "Cookies_and_Similar_Technologies": ("cookies",),
        "User_Right_and_Control": ("choice", "rights"),
        "Data_Retention": ("retention",),
        "Data_Security": ("security",),
        "Specific_Audiences": ("children", "region"),
        "International_Data_Transfer": ("transfer",),
        "Policy_Change": ("changes",),
        "Policy_Contact_Information": ("contact",),
    },
}
"""For each corpus its labels, and for each of them our categories; any of these counts as the label."""


def read(path: Path) -> tuple[list[str], list[set[str]]]:
    """Read texts and the gold labels of each."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row["text"] for row in rows], [set(row["gold"]) if "gold" in row else {row["label"]} for row in rows]


def score(tagger: Tagger, corpus: str, path: Path) -> dict[str, tuple[float, float, int]]:
    """Return F1, average precision and support of each label of a corpus."""
    texts, gold = read(path)
    scores = tagger.predict_proba(texts)
    thresholds = np.array([tagger.thresholds[id] for id in tagger.categories])
    metrics = {}
    for label, categories in MAPS[corpus].items():
        columns = [tagger.categories.index(category) for category in categories]
        y_true = np.array([label in labels for labels in gold])
        y_pred = (scores[:, columns] >= thresholds[columns]).any(axis=1)
        y_score = scores[:, columns].max(axis=1)
        average_precision = float(average_precision_score(y_true, y_score))
        metrics[label] = (float(f1_score(y_true, y_pred)), average_precision, int(y_true.sum()))
    return metrics


def score_modern(tagger: Tagger, path: Path) -> dict[str, float]:
    """Return micro and macro F1 in our own categories, and the F1 of each; categories in `unknown` are not counted."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    found = tagger.predict(
        [row["text"] for row in rows],
        headings=[row["headings"] for row in rows],
        contexts=[row["context"] for row in rows],
    )
    counts = dict.fromkeys(tagger.categories, (0, 0))  # right labels, and all labels given or found
    for row, labels in zip(rows, found, strict=True):
        for id in set(tagger.categories) - set(row["unknown"]):
            is_given, is_found = id in row["labels"], id in labels
            right, all_labels = counts[id]
            counts[id] = (right + (is_given and is_found), all_labels + is_given + is_found)
    f1 = {id: 2 * right / max(1, all_labels) for id, (right, all_labels) in counts.items()}
    right, all_labels = (sum(column) for column in zip(*counts.values(), strict=True))
    return {"micro-F1": 2 * right / max(1, all_labels), "macro-F1": sum(f1.values()) / len(f1), **f1}


def check(measured: dict[str, float], floors: dict[str, float]) -> list[str]:
    """List the metrics that are below their floors."""
    return [
        f"{name}: {value:.4f} is below its floor {floors[name]:.4f}"
        for name, value in measured.items()
        if name in floors and value < floors[name] - EPSILON
    ]


def raise_floors(measured: dict[str, float], floors: dict[str, float]) -> dict[str, float]:
    """Return the floors, raised to the measured values where these are higher; none is lowered."""
    return {
        name: max(floors.get(name, 0.0), round(measured.get(name, 0.0), 4)) for name in sorted({*floors, *measured})
    }


def fold_metrics(training: Any) -> dict[str, float]:
    """Return the metrics of the model's own folds by name, from its model.json."""
    report = training["figures"]
    return {
        "folds micro-F1": report["averages"]["micro_f1"][0],
        "folds macro-F1": report["averages"]["macro_f1"][0],
        **{f"folds {row['category']} F1": row["f1"][0] for row in report["figures"]},
    }


def document_metrics() -> dict[str, float]:
    """Return the metrics of the authored documents by folds, as `benchmarks.documents` measured them."""
    averages = json.loads(DOCUMENTS.read_text(encoding="utf-8"))["averages"]
    return {"documents micro-F1": averages["micro_f1"][0], "documents macro-F1": averages["macro_f1"][0]}


def main(words: list[str] | None = None) -> int:
    """Score, print, and compare with the floors."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpora", nargs="*", metavar="NAME=FILE", help=f"a corpus: {', '.join(MAPS)}, {MODERN}")
    parser.add_argument("--model", help="model folder [default: bundled model]")
    parser.add_argument("--update", action="store_true", help="raise the floors to the measured values")
    parser.add_argument("--json", type=Path, help="file to write the metrics to")
    options = parser.parse_args(words)
    tagger = classifier.load(options.model)
    measured = fold_metrics(tagger.model.training) | document_metrics()
    results: dict[str, Any] = {}
    for corpus, _, path in (entry.partition("=") for entry in options.corpora):
        if corpus == MODERN:
            found = score_modern(tagger, Path(path))
            measured |= {f"{corpus} {name}": found[name] for name in ("micro-F1", "macro-F1")}
            results[corpus] = found
            print(f"{corpus}: " + ", ".join(f"{name} {value:.3f}" for name, value in found.items()))
            continue
        metrics = score(tagger, corpus, Path(path))
        macro_f1, macro_ap = (float(np.mean([row[k] for row in metrics.values()])) for k in (0, 1))
        measured |= {f"{corpus} macro-F1": macro_f1, f"{corpus} macro-AP": macro_ap}
        results[corpus] = {"macro_f1": macro_f1, "macro_average_precision": macro_ap, "labels": metrics}
        print(f"{corpus}: macro-F1 {macro_f1:.3f}, macro average precision {macro_ap:.3f}")
        for label, (f1, ap, support) in metrics.items():
            print(f"  {label:<38} F1 {f1:.3f}  AP {ap:.3f}  {support:5}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    failures = check(measured, floors)
    failures += [
        f"{name}: has a floor but was not measured"
        for name in floors
        if name.startswith(("folds ", "documents ")) and name not in measured
    ]
    for line in failures:
        print(line, file=sys.stderr)
    if options.update and not failures:
        FLOORS.write_text(json.dumps(raise_floors(measured, floors), indent=1) + "\n", encoding="utf-8")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
