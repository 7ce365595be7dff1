"""Child processes of the programs that hunt and fuzz."""

import os


def coverage_variables() -> list[str]:
    """The variables of the environment by which a child process measures coverage."""
    return [name for name in os.environ if name.startswith("COVERAGE_")]


def unmeasured(path: str) -> dict[str, str]:
    """The environment of a child that finds modules in `path` and measures no coverage, which would take most of its time."""
    measured = coverage_variables()
    return {**{name: value for name, value in os.environ.items() if name not in measured}, "PYTHONPATH": path}
