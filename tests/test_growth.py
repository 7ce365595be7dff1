"""Traps that were found, each by name, and a few random ones; `python -m tests.growth --minutes 60` looks for others."""

import itertools
import re
from collections.abc import Iterator

import pytest

from tests import growth
from tests.growth import Candidate, Child

pytestmark = pytest.mark.slow

SEED = 1
SAMPLE = 1
"""Random candidates of each target."""
LONGEST_LINE = "we may share your personal information with partners of all kinds, and"

TRAPS: dict[str, Candidate] = {
    # html: elements that the parser or the tree multiplies or nests
    "tabs": Candidate("html", "<a role=tab aria-controls=t{i}>x</a><div role=tabpanel id=t{i}><p>y</p></div>"),
    "tabs of one panel": Candidate("html", "<a role=tab aria-controls=t0>x</a>", suffix="<div role=tabpanel id=t0>y</div>"),
    "tabs nested": Candidate("html", "<div role=tabpanel id=t{i} aria-labelledby=t{i}><a role=tab id=t{i} aria-controls=t{i}>x"),
    "formatting not closed": Candidate("html", "<p><b id={i}>x"),
    "items in definitions": Candidate("html", "<dd><li>x "),
    "definitions in items": Candidate("html", "<dt><li>x "),
    "a comment at once closed": Candidate("html", "<div>x ", prefix="<!-->", suffix="-->"),
    "annotations": Candidate("html", "<rt>x "),
    "annotations of footers": Candidate("html", "<rt class=footer>x "),
    "descriptions of footers": Candidate("html", "<desc class=footer>x "),
    "pictures of footers": Candidate("html", "<svg><desc class=footer>x</desc></svg>"),
    "footers": Candidate("html", "<div class=footer>x ", "</div>"),
    "attributes": Candidate("html", " a{i}=1", prefix="<p", suffix=">x"),
    "options": Candidate("html", "<option>a", prefix="<select>", suffix="</select><p>x"),
    "wide cells in lists": Candidate("html", "<ul><li><table><tr><td colspan=50>x</td></tr></table></li></ul>"),
    "wide cells in lists, not closed": Candidate("html", "<ul><li><table><tr><td colspan=50>x</table>"),
    "nested tables": Candidate("html", "<table><tr><td>x"),
    "nested tables, closed": Candidate("html", "<table><tr><td>x", "</td></tr></table>"),
    "tiny paragraphs of a page": Candidate("html", "<p>x "),
    "buttons in a line": Candidate("html", "<button>x</button> word ", prefix="<p>"),
    "buttons over text": Candidate("html", "<button>x</button><div>y</div>"),
    "elements of its own": Candidate("html", "<x-y>x</x-y> word ", prefix="<p>"),
    # text
    "bold bullets in a line": Candidate("text", "* **A** "),
    "bold in a bullet": Candidate("text", "**A.** ", prefix="* "),
    "dots": Candidate("text", "."),
    "marks of all kinds": Candidate("text", "* # 1. 0123;<b>1."),
    "tiny paragraphs": Candidate("text", "a\n\n"),
    "wrapped lines of 71 characters": Candidate("plain", f"{LONGEST_LINE}\n"),
    "wrapped lines of 130 characters": Candidate("plain", f"{LONGEST_LINE[:58]} {LONGEST_LINE}\n"),
    "questions": Candidate("sentences", "? "),
    # one long clause, explained
    "bold in a bullet, explained": Candidate("explain-html", "**A.** ", prefix="* "),
    "dots, explained": Candidate("explain-html", "."),
    "marks of all kinds, explained": Candidate("explain-html", "* # 1. 0123;<b>1."),
    "a clause of sentences": Candidate("explain-text", "we share your data with partners. "),
    "a clause of links": Candidate("explain-html", "[our partners](x) "),
    "a clause of quotes": Candidate("explain-html", "“we share” your data; "),
    "a clause of words": Candidate("explain-text", "we share your data with partners "),
    "a clause of items": Candidate("explain-html", "* we share data\n", prefix="We share:\n\n"),
    "a clause of sentences as a page": Candidate("explain-html", "We share your data. "),
    "a clause of sentences as a table": Candidate("explain-csv", "We share your data. "),
    "a clause in a notebook": Candidate("notebook", "we share your data with partners. "),
    # Word
    "nested tables of Word": Candidate("docx", "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc></w:tr></w:tbl>", prefix="<w:tbl><w:tr><w:tc>", suffix="</w:tc></w:tr></w:tbl>"),
    "styles": Candidate("docx", '<w:style w:styleId="s{i}"><w:name w:val="n{i}"/></w:style>', '<w:p><w:pPr><w:pStyle w:val="s{i}"/></w:pPr><w:r><w:t>x</w:t></w:r></w:p>', "=styles\n", "=document\n"),
    # pages
    "runs in a line": Candidate("pages", "word,{i},0,10,10,0;"),
    "rows of cells": Candidate("pages", "word,50,12,50,10,0;word,300,0,50,10,0;"),
}  # fmt: skip
THOROUGH = frozenset(
    (
        "annotations",
        "a clause of links",
        "wrapped lines of 71 characters",
        "wrapped lines of 130 characters",
    )
)
"""Traps that show only where they are long."""


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    made = Child()
    yield made
    made.close()


