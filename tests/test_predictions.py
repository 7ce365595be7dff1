from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from classifier.datasets.splits import assign_folds
from classifier.evaluation import cross_validation, matrices
from classifier.evaluation.cross_validation import Predictions, cross_val_predict, predict_held_out
from classifier.evaluation.plan import make_plan
from classifier.model import estimator
from classifier.model.estimator import ClauseClassifier
from classifier.model.training_matrix import RationaleSentences
from classifier.types import Example, Rationale

CATEGORIES = ["retention", "cookies"]


def examples(n_policies: int = 6) -> list[Example]:
    return [
        Example(f"{policy}-{number}", f"p{policy}", text.format(policy), labels)
        for policy in range(n_policies)
        for number, (text, labels) in enumerate(
            [
                ("we keep logs for {} years", ("retention",)),
                ("cookies of site {}", ("cookies",)),
                ("welcome to shop {}", ()),
            ]
            * 2
        )
    ]


def predict(model: ClauseClassifier, rows: list[Example], **options: Any) -> Predictions:
    return cross_val_predict(model, rows, CATEGORIES, **options)


def test_each_fold_is_scored_by_a_model_that_has_not_seen_its_policies() -> None:
    """Each policy has a word of its own, which reveals its category only to a model that has seen the policy."""
    rows = [
        Example(f"{p}-{i}", f"p{p}", f"word{p} word{p}", ("cookies",) if p % 2 else ())
        for p in range(10)
        for i in range(6)
    ]
    found = predict(ClauseClassifier(cv=2, min_df=1), rows)
    scores = found.scores[:, 1]
    assert abs(scores[found.y_true[:, 1]].mean() - scores[~found.y_true[:, 1]].mean()) < 0.1
    for policy in range(10):
        assert len(set(found.fold_ids[policy * 6 : policy * 6 + 6].tolist())) == 1


def test_near_duplicates_are_in_one_fold() -> None:
    """Sister sites reveal each other's labels: if they were split, random labels could be predicted."""
    random = np.random.default_rng(0)
    rows = []
    for p in range(12):
        words = [" ".join(f"w{random.integers(10_000)}" for _ in range(12)) for _ in range(6)]
        labels = [("cookies",) if random.random() < 0.5 else () for _ in words]
        for site in ("a", "b"):
            rows += [
                Example(f"{p}{site}{k}", f"{p}{site}", text, label)
                for k, (text, label) in enumerate(zip(words, labels, strict=True))
            ]
    found = predict(ClauseClassifier(cv=3), rows)
    fold_of = {row.policy: part for row, part in zip(rows, found.fold_ids.tolist(), strict=True)}
    assert all(fold_of[f"{p}a"] == fold_of[f"{p}b"] for p in range(12))
    right = (found.scores[:, 1] >= np.median(found.scores[:, 1])) == found.y_true[:, 1]
    assert right.mean() < 0.7
    assert "near-duplicate policies are kept in one fold: 0a, 0b; 10a, 10b; 11a, 11b; 1a, 1b; ..." in found.plan.notes


def test_predictions_are_deterministic_and_progress_is_reported_per_fold() -> None:
    calls: list[None] = []
    first, second = (
        predict(ClauseClassifier(cv=3), examples(), n_folds=3, on_progress=lambda: calls.append(None)) for _ in range(2)
    )
    assert (first.scores == second.scores).all()
    assert (first.y_pred == first.y_true).mean() > 0.9
    assert len(calls) == 6


def turned(rows: list[Example], policy: str) -> tuple[list[int], list[Example]]:
    """Exchange the labels among the rows of one policy."""
    own = [number for number, row in enumerate(rows) if row.policy == policy]
    result = list(rows)
    for number, other in zip(own, own[1:] + own[:1], strict=True):
        result[number] = replace(rows[number], labels=rows[other].labels)
    return own, result


def test_labels_of_a_policy_cannot_change_its_own_predictions() -> None:
    """Scores, labels and thresholds of its rows stay the same."""
    rows = examples()
    own, other = turned(rows, "p0")
    first, second = (predict(ClauseClassifier(cv=3), data, n_folds=6) for data in (rows, other))
    assert (first.y_true[own] != second.y_true[own]).any()
    assert (first.scores[own] == second.scores[own]).all()
    assert (first.y_pred[own] == second.y_pred[own]).all()
    part = first.fold_ids[own[0]]
    assert (first.thresholds[part] == second.thresholds[part]).all()
    assert (first.thresholds != second.thresholds).any()


