"""Words typed become one call and one rendering."""

from classifier.cli.app import main
from classifier.cli.labelled import audit, evaluate, export, import_, train
from classifier.cli.tag import tag

__all__ = ["audit", "evaluate", "export", "import_", "main", "tag", "train"]
