"""The second level: which values a clause gets, their words and places, denial, and the heads in a model folder."""

import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import classifier
from classifier import Clause, DataError, Example, ModelError, Tagger
from classifier.analysis.summary import summarize
from classifier.datasets.rows import example_to_json, load_examples
from classifier.evaluation.values import token_f1, value_report
from classifier.model.persistence import load_model, save_model
from classifier.model.value_training import fit_values
from classifier.model.values import ValueHeads, phrases_of, value_labels
from classifier.text.phrases import phrase_spans
from classifier.types import MarkedValue, ValueLabel


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return classifier.load()


POLICY = """# Privacy notice

## What we collect

We collect your e-mail address, your IP address and your approximate location when you register.

## Sharing

We do not sell your personal data. We disclose it to law enforcement when a subpoena requires it.

## Retention

Server logs are deleted after thirty (30) days.

## Your rights

You have the right to access, correct and delete your data, and to lodge a complaint with a supervisory authority.
"""


@pytest.mark.parametrize(
    ("value", "is_denied"),
    [
        pytest.param("data.contact", False, id="contact"),
        pytest.param("data.device", False, id="device"),
        pytest.param("data.location", False, id="location"),
        pytest.param("sale.sold", True, id="no sale"),
        pytest.param("recipient.authority", False, id="authority"),
        pytest.param("retention.period", False, id="period"),
        pytest.param("right.access", False, id="access"),
        pytest.param("right.erasure", False, id="erasure"),
        pytest.param("right.complaint", False, id="complaint"),
    ],
)
def test_a_plain_policy_has_its_values(value: str, is_denied: bool, tagger: Tagger) -> None:
    found = [label for clause in tagger.tag_text(POLICY) for label in clause.values if label.id == value]
    assert [label.is_denied for label in found] == [is_denied]


def test_a_value_has_its_words_at_their_place(tagger: Tagger) -> None:
    tagged = tagger.tag_text("Préface 😀\r\n\r\n" + POLICY)
    values = [value for clause in tagged for value in clause.values]
    assert len(values) > 9
    for value in values:
        if value.start >= 0:
            assert tagged.document.text[value.start : value.end] == value.quote
    quotes = {value.id: value.quote for value in values}
    assert "IP address" in quotes["data.device"]
    assert "30" in quotes["retention.period"]


def test_values_are_only_given_where_their_attribute_may_occur(tagger: Tagger) -> None:
    for clause in tagger.tag_text(POLICY):
        for value in clause.values:
            allowed = tagger.model.taxonomy.attribute(value.id.partition(".")[0]).categories
            assert set(allowed) & set(clause.labels)


def test_a_value_that_only_the_heading_says_is_above(tagger: Tagger) -> None:
    clause = Clause("Yes", 0, 3, ("Geolocation data",), "Category | Collected")
    (values,) = value_labels([clause], [("collection",)], tagger.model)
    assert [(value.id, value.start, value.end) for value in values if value.id == "data.location"] == [
        ("data.location", -1, -1)
    ]


def test_the_first_level_is_the_same_with_and_without_the_second(tagger: Tagger) -> None:
    with_values, without = tagger.tag_text(POLICY), Tagger(tagger.model, level=1).tag_text(POLICY)
    for one, other in zip(with_values, without, strict=True):
        assert (one.labels, one.scores) == (other.labels, other.scores)
        assert other.values == ()
    assert "attributes" not in without.to_dict()["clauses"][0]
    assert summarize(without) == []


def test_a_level_that_does_not_exist_is_refused(tagger: Tagger) -> None:
    with pytest.raises(ValueError, match="level must be 1"):
        Tagger(tagger.model, level=3)  # type: ignore[arg-type]


def test_values_do_not_depend_on_the_clauses_beside_them(tagger: Tagger) -> None:
    clauses = [replace(clause, values=()) for clause in tagger.tag_text(POLICY)]
    together = value_labels(clauses, [clause.labels for clause in clauses], tagger.model)
    alone = [value_labels([clause], [clause.labels], tagger.model)[0] for clause in clauses]
    assert [[value[:1] + value[2:] for value in values] for values in together] == [
        [value[:1] + value[2:] for value in values] for values in alone
    ]


@pytest.mark.parametrize("text", ["", "...", "•", "\x00", "a" * 100_000, "we, " * 20_000, "\u200b", "|" * 5000])
def test_no_text_is_too_odd_for_values(text: str, tagger: Tagger) -> None:
    clause = Clause(text, 0, len(text))
    (values,) = value_labels([clause], [tagger.categories], tagger.model)
    for value in values:
        assert value.start < 0 or text[value.start : value.end] == value.quote


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        pytest.param("name, e-mail; age.", ["name", "e-mail", "age"], id="marks"),
        pytest.param("| Name | 3.5 years |", ["Name", "3.5 years"], id="cells"),
        pytest.param(
            "* **IP address** (if known)\n* log - files", ["IP address", "if known", "log", "files"], id="items"
        ),
        pytest.param("see https://a.example/b.html, please", ["see https://a.example/b.html", "please"], id="address"),
        pytest.param("name(s) given", ["name(s", "given"], id="bracket in a word"),
        pytest.param(" , . ", [], id="nothing"),
    ],
)
def test_phrases(text: str, phrases: list[str]) -> None:
    assert [text[start:end] for start, end in phrase_spans(text)] == phrases


