"""Child processes of the programs that hunt and fuzz."""

import os


def unmeasured(path: str) -> dict[str, str]:
    """The environment of a child that finds modules in `path` and measures no coverage, which would take most of its time."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")},
        "PYTHONPATH": path,
    }
