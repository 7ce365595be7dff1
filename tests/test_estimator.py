import warnings
from typing import Literal

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_validate
from sklearn.utils.estimator_checks import parametrize_with_checks

from classifier import ClauseClassifier
from classifier.model import calibration, estimator, solvers
from classifier.model.estimator import FewExamplesWarning, Rows, Sentences

TEXTS = [
    text
    for name in ("acme", "globex", "initech", "umbrella", "hooli", "stark")
    for text in (f"{name} keeps logs for a year", f"{name} sets cookies and keeps their data", f"welcome to {name}")
]
LABELS = [["retention"], ["cookies", "retention"], []] * 6
ARRAY = np.array([[0, 1], [1, 1], [0, 0]] * 6)
GROUPS = [group for group in range(6) for _ in range(3)]

with warnings.catch_warnings():
    # scikit-learn yields the checks of the interface, and says that it skips those that fit arrays of numbers: the input
    # tags of ClauseClassifier say that it takes strings.
    warnings.simplefilter("ignore", SkipTestWarning)
    checks = parametrize_with_checks([ClauseClassifier()])


@checks
def test_scikit_learns_checks_pass(estimator: ClauseClassifier, check) -> None:  # type: ignore[no-untyped-def]
    check(estimator)


def test_names_in_names_out_and_arrays_in_arrays_out() -> None:
    named = ClauseClassifier(cv=3).fit(TEXTS, LABELS, groups=GROUPS)
    array = ClauseClassifier(cv=3).fit(TEXTS, ARRAY, groups=GROUPS)
    assert named.classes_.tolist() == ["cookies", "retention"]
    assert array.classes_.tolist() == [0, 1]
    assert np.allclose(named.predict_proba(TEXTS), array.predict_proba(TEXTS))
    assert named.predict(TEXTS) == [tuple(labels) for labels in LABELS]
    assert (array.predict(TEXTS) == ARRAY).all()
    assert named.score(TEXTS, LABELS) == array.score(TEXTS, ARRAY) == 1.0


def test_rows_of_zeros_and_ones_count_as_an_array() -> None:
    assert (ClauseClassifier(cv=2).fit(TEXTS, ARRAY.tolist()).predict(TEXTS) == ARRAY).all()


def test_scores_are_probabilities_and_thresholds_lie_between() -> None:
    model = ClauseClassifier(cv=3).fit(TEXTS, ARRAY)
    scores = model.predict_proba(["welcome", "", "cookies " * 1000])
    assert ((scores > 0) & (scores < 1)).all()
    assert ((model.thresholds_ > 0) & (model.thresholds_ <= 0.5)).all()
    assert np.allclose(scores, 1 / (1 + np.exp(-model.decision_function(["welcome", "", "cookies " * 1000]))))


def test_a_category_with_too_few_examples_is_warned_of_and_never_predicted() -> None:
    labels = [[*labels, "rare"] if number < 2 else labels for number, labels in enumerate(LABELS)]
    with pytest.warns(FewExamplesWarning, match="'rare' has 2 examples, fewer than 5: it will never be predicted"):
        model = ClauseClassifier(cv=2).fit(TEXTS, labels)
    assert not any("rare" in found for found in model.predict(TEXTS))
    assert model.predict_proba(TEXTS)[:, 1].max() < 1e-9


def test_a_category_of_one_policy_only_does_no_harm() -> None:
    labels = [[*labels, "odd"] if group == 0 else labels for group, labels in zip(GROUPS, LABELS, strict=True)]
    with pytest.warns(FewExamplesWarning, match="'odd' has its examples in one policy"):
        model = ClauseClassifier(cv=3, min_examples=1).fit(TEXTS, labels, groups=GROUPS)
    assert np.isfinite(model.coef_).all()
    assert (model.predict_proba(TEXTS)[:, 1] < 1).all()


def noise(by_group: bool) -> tuple[list[str], np.ndarray, list[int]]:
    """Random labels of texts whose words nothing but the text (or its group) has: they can be remembered, not learned."""
    rng = np.random.default_rng(0)
    groups = [group for group in range(60) for _ in range(4)]
    texts = [f"g{group}a g{group}b g{group}c" if by_group else f"t{i}a t{i}b t{i}c" for i, group in enumerate(groups)]
    labels = rng.integers(0, 2, 60)[groups] if by_group else rng.integers(0, 2, len(groups))
    return texts, labels[:, None], groups


