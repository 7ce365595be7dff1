import numpy as np
import pytest

from classifier.evaluation.build import build_report
from classifier.evaluation.cross_validation import Predictions
from classifier.evaluation.plan import SplitPlan
from classifier.evaluation.report import Report
from classifier.types import Example

Y_TRUE = np.array([[1, 0], [1, 1], [0, 1], [0, 0]], dtype=bool)
Y_PRED = np.array([[1, 0], [0, 1], [1, 1], [0, 0]], dtype=bool)


def report(
    y_true: np.ndarray, y_pred: np.ndarray, policies: list[str], mask: np.ndarray | None = None, n_folds: int = 2
) -> Report:
    rows = [
        Example(f"row {k}", policy, f"text {k}", tuple(np.array(["a", "b"])[labels].tolist()))
        for k, (policy, labels) in enumerate(zip(policies, y_true, strict=True))
    ]
    plan = SplitPlan(np.unique(policies, return_inverse=True)[1], n_folds)
    fold_ids = np.arange(len(rows)) % n_folds
    mask = np.ones_like(y_true) if mask is None else mask
    thresholds = np.full((n_folds, 2), 0.5)
    return build_report(
        Predictions(y_true, mask, y_pred, y_pred.astype(float), fold_ids, thresholds, plan), rows, ["a", "b"], "a test"
    )


def test_metrics_follow_from_the_counts() -> None:
    found = report(Y_TRUE, Y_PRED, ["p", "p", "q", "q"])
    a, b = found.per_category
    assert (a.precision.value, a.recall.value, a.f1.value, a.support, a.predicted, a.policies) == (
        0.5,
        0.5,
        0.5,
        2,
        2,
        1,
    )
    assert (b.precision.value, b.recall.value, b.f1.value, b.average_precision.value, b.policies) == (1, 1, 1, 1, 2)
    assert (found.micro_f1.value, found.macro_f1.value) == (0.75, 0.75)
    assert found.micro_f1.low <= 0.75 <= found.micro_f1.high
    assert found.averages["subset_accuracy"].value == 0.5
    assert found.averages["samples_f1"].value == pytest.approx((1 + 2 / 3 + 2 / 3 + 1) / 4)
    assert (found.rows, found.policies, found.unlabelled, found.predicted_unlabelled) == (4, 2, 1, 1)
    assert (found.cardinality, found.predicted_cardinality) == (1.0, 1.0)
    assert found.counts == {"p": ((1, 1), (1, 1), (2, 1)), "q": ((0, 1), (1, 1), (0, 1))}


def test_a_category_that_does_not_occur_is_noted_and_not_averaged() -> None:
    y_true = np.column_stack([Y_TRUE[:, 0], np.zeros(4, dtype=bool)])
    found = report(y_true, y_true, list("pqrs"))
    assert found.macro_f1.value == 1.0
    assert np.isnan(found.per_category[1].f1.value)
    assert "no row has b: not in the macro average, but wrong predictions count in the micro average" in found.notes


def test_a_fold_without_a_category_is_noted() -> None:
    found = report(Y_TRUE, Y_PRED, list("pqrs"), n_folds=4)
    assert "no row of folds 3, 4 has a" in found.notes
    assert "no row of folds 1, 4 has b" in found.notes


def test_unknown_labels_are_not_scored() -> None:
    mask = np.array([[True, True], [False, True], [False, True], [True, True]])
    found = report(Y_TRUE, Y_PRED, list("pqrs"), mask)
    assert (found.per_category[0].f1.value, found.per_category[0].support, found.per_category[0].known) == (1.0, 1, 2)
    assert found.averages["subset_accuracy"].value == 1.0
    assert found.mistakes == ()


def test_intervals_cover_95_percent() -> None:
    """Forty policies, half all right and half all wrong: the number of right ones is binomial."""
    y_true = np.ones((40, 2), dtype=bool)
    y_pred = np.repeat([[True, True], [False, False]], 20, axis=0)
    _, low, high = report(y_true, y_pred, [f"p{i}" for i in range(40)]).micro_f1
    recall = np.array([low / (2 - low), high / (2 - high)])  # F1 = 2r / (1 + r) where precision is 1
    assert np.allclose(recall, [0.5 - 1.96 * np.sqrt(0.25 / 40), 0.5 + 1.96 * np.sqrt(0.25 / 40)], atol=0.03)


def test_the_bootstrap_draws_policies_not_rows() -> None:
    """Rows of a policy that are right or wrong together count as one observation."""
    single = report(
        np.ones((40, 2), dtype=bool), np.repeat([[True] * 2, [False] * 2], 20, axis=0), [f"{i}" for i in range(40)]
    )
    y_true, y_pred = np.ones((400, 2), dtype=bool), np.repeat([[True] * 2, [False] * 2], 200, axis=0)
    tenfold = report(y_true, y_pred, [f"{i // 10}" for i in range(400)])
    assert tenfold.micro_f1.high - tenfold.micro_f1.low == pytest.approx(
        single.micro_f1.high - single.micro_f1.low, rel=0.1
    )


def test_the_worst_mistakes_come_first() -> None:
    found = report(Y_TRUE, Y_PRED, list("pqrs"))
    assert [(m.id, m.category, m.given, m.score) for m in found.mistakes] == [
        ("row 1", "a", True, 0.0),
        ("row 2", "a", False, 1.0),
    ]
    assert (found.mistakes[0].labels, found.mistakes[0].predicted, found.mistakes[0].text) == (
        ("a", "b"),
        ("b",),
        "text 1",
    )
    assert found.confusion == ((0, 0, 1), (0, 0, 0), (1, 0, 0))


def test_draws_without_a_scored_row_are_left_out() -> None:
    mask = np.array([[True, True], [True, True], [False, False], [False, False]])
    found = report(Y_TRUE & mask, Y_PRED & mask, list("pqrs"), mask)
    value, low, high = found.averages["subset_accuracy"]
    assert (value, low, high) == (0.5, 0.0, 1.0)
    found = report(Y_TRUE & False, Y_PRED, list("pqrs"), mask & False)
    assert np.isnan([found.averages["samples_f1"].value, found.averages["subset_accuracy"].value]).all()
