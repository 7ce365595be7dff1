import warnings
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_val_score, cross_validate
from sklearn.utils.estimator_checks import parametrize_with_checks

from classifier import ClauseClassifier, Tagger
from classifier.model import calibration, estimator, solvers, training_matrix
from classifier.model.estimator import FewExamplesWarning
from classifier.model.labels import read_labels
from classifier.model.persistence import load_model, save_model
from classifier.model.training_matrix import (
    AuxiliaryRows,
    RationaleSentences,
    TrainingMatrix,
    build_training_matrix,
    check_rows,
)
from classifier.taxonomy import Category, Taxonomy

TEXTS = [
    text
    for name in ("acme", "globex", "initech", "umbrella", "hooli", "stark")
    for text in (f"{name} keeps logs for a year", f"{name} sets cookies and keeps their data", f"welcome to {name}")
]
LABELS = [["retention"], ["cookies", "retention"], []] * 6
ARRAY = np.array([[0, 1], [1, 1], [0, 0]] * 6)
GROUPS = [group for group in range(6) for _ in range(3)]

with warnings.catch_warnings():
    # scikit-learn warns that it skips the checks that fit arrays of numbers: by its tags ClauseClassifier takes strings.
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
    with pytest.warns(FewExamplesWarning, match="all examples of category 'odd' are in one policy"):
        model = ClauseClassifier(cv=3, min_examples=1).fit(TEXTS, labels, groups=GROUPS)
    assert np.isfinite(model.coef_).all()
    assert (model.predict_proba(TEXTS)[:, 1] < 1).all()


def noise(by_group: bool) -> tuple[list[str], np.ndarray, list[int]]:
    """Return random labels of texts whose words occur in that text (or group) only: they can be memorized, not learned."""
    rng = np.random.default_rng(0)
    groups = [group for group in range(60) for _ in range(4)]
    texts = [f"g{group}a g{group}b g{group}c" if by_group else f"t{i}a t{i}b t{i}c" for i, group in enumerate(groups)]
    labels = rng.integers(0, 2, 60)[groups] if by_group else rng.integers(0, 2, len(groups))
    return texts, labels[:, None], groups


@pytest.mark.parametrize("by_group", [False, True], ids=["by text", "by group"])
def test_calibration_uses_values_of_unseen_groups_only(by_group: bool) -> None:
    """Calibrated on rows that it was fitted on, a model would be overconfident; on unseen rows it is not."""
    texts, labels, groups = noise(by_group)
    model = ClauseClassifier(cv=3, min_df=1).fit(texts, labels, groups=groups)
    scores = model.predict_proba(texts)
    assert scores.max() < 0.8  # 0.998 if groups are split across folds
    assert scores.min() > 0.2


@pytest.mark.parametrize("loss", ["squared", "logistic"])
@pytest.mark.parametrize("window", [0, 3])
def test_either_loss_fits_separable_data(loss: Literal["squared", "logistic"], window: int) -> None:
    model = ClauseClassifier(cv=3, loss=loss, window=window).fit(TEXTS, ARRAY, groups=GROUPS)
    assert model.score(TEXTS, ARRAY) == 1.0


def test_least_squares_equals_ridge_regression() -> None:
    from scipy.sparse import csr_array
    from sklearn.linear_model import Ridge

    random = np.random.default_rng(0)
    values, soft = random.random((40, 9)), random.random((40, 3)) * 2 - 1
    mask = random.random((40, 3)) > 0.2
    weight = random.random((40, 3)) + 0.1
    coef, intercept = solvers.least_squares(csr_array(values), soft, mask, C=1.5 * weight)
    for j in range(3):
        rows = mask[:, j]
        ridge = Ridge(alpha=1 / 1.5, fit_intercept=False)
        ridge.fit(np.column_stack([values[rows], np.ones(rows.sum())]), soft[rows, j], sample_weight=weight[rows, j])
        assert np.allclose(np.append(coef[:, j], intercept[j]), ridge.coef_, atol=1e-3)


