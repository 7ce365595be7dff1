"""The OPP-115 importer on a stand-in written for the tests, and on the corpus if CLAUSES_OPP115_RELEASE names its folder."""

import csv
import json
import os
import re
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest

from classifier import resources, taxonomy
from classifier.datasets import opp115, opp115_segments
from classifier.datasets.opp115 import Practice, Rule
from classifier.datasets.rows import example_to_json, load_examples
from classifier.errors import DataError, TaxonomyError
from classifier.taxonomy import Category, Taxonomy
from tests.conftest import ROOT

STAND_IN = ROOT / "tests/corpora/opp115"
RELEASE = os.environ.get("CLAUSES_OPP115_RELEASE")


@pytest.fixture(scope="module")
def ten() -> Taxonomy:
    return taxonomy.load_taxonomy(resources.taxonomy_file("opp115"))


@pytest.fixture(scope="module")
def default_taxonomy() -> Taxonomy:
    return taxonomy.load_taxonomy(resources.bundled("data/taxonomy.toml"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(STAND_IN, tmp_path / "copy"))


def table(policy: str) -> list[list[str]]:
    with (STAND_IN / f"annotations/{policy}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_rows_are_segments_in_order_joined_by_file_name(ten: Taxonomy) -> None:
    rows = opp115.load_opp115(STAND_IN, ten)
    assert [row.id for row in rows[:2]] == ["11_plumbob-casino.example#0", "11_plumbob-casino.example#1"]
    numbers = [int(row.policy.partition("_")[0]) for row in rows]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 14
    segments = (STAND_IN / "sanitized_policies/11_plumbob-casino.example.html").read_text(encoding="utf-8").split("|||")
    own = [row for row in rows if row.policy == "11_plumbob-casino.example"]
    assert len(own) == len(segments)
    assert own[3].text.split("\n")[-1].split()[:5] == segments[3].split("<br>")[-3].split()[:5]


def test_votes_are_those_of_the_file(ten: Taxonomy) -> None:
    policy = "25_qa-runner.example"
    first = {row.id: row for row in opp115.load_opp115(STAND_IN, ten)}
    people = sorted({row[2] for row in table(policy)})
    for segment in {int(row[4]) for row in table(policy)}:
        annotations = first[f"{policy}#{segment}"].annotations
        for person, labels in zip(people, annotations, strict=True):
            seen = {row[5] for row in table(policy) if row[2] == person and int(row[4]) == segment}
            assert set(labels) == {entry.id for entry in ten if entry.opp115[0] in seen}


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", re.sub("<[^>]*>", " ", text)))


def test_rationales_are_what_each_person_selected(ten: Taxonomy) -> None:
    policy = "25_qa-runner.example"
    rows = {row.id: row for row in opp115.load_opp115(STAND_IN, ten)}
    people = sorted({row[2] for row in table(policy)})
    selected = 0
    for row in table(policy):
        texts = [about["selectedText"] for about in json.loads(row[6]).values() if about["selectedText"] != "null"]
        own = rows[f"{policy}#{row[4]}"]
        marks = own.rationales[people.index(row[2])]
        for text in texts:
            id = ten.ids[opp115.CATEGORIES.index(row[5])]
            found = [words(own.text[mark.start : mark.end]) for mark in marks if mark.category == id]
            assert any(words(text) in piece for piece in found)
            selected += 1
        assert {mark.category for mark in marks} == set(own.annotations[people.index(row[2])])
    assert selected > 40


def test_selections_are_merged_and_none_means_the_whole_text(ten: Taxonomy) -> None:
    text = "We keep logs.\n* We keep mail."

    def practice(*selected: tuple[str, float]) -> Practice:
        return Practice("1", 0, "Data Retention", {}, selected)

    person = {
        "retention": [practice(("We <b>keep</b> logs", 0.0)), practice(("logs. <br> <ul> <li> We", 0.3))],
        "security": [practice()],
        "other": [practice(("We keep", 0.6), ("zebra", 0.0))],
    }
    found = [(id, text[start:end]) for id, start, end in opp115._rationales(text, person, ten)]
    assert found == [("retention", "We keep logs.\n* We"), ("security", text), ("other", "We keep")]
    assert opp115._find(text, "We keep", 0.6) == (16, 23)
    assert opp115._find(text, "...", 0.6) is None
    assert opp115._find("We log Q&A too.", "Q&amp;A", 0.0) == (7, 10)


@pytest.mark.parametrize("index", [None, "", 1.5, -1, 10**9])
def test_an_invalid_place_breaks_no_ties(index: object) -> None:
    about = {"Retention Period": {"selectedText": "logs", "startIndexInSegment": index, "value": "Stated Period"}}
    row = ["1", "b", "100", "7", "0", "Data Retention", json.dumps(about), "1/2/16", "http://example.org"]
    assert opp115._practice(row, ["We keep logs."]).selected == (("logs", 0.0),)


def test_a_policy_without_selections_has_no_rationales(ten: Taxonomy) -> None:
    rows = opp115.load_opp115(STAND_IN, ten)
    without = {row.policy for row in rows if not row.rationales}
    assert without == {"17_kickoff-fantasy.example", "94_college-admissions-ccpa.example"}
    each = [row for row in opp115.load_opp115(STAND_IN, ten, "annotator") if row.policy not in without]
    assert all(len(row.rationales) == 1 for row in each)
    assert all({mark.category for mark in row.rationales[0]} == set(row.labels) for row in each)


def test_gold_is_by_majority_union_or_annotator(ten: Taxonomy) -> None:
    most, some, each = (opp115.load_opp115(STAND_IN, ten, gold) for gold in opp115.GOLDS)
    assert len(each) == 3 * len(most)
    for row, union, *readings in zip(most, some, each[::3], each[1::3], each[2::3], strict=True):
        votes = Counter(label for reading in readings for label in reading.labels)
        assert set(row.labels) == {label for label, count in votes.items() if count >= 2}
        assert set(union.labels) == set(votes)
        assert [reading.labels for reading in readings] == list(row.annotations)
        assert [reading.id for reading in readings] == [f"{row.id}/{k}" for k in (1, 2, 3)]


def test_the_default_taxonomy_takes_finer_labels_from_attributes(taxonomy: Taxonomy) -> None:
    rows = opp115.load_opp115(STAND_IN, taxonomy, "union")
    found = Counter(label for row in rows for label in row.labels)
    for id in ("children", "region", "transfer", "cookies", "use", "collection", "contact"):
        assert found[id], id
    assert all([id for id in row.unknown if "." not in id] == ["legal_basis"] for row in rows)


def test_texts_without_their_quotes_are_kept(ten: Taxonomy) -> None:
    rows = [row for row in opp115.load_opp115(STAND_IN, ten) if row.policy.startswith("47_")]
    assert rows
    assert not any(mark in row.text for row in rows for mark in "’‘")
    assert not any(
        tag in row.text for row in opp115.load_opp115(STAND_IN, ten) for tag in ("<br>", "<li>", "&amp;", "|||")
    )


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ("First Party Collection/Use", True),
        ("Other", False),
        ("*", True),
        ("First Party Collection/Use: Purpose = *", False),
        ("*: Personal Information Type = *", True),
        ("*: Personal Information Type = Location", True),
        ("*: Personal Information Type = Contact", False),
        ("*: No Such Attribute = *", False),
    ],
)
def test_rules(rule: str, fits: bool) -> None:
    values = {"Personal Information Type": "Location", "Purpose": "Unspecified"}
    assert Rule.parse(rule).matches(Practice("1", 0, "First Party Collection/Use", values)) is fits