@pytest.mark.parametrize("by_group", [False, True], ids=["by text", "by group"])
def test_calibration_sees_only_values_of_unseen_groups(by_group: bool) -> None:
    """Calibrated on rows it was fitted on, a model would be sure of what it remembers; on unseen ones it knows no better."""
    texts, labels, groups = noise(by_group)
    model = ClauseClassifier(cv=3, min_df=1).fit(texts, labels, groups=groups)
    scores = model.predict_proba(texts)
    assert scores.max() < 0.8  # 0.998 where groups are torn apart
    assert scores.min() > 0.2


@pytest.mark.parametrize("loss", ["squared", "logistic"])
@pytest.mark.parametrize("window", [0, 3])
def test_either_loss_learns_what_can_be_learned(loss: Literal["squared", "logistic"], window: int) -> None:
    model = ClauseClassifier(cv=3, loss=loss, window=window).fit(TEXTS, ARRAY, groups=GROUPS)
    assert model.score(TEXTS, ARRAY) == 1.0


def test_least_squares_are_those_of_ridge_regression() -> None:
    from scipy.sparse import csr_array
    from sklearn.linear_model import Ridge

    random = np.random.default_rng(0)
    values, soft = random.random((40, 9)), random.random((40, 3)) * 2 - 1
    known = random.random((40, 3)) > 0.2
    weight = random.random((40, 3)) + 0.1
    coef, intercept = solvers.least_squares(csr_array(values), soft, known, C=1.5 * weight)
    for j in range(3):
        rows = known[:, j]
        ridge = Ridge(alpha=1 / 1.5, fit_intercept=False)
        ridge.fit(np.column_stack([values[rows], np.ones(rows.sum())]), soft[rows, j], sample_weight=weight[rows, j])
        assert np.allclose(np.append(coef[:, j], intercept[j]), ridge.coef_, atol=1e-3)


