"""The HTML page: what it holds, and what a browser does with it."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from classifier import Document, TaggedPolicy, Tagger
from classifier.readers.registry import from_text
from classifier.render.formats import RenderOptions, get_format
from classifier.render.shown import shown_links
from classifier.types import Block
from tests.conftest import ROOT, SEEDS

pytestmark = pytest.mark.slow

HOSTILE = """# <script>document.title = "run"</script>

We share your data <img src=x onerror="document.title='run'"> with others and keep cookies for 30 days.

[a link](javascript:document.title='run') We sell </textarea></style></title><svg onload="document.title='run'"> your data to others.

* "quoted' & <b>bold</b> \u202eevil\u202c items: we delete your data after 30 days {{ 7 * 7 }} {% raw %}
"""


def written(*policies: TaggedPolicy, show_all: bool = False) -> str:
    form = get_format("html", RenderOptions(show_all=show_all))
    return "".join(form.join(map(form.policy, policies), Tagger(policies[0].model)))


class Checker(HTMLParser):
    """Counts what stands in a page, and that it is nested as it should be."""

    VOID = frozenset(("meta", "br", "input", "rect", "img", "link"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        assert self.open.pop() == tag


def checked(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    return checker


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_a_page_is_well_formed_and_holds_every_clause(path: Path, tagger: Tagger) -> None:
    tagged = tagger.tag(path)
    page = written(tagged)
    checker = checked(page)
    shown = [clause for clause in tagged.clauses if clause.kind == "text"]
    assert page.count('<div id="p') == len(shown)
    assert not {"script", "link", "img", "iframe"} & set(checker.tags)
    ids = [value for _, name, value in checker.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    addresses = {value for tag, name, value in checker.attributes if tag == "a" and name == "href"}
    outside = {link.address for clause in shown for link in shown_links(tagged, clause)[0] if link.is_safe}
    assert {value[1:] for value in addresses - outside} <= set(ids)
    assert all(value.startswith("#") for value in addresses - outside)
    assert all(tag == "a" for tag, name, _ in checker.attributes if name in ("href", "src"))  # nothing is loaded
    for category in tagged.missing()[0]:
        assert category.title in page


def test_the_page_is_the_same_each_time(tagger: Tagger) -> None:
    assert written(tagger.tag(SEEDS[3])) == written(tagger.tag(SEEDS[3]))


def test_what_is_hostile_is_text(tagger: Tagger) -> None:
    page = written(tagger.tag_text(HOSTILE, "<script>name</script>"))
    checker = checked(page)
    assert not {"script", "img", "textarea"} & set(checker.tags)
    assert not any(name.startswith("on") for _, name, _ in checker.attributes)
    assert "javascript:" not in "".join(value for _, _, value in checker.attributes)
    assert "&lt;script&gt;name&lt;/script&gt;" in page
    assert "{{ 7 7 }}" in re.sub("<[^>]+>", "", page)
    assert "\u202e" not in page


def test_several_policies_stand_one_below_the_other(tagger: Tagger) -> None:
    page = written(tagger.tag(SEEDS[0]), tagger.tag(SEEDS[1]))
    assert page.count("<article") == 2
    checked(page)


def test_the_same_policy_twice_has_places_of_its_own(tagger: Tagger) -> None:
    tagged = tagger.tag(SEEDS[4])
    checker = checked(written(tagged, tagged))
    ids = [value for _, name, value in checker.attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_navigation_is_shown_if_wanted(tagger: Tagger) -> None:
    tagged = tagger.tag_text("We keep logs for a year.\n\n* [Home](/)\n* [Shop](/s)\n\nWrite to us.", "x")
    assert "Shop" not in written(tagged)
    assert "Shop" in written(tagged, show_all=True)


def test_places_and_notes_of_a_page_are_said(tagger: Tagger) -> None:
    page = written(tagger.tag(ROOT / "tests/pages/banner-consent.html"))
    assert "of the page&#39;s words are taken for the policy" in page
    assert "element <code>/html/body/" in page
    blocks = (Block("paragraph", 0, 24, place="page 7"),)
    document = Document("x.pdf", "We keep logs for a year.", blocks, "", "pdf")
    assert "page 7" in written(tagger.tag_document(document))


def test_a_policy_without_labels_or_text_is_shown(tagger: Tagger) -> None:
    checked(written(tagger.tag_text("Hello.", "x")))
    checked(written(tagger.tag_document(from_text("", "empty"))))


def hostile(tagger: Tagger) -> Tagger:
    """Return a tagger whose model says things of its categories that reorder what is read."""
    taxonomy = tagger.model.taxonomy
    entries = tuple(
        entry._replace(title=entry.title.replace("ook", "ook\x1b"), definition="\u202e\x1b[31m" + entry.definition)
        for entry in taxonomy
    )
    return Tagger(replace(tagger.model, taxonomy=replace(taxonomy, categories=entries)))


def test_no_control_of_a_model_comes_through(tagger: Tagger) -> None:
    evil = hostile(tagger)
    form = get_format("html", RenderOptions(explain=True))
    page = "".join(form.join([form.policy(evil.tag_text("# A\x1b\n\nWe set\x07 cookies.", "a\x1bb"))], evil))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page)
    assert "Cook\ufffdies" in page
    assert "\ufffd\ufffd[31m" in page
    assert 'id="p1"' in page
    checked(page)


def test_a_category_that_was_never_learned_is_shown_where_it_is_asked_for(tagger: Tagger) -> None:
    weights = tagger.model.weights.copy()
    weights[:, tagger.categories.index("retention")] = 0
    unlearned = Tagger(replace(tagger.model, weights=weights), dict.fromkeys(tagger.categories, 0.0))
    tagged = unlearned.tag_text("We keep server logs for 30 days, and more.", "x")
    assert tagged.clauses[0].labels == tagger.categories
    checked(written(tagged))
    for name in ("text", "markdown", "json", "csv"):
        assert "".join(get_format(name, RenderOptions(explain=True)).policy(tagged))
    assert tagged.near_misses(tagged.clauses[0]) == ()


# --- in a browser ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("chromium and chromedriver are not installed (make setup-browser)")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = binary
    flags = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
    for flag in (*flags.split(), f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(driver))
    yield opened
    opened.quit()


def show(browser: Any, page: str, tmp_path: Path, width: int = 1200, dark: bool = False) -> None:
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    browser.get((tmp_path / "page.html").as_uri())


def visible(browser: Any) -> int:
    return sum(each.is_displayed() for each in browser.find_elements("css selector", ".clause"))


def test_a_browser_runs_nothing_of_a_policy(browser: Any, tagger: Tagger, tmp_path: Path) -> None:
    show(browser, written(tagger.tag_text(HOSTILE, "mine")), tmp_path)
    assert browser.title == "Tagged policies"
    assert "<script>" in browser.find_element("css selector", "h3").text
    assert "onerror=" in browser.find_element("tag name", "main").text
    # nothing was so much as tried: a page that tries is stopped by its policy, and the browser says so
    assert browser.get_log("browser") == []


def test_a_browser_would_stop_what_slipped_through(browser: Any, tagger: Tagger, tmp_path: Path) -> None:
    page = written(tagger.tag_text("We keep logs.", "mine"))
    leaky = page.replace("</main>", "<script>document.title = 'run'</script><img src='http://127.0.0.1:9/x'></main>")
    show(browser, leaky, tmp_path)
    assert browser.title == "Tagged policies"
    assert any("Content Security Policy" in entry["message"] for entry in browser.get_log("browser"))


def test_clauses_are_filtered_by_category_with_keys_alone(browser: Any, tagger: Tagger, tmp_path: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    tagged = tagger.tag(ROOT / "seeds/phone.com-2019.txt")
    show(browser, written(tagged), tmp_path)
    texts = sum(clause.kind == "text" for clause in tagged.clauses)
    assert visible(browser) == texts
    first = browser.find_element("id", "show-all")
    first.send_keys(Keys.ARROW_RIGHT)
    assert visible(browser) == tagged.counts()["collection"]
    first.send_keys(Keys.SPACE)
    assert visible(browser) == texts
    browser.find_element("id", "f-none").send_keys(Keys.SPACE)
    assert visible(browser) == sum(clause.kind == "text" and not clause.labels for clause in tagged.clauses)


def test_a_category_that_is_not_there_is_said(browser: Any, tagger: Tagger, tmp_path: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    show(browser, written(tagger.tag_text("We keep server logs for 30 days.", "x")), tmp_path)
    message = browser.find_element("css selector", ".none")
    assert not message.is_displayed()
    browser.find_element("id", "f-children").send_keys(Keys.SPACE)
    assert visible(browser) == 0
    assert message.is_displayed()


def test_reasons_can_be_open_from_the_start_and_are_printed(browser: Any, tagger: Tagger, tmp_path: Path) -> None:
    form = get_format("html", RenderOptions(explain=True))
    page = "".join(form.join([form.policy(tagger.tag_text("We keep server logs for 30 days.", "x"))], tagger))
    show(browser, page, tmp_path)
    assert "log-odds" in browser.find_element("css selector", ".why").text
    assert "not legal advice" in browser.find_element("tag name", "footer").text


def test_reasons_open_on_demand(browser: Any, tagger: Tagger, tmp_path: Path) -> None:
    show(browser, written(tagger.tag_text("We keep server logs for 30 days.", "x")), tmp_path)
    assert "log-odds" not in browser.find_element("tag name", "main").text
    browser.find_element("css selector", ".clause summary").click()
    text = browser.find_element("css selector", ".why").text
    assert "Retention" in text
    assert re.search(r"log-odds\n?\s*\+\d+\.\d\d", text)


@pytest.mark.parametrize("width", [360, 1200])
def test_nothing_is_wider_than_the_screen(width: int, browser: Any, tagger: Tagger, tmp_path: Path) -> None:
    for source in (ROOT / "seeds/consensus.com-2024.md", ROOT / "tests/pages/hostile.html"):
        show(browser, written(tagger.tag(source)), tmp_path, width)
        browser.execute_script("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width


CONTRAST = """
function channel(v) { v /= 255; return v <= .03928 ? v / 12.92 : Math.pow((v + .055) / 1.055, 2.4); }
function light(c) { return .2126 * channel(c[0]) + .7152 * channel(c[1]) + .0722 * channel(c[2]); }
function rgb(text) { return text.match(/[\\d.]+/g).map(Number); }
function behind(e) { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
  if (c.length < 4 || c[3] > .99) return c; } return [255, 255, 255]; }