def test_phrases_of_a_clause_include_what_stands_above() -> None:
    clause = Clause("Your age", 0, 8, ("Notice", "Data"), "We collect:")
    assert [(phrase.start, phrase.text) for phrase in phrases_of(clause)] == [
        (0, "Your age"),
        (-1, "We collect"),
        (-1, "Data"),
    ]


def test_the_parts_of_an_explanation_add_up_to_the_score(tagger: Tagger) -> None:
    tagged = tagger.tag_text(POLICY)
    given = [(clause, value) for clause in tagged for value in clause.values]
    assert given
    for clause, value in given:
        why = tagged.explain_value(clause, value.id)
        assert why.score == pytest.approx(value.score, abs=1e-4)
        assert why.score >= why.threshold
        assert set(why.categories) == set(clause.labels)
        assert any(reason.is_phrase for reason in why.reasons)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("data.blood", "no value 'data.blood'"),
        ("right.access", "'right.access' does not occur in clauses on collection"),
    ],
)
def test_only_values_that_may_occur_are_explained(value: str, message: str, tagger: Tagger) -> None:
    tagged = tagger.tag_text("We collect: e-mail address, age.")
    with pytest.raises(ValueError, match=message):
        tagged.explain_value(tagged[0], value)


def test_without_a_model_or_a_second_level_nothing_is_explained(tagger: Tagger) -> None:
    tagged = tagger.tag_text("We collect: e-mail address, age.")
    with pytest.raises(ValueError, match="was pickled"):
        copy.copy(tagged).explain_value(tagged[0], "data.contact")
    plain = Tagger(replace(tagger.model, values=None)).tag_text("We collect: e-mail address, age.")
    with pytest.raises(ValueError, match="no second level"):
        plain.explain_value(plain[0], "data.contact")


# --- in a model folder -----------------------------------------------------------------------------------------------


def test_heads_are_saved_and_loaded(tagger: Tagger, tmp_path: Path) -> None:
    save_model(tagger.model, tmp_path)
    first, again = tagger.model.values, load_model(tmp_path).values
    assert first is not None
    assert again is not None
    for name in ValueHeads.__dataclass_fields__:
        assert np.array_equal(getattr(first, name), getattr(again, name))
        assert not getattr(again, name).flags.writeable


def test_a_model_without_heads_tags_with_one_level(tagger: Tagger, tmp_path: Path) -> None:
    save_model(replace(tagger.model, values=None), tmp_path)
    plain = classifier.load(tmp_path)
    assert plain.level == 1
    assert "value_thresholds" not in json.loads((tmp_path / "model.json").read_text())
    assert plain.tag_text(POLICY).to_dict()["clauses"][1].keys() >= {"labels", "scores"}


@pytest.mark.parametrize(
    ("field", "change", "message"),
    [
        pytest.param("offsets", lambda a: a[::-1].copy(), "value_offsets must ascend", id="offsets"),
        pytest.param(
            "columns", lambda a: np.where(a == a[0], 10**6, a), "value_columns must be of known terms", id="columns"
        ),
        pytest.param("columns", lambda a: np.where(a == a[1], a[0], a), "value_columns must ascend", id="twice"),
        pytest.param("weights", lambda a: a[:-1], "value_", id="weights"),
        pytest.param("intercept", lambda a: np.full_like(a, np.nan), "value_intercept must be", id="NaN"),
        pytest.param("categories", lambda a: a[:, :-1], "value_categories must be", id="shape"),
    ],
)
def test_damaged_heads_are_refused(field: str, change, message: str, tagger: Tagger, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    heads = tagger.model.values
    assert heads is not None
    broken = replace(heads, **{field: change(getattr(heads, field)).astype(getattr(heads, field).dtype)})
    with pytest.raises((ModelError, classifier.WriteError), match=message):
        save_model(replace(tagger.model, values=broken), tmp_path)


def test_a_threshold_for_each_value_is_needed(tagger: Tagger, tmp_path: Path) -> None:
    save_model(tagger.model, tmp_path)
    content = json.loads((tmp_path / "model.json").read_text())
    del content["value_thresholds"]["data.contact"]
    (tmp_path / "model.json").write_text(json.dumps(content))
    with pytest.raises(ModelError, match=r"value_thresholds.data.contact is missing"):
        load_model(tmp_path)


# --- learning --------------------------------------------------------------------------------------------------------


def rows(n: int = 24) -> list[Example]:
    said = {
        "We collect your street address.": ("data.contact", "street address", False),
        "We collect your card number.": ("data.financial", "card number", False),
        "We do not collect your card number.": ("data.financial", "card number", True),
        "We collect what you tell us.": None,
    }
    found = []
    for k in range(n):
        for number, (text, value) in enumerate(said.items()):
            values = (MarkedValue(*value),) if value else ()
            found.append(Example(f"{k}-{number}", f"p{k}", text, ("collection",), values=values))
    return found


def test_heads_learn_from_quotes(tagger: Tagger) -> None:
    model = replace(tagger.model, values=fit_values(tagger.model, rows()))
    texts = ["Your street address is collected.", "Here we do not collect your card number."]
    clauses = [Clause(text, 0, len(text)) for text in texts]
    (address,), (card,) = value_labels(clauses, [("collection",)] * 2, model)
    assert (address.id, address.is_denied, card.id, card.is_denied) == ("data.contact", False, "data.financial", True)
    assert "street address" in address.quote
    assert "card number" in card.quote
    assert value_labels(clauses, [("use",), ()], model)[1] == ()


def test_the_same_rows_give_the_same_heads(tagger: Tagger) -> None:
    one, other = fit_values(tagger.model, rows()), fit_values(tagger.model, rows())
    assert one is not None
    assert other is not None
    assert all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ValueHeads.__dataclass_fields__)


