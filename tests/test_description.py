"""Any value that a stranger writes into model.json is refused with one sentence, or is harmless everywhere later."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from classifier import DataError, Example, ModelError, Tagger
from classifier.evaluation import evaluate, report
from classifier.model import description
from classifier.model.estimator import ClauseClassifier
from classifier.model.model import Model
from classifier.model.persistence import load_model, save_model
from classifier.model.scorer import probabilities
from classifier.render import card
from classifier.render.formats import RenderOptions, get_format
from classifier.taxonomy import Category, Taxonomy
from classifier.training import train
from tests.tiny import tiny

HOSTILE = [
    *("null", "true", "false", "0", "-1", "1", "0.5", "1e308", "9007199254740993", "1" + "0" * 400),
    *("NaN", "Infinity", "1e400", '""', '"many"', '"\\u202e"', '"\\u001b[31m"', '"a\\nb"', '"\\ud800"'),
    *('"red;}body{display:none"', '"</style><script>"', '"{{ 7 * 7 }}"', '"../../etc/passwd"'),
    *('"' + "x" * 20_000 + '"', "[]", "{}", "[null]", '{"a": {}}', '["a", ["b"]]'),
    *("[" * 60 + "]" * 60, "[" * 90_000 + "]" * 90_000),
]
POLICY = (
    "# Cookies\n\nA cookie is a file in your browser.\n\n* We retain logs for a year.\n\n[Home](/) [Terms](/terms)\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a trained model with all fields of model.json; small, so that thousands can be loaded."""
    lines = [
        ("We retain records of {} for years.", ("retention",)),
        ("Logs of {} are retained.", ("retention",)),
        ("A cookie is a file that {} sets.", ("cookies",)),
        ("Your browser can refuse {} cookies.", ("cookies",)),
        ("Welcome to {}, a shop.", ()),
        ("About {0}: {0}a {0}b {0}c {0}d {0}e {0}f {0}g {0}h", ()),
    ]
    examples = [
        Example(f"{policy}-{number}", policy, line.format(policy), labels)
        for policy in ("acme", "globex", "initech", "hooli")
        for number, (line, labels) in enumerate(lines)
    ]
    taxonomy = Taxonomy(
        (
            Category(
                "cookies", "Cookies", "Cookies and pixels.", "#AA7733", keywords=("cookie", "pixel"), gdpr=("Art. 5",)
            ),
            Category("retention", "Retention", "How long.\nOr why.", "#CC6677", counts=("periods",)),
            Category("never", "Never learned", "Nothing.", "#777777"),
        )
    )
    beside = [Example("other-1", "other", "Cookies of others, which are other cookies.", ("cookies",))]
    fitted, _, _ = train.train(
        examples, taxonomy, name="small", classifier=ClauseClassifier(window=0, min_df=2), auxiliary=beside
    )
    path = tmp_path_factory.mktemp("small")
    save_model(fitted, path)
    return path


def pages(fitted: Model) -> list[str]:
    """Tag a policy, also with thresholds of 0, which give even a category that was never learned."""
    shown = []
    for tagger in (Tagger(fitted), Tagger(fitted, dict.fromkeys(fitted.taxonomy.ids, 0.0))):
        policy = tagger.tag_text(POLICY)
        for name in ("html", "text", "markdown", "json"):
            form = get_format(name, RenderOptions(color=True, show_all=True, explain=name != "json"))
            shown.append("".join(form.join([form.policy(policy)], tagger)))
        assert [policy.near_misses(clause) for clause in policy.clauses]
        assert len(policy.to_frame()) == len(policy.clauses)
    return shown


def cards(fitted: Model) -> list[str]:
    return [card.model_card(fitted)]


def evaluated(fitted: Model) -> list[str]:
    return [evaluate.evaluate_model(fitted, [Example("a", "p", "Cookies.", ("cookies",))], fitted.taxonomy).to_json()]


def shown_once(fitted: Model, seen: set[tuple[str, str]]) -> list[str]:
    """Render all output that shows a model, except output that was rendered for the same values before."""
    training = fitted.training
    alike = (fitted.name, fitted.taxonomy, fitted.thresholds, fitted.window)
    shown: list[str] = []
    for show, read in (
        (pages, (*alike, training.get("rows"), training.get("policies"))),
        (cards, (*alike, {key: value for key, value in training.items() if key != "policy_marks"})),
        (evaluated, (fitted.taxonomy.ids, training.get("policy_marks"))),
    ):
        if (show.__name__, repr(read)) not in seen:
            seen.add((show.__name__, repr(read)))
            shown += show(fitted)
    return shown


