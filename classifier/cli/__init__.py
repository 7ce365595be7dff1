"""The command line: parse, call, render; one module per command."""

from classifier.cli.app import main

__all__ = ["main"]
