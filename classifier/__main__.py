"""`python -m classifier` is `clauses`."""

from classifier.cli import main

main(prog_name="clauses")
