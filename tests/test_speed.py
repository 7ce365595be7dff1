"""The benchmark runs. `make bench` checks its ratios, which depend on the load of the machine."""

import json
from pathlib import Path

import pytest

from benchmarks import speed

pytestmark = pytest.mark.slow


def test_speed_is_compared_with_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--paragraphs", "600", "--rounds", "1", "--copies", "1", "--no-training"]
    assert speed.main([*words, "--json", str(tmp_path / "speed.json")]) == 0
    found = json.loads((tmp_path / "speed.json").read_text(encoding="utf-8"))
    shown = capsys.readouterr().out
    assert speed.tables(found) in shown
    assert "| policy-clauses | " in shown
    ours, theirs = (found["paragraphs_a_second"][name][0] for name in (speed.OURS, speed.SKLEARN))
    assert ours > 2 * theirs
    assert found["growth_seconds"][2] < 200 * found["growth_seconds"][0]
    assert found["files"]["peak_megabytes"] < 300
