"""Measure how fast policies are tagged, beside what else one could use, as ratios within one run.

    make bench        (or: python -m benchmarks.speed [--json FILE] [--paragraphs N] [--rounds N])

Scorers take turns on one processor, each with the same paragraphs of the seeds and of data/clauses, after a round to warm
up; what is printed are medians with the smallest and largest value. A slow one is given fewer of the paragraphs. Programs
(a cold start) take turns likewise. fastText is measured where it is installed (`pip install fasttext-wheel`); its time does
not count what it needs beforehand, lower case and one line a paragraph.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline, make_union

from classifier import resources, taxonomy
from classifier.datasets.rows import load_examples
from classifier.evaluation import matrices
from classifier.model import export
from classifier.model.estimator import ClauseClassifier
from classifier.model.model import Model
from classifier.model.persistence import load_model
from classifier.model.scorer import probabilities
from classifier.readers.registry import from_text, parse
from classifier.segmentation import segment
from classifier.text import context
from classifier.training import train

ROOT = Path(__file__).parent.parent
SEEDS = sorted(path for path in (ROOT / "seeds").iterdir() if path.name != "README.md")
OURS, SKLEARN = "policy-clauses", "scikit-learn's pipeline, the same model"
COLD = "clauses tag, a policy of 24 KB"
GROWTH = (1, 10, 100)
TRAINED_ON = 2000
"""Rows that peers learn from which exist for their speed only."""

Scorer = Callable[[list[str]], object]


def paragraphs(number: int) -> list[str]:
    """Give paragraphs of the seeds and of the authored rows, repeated until there are enough."""
    rows = load_examples([ROOT / "data/clauses"], taxonomy.load_taxonomy(ROOT / "data/taxonomy.toml"))
    texts = matrices.model_texts(rows)
    return (texts * (number // len(texts) + 1))[:number]


def scorers(fitted: Model, texts: Sequence[str]) -> dict[str, tuple[Scorer, int]]:
    """Make what is compared, each with how many of the paragraphs it is given."""
    everything = len(texts)
    pipeline = export.pipeline(fitted)
    some = list(texts[:TRAINED_ON])
    labels = (probabilities(some, fitted) >= fitted.thresholds).astype(np.int8)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    both = make_pipeline(make_union(words, characters), RidgeClassifier()).fit(some, labels)
    found: dict[str, tuple[Scorer, int]] = {
        OURS: (lambda items: probabilities(items, fitted), everything),
        SKLEARN: (pipeline.predict_proba, everything // 8),
        "scikit-learn, words and characters": (both.predict, everything // 40),
    }
    fast = _fasttext(texts)
    return {**found, "fastText, word 2-grams, 100 dimensions": (fast, everything)} if fast else found


def _fasttext(texts: Sequence[str]) -> Scorer | None:
    try:
        import fasttext  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError:
        return None
    lines = {text: " ".join(text.lower().split()) + "\n" for text in texts}
    rows = load_examples([ROOT / "data/clauses"], taxonomy.load_taxonomy(ROOT / "data/taxonomy.toml"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.txt"
        path.write_text(
            "".join(
                " ".join([*(f"__label__{id}" for id in row.labels or ["none"]), " ".join(row.text.lower().split())])
                + "\n"
                for row in rows
            ),
            encoding="utf-8",
        )
        learned = fasttext.train_supervised(str(path), loss="ova", wordNgrams=2, dim=100, thread=1, verbose=0)
    # its own predict breaks on numpy 2; this is what that calls
    return lambda items: learned.f.multilinePredict([lines[item] for item in items], -1, 0.5, "strict")


def rates(compared: dict[str, tuple[Scorer, int]], texts: list[str], rounds: int) -> dict[str, list[float]]:
    """Let scorers take turns; give paragraphs a second, one figure a round."""
    found: dict[str, list[float]] = {name: [] for name in compared}
    for number in range(rounds + 1):
        for name, (score, size) in compared.items():
            some = texts[
                :: len(texts) // max(1, size)
            ]  # from all over, since files differ in the length of their paragraphs
            seconds = _seconds(lambda score=score, some=some: score(some))  # type: ignore[misc]
            if number:
                found[name].append(len(some) / seconds)
    return found


def cold_starts(folder: Path, fitted: Model, rounds: int) -> dict[str, list[float]]:
    """Let programs take turns; give seconds, one figure a round."""
    export.export_joblib(fitted, folder / "model.joblib")
    script = "import joblib, sys; p = joblib.load(sys.argv[1]); p.predict(open(sys.argv[2]).read().split('\\n\\n'))"
    seed = str(ROOT / "seeds/phone.com-2019.txt")
    clauses = [sys.executable, "-m", "classifier"]
    commands = {
        "import numpy": [sys.executable, "-c", "import numpy"],
        COLD: [*clauses, "tag", seed],
        "clauses tag --format jsonl": [*clauses, "tag", seed, "--format", "jsonl"],
        "clauses --help": [*clauses, "--help"],
        "a script with scikit-learn": [sys.executable, "-c", script, str(folder / "model.joblib"), seed],
    }
    # as after `pip install`, which compiles what it installs
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    found: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            seconds = _seconds(
                lambda command=command: subprocess.run(  # type: ignore[misc]
                    command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT, env=environment
                )
            )
            if number:
                found[name].append(seconds)
    return found


def growth(fitted: Model, rounds: int) -> list[float]:
    """Give the seconds that a policy takes, file to scores, when it is 1, 10 and 100 times as long; medians."""
    source = (ROOT / "seeds/phone.com-2019.txt").read_text(encoding="utf-8")

    def tag(times: int) -> None:
        document = from_text("\n\n".join([source] * times))
        probabilities([context.with_context(c.text, c.headings, c.context) for c in segment(document)], fitted)

    tag(1)
    turns = [[_seconds(lambda times=times: tag(times)) for times in GROWTH] for _ in range(rounds)]  # type: ignore[misc]
    return [statistics.median(column) for column in zip(*turns, strict=True)]


def reading(rounds: int) -> dict[str, float]:
    """Give megabytes a second of reading and segmenting each seed; medians."""
    found = {}
    for path in SEEDS:
        data = path.read_bytes() * 10
        seconds = [_seconds(lambda data=data: segment(parse(data))) for _ in range(rounds)]  # type: ignore[misc]
        found[path.name] = len(data) / 1e6 / statistics.median(seconds)
    return found


def files(folder: Path, copies: int, rounds: int) -> dict[str, Any]:
    """Give megabytes a second from files to JSON lines with one process and two, and the memory of the largest."""
    (folder / "many").mkdir()
    names, size = [], 0
    for number in range(copies):
        for path in SEEDS:
            name = folder / "many" / f"{number}-{path.name}"
            name.write_bytes(path.read_bytes())
            names.append(str(name))
            size += name.stat().st_size
    found: dict[str, Any] = {
        "megabytes": size / 1e6,
        "files": len(names),
        "peak_megabytes": 0.0,
        "jobs 1": [],
        "jobs 2": [],
    }
    for jobs in (1, 2) * rounds:
        command = [sys.executable, "-m", "classifier", "tag", *names, "-f", "jsonl", "-j", str(jobs)]
        begin = time.perf_counter()
        with subprocess.Popen([*command, "-o", str(folder / f"{jobs}.jsonl")], cwd=ROOT) as process:
            while process.poll() is None:
                found["peak_megabytes"] = max(found["peak_megabytes"], _peak(process.pid))
                time.sleep(0.02)
        found[f"jobs {jobs}"].append(size / 1e6 / (time.perf_counter() - begin))
    if (folder / "1.jsonl").read_bytes() != (folder / "2.jsonl").read_bytes():
        raise RuntimeError("two processes wrote something else than one")
    return found


def _peak(pid: int) -> float:
    """Give the most memory in megabytes that a process or one of its own has had; 0 where the system does not tell."""
    found = 0.0
    with contextlib.suppress(OSError):
        held = re.search(r"^VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"), re.MULTILINE)
        found = int(held[1]) / 1024 if held else 0.0
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
        found = max([found, *(_peak(int(child)) for child in children)])
    return found


def loading() -> float:
    """Give the milliseconds that the default model takes to load; the median."""
    return 1000 * statistics.median(_seconds(lambda: load_model(resources.default_model())) for _ in range(9))


def training() -> float:
    """Give the seconds that the default model takes to learn, its folds and intervals included."""
    categories = taxonomy.load_taxonomy(ROOT / "data/taxonomy.toml")
    rows = load_examples([ROOT / "data/clauses"], categories)
    return _seconds(lambda: train.train(rows, categories, classifier=ClauseClassifier(window=0), n_jobs=-1))


def _seconds(do: Callable[[], object]) -> float:
    begin = time.perf_counter()
    do()
    return time.perf_counter() - begin


def _spread(values: Sequence[float], form: str) -> str:
    return f"{statistics.median(values):{form}} ({min(values):{form}}-{max(values):{form}})"


def tables(found: dict[str, Any]) -> str:
    """Set what was found as Markdown."""
    speed, cold, about = found["paragraphs_a_second"], found["cold_start_seconds"], found["paragraphs"]
    mean = about["characters"] / about["number"]
    lines = [
        f"Scorers take turns on one processor with the same {about['number']:,} paragraphs of {mean:.0f} characters in the "
        f"mean, programs take turns likewise; medians of {len(speed[OURS])} rounds, in brackets smallest and largest value.",
        "",
    ]
    lines += ["| scorer | paragraphs a second, one processor | policy-clauses is faster, times |", "|---|---|---|"]
    for name, values in speed.items():
        times = [a / b for a, b in zip(speed[OURS], values, strict=True)]
        lines.append(f"| {name} | {_spread(values, ',.0f')} | {_spread(times, '.1f') if name != OURS else ''} |")
    lines += ["", "| program, from its start to its end | milliseconds | times `import numpy` |", "|---|---|---|"]
    for name, values in cold.items():
        times = [a / b for a, b in zip(values, cold["import numpy"], strict=True)]
        lines.append(f"| {name} | {_spread([1000 * v for v in values], ',.0f')} | {statistics.median(times):.2f} |")
    one, ten, hundred = found["growth_seconds"]
    line = found["files"]
    read = ", ".join(f"{name} {rate:.0f}" for name, rate in found["reading"].items())
    lines += [
        "",
        f"- Cutting and scoring: a policy ten times as long takes {ten / one:.1f} times the time, "
        f"one a hundred times as long {hundred / one:.0f}.",
        f"- Reading and cutting into clauses, MB/s: {read}.",
        f"- {line['files']} files ({line['megabytes']:.0f} MB, the seeds again and again) to JSON lines, MB/s: "
        f"{_spread(line['jobs 1'], '.1f')} with one process, {_spread(line['jobs 2'], '.1f')} with two; the largest process "
        f"has {line['peak_megabytes']:.0f} MB of memory.",
        f"- The model loads in {found['model_load_milliseconds']:.0f} ms"
        + (
            f"; it learns, with its folds and intervals, in {seconds:.0f} s."
            if (seconds := found["training_seconds"])
            else "."
        ),
        "",
        f"On {found['machine']}.",
    ]
    return "\n".join(lines)


def machine() -> str:
    """Name the processor and what runs on it."""
    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
        name = found[1] if found else name
    return f"{name}, {os.cpu_count()} processors, Python {platform.python_version()}, numpy {np.__version__}"


def main(words: list[str] | None = None) -> int:
    """Measure, print the tables, write the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--paragraphs", type=int, default=33_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--copies", type=int, default=300, help="how often each seed is tagged as a file")
    parser.add_argument("--no-training", action="store_true", help="do not measure how long the default model learns")
    options = parser.parse_args(words)
    fitted = load_model(resources.default_model())
    texts = paragraphs(options.paragraphs)
    processors = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        compared = scorers(fitted, texts)
        os.sched_setaffinity(0, {min(processors)})
        try:
            speed = rates(compared, texts, options.rounds)
            grown, read = growth(fitted, options.rounds), reading(options.rounds)
        finally:
            os.sched_setaffinity(0, processors)
        found = {
            "machine": machine(),
            "paragraphs": {"number": len(texts), "characters": sum(map(len, texts))},
            "paragraphs_a_second": speed,
            "cold_start_seconds": cold_starts(folder, fitted, options.rounds),
            "growth_seconds": grown,
            "reading": read,
            "files": files(folder, options.copies, options.rounds),
            "model_load_milliseconds": loading(),
            "training_seconds": None if options.no_training else training(),
        }
    print(tables(found))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