def test_without_values_nothing_is_learned(tagger: Tagger) -> None:
    assert fit_values(tagger.model, [replace(row, values=None) for row in rows()]) is None
    assert fit_values(tagger.model, rows(2)) is None


def test_values_of_rows_are_written_and_read(tmp_path: Path, tagger: Tagger) -> None:
    given = [*rows(1), Example("u", "p", "No one was asked.", ("use",), unknown=("data.content",))]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(example_to_json(row) + "\n" for row in given), encoding="utf-8")
    assert load_examples([path], tagger.model.taxonomy) == given


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param(
            [{"value": "data.contact", "quote": "elsewhere"}], "the quote 'elsewhere' is not in the clause", id="quote"
        ),
        pytest.param(
            [{"value": "data.blood", "quote": "name"}], "unknown value 'data.blood'; data has contact", id="value"
        ),
        pytest.param([{"value": "mood.good", "quote": "name"}], "unknown attribute in 'mood.good'", id="attribute"),
        pytest.param([{"value": "right.access", "quote": "name"}], "needs one of the labels rights", id="category"),
        pytest.param([{"value": "data.contact"}], "values must be objects like", id="no quote"),
        pytest.param("data.contact", "values must be objects like", id="no list"),
        pytest.param([{"value": "data.contact", "quote": "name"}] * 2, "given twice", id="twice"),
    ],
)
def test_wrong_values_are_named(values: object, message: str, tmp_path: Path, tagger: Tagger) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"text": "We collect your name.", "labels": ["collection"], "values": values}))
    with pytest.raises(DataError) as error:
        load_examples([path], tagger.model.taxonomy)
    assert message in str(error.value)


# --- measuring -------------------------------------------------------------------------------------------------------


def test_a_report_counts_clauses_policies_words_and_denials(tagger: Tagger) -> None:
    given = rows(2)
    right = [tuple(ValueLabel(v.id, 0.9, 0, 1, v.quote, v.is_denied) for v in row.values or ()) for row in given]
    report = value_report(given, right, tagger.model.taxonomy)
    assert (report.rows, report.policies, report.micro_f1, report.quote_f1, report.denial_f1) == (8, 2, 1.0, 1.0, 1.0)
    nothing = value_report(given, [()] * len(given), tagger.model.taxonomy)
    assert (nothing.micro_f1, nothing.macro_f1) == (0.0, 0.0)
    by_id = {row.id: row for row in report.values}
    assert (by_id["data.financial"].support, by_id["data.financial"].policies) == (4, 2)


def test_unknown_values_are_not_counted(tagger: Tagger) -> None:
    row = Example("a", "p", "We collect it.", ("collection",), unknown=("data.contact",), values=())
    found = [(ValueLabel("data.contact", 0.9, 0, 1, "it"),)]
    assert "data.contact" not in {figures.id for figures in value_report([row], found, tagger.model.taxonomy).values}


def test_token_f1() -> None:
    assert token_f1("", "") == 0.0
    assert token_f1("Your name", "your NAME") == 1.0


def test_a_summary_answers_questions_with_clauses_and_words(tagger: Tagger) -> None:
    lines = {line.attribute: line for line in summarize(tagger.tag_text(POLICY))}
    assert lines["retention"].question == "How long it is kept"
    (period,) = lines["retention"].facts
    assert (period.value, period.text, len(period.clauses)) == ("P30D", "thirty (30) days", 1)
    (sold,) = lines["sale"].items
    assert sold.is_denied
    assert "sell" in sold.quote