def fields(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the paths of all fields of a JSON value; of a list, of its first and last item."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    keep = list(items)
    for key, item in keep if isinstance(value, dict) else {*keep[:1], *keep[-1:]} if _flat(value) else keep[:1]:
        yield from fields(item, (*path, key))


def _flat(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(item, dict | list) for item in value)


def without(content: Any, path: tuple[str | int, ...], mark: str | None = None) -> str:
    """Write the content with a mark in place of one field, or without that field."""
    copy = json.loads(json.dumps(content))
    parent = copy
    for key in path[:-1]:
        parent = parent[key]
    if mark is None:
        del parent[path[-1]]
    else:
        parent[path[-1]] = mark
    return json.dumps(copy)


def changed(content: Any, path: tuple[str | int, ...], *literals: str | None) -> Iterator[bytes]:
    """Write the content with each JSON literal in place of one field; None leaves the field out."""
    marked = without(content, path, "@@@")
    for literal in literals:
        yield (without(content, path) if literal is None else marked.replace('"@@@"', literal)).encode()


@pytest.mark.slow
def test_each_field_with_each_hostile_value_is_refused_or_harmless(folder: Path) -> None:
    path = folder / "model.json"
    original = path.read_bytes()
    content = json.loads(original)
    places = [place for place in fields(content) if place]
    assert len(places) > 100
    refused = harmless = 0
    seen: set[tuple[str, str]] = set()
    try:
        for place in places:
            for literal, written in zip((None, *HOSTILE), changed(content, place, None, *HOSTILE), strict=True):
                where = f"{place} = {literal if literal is None else literal[:60]}"
                try:
                    description.parse_description(written, "model.json")
                    path.write_bytes(written)
                    fitted = load_model(folder)
                except ModelError as error:
                    assert_is_a_sentence(str(error), where)
                    refused += 1
                    continue
                harmless += 1
                try:
                    assert_is_safe(shown_once(fitted, seen), where)
                except Exception as error:
                    raise AssertionError(f"{where}: {type(error).__name__}: {error}") from error
    finally:
        path.write_bytes(original)
    assert refused > 2500
    assert harmless > 20


def assert_is_a_sentence(message: str, where: str) -> None:
    assert "model.json: " in message or "weights" in message, where
    assert message.isprintable(), where
    assert len(message) < 500, where


def assert_is_safe(shown: list[str], where: str) -> None:
    for text in shown:
        assert not re.search("[\u202a-\u202e\ud800-\udfff]", text), where
    for page in [text for text in shown if text.startswith("<!DOCTYPE")]:
        assert "<script" not in page, where
        assert "display:none" not in page.partition("</style>")[0], where
        assert "\x1b" not in page, where


@pytest.mark.parametrize(
    ("place", "literal", "message"),
    [
        pytest.param(("training", "rows"), '"many"', "training.rows must be a whole number of at least 0, not 'many'", id="words"),
        pytest.param(("training", "rows"), "true", "training.rows must be a whole number of at least 0, not True", id="bool"),
        pytest.param(("training", "also", "policies"), "-1", "training.also.policies must be a whole number", id="nested"),
        pytest.param(("training", "policy_marks", 0), "[]", "training.policy_marks[0] must be a string of", id="item"),
        pytest.param(("training", "figures", "how"), '"\\u202e"', "training.figures.how must be a string", id="direction"),
        pytest.param(
            ("training", "figures", "averages", "micro_f1"), "[1]", "averages.micro_f1 must be a list of 3, not of 1", id="length"
        ),
        pytest.param(
            ("training", "figures", "figures", 0, "f1", 1), "1.5", "figures[0].f1[1] must be a number between 0 and 1, or null", id="share"
        ),
        pytest.param(
            ("training", "figures", "figures"), "[]", "training.figures.figures must have one entry for each category", id="rows"
        ),
        pytest.param(("thresholds", "never"), None, "thresholds.never is missing", id="no threshold"),
        pytest.param(("thresholds", "never"), "NaN", "is damaged: it holds 'NaN', which is not a finite number", id="NaN"),
        pytest.param(("thresholds", "never"), "1e400", "it holds '1e400', which is not a finite number", id="1e400"),
        pytest.param(("thresholds", "never"), "true", "thresholds.never must be a number between 0 and 1, not True", id="true"),
        pytest.param(("name",), '"a\\u202eb"', "name must be a name of 1 to 300 characters", id="name"),
        pytest.param(("categories", 0, "colour"), '"red"', "categories[0]: colour must be #rrggbb, not 'red'", id="colour"),
        pytest.param(("categories", 0, "id"), '"A b"', "categories[0]: the id 'A b' must be lower case", id="id"),
        pytest.param(("categories", 1, "id"), '"cookies"', "categories[1]: the id 'cookies' was already given in categories[0]", id="twice"),
        pytest.param(("categories", 2, "title"), '"\\u001b[0m"', "categories[2]: title holds the character '\\x1b'", id="escape"),
        pytest.param(("categories", 2, "title"), '"a\\nb"', "categories[2]: title holds the character '\\n'", id="two lines"),
        pytest.param(("weights", "file"), '"../weights.safetensors"', "weights.file must be the name of a file in the same", id="above"),
        pytest.param(("weights", "file"), '"weights/a.safetensors"', "weights.file must be the name of a file in the same", id="below"),
        pytest.param(("weights", "file"), '"model.json"', "weights.file must be the name of a file in the same", id="other"),
        pytest.param(("weights", "sha256"), '"abc"', "weights.sha256 must be a SHA-256 checksum", id="sha256"),
        pytest.param(("extra",), "[" * 60 + "]" * 60, "is damaged: objects and lists are nested more than 32 deep", id="deep"),
        pytest.param(("extra",), '{"a": 1, "a": 2}', "is damaged: the field 'a' occurs twice", id="duplicate"),
        pytest.param(("format_version",), "true", "has format version True, but this release reads 1", id="version"),
    ],
)  # fmt: skip
def test_the_field_is_named(folder: Path, place: tuple[str | int, ...], literal: str, message: str) -> None:
    content = json.loads((folder / "model.json").read_bytes())
    with pytest.raises(ModelError) as error:
        description.parse_description(*changed({**content, "extra": 0}, place, literal), "model.json")
    assert str(error.value).startswith("model.json: ")
    assert message in str(error.value)


def test_fields_of_a_later_release_are_kept(folder: Path, tmp_path: Path) -> None:
    content = json.loads((folder / "model.json").read_bytes())
    content["licence"] = {"name": "CC0"}
    content["training"]["machine"] = "fast"
    content["training"]["figures"]["figures"][0]["new"] = [1]
    content["training"]["figures"]["new"] = "a figure"
    content["categories"][0]["new"] = "a field"
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "model.json").write_text(json.dumps(content), encoding="utf-8")
    fitted = load_model(tmp_path)
    save_model(fitted, tmp_path)
    again = json.loads((tmp_path / "model.json").read_bytes())
    assert (again["licence"], again["training"]) == (content["licence"], content["training"])
    assert "Retention" in pages(fitted)[0]
    assert card.model_card(fitted) == card.model_card(load_model(folder))


