"""What programs take further from a tagged policy: the same fields in every form, and nothing that can be changed."""

import copy
import csv
import io
import json
import pickle
from importlib import resources
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

import classifier
from classifier import Clause, ReadError, TaggedPolicy, Tagger
from classifier.model.info import ModelInfo
from classifier.render.formats import FORMAT_NAMES, RenderOptions, get_format
from classifier.render.table import LEVEL_2_FIELDS, clause_columns
from classifier.text.fingerprint import fingerprint
from tests.conftest import ROOT, SEEDS

SOURCE = "# Notice\n\n## 1. Data\n\nWe collect your name.\n\n## 2. Logs\n\nWe keep:\n\n* logs for 30 days;\n* bills.\n\nWe use cookies.\n"


@pytest.fixture(scope="module")
def tagged(tagger: Tagger) -> TaggedPolicy:
    return tagger.tag_text(SOURCE, "notice.md")


def written(name: str, tagged: TaggedPolicy) -> str:
    return get_format(name, RenderOptions()).document(tagged)


def test_a_policy_is_a_sequence_of_its_clauses(tagged: TaggedPolicy) -> None:
    assert len(tagged) == len(tagged.clauses) == 3
    assert list(tagged) == list(tagged.clauses)
    assert tagged[-1] is tagged.clauses[-1]
    assert tagged.filter(where=lambda clause: False)  # empty, and true like any object


def test_a_policy_as_a_dictionary_follows_the_schema_and_is_the_json(tagged: TaggedPolicy) -> None:
    schema = json.loads(resources.files("classifier.render").joinpath("tagged.schema.json").read_text(encoding="utf-8"))
    for explain in (False, True):
        document = tagged.to_dict(explain=explain)
        jsonschema.validate(document, schema)
        assert json.loads(tagged.to_json(explain=explain)) == document
    assert json.loads(written("json", tagged))["policies"] == [
        {key: value for key, value in tagged.to_dict().items() if key not in ("schema_version", "model")}
    ]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema_version": 1, "model": tagged.to_dict()["model"]}, schema)


def test_every_table_has_the_same_columns_and_values(tagged: TaggedPolicy, tmp_path: Path) -> None:
    columns = clause_columns(tagged)
    frame = tagged.to_frame()
    assert list(frame.columns) == columns
    rows = list(csv.DictReader(io.StringIO(written("csv", tagged), newline="")))
    assert list(rows[0]) == [*columns, *(f"has_{id}" for id in tagged.model.taxonomy.ids)]
    lines = [json.loads(line) for line in written("jsonl", tagged).splitlines()]
    packed = get_format("parquet").output([get_format("parquet").policy(tagged)], tagged)
    (tmp_path / "x.parquet").write_bytes(b"".join(packed))  # type: ignore[arg-type]
    parquet = pd.read_parquet(tmp_path / "x.parquet")
    assert list(parquet.columns) == columns
    for number, clause in enumerate(tagged):
        for name in columns:
            wanted = frame[name][number]
            if name in clause.scores:
                found = [lines[number]["scores"][name], float(rows[number][name]), parquet[name][number]]
                assert found == pytest.approx([wanted] * 3, abs=1e-5)
            elif name in LEVEL_2_FIELDS:
                assert lines[number][name] == wanted
                for found, value in zip(parquet[name][number], wanted, strict=True):
                    assert {**found, "score": 0} == {**value, "score": 0} if "score" in value else found == value
                written_values = [entry["value"] for entry in wanted]
                assert all(value in rows[number][name] for value in written_values)
            elif isinstance(wanted, list):
                joined = (" " if name == "labels" else " > ").join(wanted)
                assert (lines[number][name], list(parquet[name][number]), rows[number][name]) == (
                    wanted,
                    wanted,
                    joined,
                )
            else:
                assert (lines[number][name], parquet[name][number]) == (wanted, wanted)
                assert str(rows[number][name]).removeprefix("'") in (
                    str(wanted),
                    f"{wanted:.4f}" if name == "coverage" else "",
                )
        assert [id for id in tagged.model.taxonomy.ids if rows[number][f"has_{id}"] == "yes"] == list(clause.labels)
    assert frame["section"][0] == ["Notice", "1. Data"]
    assert frame["context"].tolist() == [clause.context for clause in tagged]


def test_pages_and_markdown_are_those_of_the_command(tagged: TaggedPolicy) -> None:
    assert tagged.to_html() == written("html", tagged)
    assert tagged.to_markdown() == written("markdown", tagged)
    assert "<details open>" in tagged.to_html(explain=True)
    for name in set(FORMAT_NAMES) - {"parquet"}:
        assert "cookies" in written(name, tagged) or name in ("dpv", "fides")  # which know values alone


