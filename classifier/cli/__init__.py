"""The command line: parse, call, render; one module per command."""

from classifier.cli.app import main
from classifier.cli.audit import audit
from classifier.cli.evaluate import evaluate
from classifier.cli.export import export
from classifier.cli.import_opp115 import import_
from classifier.cli.tag import tag
from classifier.cli.train import train

__all__ = ["audit", "evaluate", "export", "import_", "main", "tag", "train"]
