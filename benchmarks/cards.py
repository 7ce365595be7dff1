"""Write measured figures into the cards, so that no figure in them is typed by hand.

    python -m benchmarks.cards [--check]

The text of a card between `<!-- figures: NAME -->` and `<!-- end of figures -->` is made from benchmarks/results/*.json,
which the other programs here write, and from the labeled rows. A test checks that no card has drifted.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import outside as outside_corpora
from benchmarks import speed
from classifier.datasets.policies import BY_SECTION
from classifier.taxonomy import load_taxonomy

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks/results"
CARDS = (
    "README.md",
    "benchmarks/README.md",
    "data/README.md",
    "data/model-notes.md",
    "docs/evaluation.md",
    "docs/performance.md",
    "docs/values.md",
)
_BLOCK = re.compile(r"(<!-- figures: ([\w-]+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)

TITLES = {
    "opp115": "OPP-115, 95 website policies (2015), 12 labels, majority of three law students",
    "appcorp": "APPCorp, Android policies (2021), 10 labels, one a paragraph (so F1 is pessimistic)",
    outside_corpora.MODERN: "308 clauses of policies of 2022-2026, our labels",
}


def load(name: str) -> Any:
    """Read a file of results."""
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def outside() -> str:
    """Return a table of the default model's averages on corpora that others labeled."""
    lines = ["| corpus | macro-F1 | macro average precision |", "|---|---|---|"]
    results = load("outside")
    for corpus in outside_corpora.MAPS:
        result = results[corpus]
        lines.append(f"| {TITLES[corpus]} | {result['macro_f1']:.3f} | {result['macro_average_precision']:.3f} |")
    return "\n".join(lines)


def outside_labels() -> str:
    """Return a table of the default model's metrics on each label of these corpora."""
    lines = ["| corpus | its label | F1 | average precision | support |", "|---|---|---|---|---|"]
    results = load("outside")
    for corpus in outside_corpora.MAPS:
        result = results[corpus]
        name = TITLES[corpus].partition(",")[0]
        lines += [
            f"| {name} | {label} | {f1:.3f} | {ap:.3f} | {n} |" for label, (f1, ap, n) in result["labels"].items()
        ]
    return "\n".join(lines)


def seeds() -> str:
    """Return a sentence on the seeds."""
    averages = load("seeds")["averages"]
    (micro, *micro_interval), (macro, *macro_interval) = averages["micro_f1"], averages["macro_f1"]
    return (
        f"Micro-F1 {micro:.3f} (95 % interval {micro_interval[0]:.3f}-{micro_interval[1]:.3f}), macro-F1 {macro:.3f} "
        f"({macro_interval[0]:.3f}-{macro_interval[1]:.3f})."
    )


def documents() -> str:
    """Return a sentence on the authored documents."""
    averages = load("documents")["averages"]
    micro, macro = ("{:.3f} (95 % interval {:.3f}-{:.3f})".format(*averages[key]) for key in ("micro_f1", "macro_f1"))
    return f"Micro-F1 {micro}, macro-F1 {macro}."


def values() -> str:
    """Return a table of how well values of attributes are found."""
    rows = [
        ("authored documents, folds of documents", "documents", "**text of our own**"),
        ("OPP-115, by a model that has seen none of it", "opp115, default model", "majority of three law students"),
        ("OPP-115, learned from it, folds by policy", "opp115, learned from it", "the same"),
    ]
    lines = ["| measured on | labels | macro-F1, categories given | from end to end | by policy | keyword rules |"]
    lines.append("|---|---|---|---|---|---|")
    found = load("values")
    for title, name, labels in rows:
        given, end, rules = (found[f"{name}, {kind}"] for kind in ("given", "end to end", "keywords"))
        interval = f"{given['macro_f1']:.3f} [{given['macro_low']:.3f}-{given['macro_high']:.3f}]"
        others = f"{end['macro_f1']:.3f} | {given['policy_macro_f1']:.3f} | {rules['macro_f1']:.3f}"
        lines.append(f"| {title} | {labels} | {interval} | {others} |")
    return "\n".join(lines)


def value_rows() -> str:
    """Return a table of F1 by value: on the authored documents, and of the default model on OPP-115 by policy."""
    found = load("values")
    given, end = ({row["id"]: row for row in found[f"documents, {kind}"]["values"]} for kind in ("given", "end to end"))
    outside = {row["id"]: row for row in found["opp115, default model, given"]["values"]}
    lines = ["| value | clauses | F1, category given | from end to end | OPP-115, F1 by policy | policies |"]
    lines.append("|---|---|---|---|---|---|")
    for id, row in given.items():
        other = outside.get(id)
        cells = f"{other['policy_f1']:.3f} | {other['policies']}" if other and other["policies"] else " | "
        lines.append(f"| `{id}` | {row['support']} | {row['f1']:.3f} | {end[id]['f1']:.3f} | {cells} |")
    return "\n".join(lines)


def modern() -> str:
    """Return a table of the default model's metrics on clauses of today's policies."""
    found = load("outside")[outside_corpora.MODERN]
    rows = [f"| {name if 'F1' in name else f'`{name}`'} | {value:.3f} |" for name, value in found.items()]
    return "\n".join(["| category | F1 |", "|---|---|", *rows])


