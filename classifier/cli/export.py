"""`clauses export`: a model as a scikit-learn pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from classifier.cli.app import (
    main,
    refuse_overwriting,
    require_memory,
    say,
)

if TYPE_CHECKING:
    pass


@main.command()
@click.argument("folder", metavar="MODEL", type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="The joblib file to write.")
def export(folder: str, output: str) -> None:
    """Write a model as a fitted scikit-learn pipeline in a joblib file."""
    require_memory()
    refuse_overwriting(output, [], models=[folder])
    from classifier.model.export import export_joblib
    from classifier.model.persistence import load_model

    export_joblib(load_model(folder), output)
    say(
        f"wrote {output}. A joblib file can run any code when it is loaded: load it only where you trust who could have "
        "changed it, and with the scikit-learn version that wrote it. policy-clauses itself never loads one."
    )
