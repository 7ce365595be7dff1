import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.datasets.rows import load_examples
from classifier.model import export, scorer, tokenizer
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


@pytest.mark.slow
@settings(max_examples=200)
@given(st.lists(st.one_of(st.text(), st.lists(WORDS).map(" ".join)), min_size=1, max_size=5))
def test_scores_equal_those_of_scikit_learn(texts: list[str]) -> None:
    assert np.allclose(scorer.probabilities(texts, MODEL), expected(texts), atol=1e-12)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_scores_of_the_seeds_equal_those_of_scikit_learn(path) -> None:  # type: ignore[no-untyped-def]
    texts = [clause.text for clause in segment(read(path))]
    scores = scorer.probabilities(texts, MODEL)
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
    assert np.abs(scorer.probabilities(texts, fitted) - theirs).max() < 1e-12
    with pytest.MonkeyPatch.context() as patch:
        for characters in (5, 40):
            patch.setattr(scorer, "BATCH_CHARACTERS", characters)
            patch.setattr(tokenizer, "BATCH_CHARACTERS", characters)
            assert np.abs(scorer.probabilities(texts, fitted) - theirs).max() < 1e-12


@given(st.lists(st.lists(WORDS).map(" ".join), min_size=1, max_size=5), st.integers(1, 60))
def test_a_score_does_not_depend_on_how_texts_are_cut(texts: list[str], characters: int) -> None:
    whole = scorer.log_odds(texts, MODEL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scorer, "BATCH_CHARACTERS", characters)
        patch.setattr(tokenizer, "BATCH_CHARACTERS", characters)
        assert np.allclose(scorer.log_odds(texts, MODEL), whole, atol=1e-12)
        assert [part.tolist() for part in scorer.tfidf(texts, MODEL)[:2]] == [
            part.tolist() for part in np.nonzero(PIPELINE[0].transform(texts).toarray())
        ]


def test_a_score_does_not_depend_on_its_batch() -> None:
    texts = [f"we keep log {number} of cookies" for number in range(2 * tokenizer.BATCH_CHARACTERS // 20)]
    assert (
        scorer.log_odds(texts, MODEL)[::997] == np.vstack([scorer.log_odds([t], MODEL) for t in texts[::997]])
    ).all()


@pytest.mark.parametrize(
    "text", ["x" * 2**20, "cookies " * 2**18, "é" * 2**19, "a@b.org " * 2**16], ids=lambda t: t[:8]
)
def test_a_long_text_is_scored_as_scikit_learn_does(text: str) -> None:
    assert np.abs(scorer.probabilities([text], MODEL) - expected([text])).max() < 1e-12


def test_no_texts_give_no_scores_and_an_empty_text_gives_the_intercept() -> None:
    assert scorer.log_odds([], MODEL).shape == (0, len(MODEL.taxonomy))
    assert [part.shape for part in scorer.tfidf([], MODEL)] == [(0,), (0,), (0,)]
    assert np.allclose(scorer.log_odds(["", "\n"], MODEL), MODEL.intercept)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators behave differently")
def test_memory_of_arrays_is_reused() -> None:
    script = """
import resource
from classifier import load
from classifier.model.scorer import log_odds
texts = [f"We keep log {k} of the cookies that you share with us for {k} days." * 6 for k in range(1000)]
model = load().model
log_odds(texts, model)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    log_odds(texts, model)
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 10)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=ROOT, check=True, text=True)
    assert float(done.stdout) < 100  # page faults per batch