@pytest.mark.parametrize("trap", TRAPS)
def test_cost_grows_no_faster_than_length(trap: str, child: Child) -> None:
    found = child.examine(TRAPS[trap], thorough=trap in THOROUGH)
    assert found is None, found.line()


@pytest.mark.parametrize("target", ["text", "html", "html-all", "docx", "pages", "explain-html"])
def test_random_inputs_cost_no_more_than_their_length(target: str, child: Child) -> None:
    for candidate in itertools.islice(growth.TARGETS[target].listed(target, SEED), SAMPLE):
        found = child.examine(candidate)
        assert found is None, found.line()


@pytest.mark.parametrize("target", growth.TARGETS)
def test_one_seed_gives_the_same_candidates(target: str) -> None:
    first, second = (list(itertools.islice(growth.TARGETS[target].listed(target, SEED), 300)) for _ in range(2))
    assert first == second
    assert len(set(first)) > 200
    prepared = [growth.TARGETS[target].prepare(candidate.source(500)) for candidate in first[:20]]
    assert len(prepared) == 20


def test_the_alphabet_follows_the_code() -> None:
    text, page = growth._text_alphabet().openings, growth._html_alphabet().openings
    assert {"* ", "**", "# ", "](", "\ufeff"} <= set(text)
    assert {
        "<rt>",
        "<li>",
        "<details>",
        "<div role='tabpanel'>",
        "<div class='cmplz cookiebanner'>",
        "<div aria-controls=t{i}>",
    } <= set(page)


@pytest.mark.parametrize(
    "pattern", [r"(?:ab|c)+d{2,3}", r"\[(?P<x>[^\]]*+)\]\(\S+\)", r"^(?>a|b)\s?$", r"(?i:x)[.)](?=\S)?"]
)
def test_samples_match_their_pattern(pattern: str) -> None:
    found = growth.samples(re.compile(pattern))
    assert len(found) > 1
    assert all(re.search(pattern, sample) for sample in found)


@pytest.mark.parametrize(
    ("work", "kind"),
    [
        pytest.param(lambda source: source.count("x") + sum(source[:n].count("xy") for n in range(0, len(source), 20)), "growth", id="square"),
        pytest.param(lambda source: sum(1 for _ in source for _ in range(10)), "", id="linear"),
        pytest.param(lambda source: int("none"), "raises", id="an error"),
    ],
)  # fmt: skip
def test_growth_is_measured(work: growth.Callable[[str], object], kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(growth.TARGETS, "ours", growth.Target(str, work, 100_000))
    if kind == "raises":
        with pytest.raises(ValueError, match="none"):
            growth.examine(Candidate("ours", "x"))
        return
    found = growth.examine(Candidate("ours", "x"))
    assert (found.kind if found else "") == kind
    if found:
        assert found.exponent > 1.5
        assert "test_growth.py:<lambda>" in found.hot or "genexpr" in found.hot
        assert '--replay \'{"target": "ours", "unit": "x"}\'' in found.line()
