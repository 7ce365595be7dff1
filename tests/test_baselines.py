import numpy as np
import pytest

from classifier.evaluation import baselines
from classifier.evaluation.cross_validation import Predictions
from classifier.evaluation.plan import SplitPlan
from classifier.taxonomy import Category, Taxonomy
from classifier.types import Example

TAXONOMY = Taxonomy(
    (
        Category("cookies", "Cookies", "Cookies.", "#AA7733", keywords=("cookie", "web beacon")),
        Category("sharing", "Sharing", "Sharing.", "#AA7733", keywords=("third party",)),
        Category("other", "Other", "Other.", "#AA7733"),
    )
)


def test_keywords_are_found_in_any_inflection_but_not_apart() -> None:
    rows = [
        Example(str(k), "p", text, ())
        for k, text in enumerate(["COOKIES and beacons", "Web-beacons", "Third parties", "A third, and a party", ""])
    ]
    y_pred = baselines.keywords(rows, TAXONOMY, TAXONOMY.ids)
    assert y_pred.astype(int).tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_the_majority_category_is_that_of_the_other_folds() -> None:
    y_true = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 1]], dtype=bool)
    fold_ids = np.array([0, 0, 1, 1, 1])
    scores = np.zeros(y_true.shape)
    predicted = Predictions(y_true, ~y_true | y_true, y_true, scores, fold_ids, scores[:2], SplitPlan(fold_ids, 2))
    assert baselines.majority(predicted).astype(int).tolist() == [[0, 1], [0, 1], [1, 0], [1, 0], [1, 0]]


def test_annotators_are_compared_in_pairs() -> None:
    given = (("cookies",), ("cookies", "sharing"), ("sharing",))
    rows = [Example("a", "p", "x", (), unknown=("other",), annotations=given), Example("b", "p", "y", ())]
    people = baselines.annotators(rows, TAXONOMY.ids, np.arange(2))
    assert people is not None
    assert people.f1["cookies"] == pytest.approx(2 * 1 / 4)  # of three pairs one agrees; 4 labels in all
    assert people.micro_f1.value == pytest.approx(2 * 2 / 8)
    assert np.isnan(people.f1["other"])


def test_the_order_of_annotators_does_not_matter() -> None:
    for given in ((("cookies",), ()), ((), ("cookies",))):
        people = baselines.annotators([Example("a", "p", "x", (), annotations=given)], TAXONOMY.ids, np.zeros(1, int))
        assert people is not None
        assert people.f1["cookies"] == 0.0
        assert np.isnan(people.micro_f1.low)


def test_without_annotators_there_is_no_baseline_of_people() -> None:
    assert baselines.annotators([Example("b", "p", "y", ())], TAXONOMY.ids, np.zeros(1, int)) is None
