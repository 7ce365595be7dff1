import json
from pathlib import Path

import pytest

from classifier import DataError, Example
from classifier.datasets.rows import example_to_json, load_examples, to_frame
from classifier.taxonomy import Taxonomy
from classifier.types import Rationale


def write(folder: Path, *lines: object) -> Path:
    path = folder / "rows.jsonl"
    path.write_text(
        "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines), encoding="utf-8"
    )
    return path


def test_rows_come_back_as_they_were_written(tmp_path: Path, taxonomy: Taxonomy) -> None:
    examples = [
        Example("a-1", "a", "We keep “logs”.", ("retention",), ("Data", "Logs"), "We keep:"),
        Example("b-1", "b", "Welcome.", ()),
        Example(
            "c-1",
            "c",
            "We sell.",
            ("sharing",),
            annotations=(("sharing",), ()),
            rationales=((Rationale("sharing", 3, 7),), ()),
        ),
    ]
    assert load_examples([write(tmp_path, *map(example_to_json, examples))], taxonomy) == examples


def test_id_and_policy_are_optional(tmp_path: Path, taxonomy: Taxonomy) -> None:
    write(tmp_path, "\ufeff" + json.dumps({"text": "We sell.", "labels": ["sharing", "collection", "sharing"]}), "")
    assert load_examples([tmp_path], taxonomy) == [Example("rows:1", "rows", "We sell.", ("collection", "sharing"))]


