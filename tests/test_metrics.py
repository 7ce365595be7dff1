import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from classifier.evaluation import metrics
from classifier.evaluation.metrics import Counts

RANDOM = np.random.default_rng(0)
Y_TRUE = RANDOM.random((80, 4)) > 0.7
Y_PRED = RANDOM.random((80, 4)) > 0.6
SCORES = np.round(RANDOM.random((80, 4)) * 0.5 + Y_TRUE * 0.3, 1)
MASK = np.ones((80, 4), dtype=bool)
GROUPS = np.arange(80) % 7


@pytest.mark.parametrize("groups", [GROUPS, np.zeros(80, dtype=np.intp)], ids=["seven groups", "one group"])
def test_metrics_equal_those_of_scikit_learn(groups: np.ndarray) -> None:
    counts = Counts.of(Y_TRUE, Y_PRED, MASK, groups).weighted(np.ones(groups.max() + 1))
    assert np.allclose(counts.f1, f1_score(Y_TRUE, Y_PRED, average=None))
    assert np.allclose(counts.precision, precision_score(Y_TRUE, Y_PRED, average=None))
    assert np.allclose(counts.recall, recall_score(Y_TRUE, Y_PRED, average=None))
    assert np.isclose(counts.pooled().f1, f1_score(Y_TRUE, Y_PRED, average="micro"))
    assert np.isclose(metrics.macro(counts.f1), f1_score(Y_TRUE, Y_PRED, average="macro"))


def test_unknown_labels_count_nowhere() -> None:
    mask = RANDOM.random((80, 4)) > 0.3
    counts = Counts.of(Y_TRUE, Y_PRED, mask, np.zeros(80, dtype=np.intp)).weighted(np.ones(1))
    for j in range(4):
        assert np.isclose(counts.f1[j], f1_score(Y_TRUE[mask[:, j], j], Y_PRED[mask[:, j], j]))


def test_undefined_metrics_are_nan_and_not_averaged() -> None:
    y_true = Y_TRUE.copy()
    y_true[:, 2] = False
    counts = Counts.of(y_true, Y_PRED, MASK, GROUPS).weighted(np.ones(7))
    assert np.isnan(counts.f1[2])
    assert np.isnan(counts.recall[2])
    assert np.isclose(metrics.macro(counts.f1), np.delete(counts.f1, 2).mean())


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1))
def test_average_precision_equals_scikit_learn_even_with_ties(rows: list[tuple[bool, int]]) -> None:
    y_true, scores = np.array([row[0] for row in rows]), np.array([row[1] / 5 for row in rows])
    ours = metrics.average_precision(y_true, scores)
    assert np.isclose(ours, average_precision_score(y_true, scores)) if y_true.any() else np.isnan(ours)


@pytest.mark.parametrize("share", [0.3, 0.05, 0.002], ids=["common", "rare", "very rare"])
def test_drawn_average_precision_equals_that_of_weighted_rows(share: float) -> None:
    y_true, scores = RANDOM.random(3000) < share, np.round(RANDOM.random(3000), 3)
    scores += y_true * 0.3
    groups = RANDOM.integers(0, 40, 3000)
    weights = metrics.draws(40)[:20]
    weights = weights[(weights[:, groups] * y_true).any(axis=1)]
    ours = metrics.average_precision_draws(y_true, scores, groups, weights)
    theirs = [average_precision_score(y_true, scores, sample_weight=drawn[groups]) for drawn in weights]
    assert np.allclose(ours, theirs)
    assert np.isnan(metrics.average_precision_draws(y_true[:0], scores[:0], groups[:0], weights)).all()


def test_the_curve_goes_from_the_first_hit_to_full_recall() -> None:
    curve = metrics.precision_recall_curve(Y_TRUE[:, 0], SCORES[:, 0])
    assert curve[-1][0] == 1.0
    assert [point[0] for point in curve] == sorted(point[0] for point in curve)
    assert metrics.precision_recall_curve(np.zeros(3, dtype=bool), SCORES[:3, 0]) == []


def test_samples_f1_is_one_for_a_row_without_actual_or_predicted_labels() -> None:
    y_true = np.array([[True, False], [False, False], [False, False]])
    y_pred = np.array([[True, True], [False, False], [True, False]])
    assert metrics.samples_f1(y_true, y_pred, np.ones_like(y_true)).round(3).tolist() == [0.667, 1.0, 0.0]


def test_presence_absence_flatters() -> None:
    counts = Counts.of(Y_TRUE, Y_PRED, MASK, GROUPS).weighted(np.ones(7))
    both = [
        (f1_score(Y_TRUE[:, j], Y_PRED[:, j]) + f1_score(~Y_TRUE[:, j], ~Y_PRED[:, j])) / 2
        for j in range(Y_TRUE.shape[1])
    ]
    assert np.isclose(metrics.presence_absence_f1(counts, np.full(4, 80.0)), np.mean(both))
    assert metrics.presence_absence_f1(counts, np.full(4, 80.0)) > metrics.macro(counts.f1)


def test_calibrated_scores_have_no_calibration_error() -> None:
    scores = np.repeat([0.25, 0.75], 400)
    y_true = np.concatenate([np.arange(400) % 4 == 0, np.arange(400) % 4 != 0])
    assert metrics.calibration_error(metrics.reliability(y_true, scores)) == pytest.approx(0.0)
    assert metrics.calibration_error(metrics.reliability(~y_true, scores)) == pytest.approx(0.5)
    assert np.isnan(metrics.calibration_error([]))
    assert metrics.reliability(np.array([True]), np.array([1.0]))[0].size == 1


def test_confusion_counts_labels_predicted_in_place_of_others() -> None:
    y_true = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 1, 0]], dtype=bool)
    y_pred = np.array([[0, 1, 0], [0, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 1]], dtype=bool)
    assert metrics.confusion(y_true, y_pred, np.ones_like(y_true)).tolist() == [
        [0, 1, 1, 1],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 1, 0],
    ]


def test_intervals_ignore_undefined_draws() -> None:
    assert metrics.interval(np.array([np.nan, 1.0, 1.0])) == (1.0, 1.0)
    assert np.isnan(metrics.interval(np.array([np.nan]))[0])
