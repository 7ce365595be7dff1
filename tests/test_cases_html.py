"""Pages of tests/cases: each stands for a kind of page that was read wrongly, with the clauses that a person reads on it."""

from __future__ import annotations

import time

import pytest

from classifier.readers import registry as readers
from classifier.readers.html import bounds
from classifier.segmentation import segment
from tests.conftest import ROOT
from tests.strategies import check_promises

CASES = ROOT / "tests/cases"


def clauses(source: str | bytes, keep_all: bool = False) -> list[tuple[tuple[str, ...], str, str]]:
    """Headings, context and text of each clause of a page, white space collapsed."""
    document = readers.parse(source.encode() if isinstance(source, str) else source, "page.html", keep_all=keep_all)
    check_promises(document)
    return [(clause.headings, clause.context, " ".join(clause.text.split())) for clause in segment(document)]


def case(name: str, keep_all: bool = False) -> list[tuple[tuple[str, ...], str, str]]:
    return clauses((CASES / f"{name}.html").read_bytes(), keep_all)


def page(body: str) -> str:
    return f"<!doctype html><html><body>{body}</body></html>"


# --- noscript ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep_all", [False, True])
def test_noscript_in_the_head_is_no_text(keep_all: bool) -> None:
    wanted = [(("Privacy Policy",), "", "We collect your name and e-mail address when you register.")]
    assert case("noscript-in-head", keep_all=keep_all) == wanted


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("<noscript>Switch on scripts.</noscript>", id="words"),
        pytest.param("<meta charset=utf-8><!-- > --><noscript>&lt;p>x&lt;/p></noscript><title>x</title>", id="after others"),
        pytest.param("<script>a = '<noscript>';<!-- b --></script><noscript>&lt;img></noscript>", id="after a script"),
        pytest.param("<NOSCRIPT class='a>b'>&lt;img></NOSCRIPT ><link rel=x>", id="capitals"),
        pytest.param("<noscript><link rel=x><style>p {}</style></noscript>", id="styles"),
    ],
)  # fmt: skip
def test_no_kind_of_noscript_in_the_head_is_text(head: str) -> None:
    assert clauses(f"<!DOCTYPE html><html lang=en><head>{head}</head><body><p>We keep logs.</p></body></html>") == [
        ((), "", "We keep logs.")
    ]


@pytest.mark.parametrize("keep_all", [False, True])
def test_escaped_markup_is_no_text(keep_all: bool) -> None:
    hidden = "<noscript> &lt;img src=x&gt; and a few words&lt;/img&gt;</noscript>"
    assert clauses(page(f"<p>We keep {hidden} logs.</p>"), keep_all=keep_all) == [((), "", "We keep logs.")]


def test_what_follows_a_script_in_a_script_is_left_alone() -> None:
    source = "<head><script><!-- <script></script> <noscript> --></script><p>a <noscript>b</noscript>"
    assert bounds.without_head_noscript(source) == source


@pytest.mark.parametrize(
    "part", ["<noscript>x</noscript>", "<noscript>", "<!-- ", "<script><!--", "<script><!-- --></script>", "<meta a='"]
)
def test_a_head_is_searched_in_time_that_grows_with_it(part: str) -> None:
    began = time.process_time()
    bounds.without_head_noscript("<html><head><noscript></noscript>" + part * 100_000)
    assert time.process_time() - began < 3
