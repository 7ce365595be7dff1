"""Measure how fast policies are tagged, compared with alternatives, as ratios within one run.

    make bench        (or: python -m benchmarks.speed [--json FILE] [--paragraphs N] [--rounds N])

Scorers take turns on one processor, each with the same paragraphs of the seeds and of data/clauses, after a warm-up round.
Printed are medians, with the smallest and largest value. A slow scorer gets fewer of the paragraphs. Programs (cold starts)
take turns in the same way. fastText is measured where it is installed (`pip install fasttext-wheel`); its time does not
include its preprocessing, lower case and one line per paragraph.
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
"""Factors by which a policy is lengthened to see how its time grows."""
N_PEER_ROWS = 2000
"""Rows that peers learn from; only their speed is measured, so a few are enough."""

Scorer = Callable[[list[str]], object]
"""Score texts; the result is not looked at."""


def paragraphs(number: int) -> list[str]:
    """Return paragraphs of the seeds and of the authored rows, repeated until there are enough."""
    rows = load_examples([ROOT / "data/clauses"], taxonomy.load_taxonomy(ROOT / "data/taxonomy.toml"))
    texts = matrices.model_texts(rows)
    return (texts * (number // len(texts) + 1))[:number]


def scorers(fitted: Model, texts: Sequence[str]) -> dict[str, tuple[Scorer, int]]:
    """Return the scorers to compare, each with the number of paragraphs that it gets."""
    n_texts = len(texts)
    pipeline = export.pipeline(fitted)
    sample = list(texts[:N_PEER_ROWS])
    labels = (probabilities(sample, fitted) >= fitted.thresholds).astype(np.int8)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    both = make_pipeline(make_union(words, characters), RidgeClassifier()).fit(sample, labels)
    compared: dict[str, tuple[Scorer, int]] = {
        OURS: (lambda items: probabilities(items, fitted), n_texts),
        SKLEARN: (pipeline.predict_proba, n_texts // 8),
        "scikit-learn, words and characters": (both.predict, n_texts // 40),
    }
    fasttext = _fasttext(texts)
    return {**compared, "fastText, word 2-grams, 100 dimensions": (fasttext, n_texts)} if fasttext else compared


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
        model = fasttext.train_supervised(str(path), loss="ova", wordNgrams=2, dim=100, thread=1, verbose=0)
    # model.predict breaks on numpy 2; it calls this
    return lambda items: model.f.multilinePredict([lines[item] for item in items], -1, 0.5, "strict")


def rates(compared: dict[str, tuple[Scorer, int]], texts: list[str], rounds: int) -> dict[str, list[float]]:
    """Let scorers take turns, and return the paragraphs per second of each round; the first round is not counted."""
    measured: dict[str, list[float]] = {name: [] for name in compared}
    for number in range(rounds + 1):
        for name, (score, size) in compared.items():
            # from everywhere, since files differ in the length of their paragraphs
            sample = texts[:: len(texts) // max(1, size)]
            seconds = _seconds(lambda score=score, sample=sample: score(sample))  # type: ignore[misc]
            if number:
                measured[name].append(len(sample) / seconds)
    return measured


def cold_starts(folder: Path, fitted: Model, rounds: int) -> dict[str, list[float]]:
    """Let programs take turns, and return the seconds of each round; the first round is not counted."""
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
    # as after `pip install`, which compiles the modules it installs
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    measured: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            seconds = _seconds(
                lambda command=command: subprocess.run(  # type: ignore[misc]
                    command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT, env=environment
                )
            )
            if number:
                measured[name].append(seconds)
    return measured


def growth(fitted: Model, rounds: int) -> list[float]:
    """Return the median seconds from file to scores of a policy, lengthened by each factor of `GROWTH`."""
    source = (ROOT / "seeds/phone.com-2019.txt").read_text(encoding="utf-8")

    def tag(times: int) -> None:
        document = from_text("\n\n".join([source] * times))
        probabilities([context.with_context(c.text, c.headings, c.context) for c in segment(document)], fitted)

    tag(1)
    turns = [[_seconds(lambda times=times: tag(times)) for times in GROWTH] for _ in range(rounds)]  # type: ignore[misc]
    return [statistics.median(column) for column in zip(*turns, strict=True)]


def reading(rounds: int) -> dict[str, float]:
    """Return the median megabytes per second of reading and segmenting each seed."""
    measured = {}
    for path in SEEDS:
        data = path.read_bytes() * 10
        seconds = [_seconds(lambda data=data: segment(parse(data))) for _ in range(rounds)]  # type: ignore[misc]
        measured[path.name] = len(data) / 1e6 / statistics.median(seconds)
    return measured


def files(folder: Path, copies: int, rounds: int) -> dict[str, Any]:
    """Measure megabytes per second from files to JSON lines with one and two processes, and the peak memory of a process."""
    (folder / "many").mkdir()
    names, size = [], 0
    for number in range(copies):
        for path in SEEDS:
            name = folder / "many" / f"{number}-{path.name}"
            name.write_bytes(path.read_bytes())
            names.append(str(name))
            size += name.stat().st_size
    measured: dict[str, Any] = {
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
                measured["peak_megabytes"] = max(measured["peak_megabytes"], _peak_megabytes(process.pid))
                time.sleep(0.02)
        measured[f"jobs {jobs}"].append(size / 1e6 / (time.perf_counter() - begin))
    if (folder / "1.jsonl").read_bytes() != (folder / "2.jsonl").read_bytes():
        raise RuntimeError("the output of two processes differs from that of one")
    return measured


def _peak_megabytes(pid: int) -> float:
    """Return the peak memory of a process or one of its children; 0 where the system does not report it."""
    peak = 0.0
    with contextlib.suppress(OSError):
        line = re.search(r"^VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"), re.MULTILINE)
        peak = int(line[1]) / 1024 if line else 0.0
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
        peak = max([peak, *(_peak_megabytes(int(child)) for child in children)])
    return peak


def loading() -> float:
    """Return the median milliseconds that the default model takes to load."""
    return 1000 * statistics.median(_seconds(lambda: load_model(resources.default_model())) for _ in range(9))


def training() -> float:
    """Return the seconds that training the default model takes, folds and intervals included."""
    categories = taxonomy.load_taxonomy(ROOT / "data/taxonomy.toml")
    rows = load_examples([ROOT / "data/clauses", ROOT / "data/policies"], categories)
    return _seconds(lambda: train.train(rows, categories, classifier=ClauseClassifier(window=0), n_jobs=-1))


def _seconds(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def _spread(values: Sequence[float], spec: str) -> str:
    return f"{statistics.median(values):{spec}} ({min(values):{spec}}-{max(values):{spec}})"


def tables(measured: dict[str, Any]) -> str:
    """Return the measurements as Markdown."""
    speed, cold, texts = measured["paragraphs_a_second"], measured["cold_start_seconds"], measured["paragraphs"]
    mean = texts["characters"] / texts["number"]
    lines = [
        f"Scorers take turns on one processor with the same {texts['number']:,} paragraphs of {mean:.0f} characters in the "
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
    one, ten, hundred = measured["growth_seconds"]
    batch = measured["files"]
    read = ", ".join(f"{name} {rate:.0f}" for name, rate in measured["reading"].items())
    lines += [
        "",
        f"- Cutting and scoring: a policy ten times as long takes {ten / one:.1f} times the time, "
        f"one a hundred times as long {hundred / one:.0f}.",
        f"- Reading and cutting into clauses, MB/s: {read}.",
        f"- {batch['files']} files ({batch['megabytes']:.0f} MB, the seeds again and again) to JSON lines, MB/s: "
        f"{_spread(batch['jobs 1'], '.1f')} with one process, {_spread(batch['jobs 2'], '.1f')} with two; the largest "
        f"process has {batch['peak_megabytes']:.0f} MB of memory.",
        f"- The model loads in {measured['model_load_milliseconds']:.0f} ms"
        + (
            f"; it learns, with its folds and intervals, in {seconds:.0f} s."
            if (seconds := measured["training_seconds"])
            else "."
        ),
        "",
        f"On {measured['machine']}.",
    ]
    return "\n".join(lines)


def machine() -> str:
    """Describe the processor and the versions of Python and numpy."""
    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        line = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
        name = line[1] if line else name
    return f"{name}, {os.cpu_count()} processors, Python {platform.python_version()}, numpy {np.__version__}"


def main(words: list[str] | None = None) -> int:
    """Measure, print the tables, and write the measurements with --json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, help="file to write the measurements to")
    parser.add_argument("--paragraphs", type=int, default=33_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--copies", type=int, default=300, help="copies of each seed that are tagged as files")
    parser.add_argument("--no-training", action="store_true", help="do not measure training of the default model")
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
        measured = {
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
    print(tables(measured))
    if options.json:
        options.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
