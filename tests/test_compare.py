from dataclasses import replace

import numpy as np
import pytest

from classifier.errors import DataError
from classifier.evaluation.build import build_report
from classifier.evaluation.cross_validation import Predictions
from classifier.evaluation.plan import SplitPlan
from classifier.evaluation.report import Report
from classifier.evaluation.significance import compare_reports
from classifier.types import Example

CATEGORIES = ("a", "b")
ROWS = [Example(f"{p}-{k}", f"p{p}", "x", ("a",) if k % 2 else ("b",)) for p in range(30) for k in range(6)]
Y_TRUE = np.array([[id in row.labels for id in CATEGORIES] for row in ROWS])


def report(y_pred: np.ndarray, rows: list[Example] = ROWS) -> Report:
    plan = SplitPlan(np.unique([row.policy for row in rows], return_inverse=True)[1], 1)
    fold_ids = np.zeros(len(rows), dtype=np.intp)
    y_true = np.array([[id in row.labels for id in CATEGORIES] for row in rows])
    return build_report(
        Predictions(y_true, np.ones_like(y_true), y_pred, y_pred.astype(float), fold_ids, np.full((1, 2), 0.5), plan),
        rows,
        CATEGORIES,
        "a test",
    )


def test_a_report_does_not_differ_from_itself() -> None:
    same = compare_reports(report(Y_TRUE), report(Y_TRUE))
    assert same.policies == 30
    assert [(row.name, tuple(row.difference), row.p) for row in same.differences] == [
        (name, (0.0, 0.0, 0.0), 1.0) for name in ("micro", "macro", "a", "b")
    ]


def test_an_improvement_in_every_policy_is_significant() -> None:
    worse = Y_TRUE.copy()
    worse[::6] = False
    micro = compare_reports(report(worse), report(Y_TRUE)).differences[0]
    assert micro.difference.low > 0
    assert 0 < micro.p < 0.01


@pytest.mark.slow
def test_noise_is_significant_in_one_of_twenty_cases() -> None:
    fooled = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        first, second = (Y_TRUE ^ (random.random(Y_TRUE.shape) < 0.2) for _ in range(2))
        micro = compare_reports(report(first), report(second)).differences[0]
        assert (micro.p < 0.05) == (not micro.difference.low <= 0 <= micro.difference.high)
        fooled += micro.p < 0.05
    assert fooled / 60 < 0.12


def test_pairing_makes_the_comparison_sharper() -> None:
    """Policies differ much and B is slightly better in most: the intervals of A and B overlap, that of B - A excludes 0."""
    random = np.random.default_rng(1)
    hard = np.repeat(random.random(30) * 0.6, 6)[:, None]
    first = Y_TRUE & (random.random(Y_TRUE.shape) > hard)
    second = first | (Y_TRUE & (random.random(Y_TRUE.shape) < 0.4))
    a, b = report(first), report(second)
    assert a.micro_f1.high > b.micro_f1.low
    assert compare_reports(a, b).differences[0].difference.low > 0


@pytest.mark.parametrize(
    ("other", "message"),
    [
        pytest.param(
            replace(report(Y_TRUE), counts={"q": ((1, 1), (1, 1), (1, 1))}),
            "score different policies: only one has p0",
            id="policies",
        ),
        pytest.param(
            report(Y_TRUE[:-1], ROWS[:-1]), "different rows or labels: their counts of 'a' in p29 differ", id="labels"
        ),
        pytest.param(replace(report(Y_TRUE), counts={}), "B: has no counts per policy", id="summary"),
        pytest.param(replace(report(Y_TRUE), per_category=()), "no category in common", id="categories"),
    ],
)
def test_reports_on_other_rows_cannot_be_compared(other: Report, message: str) -> None:
    with pytest.raises(DataError, match=message):
        compare_reports(report(Y_TRUE), other)