def test_damaged_tags_are_text() -> None:
    assert "PBS.org" in opp115_segments.segment_lines("Write to <strPBS.org <br> 2100 Drive")[0].text


@pytest.mark.parametrize(
    ("segment", "text"),
    [
        ("<a " * 30_000, "<a " * 30_000),
        ("<a " * 30_000 + '">', ""),
        ('<a x=">" ' * 10_000 + '<a y="', None),
        ("<!-- -" * 10_000 + ">", None),
        ("&#" + "1" * 6000 + ";", "\ufffd"),
    ],
    ids=["tags", "one tag", "quotes", "comments", "reference"],
)
def test_segments_are_read_in_time_that_grows_with_their_length(segment: str, text: str | None) -> None:
    begun = time.process_time()
    lines = opp115_segments.segment_lines(segment)
    assert time.process_time() - begun < 2  # html.parser took 49 s for 60 KB
    if text is not None:
        assert [line.text for line in lines] == ([text.strip()] if text else [])


def test_a_long_selection_is_found_in_time_that_grows_with_the_text() -> None:
    begun = time.process_time()
    assert opp115._find("a " * 100_000, "a " * 1500 + "b", 0.5) is None
    assert opp115._find("A b, <c> d " * 5000, "b c d A", 0.5) == (27502, 27512)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("segment", "lines"),
    [
        ("a < b <br/> c<p title='x>y'>d</p>", ["a < b", "c", "d"]),
        ("<!-- no --> x &amp; y <?z?><!DOCTYPE html>", ["x & y"]),
        ('open <a x="> quote', ['open <a x="> quote']),
        ("<LI>one</LI ><li/>two", ["* one", "two"]),
    ],
)
def test_tags_are_read_as_html_parser_reads_them(segment: str, lines: list[str]) -> None:
    assert [line.text for line in opp115_segments.segment_lines(segment)] == lines