return [...document.querySelectorAll('h1, h3, p, .soft, .chip, a, summary, label, li')].map(e => {
  const a = light(rgb(getComputedStyle(e).color)), b = light(behind(e));
  return (Math.max(a, b) + .05) / (Math.min(a, b) + .05); }).reduce((a, b) => Math.min(a, b));
"""


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_in_light_and_dark(dark: bool, browser: Any, tagger: Tagger, tmp_path: Path) -> None:
    show(browser, written(tagger.tag(SEEDS[4])), tmp_path, dark=dark)
    assert browser.execute_script(CONTRAST) >= 4.5  # WCAG 2.2, 1.4.3


SHOWN = "return [...document.querySelectorAll('.clause')].filter(each => each.checkVisibility()).map(each => each.id)"
BESIDE = "return getComputedStyle(document.querySelector(arguments[0] + ' .chips'), '::after').content"
TWO_SECTIONS = """# Logs

We keep server logs for 30 days.

# Cookies

A cookie is a small file that we set in your browser.

# Ourselves

Welcome.
"""


def choose(browser: Any, name: str) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.find_element("id", name).send_keys(Keys.SPACE)


@pytest.mark.parametrize("name", ["f-cookies", "f-children", "f-none"])
def test_a_tick_leads_to_its_clause_under_any_filter(name: str, browser: Any, tagger: Tagger, tmp_path: Path) -> None:
    policies = tagger.tag_text(TWO_SECTIONS, "a"), tagger.tag_text(f"Hello.\n\n{TWO_SECTIONS}", "b")
    show(browser, written(*policies), tmp_path, width=390)
    choose(browser, name)
    before = browser.execute_script(SHOWN)
    tick = browser.find_element("css selector", "article + article .k-retention .strip a")
    target = tick.get_dom_attribute("href")
    assert target.removeprefix("#") not in before
    place = tick.find_element("css selector", "rect")
    browser.execute_script("arguments[0].scrollIntoView({behavior: 'instant', block: 'center'})", place)
    place.click()
    assert set(browser.execute_script(SHOWN)) == {*before, target.removeprefix("#")}
    clause = browser.find_element("css selector", target)
    assert clause.find_element("xpath", "..").find_element("css selector", "h3").text == "Logs"
    assert browser.execute_script(BESIDE, target) == '"not in the filter"'
    choose(browser, "f-retention")
    assert browser.execute_script(BESIDE, target) == "none"
    choose(browser, "show-all")
    assert browser.execute_script(BESIDE, target) == "none"
    assert len(browser.execute_script(SHOWN)) == 7


def test_a_policy_without_an_unlabelled_clause_says_so(browser: Any, tagger: Tagger, tmp_path: Path) -> None:
    show(browser, written(tagger.tag_text("We keep server logs for 30 days.", "x")), tmp_path)
    message = browser.find_element("css selector", ".all")
    assert not message.is_displayed()
    choose(browser, "f-none")
    assert message.text == "Every clause of this policy has a label."
    assert not browser.find_element("css selector", ".none").is_displayed()


def test_paper_says_which_clauses_it_lacks(browser: Any, tagger: Tagger, tmp_path: Path) -> None:
    show(browser, written(tagger.tag_text(TWO_SECTIONS, "x")), tmp_path)
    for name, words in (("show-all", []), ("f-cookies", ["Show", "Cookies"])):
        choose(browser, name)
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        assert browser.find_element("tag name", "form").text.split() == words
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