def test_labels_that_are_scored_cannot_change_a_held_out_prediction() -> None:
    rows = examples()
    own, other = turned(rows, "p0")
    learned = [row for row in rows if row.policy != "p0"]
    first, second = (
        predict_held_out(ClauseClassifier(cv=3), learned, [data[k] for k in own], CATEGORIES) for data in (rows, other)
    )
    assert (first.y_true != second.y_true).any()
    assert (first.scores == second.scores).all()
    assert (first.thresholds == second.thresholds).all()


def test_rows_with_rationales_are_split_into_sentences_with_vote_shares() -> None:
    text = "We keep logs. Cookies are small. We sell none."
    marks = ((Rationale("retention", 3, 7), Rationale("cookies", 10, 20)), (), (Rationale("retention", 0, 13),))
    people = (("retention", "cookies"), (), ("retention",))
    rows = [
        Example("a", "p", "We keep logs.", ("retention",), rationales=(marks[2],)),  # a single sentence
        Example("b", "p", text, ("retention",), ("Data",), "As follows:", annotations=people, rationales=marks),
        Example("c", "p", text, ()),  # without rationales
        Example(
            "d", "p", "Welcome. Hello.", (), annotations=((), ()), rationales=((), ())
        ),  # no rationale by either person
    ]
    found = matrices.rationale_sentences(rows, CATEGORIES)
    assert found is not None
    assert list(found.rows) == [1, 1, 1, 3, 3]
    assert [text.split("\x1e")[-1] for text in found.texts[:3]] == [
        "We keep logs.",
        "Cookies are small.",
        "We sell none.",
    ]
    assert found.texts[0].startswith("Data\nAs follows:\n")
    assert np.allclose(found.shares, [[2 / 3, 1 / 3], [0, 1 / 3], [0, 0], [0, 0], [0, 0]])
    assert matrices.rationale_sentences(rows[::2], CATEGORIES) is None


@pytest.mark.parametrize(
    "marks", [(), (Rationale("cookies", 13, 14),)], ids=["no rationale", "a rationale of white space"]
)
def test_a_label_without_a_rationale_applies_to_every_sentence(marks: tuple[Rationale, ...]) -> None:
    """A sentence without a rationale must not count against a label that has no rationales at all."""
    retention = Rationale("retention", 0, 13)
    row = Example("a", "p", "We keep logs. Cookies too.", ("retention", "cookies"), rationales=((retention, *marks),))
    found = matrices.rationale_sentences([row], CATEGORIES)
    assert found is not None
    assert np.asarray(found.shares).tolist() == [[1, 1], [0, 1]]


def test_sentences_follow_the_chosen_rows() -> None:
    rationales = RationaleSentences(["a", "b", "c", "d"], np.eye(4), [1, 1, 4, 7])
    some = matrices.sentences_of_rows(rationales, np.array([1, 3, 7]))
    assert some is not None
    assert (some.texts, list(some.rows)) == (["a", "b", "d"], [0, 0, 2])
    assert (np.asarray(some.shares) == np.eye(4)[[0, 1, 3]]).all()


def test_rationales_of_a_policy_cannot_change_its_own_predictions() -> None:
    """Sentences of scored rows are not among those that their model learned from."""
    rows = [replace(row, text=f"{row.text}. And here is more.", rationales=((),)) for row in examples()]
    own = [k for k, row in enumerate(rows) if row.policy == "p0"]
    told = [
        replace(row, rationales=((Rationale("cookies", 0, 99),),)) if k in own else row for k, row in enumerate(rows)
    ]
    first, second = (predict(ClauseClassifier(cv=3), data, n_folds=6) for data in (rows, told))
    part = first.fold_ids[own[0]]
    assert (first.scores[own] == second.scores[own]).all()
    assert (first.thresholds[part] == second.thresholds[part]).all()
    assert (first.scores != second.scores).any()
    assert second.plan.description == "6 folds by policy, with rationales"