def marked(*rationales: object) -> dict[str, object]:
    value = rationales[0] if len(rationales) == 1 and isinstance(rationales[0], str) else list(rationales)
    return {"text": "We use", "labels": ["use"], "rationales": value}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(
            {"text": "a", "labels": ["price"]},
            "unknown category 'price' in labels; the taxonomy has collection, use",
            id="category",
        ),
        pytest.param({"labels": []}, "the row lacks 'text'", id="no text"),
        pytest.param({"text": "a"}, "the row lacks 'labels'", id="no labels"),
        pytest.param({"text": " ", "labels": []}, "text is empty", id="empty text"),
        pytest.param(
            {"text": "a", "labels": "use"}, "labels must be a list of strings, not a string", id="labels not a list"
        ),
        pytest.param(
            {"text": "a", "labels": [1]},
            "labels must be a list of strings, not a list of other",
            id="labels not strings",
        ),
        pytest.param({"text": 5, "labels": []}, "text must be a string, not a number", id="text not a string"),
        pytest.param({"text": "a", "labels": [], "id": None}, "id must be a string, not null", id="id null"),
        pytest.param('{"text": "\\ud800", "labels": []}', "text holds a lone surrogate", id="surrogate"),
        pytest.param(
            '{"text": "a", "labels": [], "headings": ["\\ud800"]}',
            "headings holds a lone surrogate",
            id="surrogate in a list",
        ),
        pytest.param(marked("use"), "rationales must be a list of one list per person, not a string", id="marks"),
        pytest.param(marked({"use": 1}), "rationales must be a list of one list per person", id="marks of one person"),
        pytest.param(marked([], []), "rationales are of 2 people, labels of 1", id="marks of more people"),
        pytest.param(marked([["use", 0]]), "rationales[0] must hold [category, start, end]", id="mark"),
        pytest.param(marked([["use", 0, True]]), "rationales[0] must hold [category, start, end]", id="mark of bools"),
        pytest.param(marked([["price", 0, 1]]), "unknown category 'price' in rationales[0]", id="marked category"),
        pytest.param(marked([["use", 2, 9]]), "rationales[0]: no span 2 to 9 in a text of 6", id="marked place"),
        pytest.param(
            marked([["choice", 0, 2]]),
            "rationales[0] holds 'choice', not a label of this person",
            id="not a label of the person",
        ),
        pytest.param(marked([["use", 2, 2]]), "rationales[0]: no span 2 to 2 in a text", id="nothing marked"),
        pytest.param("[1]", "a row must be an object like", id="not an object"),
        pytest.param("{", "not a line of JSON in UTF-8", id="not JSON"),
        pytest.param("[" * 100_000, "not a line of JSON in UTF-8", id="deep JSON"),
    ],
)
def test_a_bad_row_is_named_with_file_and_line(line: object, message: str, tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = write(tmp_path, {"text": "We keep logs.", "labels": ["retention"]}, line)
    with pytest.raises(DataError) as error:
        load_examples([path], taxonomy)
    assert f"{path}:2: {message}" in str(error.value)


def test_all_bad_rows_are_named_at_once(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = write(tmp_path, *({"text": "a", "labels": ["x" * n]} for n in range(1, 31)))
    with pytest.raises(DataError) as error:
        load_examples([path], taxonomy)
    assert len(error.value.problems) == 30
    assert str(error.value).endswith("... and 10 more")


def test_a_problem_of_many_lines_is_reported_once(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = write(tmp_path, *["We keep your data."] * 1203, {"text": "a", "labels": ["x"]}, {"labels": ["x"]})
    with pytest.raises(DataError) as error:
        load_examples([path], taxonomy)
    first, second, third = error.value.problems
    assert first.startswith(f"{path}:1: not a line of JSON in UTF-8: ")
    assert first.endswith(" (likewise 1,202 more lines: 2, 3, 4, 5, ...)")
    assert second.startswith(f"{path}:1204: unknown category 'x'")
    assert second.endswith("(likewise 1 more line: 1205)")
    assert third == f"{path}:1205: the row lacks 'text'"
    good = write(tmp_path, *({"id": str(n), "text": "a", "labels": []} for n in range(9)))
    with pytest.raises(DataError, match=r"rows.jsonl:1: the id '0' was already given .*likewise 8 more lines") as error:
        load_examples([good, good], taxonomy)
    assert len(error.value.problems) == 1


HOSTILE = ["null", "true", "0", "-1", "1e999", "9" * 400, "NaN", '""', '" "', '"\\ud800"', "[]", "{}", "[null]", "[[]]"]
HOSTILE += [
    '[["use"]]',
    '["use", 1]',
    '{"a": 1}',
    "[[[]]]",
    '[[["use", 0, 1e9]]]',
    f'"{"x" * 9999}"',
    f'["{"x" * 9999}"]',
]


def test_hostile_values_are_refused_or_loaded(tmp_path: Path, taxonomy: Taxonomy) -> None:
    keys = ["id", "policy", "text", "labels", "headings", "context", "unknown", "annotations", "rationales", "other"]
    for key in keys:
        for value in HOSTILE:
            pieces = {"text": '"We use"', "labels": '["use"]', key: value}
            path = write(tmp_path, "{" + ", ".join(f'"{name}": {piece}' for name, piece in pieces.items()) + "}")
            try:
                (row,) = load_examples([path], taxonomy)
                assert example_to_json(row).encode()
            except DataError as error:
                assert all(sentence.startswith(f"{path}:1: ") for sentence in error.problems)
                assert len(str(error)) < 1500


def test_an_id_given_twice_is_named_with_both_places(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = write(tmp_path, *[{"id": "a", "text": "a", "labels": []}] * 2)
    with pytest.raises(DataError, match=f"{path}:2: the id 'a' was already given at {path}:1"):
        load_examples([path], taxonomy)


def test_bytes_that_are_not_utf8_are_named(tmp_path: Path, taxonomy: Taxonomy) -> None:
    (tmp_path / "rows.jsonl").write_bytes(b'{"text": "caf\xe9", "labels": []}\n')
    with pytest.raises(DataError, match=r"rows.jsonl:1: not a line of JSON in UTF-8"):
        load_examples([tmp_path], taxonomy)


def test_an_empty_folder_an_empty_file_and_a_missing_one_are_named(tmp_path: Path, taxonomy: Taxonomy) -> None:
    with pytest.raises(DataError, match=r"the folder holds no .jsonl file"):
        load_examples([tmp_path], taxonomy)
    with pytest.raises(DataError, match="cannot be read: No such file"):
        load_examples([tmp_path / "nowhere"], taxonomy)
    with pytest.raises(DataError, match="no labeled rows; each line is like"):
        load_examples([write(tmp_path)], taxonomy)


def test_a_folder_named_like_a_file_is_refused(tmp_path: Path, taxonomy: Taxonomy) -> None:
    (tmp_path / "odd.jsonl").mkdir()
    with pytest.raises(DataError, match="cannot be read: is a folder, not a file"):
        load_examples([tmp_path], taxonomy)


def test_a_frame_has_a_column_for_each_category(taxonomy: Taxonomy) -> None:
    frame = to_frame([Example("a-1", "a", "We keep logs.", ("retention",), ("Logs",))], taxonomy)
    assert frame.loc[0, ["heading", "retention", "use"]].tolist() == ["Logs", 1, 0]