def marked(*shares: tuple[float, float]) -> Sentences:
    return Sentences(["zebras keep", "giraffes keep"] * (len(shares) // 2), shares, [0, 1] * (len(shares) // 2))


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_sentences_tell_which_words_of_a_text_speak_for_a_category(loss: Literal["squared", "logistic"]) -> None:
    texts = ["zebras keep, giraffes keep", "zebras keep, giraffes keep", "nothing to see", "nothing to keep"] * 4
    labels, groups = [[1, 0], [1, 0], [0, 1], [0, 1]] * 4, np.repeat(np.arange(8), 2).tolist()
    alone = ClauseClassifier(cv=2, loss=loss).fit(texts, labels, groups=groups)
    told = ClauseClassifier(cv=2, loss=loss).fit(texts, labels, groups=groups, sentences=marked((1, 0), (0, 0)))
    zebra, giraffe = (told.coef_[told.vectorizer_.vocabulary_[stem], 0] for stem in ("zebra", "giraff"))
    assert zebra > giraffe
    assert np.isclose(*(alone.coef_[alone.vectorizer_.vocabulary_[stem], 0] for stem in ("zebra", "giraff")), rtol=1e-3)
    assert (told.vectorizer_.idf_ == alone.vectorizer_.idf_).all()


def test_the_more_texts_a_category_has_the_less_its_sentences_count(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = []
    real = solvers.least_squares
    monkeypatch.setattr(estimator, "least_squares", lambda *args: weights.append(args[3]) or real(*args))  # type: ignore[func-returns-value]
    monkeypatch.setattr(estimator, "FEW", 6)
    labels = [[int(k % 4 != 0), int(k % 4 == 0)] for k in range(len(TEXTS))]
    ClauseClassifier(cv=2, C=1.0).fit(TEXTS, labels, groups=GROUPS, sentences=marked((1, 0), (0, 0)))
    counts = np.array(labels).sum(axis=0)
    assert np.allclose(weights[0][-1], np.minimum(1, 6 / counts))
    assert (weights[0][: len(TEXTS)] == 1).all()


def test_sentences_are_held_out_with_their_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was marked in a fold's texts is not learned by the model that is calibrated on them."""
    seen = []
    real = solvers.least_squares
    monkeypatch.setattr(estimator, "least_squares", lambda *args: seen.append(args[1]) or real(*args))  # type: ignore[func-returns-value]
    own = Sentences(TEXTS, np.full((len(TEXTS), 2), 0.75), list(range(len(TEXTS))))
    ClauseClassifier(cv=3).fit(TEXTS, ARRAY, groups=GROUPS, sentences=own)
    whole, *parts = [(np.isclose(soft, 0.5).all(axis=1).sum(), len(soft)) for soft in seen]
    assert whole == (len(TEXTS), 2 * len(TEXTS))
    assert all(2 * sentences == rows for sentences, rows in parts)
    assert sum(rows for _, rows in parts) == 2 * whole[1]


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_sentences_do_not_decide_what_can_be_learned(loss: Literal["squared", "logistic"]) -> None:
    """A category with all its texts in one policy stays unlearned, whatever was marked elsewhere."""
    labels = [[int(group == GROUPS[0]), row[1]] for group, row in zip(GROUPS, ARRAY, strict=True)]
    other = next(k for k, group in enumerate(GROUPS) if group != GROUPS[0])
    elsewhere = Sentences(["zebras keep", "giraffes keep"], [[1, 0.5], [0, 0.5]], [other, other])
    with pytest.warns(FewExamplesWarning, match="category '0' has its examples in one policy"):
        model = ClauseClassifier(cv=3, loss=loss, min_examples=1).fit(TEXTS, labels, groups=GROUPS, sentences=elsewhere)
    assert model.thresholds_[0] == estimator.UNREACHABLE


@pytest.mark.parametrize(
    ("sentences", "message"),
    [
        pytest.param(Sentences(["a"], [[1.0]], [0]), r"shares from 0 to 1 of shape \(1, 2\)", id="shape"),
        pytest.param(Sentences(["a"], [[1.5, 0]], [0]), "shares from 0 to 1", id="share"),
        pytest.param(Sentences(["a"], [[1, 0]], [0, 1]), "as many numbers of texts", id="numbers"),
        pytest.param(Sentences(["a"], [[1, 0]], [99]), "must be of texts 0 to", id="no text"),
    ],
)
def test_sentences_that_do_not_fit_are_refused(sentences: Sentences, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ClauseClassifier(cv=2).fit(TEXTS, ARRAY, groups=GROUPS, sentences=sentences)


def beside(labels: object) -> Rows:
    return Rows(["cookies crumble", "they crumble", "nothing to see"] * 4, labels, [f"other{k % 4}" for k in range(12)])


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_rows_from_elsewhere_teach_words_that_the_own_rows_lack(loss: Literal["squared", "logistic"]) -> None:
    taught = np.array([[1, -1], [1, -1], [0, 0]] * 4)
    alone = ClauseClassifier(cv=3, loss=loss).fit(TEXTS, ARRAY, groups=GROUPS)
    helped = ClauseClassifier(cv=3, loss=loss).fit(TEXTS, ARRAY, groups=GROUPS, also=beside(taught))
    assert "crumbl" not in alone.vectorizer_.vocabulary_
    crumble = helped.coef_[helped.vectorizer_.vocabulary_["crumbl"]]
    assert crumble[0] > 0  # what is unknown teaches nothing but what it takes to tell it from the rest
    assert crumble[0] > crumble[1]
    assert helped.predict_proba(["they crumble"])[0, 0] > alone.predict_proba(["they crumble"])[0, 0]


def test_rows_from_elsewhere_decide_no_threshold_and_no_calibration() -> None:
    few = ARRAY.copy()
    few[6:, 0] = 0  # two examples are left, however many there are beside
    with pytest.warns(FewExamplesWarning, match="category '0' has 2 examples"):
        model = ClauseClassifier(cv=3).fit(TEXTS, few, groups=GROUPS, also=beside(np.array([[1, 0]] * 12)))
    assert model.thresholds_[0] == estimator.UNREACHABLE


@pytest.mark.parametrize(
    ("rows", "setting", "message"),
    [
        pytest.param(Rows(["a"], [[1]], ["p"]), 0.1, r"shape \(1, 2\), not 1 and \(1, 1\)", id="another shape"),
        pytest.param(Rows(["a"], [[1, 0]], []), 0.1, "1 rows beside need as many groups", id="no group"),
        pytest.param(Rows(["a"], [[1, 2]], ["p"]), 0.1, "may only hold 0, 1, and -1", id="another label"),
        pytest.param(Rows(["a"], [[1, 0]], ["p"]), 0, "also_weight must be above 0", id="no weight"),
    ],
)
def test_rows_from_elsewhere_are_checked(rows: Rows, setting: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ClauseClassifier(cv=3, also_weight=setting).fit(TEXTS, ARRAY, groups=GROUPS, also=rows)


def test_what_people_disagree_on_is_learned_less_firmly() -> None:
    votes = np.where(ARRAY == 1, 0.67, 0.0)
    firm = ClauseClassifier(cv=3).fit(TEXTS, ARRAY, groups=GROUPS)
    soft = ClauseClassifier(cv=3).fit(TEXTS, ARRAY, groups=GROUPS, votes=votes)
    assert (firm.coef_ != soft.coef_).any()
    same = ClauseClassifier(cv=3).fit(TEXTS, ARRAY, groups=GROUPS, votes=ARRAY.astype(float))
    assert (firm.coef_ == same.coef_).all()
    for wrong in (votes[:-1], votes + 1):
        with pytest.raises(ValueError, match=r"votes must be shares from 0 to 1, of shape \(18, 2\)"):
            ClauseClassifier(cv=3).fit(TEXTS, ARRAY, votes=wrong)


def test_the_same_data_give_the_same_model() -> None:
    first, second = (ClauseClassifier(cv=2).fit(TEXTS, ARRAY, groups=GROUPS) for _ in range(2))
    assert (first.coef_ == second.coef_).all()
    assert (first.thresholds_ == second.thresholds_).all()


def test_it_works_in_grid_search_and_cross_validation() -> None:
    search = GridSearchCV(ClauseClassifier(cv=2, min_examples=1), {"C": [1.0, 10.0]}, cv=KFold(3), scoring="f1_micro")
    search.fit(TEXTS, ARRAY)
    assert search.best_estimator_.predict(TEXTS).shape == ARRAY.shape
    scores = cross_validate(clone(search.best_estimator_), TEXTS, ARRAY, groups=GROUPS, cv=GroupKFold(3))
    assert len(scores["test_score"]) == 3


@pytest.mark.parametrize(
    ("texts", "labels", "error", "message"),
    [
        pytest.param("one text", [["a"]], TypeError, "not one string", id="a bare string"),
        pytest.param([1, 2], [["a"], []], TypeError, "text 0 is int, not str", id="numbers"),
        pytest.param(["a", "b"], [["a"]], ValueError, "2 texts but 1 rows of labels", id="lengths"),
        pytest.param(["a", "b"], [[], []], ValueError, "nothing to learn", id="no label"),
        pytest.param(["a", "b"], ["x", "y"], ValueError, "labels of text 0 must be a list", id="bare names"),
        pytest.param(
            ["a", "b"], np.array([[0, 2], [1, 1]]), ValueError, "only hold 0, 1, and -1 for unknown", id="other numbers"
        ),
        pytest.param(["a", "b"], None, ValueError, "requires y", id="no labels"),
    ],
)
def test_what_cannot_be_learned_from_is_said(
    texts: object, labels: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ClauseClassifier(cv=2).fit(texts, labels)  # type: ignore[arg-type]


def test_a_text_is_left_out_of_the_categories_that_are_unknown_of_it() -> None:
    """Unknown for some, a category is learned as if these texts were not there."""
    unknown = ARRAY.copy()
    unknown[9:, 1] = -1
    model = ClauseClassifier(cv=3, min_df=1).fit(TEXTS, unknown, groups=GROUPS)
    negative = np.where(unknown < 0, 0, unknown)
    wrong = ClauseClassifier(cv=3, min_df=1).fit(TEXTS, negative, groups=GROUPS)
    kept = [text for text, label in zip(TEXTS, ARRAY[:, 1], strict=True) if label]
    assert (model.predict_proba(kept)[:, 1] > wrong.predict_proba(kept)[:, 1]).all()
    assert model.score(TEXTS, unknown) == 1.0


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_a_label_that_nobody_voted_for_is_a_label_all_the_same(loss: Literal["squared", "logistic"]) -> None:
    model = ClauseClassifier(cv=3, loss=loss).fit(TEXTS, ARRAY, groups=GROUPS, votes=np.zeros(ARRAY.shape))
    assert model.score(TEXTS, ARRAY) == 1.0


def test_a_threshold_does_not_depend_on_the_order_of_rows() -> None:
    scores, target = np.full((10, 1), 0.3), np.array([[1]] * 5 + [[0]] * 5, dtype=np.int8)
    assert calibration.f1_thresholds(scores, target) == calibration.f1_thresholds(scores, target[::-1])


def test_a_category_known_in_one_policy_alone_cannot_be_calibrated_and_is_not_given() -> None:
    target = np.full(ARRAY.shape, -1)
    target[:, 0] = ARRAY[:, 0]
    target[:6, 1] = [0, 1, 0, 1, 0, 1]
    groups = [0] * 6 + [group for group in range(1, 5) for _ in range(3)]
    with pytest.warns(FewExamplesWarning, match="category '1' has its examples in one policy"):
        model = ClauseClassifier(cv=3, min_examples=2).fit(TEXTS, target, groups=groups)
    assert not model.predict(TEXTS)[:, 1].any()


def test_groups_must_be_as_many_as_texts() -> None:
    with pytest.raises(ValueError, match="18 texts but 1 groups"):
        ClauseClassifier(cv=2).fit(TEXTS, LABELS, groups=[1])


def test_it_must_be_fitted_first() -> None:
    with pytest.raises(NotFittedError):
        ClauseClassifier().predict(TEXTS)