def marked(*shares: tuple[float, float]) -> RationaleSentences:
    return RationaleSentences(
        ["zebras keep", "giraffes keep"] * (len(shares) // 2), shares, [0, 1] * (len(shares) // 2)
    )


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_sentences_teach_which_words_of_a_text_indicate_a_category(loss: Literal["squared", "logistic"]) -> None:
    texts = ["zebras keep, giraffes keep", "zebras keep, giraffes keep", "nothing to see", "nothing to keep"] * 4
    labels, groups = [[1, 0], [1, 0], [0, 1], [0, 1]] * 4, np.repeat(np.arange(8), 2).tolist()
    alone = ClauseClassifier(cv=2, loss=loss).fit(texts, labels, groups=groups)
    told = ClauseClassifier(cv=2, loss=loss).fit(texts, labels, groups=groups, sentences=marked((1, 0), (0, 0)))
    zebra, giraffe = (told.coef_[told.vectorizer_.vocabulary_[stem], 0] for stem in ("zebra", "giraff"))
    assert zebra > giraffe
    assert np.isclose(*(alone.coef_[alone.vectorizer_.vocabulary_[stem], 0] for stem in ("zebra", "giraff")), rtol=1e-3)
    assert (told.vectorizer_.idf_ == alone.vectorizer_.idf_).all()


def matrix_of(labels: np.ndarray, sentences: RationaleSentences, also: AuxiliaryRows | None = None) -> TrainingMatrix:
    rows = check_rows(TEXTS, labels.astype(np.int8), GROUPS, None, also, sentences)
    is_learned, fold_ids = np.ones(2, dtype=bool), np.array(GROUPS) % 3
    return build_training_matrix(rows, is_learned, fold_ids, window=0, min_df=1, auxiliary_weight=0.1)[1]


def test_the_more_texts_a_category_has_the_less_its_sentences_weigh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_matrix, "FULL_WEIGHT_TEXTS", 6)
    labels = np.array([[int(k % 4 != 0), int(k % 4 == 0)] for k in range(len(TEXTS))])
    matrix = matrix_of(labels, marked((1, 0), (0, 0)), auxiliary(np.ones((12, 2))))
    assert np.allclose(matrix.weight[-2:], np.minimum(1, 6 / labels.sum(axis=0)))
    assert (matrix.weight[: len(TEXTS)] == 1).all()
    assert (matrix.weight[len(TEXTS) : -2] == 0.1).all()
    assert matrix.is_sentence.tolist() == [False] * (len(TEXTS) + 12) + [True] * 2


def test_sentences_are_held_out_with_their_texts_and_auxiliary_rows_never() -> None:
    rows = [5, 0, 17]
    sentences = RationaleSentences(["keep", "set", "welcome"], np.full((3, 2), 0.75), rows)
    matrix = matrix_of(ARRAY, sentences, auxiliary(np.ones((12, 2))))
    assert matrix.fold_ids[-3:].tolist() == matrix.fold_ids[rows].tolist()
    assert (matrix.fold_ids[len(TEXTS) : -3] == training_matrix.NEVER_HELD_OUT).all()
    train = matrix.take(np.flatnonzero(matrix.fold_ids != matrix.fold_ids[5]))
    assert len(train.soft) == train.tfidf.shape[0] == len(train.weight) < len(matrix.soft)
    assert train.is_sentence.sum() == sum(matrix.fold_ids[row] != matrix.fold_ids[5] for row in rows)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_sentences_do_not_decide_which_categories_are_learned(loss: Literal["squared", "logistic"]) -> None:
    """A category with all its texts in one policy stays unlearned, even with sentences of other policies."""
    labels = [[int(group == GROUPS[0]), row[1]] for group, row in zip(GROUPS, ARRAY, strict=True)]
    other = next(k for k, group in enumerate(GROUPS) if group != GROUPS[0])
    elsewhere = RationaleSentences(["zebras keep", "giraffes keep"], [[1, 0.5], [0, 0.5]], [other, other])
    with pytest.warns(FewExamplesWarning, match="all examples of category '0' are in one policy"):
        model = ClauseClassifier(cv=3, loss=loss, min_examples=1).fit(TEXTS, labels, groups=GROUPS, sentences=elsewhere)
    assert model.thresholds_[0] == estimator.UNREACHABLE