def test_clauses_are_filtered_by_label_section_and_anything(tagged: TaggedPolicy) -> None:
    assert [clause.text for clause in tagged.filter("cookies")] == ["We use cookies."]
    assert len(tagged.filter("cookies", "collection")) == 2
    assert [clause.section[-1] for clause in tagged.filter(section="LOGS")] == ["2. Logs", "2. Logs"]
    assert len(tagged.filter(where=lambda clause: clause.start > 30)) == 2
    found = tagged.filter("cookies")
    assert found.to_frame()["text"].tolist() == ["We use cookies."]
    assert (found[0].number, found.to_frame()["clause"].tolist()) == (3, [3])
    assert found.missing() == tagged.missing() == found.filter("cookies").missing()
    assert 'href="#p1-3"' in found.to_html()
    with pytest.raises(ValueError, match="no category 'cookie'; the model has collection, "):
        tagged.filter("cookie")


def test_ids_are_stable_and_unique(tagger: Tagger) -> None:
    policy = tagger.tag(SEEDS[0])
    ids = [clause.id for clause in policy]
    assert len(set(ids)) == len(ids)
    before = {clause.id: clause.text for clause in tagger.tag_text(SOURCE)}
    changed = SOURCE.replace("# Notice\n", "# Notice, updated in May\n\nThis is new.\n\n## 1. Also new\n\nNew.\n")
    changed = changed.replace("1. Data", "2. Data").replace("2. Logs", "3. Logs").replace("name.", "**name**.")
    after = {clause.id: clause.text for clause in tagger.tag_text(changed)}
    assert set(before) <= set(after)
    assert len(after) == len(before) + 2
    words = {clause.id for clause in tagger.tag_text(SOURCE.replace("30 days", "60 days"))}
    assert len(words - set(before)) == 1
    html = tagger.tag_html("<h2>1. Data</h2><p>We collect <b>your name</b>.</p><h2>2. Logs</h2><p>We use cookies.</p>")
    assert {clause.id for clause in html} <= set(before)
    for one, other in (
        ("Plan A terms", "Plan B terms"),
        ("In 2019", "In 2020"),
        ("Retention period", "Retention"),
        ("A note", "Note"),
    ):
        assert fingerprint("We keep it.", one) != fingerprint("We keep it.", other)
    for one, other in (
        ("iv) Right to a copy", "Right to a copy"),
        ("6. Retention period", "7.1 Retention period"),
        ("(b) Logs", "Logs"),
    ):
        assert fingerprint("We keep it.", one) == fingerprint("We keep it.", other)
    assert [c.id.partition("-")[2] for c in tagger.tag_text("Same.\n\nSame.\n\nsame!")] == ["", "2", "3"]


def test_frozen_is_frozen(tagged: TaggedPolicy, tagger: Tagger) -> None:
    for mapping in (tagger.thresholds, tagged.thresholds, tagged[0].scores):
        before = dict(mapping)
        for change in (
            lambda m: m.__setitem__("use", 5),
            lambda m: m.update(use=5),
            lambda m: m.pop("use"),
            lambda m: m.setdefault("x", 1),
            lambda m: m.clear(),
            lambda m: m.__delitem__("use"),
            lambda m: m.__ior__({"use": 5}),
        ):
            with pytest.raises(TypeError, match="read-only"):
                change(mapping)
        assert mapping == before
        assert copy.deepcopy(mapping) == pickle.loads(pickle.dumps(mapping)) == before  # noqa: S301
    with pytest.raises(AttributeError):
        tagged[0].labels = ()  # type: ignore[misc]


def test_a_pickled_result_leaves_the_model_behind(tagger: Tagger) -> None:
    policy = tagger.tag(SEEDS[0])
    packed = pickle.dumps(policy)
    assert len(packed) < 12 * len(policy.document.text)
    found = pickle.loads(packed)  # noqa: S301
    assert isinstance(found.model, ModelInfo)
    assert (found.model.name, found.model.checksum) == (tagger.model.name, tagger.model.checksum)
    assert found.clauses == policy.clauses
    assert found.to_dict() == policy.to_dict()
    assert found.missing() == policy.missing()
    assert found.counts() == policy.counts()
    assert not found.can_explain
    with pytest.raises(ValueError, match="was pickled, which leaves the model behind; tag the document again"):
        found.explain(found[0], "use")
    page, cell = found.to_html(), found._repr_html_()
    assert "<mark" in policy.to_html()
    assert "<mark" not in page
    for category in found.model.taxonomy:
        if found.counts()[category.id]:
            assert category.title in page
            assert category.title in cell
    assert "log-odds</span>" not in page
    again = tagger.tag_document(found.document).explain(policy[0], "use")
    assert again.score == pytest.approx(policy[0].scores["use"])