def damage(path: Path, change: str) -> None:
    rows = table(path.stem)
    column, value = {"segment": (4, "99"), "category": (5, "Cooking"), "attributes": (6, "{"), "list": (6, "[]")}[
        change
    ]
    rows[1][column] = value
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "segment",
            r"11_plumbob-casino\.example\.csv: row 2: segment '99' is not among the policy's \d+ \(from 0\)",
        ),
        ("category", r"row 2: OPP-115 has no category 'Cooking'"),
        ("attributes", "row 2: the attributes are not JSON as in OPP-115"),
        ("list", "row 2: the attributes are not JSON as in OPP-115"),
    ],
)
def test_a_damaged_row_is_named(change: str, message: str, copy: Path, ten: Taxonomy) -> None:
    damage(copy / "annotations/11_plumbob-casino.example.csv", change)
    with pytest.raises(DataError, match=message):
        opp115.load_opp115(copy, ten)


def test_every_missing_or_damaged_file_is_named_at_once(copy: Path, ten: Taxonomy) -> None:
    (copy / "annotations/25_qa-runner.example.csv").unlink()
    (copy / "sanitized_policies/39_calderwick-medical.example.html").unlink()
    with pytest.raises(DataError) as caught:
        opp115.load_opp115(copy, ten)
    assert len(caught.value.problems) == 2
    assert "25_qa-runner.example.html: there is no annotations/25_qa-runner.example.csv" in str(caught.value)
    assert "39_calderwick-medical.example.csv: there is no sanitized_policies/39_calderwick" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "holds no annotation", id="empty"),
        pytest.param(b"a,b\n", "row 1: has 2 columns instead of 9", id="columns"),
        pytest.param(b'1,2,"3', r"example\.csv:1: is not valid CSV: unexpected end of data", id="quotes"),
        pytest.param(b"1,2\n" + b"x" * 200_000, r"example\.csv:2: is not valid CSV: field larger", id="huge field"),
        pytest.param(b"1,2\n\0", r"example\.csv:2: holds a NUL", id="NUL"),
        pytest.param(b"%PDF-1.4", "is a PDF", id="another format"),
    ],
)
def test_a_file_that_is_not_csv_is_named(content: bytes, message: str, copy: Path, ten: Taxonomy) -> None:
    (copy / "annotations/11_plumbob-casino.example.csv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        opp115.load_opp115(copy, ten)


def test_an_annotation_that_cannot_be_read_is_named(copy: Path, ten: Taxonomy) -> None:
    path = copy / "annotations/11_plumbob-casino.example.csv"
    path.unlink()
    path.mkdir()
    with pytest.raises(DataError, match="cannot be read: is a folder, not a file"):
        opp115.load_opp115(copy, ten)


def test_a_wrong_folder_is_named(tmp_path: Path, ten: Taxonomy) -> None:
    with pytest.raises(DataError, match=r"annotations: cannot be read: No such file .* DIR is the OPP-115 folder"):
        opp115.load_opp115(tmp_path, ten)
    for part in ("annotations", "sanitized_policies"):
        (tmp_path / part).mkdir()
    with pytest.raises(DataError, match=r"holds no \.csv file"):
        opp115.load_opp115(tmp_path, ten)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (("Cooking",), "category 'a': OPP-115 has no category 'Cooking'"),
        (("Other: Other Type",), "is not of the form"),
        ((), "no category of the taxonomy has an `opp115` field"),
    ],
)
def test_a_taxonomy_without_rules_is_refused(rules: tuple[str, ...], message: str) -> None:
    with pytest.raises(DataError, match=message):
        opp115.load_opp115(STAND_IN, Taxonomy((Category("a", "A", "A.", "#000000", opp115=rules),)))