def test_unknown_labels_are_neither_learned_nor_scored() -> None:
    """Rows of a corpus that never annotated cookies do not count against cookies."""
    rows = examples(8)
    half = [
        replace(row, labels=tuple(id for id in row.labels if id != "cookies"), unknown=("cookies",))
        if int(row.policy[1:]) % 2
        else row
        for row in rows
    ]
    denied = [replace(row, unknown=()) for row in half]
    honest, wrong = (predict(ClauseClassifier(cv=3), data, n_folds=4) for data in (half, denied))
    cookies = [number for number, row in enumerate(rows) if row.labels == ("cookies",)]
    assert honest.mask[cookies, 1].sum() == len(cookies) / 2
    assert honest.mask[:, 0].all()
    assert honest.scores[cookies, 1].mean() > wrong.scores[cookies, 1].mean() + 0.1


def test_a_share_of_the_policies_keeps_the_same_folds() -> None:
    rows = examples(12)
    whole = predict(ClauseClassifier(cv=2), rows, n_folds=3)
    some = predict(ClauseClassifier(cv=2), rows, n_folds=3, share=0.25, split=whole.plan)
    assert (whole.fold_ids == some.fold_ids).all()
    assert (whole.scores != some.scores).any()


def test_one_policy_is_split_by_row_with_a_note() -> None:
    rows = [replace(row, policy="p") for row in examples()]
    found = predict(ClauseClassifier(cv=3), rows, n_folds=3)
    assert found.plan.groups is None
    assert found.plan.description == "3 folds by row"
    assert "all rows are of one policy" in found.plan.notes[0]


def test_policies_that_are_all_near_duplicates_are_split_with_a_note() -> None:
    text = "we keep logs as long as it is needed by law or by the people who run the site"
    rows = [Example(f"{k}", f"p{k % 4}", text, ("retention",) if k % 3 else ()) for k in range(24)]
    found = make_plan(rows, 5)
    assert found.n_folds == 4
    assert "all 4 policies share much of their text" in found.notes[0]


def test_auxiliary_rows_of_scored_policies_are_dropped() -> None:
    rows = examples(6)
    long = " ".join(f"unheard{k}" for k in range(200))
    elsewhere = [
        Example("x-1", rows[0].policy, f"Cookies again. {long}", ("cookies",)),  # the same name, another text
        *(replace(row, id=f"copy-{row.id}", policy="copy") for row in rows if row.policy == rows[0].policy),
    ]
    found = make_plan(rows, 3, elsewhere)
    assert [row.id for row in found.auxiliary] == ["x-1"]
    assert "not learned from, since they are scored too: copy" in found.notes
    assert found.description.endswith("learning from 1 rows from elsewhere too")
    assert make_plan(rows, 3).groups.tolist() == found.groups.tolist()  # type: ignore[union-attr]


def test_auxiliary_rows_change_scores_but_neither_labels_nor_folds() -> None:
    rows = examples(6)
    taught = [Example(f"t{k}", f"t{k}", "A biscuit is a cookie.", ("cookies",)) for k in range(8)]
    alone = cross_val_predict(ClauseClassifier(cv=2), rows, CATEGORIES, n_folds=3)
    plan = make_plan(rows, 3, taught)
    helped = cross_val_predict(ClauseClassifier(cv=2), rows, CATEGORIES, n_folds=3, split=plan)
    assert (helped.y_true == alone.y_true).all()
    assert (helped.fold_ids == alone.fold_ids).all()
    assert (helped.scores != alone.scores).any()


def test_fewer_policies_than_folds_are_noted() -> None:
    found = make_plan(examples(3), 5)
    assert (found.n_folds, found.notes) == (
        3,
        ("there are only 3 policies to split, so there are 3 folds instead of 5",),
    )


def test_two_rows_are_too_few() -> None:
    with pytest.raises(ValueError, match="2 labeled rows are too few"):
        predict(ClauseClassifier(), [Example("a", "p", "x", ()), Example("b", "p", "y", ())])


def test_a_splitter_that_splits_policies_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folds by row leak the labels, and the tests above would fail."""
    rows = [
        Example(f"{p}-{i}", f"p{p}", f"word{p} word{p}", ("cookies",) if p % 2 else ())
        for p in range(10)
        for i in range(6)
    ]
    by_row = assign_folds
    for module in (cross_validation, estimator):  # the folds of the evaluation, and those of the calibration inside
        monkeypatch.setattr(module, "assign_folds", lambda target, groups, n, seed=0: by_row(target, None, n, seed))
    found = predict(ClauseClassifier(cv=2, min_df=1), rows)
    scores = found.scores[:, 1]
    assert scores[found.y_true[:, 1]].mean() - scores[~found.y_true[:, 1]].mean() > 0.5
