import pytest

from classifier import resources, taxonomy
from classifier.errors import DataError
from classifier.evaluation import protocols
from classifier.taxonomy import Taxonomy
from classifier.types import Example

GIVEN = (("choice",), ("choice", "other"), ("other", "retention"))


@pytest.fixture(scope="module")
def ten() -> Taxonomy:
    return taxonomy.load_taxonomy(resources.taxonomy_file("opp115"))


def rows(numbers: list[int]) -> list[Example]:
    return [Example(f"{n}#0", f"{n}_site.example", "We share.", ("access",), annotations=GIVEN) for n in numbers]


def test_plue_scores_its_twenty_policies_by_the_union(ten: Taxonomy) -> None:
    task = protocols.make_task("plue", rows([1, 2, *protocols.PLUE_TEST]), ten)
    assert len(task.test_rows) == 20
    assert [row.policy for row in task.train_rows] == ["1_site.example", "2_site.example"]
    assert task.test_rows[0].labels == ("choice", "retention", "other")
    assert task.notes == ("learned from 2 policies, the protocol has 95",)
    whole = protocols.make_task("plue", rows([*range(2000, 2095), *protocols.PLUE_TEST]), ten)
    assert whole.notes == ()


@pytest.mark.parametrize(("gold", "labels"), [(None, ("choice", "other")), ("union", ("choice", "retention", "other"))])
def test_grouped_5_decides_labels_from_the_annotators(
    ten: Taxonomy, gold: protocols.Gold | None, labels: tuple[str, ...]
) -> None:
    task = protocols.make_task("grouped-5", rows([1, 2]), ten, gold)
    assert {row.labels for row in task.test_rows} == {labels}
    assert task.train_rows == []


def test_rows_that_do_not_fit_a_protocol_are_refused(ten: Taxonomy) -> None:
    with pytest.raises(DataError, match=r"20 of the 20 policies .* are not among the rows: 32, 59, .* whole corpus"):
        protocols.make_task("plue", rows([1, 2]), ten)
    with pytest.raises(ValueError, match="plue is scored by union, not majority"):
        protocols.make_task("plue", rows([1]), ten, "majority")
    with pytest.raises(DataError, match=r"1 rows, such as 'x', lack the labels of each annotator"):
        protocols.make_task("grouped-5", [Example("x", "p", "We share.", ())], ten)
