"""Score a model on paragraphs that others labelled, and hold it to floors.

    python benchmarks/outside.py opp115=FILE.jsonl appcorp=FILE.jsonl [--model FOLDER] [--update]

A file has one JSON object a line: `text`, and `gold` (a list of that corpus' labels) or `label` (one). The corpora are not
part of this repository: OPP-115 (Wilson et al., ACL 2016) is licensed for research and teaching, APPCorp (2021) likewise. No
row of theirs is trained on, and no threshold is chosen on them.

Floors are in floors.json. A figure below its floor by more than `EPSILON` is an error; `--update` raises floors to what was
measured and never lowers one. The figures of the model's own folds by policy, which model.json carries, are held likewise.
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
"""Figures differ in the fourth place between processors; a change that matters is larger than this."""

# Label of the corpus -> categories, any of which counts as giving it.
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


def read(path: Path) -> tuple[list[str], list[set[str]]]:
    """Read texts and gold labels."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row["text"] for row in rows], [set(row["gold"]) if "gold" in row else {row["label"]} for row in rows]


def score(tagger: Tagger, corpus: str, path: Path) -> dict[str, tuple[float, float, int]]:
    """Give F1, average precision and support of each label of a corpus."""
    texts, gold = read(path)
    scores = tagger.predict_proba(texts)
    cut = np.array([tagger.thresholds[id] for id in tagger.categories])
    figures = {}
    for label, categories in MAPS[corpus].items():
        columns = [tagger.categories.index(category) for category in categories]
        truth = np.array([label in labels for labels in gold])
        hits = (scores[:, columns] >= cut[columns]).any(axis=1)
        best = scores[:, columns].max(axis=1)
        figures[label] = (float(f1_score(truth, hits)), float(average_precision_score(truth, best)), int(truth.sum()))
    return figures


def check(measured: dict[str, float], floors: dict[str, float]) -> list[str]:
    """List the figures that fell below their floors."""
    return [
        f"{name}: {value:.4f} is below its floor {floors[name]:.4f}"
        for name, value in measured.items()
        if name in floors and value < floors[name] - EPSILON
    ]


def raised(measured: dict[str, float], floors: dict[str, float]) -> dict[str, float]:
    """Give the floors with those that the measured figures allow to be raised; none is lowered."""
    return {
        name: max(floors.get(name, 0.0), round(measured.get(name, 0.0), 4)) for name in sorted({*floors, *measured})
    }


def own(training: Any) -> dict[str, float]:
    """Give the figures of the model's own folds by name."""
    report = training["figures"]
    return {
        "folds micro-F1": report["averages"]["micro_f1"][0],
        "folds macro-F1": report["averages"]["macro_f1"][0],
        **{f"folds {row['category']} F1": row["f1"][0] for row in report["figures"]},
    }


def main(words: list[str] | None = None) -> int:
    """Score, print, compare with the floors."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpora", nargs="*", metavar="NAME=FILE", help=f"a corpus: {', '.join(MAPS)}")
    parser.add_argument("--model", help="a model folder; the default model if left out")
    parser.add_argument("--update", action="store_true", help="raise the floors to what is measured")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args(words)
    tagger = classifier.load(options.model)
    measured = own(tagger.model.training)
    found = {}
    for corpus, _, path in (entry.partition("=") for entry in options.corpora):
        figures = score(tagger, corpus, Path(path))
        macro_f1, macro_ap = (float(np.mean([row[k] for row in figures.values()])) for k in (0, 1))
        measured |= {f"{corpus} macro-F1": macro_f1, f"{corpus} macro-AP": macro_ap}
        found[corpus] = {"macro_f1": macro_f1, "macro_average_precision": macro_ap, "labels": figures}
        print(f"{corpus}: macro-F1 {macro_f1:.3f}, macro average precision {macro_ap:.3f}")
        for label, (f1, ap, support) in figures.items():
            print(f"  {label:<38} F1 {f1:.3f}  AP {ap:.3f}  {support:5}")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    fallen = check(measured, floors)
    fallen += [
        f"{name}: has a floor but was not measured"
        for name in floors
        if name.startswith("folds ") and name not in measured
    ]
    for line in fallen:
        print(line, file=sys.stderr)
    if options.update and not fallen:
        FLOORS.write_text(json.dumps(raised(measured, floors), indent=1) + "\n", encoding="utf-8")
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
