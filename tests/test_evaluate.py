from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from classifier import evaluate
from classifier.estimator import ClauseClassifier
from classifier.types import Example

TRUTH = np.array([[1, 0], [1, 1], [0, 1], [0, 0]], dtype=bool)
HITS = np.array([[1, 0], [0, 1], [1, 1], [0, 0]], dtype=bool)


def examples(n_policies: int = 6) -> list[Example]:
    return [
        Example(f"{policy}-{kind}", f"p{policy}", text.format(policy), labels)
        for policy in range(n_policies)
        for kind, (text, labels) in enumerate(
            [
                ("we keep logs for {} years", ("retention",)),
                ("cookies of site {}", ("cookies",)),
                ("welcome to shop {}", ()),
            ]
            * 2
        )
    ]


def report(truth: np.ndarray, hits: np.ndarray, policies: list[str]) -> evaluate.Report:
    return evaluate.report(evaluate.OutOfFold(truth, hits, hits.astype(float), 2, True), ["a", "b"], policies)


def cross_validate(
    model: ClauseClassifier, rows: list[Example], categories: list[str], **options: Any
) -> evaluate.Report:
    return evaluate.report(
        evaluate.out_of_fold(model, rows, categories, **options), categories, [row.policy for row in rows]
    )


def test_figures_are_those_of_the_counts() -> None:
    figures = report(TRUTH, HITS, ["p", "p", "q", "q"])
    a, b = figures.figures
    assert (a.precision, a.recall, a.f1, a.support, a.predicted) == (0.5, 0.5, 0.5, 2, 2)
    assert (b.precision, b.recall, b.f1, b.average_precision) == (1.0, 1.0, 1.0, 1.0)
    assert (figures.micro_f1, figures.macro_f1) == (0.75, 0.75)
    assert figures.micro_interval[0] <= figures.micro_f1 <= figures.micro_interval[1]
    assert figures.to_dict()["figures"][0]["f1"] == 0.5


def test_a_category_that_does_not_occur_is_not_averaged() -> None:
    truth = np.column_stack([TRUTH[:, 0], np.zeros(4, dtype=bool)])
    figures = report(truth, truth, list("pqrs"))
    assert figures.macro_f1 == 1.0
    assert figures.figures[1].f1 == 0.0


def test_each_fold_is_scored_by_a_model_that_has_not_seen_its_policies() -> None:
    """A word that only one policy has tells its category; who has seen the policy knows it, who has not cannot."""
    rows = [
        Example(f"{p}-{i}", f"p{p}", f"word{p} word{p}", ("x",) if p % 2 else ()) for p in range(10) for i in range(6)
    ]
    figures = cross_validate(ClauseClassifier(cv=2), rows, ["x"], n_folds=5)
    assert figures.figures[0].average_precision < 0.9
    assert (figures.by_policy, figures.policies, figures.n_folds) == (True, 10, 5)


def test_learnable_rows_are_learned_and_the_figures_come_out_twice() -> None:
    ticks: list[None] = []
    first, second = (
        cross_validate(
            ClauseClassifier(cv=3), examples(), ["retention", "cookies"], n_folds=3, tick=lambda: ticks.append(None)
        )
        for _ in range(2)
    )
    assert first == second
    assert first.micro_f1 > 0.9
    assert len(ticks) == 6


def test_labels_of_a_policy_cannot_change_its_own_predictions() -> None:
    """Exchange labels among the rows of one policy: what is said of its rows, thresholds included, stays as it was."""
    rows = examples()
    own = [number for number, row in enumerate(rows) if row.policy == "p0"]
    turned = list(rows)
    for number, other in zip(own, own[1:] + own[:1], strict=True):
        turned[number] = replace(rows[number], labels=rows[other].labels)
    first, second = (
        evaluate.out_of_fold(ClauseClassifier(cv=3), data, ["retention", "cookies"], n_folds=6)
        for data in (rows, turned)
    )
    assert (first.truth[own] != second.truth[own]).any()
    assert (first.scores[own] == second.scores[own]).all()
    assert (first.hits[own] == second.hits[own]).all()


def test_intervals_hold_95_per_cent() -> None:
    """Forty policies, half all right and half all wrong: the share of right ones is binomial."""
    truth = np.ones((40, 1), dtype=bool)
    hits = np.repeat([[True], [False]], 20, axis=0)
    predicted = evaluate.OutOfFold(truth, hits, hits.astype(float), 2, True)
    low, high = evaluate.report(predicted, ["a"], [f"p{i}" for i in range(40)]).micro_interval
    recall = np.array([low / (2 - low), high / (2 - high)])  # F1 = 2r / (1 + r) where precision is 1
    assert np.allclose(recall, [0.5 - 1.96 * np.sqrt(0.25 / 40), 0.5 + 1.96 * np.sqrt(0.25 / 40)], atol=0.03)


def test_one_policy_is_split_by_row_and_said_so() -> None:
    rows = [Example(f"{i}", "p", e.text, e.labels) for i, e in enumerate(examples())]
    figures = cross_validate(ClauseClassifier(cv=3), rows, ["retention", "cookies"], n_folds=3)
    assert not figures.by_policy


def test_a_few_rows_are_too_few() -> None:
    with pytest.raises(ValueError, match="2 labelled rows are too few"):
        cross_validate(ClauseClassifier(), [Example("a", "p", "x", ()), Example("b", "p", "y", ())], ["x"])