@pytest.mark.parametrize(
    ("sentences", "message"),
    [
        pytest.param(RationaleSentences(["a"], [[1.0]], [0]), r"shares from 0 to 1 of shape \(1, 2\)", id="shape"),
        pytest.param(RationaleSentences(["a"], [[1.5, 0]], [0]), "shares from 0 to 1", id="share"),
        pytest.param(RationaleSentences(["a"], [[1, 0]], [0, 1]), "as many numbers of texts", id="numbers"),
        pytest.param(RationaleSentences(["a"], [[1, 0]], [99]), "must be of texts 0 to", id="no text"),
    ],
)
def test_sentences_that_do_not_fit_are_refused(sentences: RationaleSentences, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ClauseClassifier(cv=2).fit(TEXTS, ARRAY, groups=GROUPS, sentences=sentences)


def auxiliary(labels: object) -> AuxiliaryRows:
    return AuxiliaryRows(
        ["cookies crumble", "they crumble", "nothing to see"] * 4, labels, [f"other{k % 4}" for k in range(12)]
    )


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_auxiliary_rows_teach_words_that_the_texts_lack(loss: Literal["squared", "logistic"]) -> None:
    taught = np.array([[1, -1], [1, -1], [0, 0]] * 4)
    alone = ClauseClassifier(cv=3, loss=loss).fit(TEXTS, ARRAY, groups=GROUPS)
    helped = ClauseClassifier(cv=3, loss=loss).fit(TEXTS, ARRAY, groups=GROUPS, also=auxiliary(taught))
    assert "crumbl" not in alone.vectorizer_.vocabulary_
    crumble = helped.coef_[helped.vectorizer_.vocabulary_["crumbl"]]
    assert crumble[0] > 0  # rows with unknown labels teach nothing
    assert crumble[0] > crumble[1]
    assert helped.predict_proba(["they crumble"])[0, 0] > alone.predict_proba(["they crumble"])[0, 0]


def test_auxiliary_rows_do_not_influence_thresholds_and_calibration() -> None:
    few = ARRAY.copy()
    few[6:, 0] = 0  # two examples remain, besides those of the auxiliary rows
    with pytest.warns(FewExamplesWarning, match="category '0' has 2 examples"):
        model = ClauseClassifier(cv=3).fit(TEXTS, few, groups=GROUPS, also=auxiliary(np.array([[1, 0]] * 12)))
    assert model.thresholds_[0] == estimator.UNREACHABLE


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param(AuxiliaryRows(["a"], [[1]], ["p"]), r"shape \(1, 2\), not 1 and \(1, 1\)", id="another shape"),
        pytest.param(AuxiliaryRows(["a"], [[1, 0]], []), "1 auxiliary rows need as many groups", id="no group"),
        pytest.param(AuxiliaryRows(["a"], [[1, 2]], ["p"]), "may only hold 0, 1, and -1", id="another label"),
    ],
)
def test_auxiliary_rows_are_checked(rows: AuxiliaryRows, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ClauseClassifier(cv=3).fit(TEXTS, ARRAY, groups=GROUPS, also=rows)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        pytest.param(
            {"loss": "hinge"}, r"'loss' parameter of ClauseClassifier must be a str among \{.*'squared'.*\}", id="loss"
        ),
        pytest.param(
            {"C": -1}, r"'C' parameter of ClauseClassifier must be a float in the range \(0.0, inf\) or None", id="C"
        ),
        pytest.param({"window": -1}, r"'window' .* must be an int in the range \[0, 50\]", id="window below 0"),
        pytest.param(
            {"window": 51}, r"'window' .* must be an int in the range \[0, 50\]", id="window that no model may have"
        ),
        pytest.param({"window": 2.5}, r"'window' .* must be an int", id="window of a half"),
        pytest.param({"min_df": 0}, r"'min_df' .* must be an int in the range \[1, inf\)", id="min_df"),
        pytest.param(
            {"min_examples": 0}, r"'min_examples' .* must be an int in the range \[1, inf\)", id="min_examples"
        ),
        pytest.param({"cv": 0}, r"'cv' .* must be an int in the range \[2, inf\). Got 0", id="cv"),
        pytest.param(
            {"also_weight": 0}, r"'also_weight' .* must be a float in the range \(0.0, 1.0\]. Got 0", id="no weight"
        ),
        pytest.param(
            {"also_weight": 1.5}, r"'also_weight' .* must be a float in the range \(0.0, 1.0\]", id="weight above 1"
        ),
        pytest.param({"random_state": None}, r"'random_state' .* must be an int in the range \[0, inf\)", id="no seed"),
    ],
)
def test_a_parameter_out_of_range_is_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ClauseClassifier(**parameters).fit(TEXTS, ARRAY)


