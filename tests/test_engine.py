import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.datasets.rows import load_examples
from classifier.model import export, tokenizer
from classifier.model import scorer as engine
from classifier.model.persistence import load_model
from classifier.readers.registry import read
from classifier.segmentation import segment
from classifier.taxonomy import Taxonomy
from classifier.training.train import train
from tests.conftest import ROOT, SEEDS

MODEL = load_model(ROOT / "models/default")
PIPELINE = export.pipeline(MODEL)
WORDS = st.sampled_from(
    [
        "cookies",
        "we",
        "share",
        "not",
        "data",
        "children",
        "é",
        "🍪",
        "\0",
        "1999",
        "a@b",
        "ß",
        "İ",
        "數據",
        "\x1e",
        "\u0301",
        "שלום",
    ]
)


def expected(texts: list[str]) -> np.ndarray:
    return np.column_stack([column[:, 1] for column in PIPELINE.predict_proba(texts)])


@settings(max_examples=200)
@given(st.lists(st.one_of(st.text(), st.lists(WORDS).map(" ".join)), min_size=1, max_size=5))
def test_scores_equal_those_of_scikit_learn(texts: list[str]) -> None:
    assert np.allclose(engine.probabilities(texts, MODEL), expected(texts), atol=1e-12)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_scores_of_the_seeds_equal_those_of_scikit_learn(path) -> None:  # type: ignore[no-untyped-def]
    texts = [clause.text for clause in segment(read(path))]
    scores = engine.probabilities(texts, MODEL)
    assert np.abs(scores - expected(texts)).max() < 1e-12
    assert ((scores >= MODEL.thresholds) == (PIPELINE.predict(texts) == 1)).all()


def test_scores_of_a_model_with_a_window_equal_those_of_scikit_learn(labelled: Path, taxonomy: Taxonomy) -> None:
    fitted, _, _ = train(load_examples([labelled], taxonomy), taxonomy)
    texts = [
        "We retain your cookies, and cookies retain you.",
        "",
        "Logs are retained.",
        "How long do we store cookies?\n\x1eLogs of cookies are retained, and we store the records for a year",
    ]
    theirs = np.column_stack([column[:, 1] for column in export.pipeline(fitted).predict_proba(texts)])
    assert np.abs(engine.probabilities(texts, fitted) - theirs).max() < 1e-12
    with pytest.MonkeyPatch.context() as patch:
        for characters in (5, 40):
            patch.setattr(engine, "CHARACTERS", characters)
            patch.setattr(tokenizer, "CHARACTERS", characters)
            assert np.abs(engine.probabilities(texts, fitted) - theirs).max() < 1e-12


@given(st.lists(st.lists(WORDS).map(" ".join), min_size=1, max_size=5), st.integers(1, 60))
def test_a_score_does_not_depend_on_how_texts_are_cut(texts: list[str], characters: int) -> None:
    whole = engine.log_odds(texts, MODEL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "CHARACTERS", characters)
        patch.setattr(tokenizer, "CHARACTERS", characters)
        assert np.allclose(engine.log_odds(texts, MODEL), whole, atol=1e-12)
        assert [part.tolist() for part in engine.tfidf(texts, MODEL)[:2]] == [
            part.tolist() for part in np.nonzero(PIPELINE[0].transform(texts).toarray())
        ]


def test_a_score_does_not_depend_on_its_batch() -> None:
    texts = [f"we keep log {number} of cookies" for number in range(2 * engine.CHARACTERS // 20)]
    assert (
        engine.log_odds(texts, MODEL)[::997] == np.vstack([engine.log_odds([t], MODEL) for t in texts[::997]])
    ).all()


@pytest.mark.parametrize(
    "text", ["x" * 2**20, "cookies " * 2**18, "é" * 2**19, "a@b.org " * 2**16], ids=lambda t: t[:8]
)
def test_a_long_text_is_scored_as_scikit_learn_does(text: str) -> None:
    assert np.abs(engine.probabilities([text], MODEL) - expected([text])).max() < 1e-12


def test_no_texts_give_no_scores_and_an_empty_text_gives_the_intercept() -> None:
    assert engine.log_odds([], MODEL).shape == (0, len(MODEL.taxonomy))
    assert [part.shape for part in engine.tfidf([], MODEL)] == [(0,), (0,), (0,)]
    assert np.allclose(engine.log_odds(["", "\n"], MODEL), MODEL.intercept)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators have other habits")
def test_memory_of_arrays_stays_with_the_process() -> None:
    script = """
import resource
from classifier import engine, load
texts = [f"We keep log {k} of the cookies that you share with us for {k} days." * 6 for k in range(1000)]
model = load().model
engine.log_odds(texts, model)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    engine.log_odds(texts, model)
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 10)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=ROOT, check=True, text=True)
    assert float(done.stdout) < 100  # pages asked for anew in each batch