def accuracy() -> str:
    """Return a table of the estimator and its peers on the same folds of OPP-115."""
    lines = ["| | micro F1 | macro F1 |", "|---|---|---|"]
    for name, result in load("accuracy").items():
        cells = ["{:.3f} [{:.3f}-{:.3f}]".format(*result["averages"][key]) for key in ("micro_f1", "macro_f1")]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def accuracy_labels() -> str:
    """Return a table of F1 per category of OPP-115, for the estimator and its peers."""
    results = load("accuracy")
    lines = ["| category | " + " | ".join(results) + " |", "|---|" + "---|" * len(results)]
    lines += [
        f"| `{rows[0]['category']}` | " + " | ".join(f"{row['f1'][0]:.3f}" for row in rows) + " |"
        for rows in zip(*(result["figures"] for result in results.values()), strict=True)
    ]
    return "\n".join(lines)


def speed_tables() -> str:
    """Return the tables of how fast policies are tagged."""
    return speed.tables(load("speed"))


def rows() -> str:
    """Return a table of the number of labels of the seeds, of the authored rows, and of the authored documents."""
    counts: dict[str, Counter[str]] = {"seeds": Counter(), "authored": Counter()}
    for path in sorted((ROOT / "data/clauses").glob("*.jsonl")):
        kind = "seeds" if path.stem == "seeds" else "authored"
        for line in path.read_text(encoding="utf-8").splitlines():
            counts[kind].update(json.loads(line)["labels"] or ["none"])
    counts["documents"] = Counter()
    for path in sorted((ROOT / "data/policies/labels").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            labels = json.loads(line)["labels"] or ["none"]
            counts["documents"].update(label.removesuffix(BY_SECTION) for label in labels)
    ids = load_taxonomy(ROOT / "data/taxonomy.toml").ids
    lines = ["| category | seeds | authored paragraphs | authored documents |", "|---|---|---|---|"]
    for id in (*ids, "none"):
        name = id if id == "none" else f"`{id}`"
        cells = " | ".join(f"{counts[kind][id]:,}" for kind in ("seeds", "authored", "documents"))
        lines.append(f"| {name} | {cells} |")
    return "\n".join(lines)


def summary() -> str:
    """Put the main figures into one table, each with the text it was measured on."""
    results = load("outside")
    outside_macro = {corpus: f"{results[corpus]['macro_f1']:.3f}" for corpus in outside_corpora.MAPS}
    modern = results[outside_corpora.MODERN]
    folds = {name: _f1_cells(about["averages"]) for name, about in load("accuracy").items()}
    found = load("speed")
    rates = {name: statistics.median(values) for name, values in found["paragraphs_a_second"].items()}
    seconds = statistics.median(found["cold_start_seconds"]["clauses tag, a policy of 24 KB"])
    rows = [
        (
            "default model",
            TITLES[outside_corpora.MODERN],
            f"{modern['micro-F1']:.3f} | {modern['macro-F1']:.3f}",
        ),
        ("default model", TITLES["opp115"], f" | {outside_macro['opp115']}"),
        ("default model", TITLES["appcorp"], f" | {outside_macro['appcorp']}"),
        ("trained without the policy scored", "the five seeds, our labels", _f1_cells(load("seeds")["averages"])),
        ("trained on OPP-115", "OPP-115, 10 labels, folds by policy", folds["policy-clauses"]),
        ("one annotator against another", "the same", folds["one annotator against another"]),
        ("keyword rules", "the same", folds["keyword rules"]),
    ]
    return "\n".join(
        [
            "| labels by | measured on | micro-F1 | macro-F1 |",
            "|---|---|---|---|",
            *(f"| {model} | {measured_on} | {cells} |" for model, measured_on, cells in rows),
            "",
            f"Speed on one processor: {rates[speed.OURS]:,.0f} paragraphs per second; scikit-learn's pipeline with the same "
            f"model {rates[speed.SKLEARN]:,.0f}. `clauses tag` takes {1000 * seconds:.0f} ms for a policy of 24 KB, "
            "start to end.",
        ]
    )


def _f1_cells(averages: dict[str, list[float]]) -> str:
    return " | ".join("{:.3f} [{:.3f}-{:.3f}]".format(*averages[key]) for key in ("micro_f1", "macro_f1"))


BLOCKS: dict[str, Callable[[], str]] = {
    "summary": summary,
    "outside": outside,
    "outside-labels": outside_labels,
    "seeds": seeds,
    "accuracy": accuracy,
    "accuracy-labels": accuracy_labels,
    "documents": documents,
    "modern": modern,
    "values": values,
    "value-rows": value_rows,
    "rows": rows,
    "speed": speed_tables,
}


def fill(card: str) -> str:
    """Return a card with every block replaced by the current results."""
    return _BLOCK.sub(lambda match: f"{match[1]}{BLOCKS[match[2]]()}\n{match[3]}", card)


def main(words: list[str] | None = None) -> int:
    """Write the cards, or list those that have drifted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a card has drifted")
    options = parser.parse_args(words)
    drifted = []
    for name in CARDS:
        path = ROOT / name
        card = path.read_text(encoding="utf-8")
        if fill(card) != card:
            drifted.append(name)
            if not options.check:
                path.write_text(fill(card), encoding="utf-8")
    for name in drifted:
        print(f"{name}: {'has drifted from benchmarks/results' if options.check else 'written'}", file=sys.stderr)
    return 1 if drifted and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