def test_figures_of_a_later_release_are_not_read(folder: Path) -> None:
    content = json.loads((folder / "model.json").read_bytes())
    content["training"]["figures"] = {"schema_version": 2, "figures": "otherwise"}
    assert description.figures(description.check(content, "model.json").training) is None


def test_a_model_without_optional_fields_is_used(folder: Path, tmp_path: Path) -> None:
    save_model(tiny("first", 1), tmp_path)
    content = json.loads((tmp_path / "model.json").read_bytes())
    del content["name"], content["window"], content["training"]
    (tmp_path / "model.json").write_text(json.dumps(content), encoding="utf-8")
    fitted = load_model(tmp_path)
    assert (fitted.name, fitted.training) == (tmp_path.name, {})
    assert probabilities(["cookies"], fitted).shape == (1, 2)
    policy = Tagger(fitted, {"never": 0.0, "use": 0.0}).tag_text(POLICY)
    page = get_format("html", RenderOptions())
    assert "which learned from" not in "".join(page.policy(policy))
    text = card.model_card(fitted)
    assert "2 terms." in text
    assert "## Figures" not in text


def test_a_description_is_written_as_it_was_read(folder: Path) -> None:
    data = (folder / "model.json").read_bytes()
    assert description.description_to_bytes(description.parse_description(data, "model.json")) == data


def test_the_figures_are_those_of_a_report(folder: Path) -> None:
    assert description.FIGURES_VERSION == report.SCHEMA_VERSION
    figures = description.figures(load_model(folder).training)
    assert figures is not None
    assert report.report_from_dict(figures).summary() == figures


def test_an_invalid_name_is_refused_before_training() -> None:
    with pytest.raises(DataError, match="the name of a model must be a name of 1 to 300 characters"):
        train.train([Example("a", "p", "x", ("use",))], tiny("first", 1).taxonomy, name="a\nb")
