"""`clauses export`: a model as a scikit-learn pipeline."""

from __future__ import annotations

import click

from classifier.cli.app import (
    main,
    refuse_overwriting,
    require_memory,
    say,
)
from classifier.resources import model_folder


@main.command(short_help="Write a model as a scikit-learn pipeline.")
@click.argument("folder", metavar="MODEL", type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="Joblib file to write.")
def export(folder: str, output: str) -> None:
    """Write a model as a fitted scikit-learn pipeline in a joblib file (MODEL: a model folder, or `default`)."""
    require_memory()
    refuse_overwriting(output, [], models=[model_folder(folder)])
    from classifier.model.export import export_joblib
    from classifier.model.persistence import load_model

    export_joblib(load_model(model_folder(folder)), output)
    say(
        f"wrote {output}. Loading a joblib file can run any code: load it only if you trust everyone who could have "
        "changed it, and with the scikit-learn version that wrote it. policy-clauses itself never loads one."
    )
