"""Measure the second level: values of attributes, on the authored documents by folds and on OPP-115.

    python -m benchmarks.values [opp115=FOLDER] [--json FILE]

The documents are scored in folds of whole documents, with the categories given and from end to end. They were written for
this project, so **these are no figures on real policies**. With the folder of OPP-115, which is not part of this repository,
the second level is learned from it and scored by folds of policies; and the default model, which has seen none of it, is
scored by policy.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import classifier
from classifier.datasets.opp115 import load_opp115
from classifier.datasets.rows import load_examples
from classifier.evaluation.values import ValueReport, ValueReports, cross_validate_values, score_values
from classifier.taxonomy import load_taxonomy

ROOT = Path(__file__).parent.parent
N_SHOWN = 15
"""Weakest values that are listed."""


def plain_report(report: ValueReport) -> dict[str, Any]:
    """Return a report as rounded plain data."""
    return json.loads(json.dumps(asdict(report)), parse_float=lambda number: round(float(number), 4))  # type: ignore[no-any-return]


def report(name: str, reports: ValueReports) -> dict[str, Any]:
    """Print reports and return them as plain data."""
    named = {f"{name}, {kind.replace('_', ' ')}": each for kind, each in reports._asdict().items()}
    for title, each in named.items():
        show(title, each)
    return {title: plain_report(each) for title, each in named.items()}


def show(title: str, report: ValueReport) -> None:
    """Print a report: averages, then the weakest values."""
    print(
        f"{title}: {report.rows} clauses of {report.policies} policies; macro-F1 {report.macro_f1:.3f} "
        f"[{report.macro_low:.3f}-{report.macro_high:.3f}], micro {report.micro_f1:.3f}, by policy "
        f"{report.policy_macro_f1:.3f}; quotes {report.quote_f1:.3f}, denial {report.denial_f1:.3f}"
    )
    weakest = sorted((row for row in report.values if row.support), key=lambda row: row.f1)[:N_SHOWN]
    for row in weakest:
        figures = f"F1 {row.f1:.3f}  P {row.precision:.3f}  R {row.recall:.3f}  {row.support:5}"
        print(f"  {row.id:<26} {figures}  by policy {row.policy_f1:.3f}")


def main(words: list[str] | None = None) -> int:
    """Measure, print, and write the reports as JSON with --json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpora", nargs="*", metavar="opp115=FOLDER", help="the released corpus")
    parser.add_argument("--json", type=Path, help="file to write the reports to")
    options = parser.parse_args(words)
    taxonomy = load_taxonomy(ROOT / "data/taxonomy.toml")
    documents = load_examples([ROOT / "data/policies"], taxonomy)
    loose = load_examples([ROOT / "data/clauses"], taxonomy)
    results = report("documents", cross_validate_values(documents, taxonomy, others=loose))
    for corpus, _, path in (entry.partition("=") for entry in options.corpora):
        rows = load_opp115(Path(path), taxonomy)
        results |= report(f"{corpus}, learned from it", cross_validate_values(rows, taxonomy))
        results |= report(f"{corpus}, default model", score_values(classifier.load().model, rows))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