def test_a_clause_of_another_policy_is_not_explained(tagger: Tagger, tagged: TaggedPolicy) -> None:
    other = tagger.tag_text("Another policy, which keeps data for a year.")
    with pytest.raises(ValueError, match="not of this policy"):
        tagged.explain(other[0], "retention")


def test_long_values_are_shown_in_a_line(tagged: TaggedPolicy, tagger: Tagger) -> None:
    clause = tagger.tag_text("We keep your data for thirty days. " * 20)[0]
    for value in (clause, tagged, tagger, pickle.loads(pickle.dumps(tagged)).model):  # noqa: S301
        assert len(repr(value)) < 300
        assert "\n" not in repr(value)
    assert repr(clause).startswith("<Clause 0-699 [retention 0.")


def test_bytes_and_pages_are_tagged(tagger: Tagger) -> None:
    assert tagger.tag_bytes("We use cookies – always.".encode("utf-16"), "x.txt", ".txt")[0].labels == ("cookies",)
    page = "<html><body><nav><a href='/'>Home</a></nav><h1>Cookies</h1><p>Wir – we use cookies.</p></body></html>"
    assert tagger.tag_html(page)[0].text == "Wir – we use cookies."
    assert tagger.tag_bytes(page.encode())[0].labels == tagger.tag_html(page)[0].labels
    pdf = tagger.tag_bytes((ROOT / "tests/pages/tables.html").read_bytes(), "tables")
    assert pdf.document.format == "html"
    with pytest.raises(TypeError, match="must be bytes, not str; `tag_text`"):
        tagger.tag_bytes("text")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be str, not bytes; `tag_bytes`"):
        tagger.tag_html(b"<p>")  # type: ignore[arg-type]
    with pytest.raises(ReadError, match="`tag_text` takes a text"):
        tagger.tag("We collect your name and your address.")


def test_headings_and_contexts_are_read_with_texts(tagger: Tagger) -> None:
    policy = tagger.tag(SEEDS[0])
    texts, headings = [c.text for c in policy], [c.headings for c in policy]
    scores = tagger.predict_proba(texts, headings=headings, contexts=pd.Series([c.context for c in policy]))
    assert np.array_equal(scores, np.array([list(c.scores.values()) for c in policy]))
    bare, headed = (tagger.predict_proba(["For a month."], headings=[path])[0] for path in ((), ("Data retention",)))
    assert headed[tagger.categories.index("retention")] > bare[tagger.categories.index("retention")]
    with pytest.raises(ValueError, match="there are 1 texts but 2 headings"):
        tagger.predict(["30 days"], headings=[[], []])
    with pytest.raises(TypeError, match="the headings of text 0 must be a list of strings, not one string"):
        tagger.predict(["30 days"], headings=["Retention"])


@pytest.mark.parametrize("thresholds", [0.9, 1, np.float64(0.9)], ids=repr)
def test_one_number_sets_all_thresholds(thresholds: float, tagger: Tagger) -> None:
    assert set(classifier.load(thresholds=thresholds).thresholds.values()) == {float(thresholds)}
    for wrong in (1.5, float("nan"), -1):
        with pytest.raises(ValueError, match="the threshold must be between 0 and 1, not"):
            classifier.load(thresholds=wrong)


def test_default_is_the_name_of_the_default_model(
    tagger: Tagger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert classifier.load("default").model.checksum == tagger.model.checksum


def test_a_tagger_saves_its_model(tagger: Tagger, tmp_path: Path) -> None:
    copied = Tagger(tagger.model)
    copied.save(tmp_path / "mine", "# Card\n")
    assert (
        classifier.load(tmp_path / "mine").predict_proba(["We share data."]).tolist()
        == tagger.predict_proba(["We share data."]).tolist()
    )
    assert (tmp_path / "mine/README.md").read_text() == "# Card\n"


def test_a_clause_that_was_not_tagged_has_a_short_form_too() -> None:
    assert repr(Clause("We share.", 0, 9, labels=("sharing",))) == "<Clause 0-9 [sharing] 'We share.'>"
