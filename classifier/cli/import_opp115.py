"""`clauses import opp115`: the OPP-115 corpus as labeled rows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import click

from classifier.cli.app import (
    files_in,
    main,
    refuse_overwriting,
    say,
    write,
)
from classifier.cli.data import find_taxonomy, taxonomy_files, taxonomy_option


@main.group("import")
def import_() -> None:
    """Convert a published corpus into labeled rows."""


@import_.command("opp115")
@click.argument("folder", metavar="DIR", type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="JSON lines file to write.")
@click.option(
    "--gold",
    type=click.Choice(["majority", "union", "annotator"]),
    default="majority",
    show_default=True,
    help="Keep a label if most annotators gave it (majority), if any did (union), or write a row per annotator.",
)
@taxonomy_option
def import_opp115(
    folder: str, output: str, gold: Literal["majority", "union", "annotator"], taxonomy_name: str | None
) -> None:
    """Read OPP-115 as its authors release it: DIR holds annotations/ and sanitized_policies/.

    Get it at https://usableprivacy.org/data; it is licensed for research, teaching and scholarship.
    """
    import classifier
    from classifier.datasets import opp115
    from classifier.datasets.rows import example_to_json
    from classifier.errors import WriteError

    if Path(os.path.realpath(output)).is_relative_to(Path(classifier.__file__).resolve().parent):
        raise WriteError(f"{output}: is inside the package, where no text of a corpus may be; write it elsewhere")
    corpus = [file for part in files_in(folder) for file in files_in(part)]
    refuse_overwriting(output, [*corpus, *taxonomy_files(taxonomy_name)])
    categories = find_taxonomy(taxonomy_name)
    examples = opp115.load_opp115(folder, categories, gold)
    write((example_to_json(example) + "\n" for example in examples), output)
    n_policies = len({example.policy for example in examples})
    unknown = [id for id in categories.ids if any(id in example.unknown for example in examples)]
    if unknown:
        say(f"note: not annotated in OPP-115, so unknown in every row: {', '.join(unknown)}")
    say(
        f"wrote {output}: {len(examples)} rows of {n_policies} policies. OPP-115 is for research: do not publish or commit it"
    )