def test_labels_that_people_disagree_on_are_learned_less_firmly() -> None:
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
        pytest.param(["a", "b"], [["x"], 5], ValueError, "labels of text 1 must be a list of names", id="a number"),
        pytest.param(
            ["a", "b"], ["x", None], ValueError, "labels of text 1 must be a list of names", id="a missing name"
        ),
        pytest.param(
            ["a", "b"], [0, 1], ValueError, "must hold the label names of each text, or be a 0/1 array", id="1-d"
        ),
        pytest.param(["a", "b"], np.array([0, 1]), ValueError, r"y.reshape\(-1, 1\)", id="1-d array"),
        pytest.param(
            ["a", "b"], np.array([[0, 2], [1, 1]]), ValueError, "only hold 0, 1, and -1 for unknown", id="other numbers"
        ),
        pytest.param(["a", "b"], None, ValueError, "requires y", id="no labels"),
    ],
)
def test_unusable_texts_and_labels_are_refused(
    texts: object, labels: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ClauseClassifier(cv=2).fit(texts, labels)  # type: ignore[arg-type]


def test_a_text_is_left_out_of_categories_with_unknown_labels() -> None:
    """A category is learned as if the texts with an unknown label were not there."""
    unknown = ARRAY.copy()
    unknown[9:, 1] = -1
    model = ClauseClassifier(cv=3, min_df=1).fit(TEXTS, unknown, groups=GROUPS)
    negative = np.where(unknown < 0, 0, unknown)
    wrong = ClauseClassifier(cv=3, min_df=1).fit(TEXTS, negative, groups=GROUPS)
    kept = [text for text, label in zip(TEXTS, ARRAY[:, 1], strict=True) if label]
    assert (model.predict_proba(kept)[:, 1] > wrong.predict_proba(kept)[:, 1]).all()
    assert model.score(TEXTS, unknown) == 1.0


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_a_label_without_votes_still_counts(loss: Literal["squared", "logistic"]) -> None:
    model = ClauseClassifier(cv=3, loss=loss).fit(TEXTS, ARRAY, groups=GROUPS, votes=np.zeros(ARRAY.shape))
    assert model.score(TEXTS, ARRAY) == 1.0


def test_a_threshold_does_not_depend_on_the_order_of_rows() -> None:
    scores, target = np.full((10, 1), 0.3), np.array([[1]] * 5 + [[0]] * 5, dtype=np.int8)
    assert calibration.f1_thresholds(scores, target) == calibration.f1_thresholds(scores, target[::-1])


def test_a_category_known_in_one_policy_alone_is_never_predicted() -> None:
    target = np.full(ARRAY.shape, -1)
    target[:, 0] = ARRAY[:, 0]
    target[:6, 1] = [0, 1, 0, 1, 0, 1]
    groups = [0] * 6 + [group for group in range(1, 5) for _ in range(3)]
    with pytest.warns(FewExamplesWarning, match="all examples of category '1' are in one policy"):
        model = ClauseClassifier(cv=3, min_examples=2).fit(TEXTS, target, groups=groups)
    assert not model.predict(TEXTS)[:, 1].any()


def test_one_name_per_text_is_one_label_per_text() -> None:
    names = ["keep", "set", "welcome"] * 6
    expected = ClauseClassifier(cv=3).fit(TEXTS, [[name] for name in names], groups=GROUPS)
    for labels in (names, tuple(names), np.array(names), np.array(names, dtype=object), pd.Series(names)):
        fitted = ClauseClassifier(cv=3).fit(TEXTS, labels, groups=GROUPS)
        assert (fitted.coef_ == expected.coef_).all()
        assert fitted.predict(TEXTS) == [(name,) for name in names]
        assert fitted.score(TEXTS, labels) == 1.0


def test_the_columns_of_a_data_frame_are_the_classes() -> None:
    frame = pd.DataFrame(ARRAY, columns=["cookies", "retention"], index=range(50, 68))
    fitted = ClauseClassifier(cv=3).fit(TEXTS, frame, groups=GROUPS)
    assert fitted.classes_.tolist() == ["cookies", "retention"]
    assert (fitted.predict(TEXTS) == ARRAY).all()
    assert fitted.score(TEXTS, frame) == 1.0
    assert read_labels(pd.DataFrame(ARRAY, columns=[2024, 2025]))[0].tolist() == [2024, 2025]
    assert read_labels(pd.DataFrame(ARRAY, columns=["a", 1]))[0].tolist() == [0, 1]
    with pytest.raises(ValueError, match="columns of y must have different names, not a, a"):
        read_labels(pd.DataFrame(ARRAY, columns=["a", "a"]))


def test_groups_reach_fit_by_metadata_routing() -> None:
    texts, labels, groups = noise(by_group=True)
    with sklearn.config_context(enable_metadata_routing=True):
        model = ClauseClassifier(cv=3, min_df=1).set_fit_request(groups=True)
        scores = cross_val_score(model, texts, labels, params={"groups": groups}, cv=GroupKFold(3))
        found = cross_validate(
            model,
            texts,
            labels,
            params={"groups": groups},
            cv=GroupKFold(3),
            return_estimator=True,
            return_indices=True,
        )
    assert len(scores) == 3
    for fitted, train in zip(found["estimator"], found["indices"]["train"], strict=True):
        rows = [texts[k] for k in train], labels[train]
        expected = clone(model).fit(*rows, groups=[groups[k] for k in train])
        assert (fitted.coef_ == expected.coef_).all()
        assert (
            fitted.coef_.shape != clone(model).fit(*rows).coef_.shape
        )  # without groups more terms are frequent enough


TAXONOMY = Taxonomy(
    (Category("retention", "Retention", "How long.", "#CC6677"), Category("cookies", "Cookies", "Cookies.", "#AA7733"))
)


def test_a_fitted_estimator_becomes_a_model_that_predicts_the_same(tmp_path: Path) -> None:
    fitted = ClauseClassifier(cv=3, window=2).fit(TEXTS, LABELS, groups=GROUPS)
    model = fitted.to_model(TAXONOMY, name="mine")
    assert (model.name, model.taxonomy, model.window) == ("mine", TAXONOMY, 2)
    tagger = Tagger(load_model(save_model(model, tmp_path) and tmp_path))
    assert np.allclose(tagger.predict_proba(TEXTS), fitted.predict_proba(TEXTS)[:, ::-1], atol=1e-6)
    assert [set(labels) for labels in tagger.predict(TEXTS)] == [set(labels) for labels in LABELS]


def test_a_model_without_a_taxonomy_gets_one_that_can_be_saved(tmp_path: Path) -> None:
    names = ["First Party/Use", "text", "数据", "a" * 300, "cookies", "COOKIES", "\u202e", " "]
    labels = [[name for k, name in enumerate(names) if (number + k) % 3] for number in range(len(TEXTS))]
    fitted = ClauseClassifier(cv=3).fit(TEXTS, labels)
    model = fitted.to_model()
    save_model(model, tmp_path)
    categories = load_model(tmp_path).taxonomy
    assert categories == model.taxonomy
    assert len({category.color for category in categories}) == len(names)
    titles = dict(zip(fitted.classes_.tolist(), [(c.id, c.title) for c in categories], strict=True))
    assert titles["First Party/Use"] == ("first_party_use", "First Party/Use")
    assert titles["text"] == ("category_text", "text")
    assert titles["数据"][1] == "数据"
    assert {titles["cookies"][0], titles["COOKIES"][0]} == {"cookies", "cookies_2"}
    assert ClauseClassifier(cv=3).fit(TEXTS, ARRAY).to_model().taxonomy.ids == ("category_0", "category_1")


def test_the_ids_of_a_taxonomy_must_be_the_classes() -> None:
    labels = [[name.replace("cookies", "price") for name in row] for row in LABELS]
    with pytest.raises(ValueError, match="not among the classes: cookies; not in the taxonomy: price"):
        ClauseClassifier(cv=3).fit(TEXTS, labels).to_model(TAXONOMY)
    with pytest.raises(ValueError, match="not in the taxonomy: 0, 1, 2"):
        ClauseClassifier(cv=3).fit(TEXTS, np.column_stack([ARRAY, ARRAY[:, 0]])).to_model(TAXONOMY)
    by_position = ClauseClassifier(cv=3).fit(TEXTS, ARRAY, groups=GROUPS)
    assert (by_position.to_model(TAXONOMY).intercept == by_position.intercept_.astype(np.float32)).all()
    with pytest.raises(ValueError, match="the name of a model must be"):
        by_position.to_model(TAXONOMY, name="a\nb")
    with pytest.raises(NotFittedError):
        ClauseClassifier().to_model()


def test_groups_must_be_as_many_as_texts() -> None:
    with pytest.raises(ValueError, match="18 texts but 1 groups"):
        ClauseClassifier(cv=2).fit(TEXTS, LABELS, groups=[1])


def test_it_must_be_fitted_first() -> None:
    with pytest.raises(NotFittedError):
        ClauseClassifier().predict(TEXTS)
