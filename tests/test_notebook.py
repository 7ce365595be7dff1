import re

from classifier import Tagger
from classifier.render import html
from tests.conftest import SEEDS
from tests.test_page import hostile


def test_a_policy_shows_itself_with_labels_and_what_was_not_found(tagger: Tagger) -> None:
    shown = tagger.tag_text("# Data\n\nWe use cookies to remember you.\n\n[Home](/)", "x")._repr_html_()
    assert "We use cookies to remember you." in re.sub("<[^>]+>", "", shown)
    assert re.search(r"<span title=\"Cookies\"[^>]*>cookies</span>", shown)
    assert "Cookies" in shown
    assert "Not found by the classifier:" in shown
    assert "Home" not in shown


def test_what_stands_in_a_policy_is_shown_and_never_run(tagger: Tagger) -> None:
    evil = '# <script>alert(1)</script>\n\n<img src=x onerror="alert(2)"> & an old tree'
    shown = html.policy_to_html(tagger.tag_text(evil, '"><script>'))
    assert "<script>" not in shown
    assert "<img" not in shown
    assert "&lt;img src=x onerror=&#34;alert(2)&#34;&gt; &amp; an old tree" in shown


def test_it_needs_no_script_and_no_network(tagger: Tagger) -> None:
    shown = html.policy_to_html(tagger.tag(SEEDS[0]))
    assert "<script" not in shown
    assert "src=" not in shown
    assert "href=" not in shown


def test_no_control_of_a_policy_or_a_model_comes_through(tagger: Tagger) -> None:
    evil = "# Da\x1bta\n\nWe use \x1b[31mcookies\u202e to remember\x07 you."
    shown = html.policy_to_html(hostile(tagger).tag_text(evil, "na\x1bme\u202e"))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
    assert "Cook\ufffdies" in shown
    assert "na\ufffdme\ufffd" in shown