def test_there_are_two_taxonomies_of_the_literature() -> None:
    sizes = {name: len(taxonomy.load_taxonomy(resources.taxonomy_file(name))) for name in resources.TAXONOMY_NAMES}
    assert sizes == {"opp115": 10, "opp115-12": 12}
    with pytest.raises(TaxonomyError, match="there is no taxonomy 'x'"):
        resources.taxonomy_file("x")


@pytest.mark.skipif(not RELEASE, reason="CLAUSES_OPP115_RELEASE names no folder with the corpus")
def test_the_corpus_itself_has_the_counts_of_its_paper(ten: Taxonomy) -> None:
    rows = opp115.load_opp115(str(RELEASE), ten)
    policies = {row.policy for row in rows}
    assert len(policies) in (95, 115)
    assert all(len(row.annotations) == 3 for row in rows)
    if len(policies) == 95:
        assert len(rows) == 3167
        found = Counter(label for row in rows for label in row.labels)
        assert sum(bool(marks) for row in rows for marks in row.rationales) > 8000
        assert (found["first_party"], found["third_party"], found["do_not_track"]) == (1006, 804, 27)
    else:
        assert len(rows) == 3792


def test_values_of_attributes_come_with_the_words_selected_for_them(default_taxonomy: Taxonomy) -> None:
    rows = opp115.load_opp115(STAND_IN, default_taxonomy, "union")
    given = [(row, value) for row in rows for value in row.values or ()]
    assert given
    for row, value in given:
        assert value.quote in row.text
        attribute = default_taxonomy.attribute(value.id.partition(".")[0])
        assert not attribute.categories or set(attribute.categories) & set(row.labels)
    assert all("security.no_guarantee" in row.unknown for row in rows)  # OPP-115 has no such value
    assert {value.id for _, value in given}.isdisjoint(rows[0].unknown)


def test_values_by_majority_are_among_those_by_union(default_taxonomy: Taxonomy) -> None:
    most, any_ = (
        opp115.load_opp115(STAND_IN, default_taxonomy, "majority"),
        opp115.load_opp115(STAND_IN, default_taxonomy, "union"),
    )
    for one, other in zip(most, any_, strict=True):
        assert {value.id for value in one.values or ()} <= {value.id for value in other.values or ()}


def test_a_taxonomy_without_value_rules_brings_no_values(ten: Taxonomy) -> None:
    assert all(row.values is None for row in opp115.load_opp115(STAND_IN, ten))


def test_imported_values_are_read_again(default_taxonomy: Taxonomy, tmp_path: Path) -> None:
    rows = opp115.load_opp115(STAND_IN, default_taxonomy)
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(example_to_json(row) + "\n" for row in rows), encoding="utf-8")
    assert load_examples([path], default_taxonomy) == rows


def test_a_wrong_value_rule_is_named(default_taxonomy: Taxonomy) -> None:
    attribute = default_taxonomy.attributes[0]
    broken = attribute._replace(values=(attribute.values[0]._replace(opp115=("Nonsense",)),))
    with pytest.raises(DataError, match=r"value 'data.contact': OPP-115 has no category 'Nonsense'"):
        opp115.load_opp115(STAND_IN, Taxonomy(default_taxonomy.categories, (broken,)))
