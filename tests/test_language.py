"""The language of a policy: what is told, what is not, and what a policy in another language no longer claims."""

import csv
import io
import json
import pickle
import subprocess
import sys
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from classifier import LanguageError, TaggedPolicy, Tagger
from classifier.cli import main
from classifier.readers.registry import from_text, parse, read
from classifier.render.formats import FORMAT_NAMES, get_format
from classifier.segmentation import segment
from classifier.taxonomy import RESERVED_IDS
from classifier.text import language
from classifier.text.language import identify_language, language_name, language_shares, main_language
from classifier.text.language_words import LANGUAGE_BY_SCRIPT, NAMES, WORDS
from tests.conftest import CASES, ROOT, SEEDS

TEXTS: dict[str, str] = tomllib.loads((ROOT / "tests/languages.toml").read_text(encoding="utf-8"))
FOREIGN = sorted(TEXTS.keys() - {"en"})
GERMAN = CASES / "german.md"
LEARNED = "the categories were learned from English text"
NOTE = f"the policy seems to be in German; {LEARNED}, so its labels mean little"
WITHOUT_SPACES = {"ja", "th", "zh"}


def pieces(code: str, length: str) -> list[str]:
    """The text of a language in pieces: all of it, 50 words (or as long in characters), three sentences, one."""
    text = TEXTS[code].strip()
    sentences = text.splitlines()
    if length == "all":
        return [text]
    if length == "50 words":
        parts: list[str] = list("".join(sentences)) if code in WITHOUT_SPACES else text.split()
        joint, size = ("", 100) if code in WITHOUT_SPACES else (" ", 50)
        return [joint.join(parts[at : at + size]) for at in range(0, len(parts) - size + 1, size)]
    count = {"three sentences": 3, "one sentence": 1}[length]
    return ["\n".join(sentences[at : at + count]) for at in range(0, len(sentences), count)]


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_a_text_of_some_hundred_words_is_told(code: str) -> None:
    assert identify_language(TEXTS[code]) == code
    assert identify_language(TEXTS[code].upper()) == code
    assert identify_language("\ufeff" + TEXTS[code].replace("\n", "\r\n\r\n")) == code


@pytest.mark.parametrize(
    ("length", "right", "not_told", "wrong"),
    [("all", 45, 0, 0), ("50 words", 120, 0, 0), ("three sentences", 177, 3, 0), ("one sentence", 296, 243, 1)],
)
def test_short_texts_are_told_or_not_but_hardly_ever_wrong(length: str, right: int, not_told: int, wrong: int) -> None:
    found = Counter(
        "right" if told == code else "wrong" if told else "not told"
        for code in TEXTS
        for told in map(identify_language, pieces(code, length))
    )
    assert (found["right"], found["not told"], found["wrong"]) == (right, not_told, wrong)
    row = f"| {right} | {not_told} | {wrong} |"
    assert row in (ROOT / "docs/formats.md").read_text(encoding="utf-8"), "docs/formats.md shows other figures"


@pytest.mark.parametrize("code", FOREIGN)
def test_no_text_in_another_language_is_english_at_first_sight(code: str) -> None:
    for window in [*language._windows(TEXTS[code]), *pieces(code, "one sentence"), *pieces(code, "50 words")]:
        assert not language._is_plainly_english(window)
    assert "en" not in language_shares(TEXTS[code])


def test_letters_and_accents_may_be_two_characters() -> None:
    for code in ("cs", "vi", "ko", "hi", "fr"):
        assert identify_language(unicodedata.normalize("NFD", TEXTS[code])) == code


def test_each_language_has_a_name_and_a_test() -> None:
    assert WORDS.keys() | set(LANGUAGE_BY_SCRIPT.values()) | {"ja", "zh"} == NAMES.keys()
    assert {language_name(code) for code in NAMES} == set(NAMES.values())
    assert language_name("tlh") == "tlh"
    assert len(FOREIGN) > 40
    for words in WORDS.values():
        assert len(words.split()) == len(set(words.split())), "a word twice in a list would count twice"


# --- English -------------------------------------------------------------------------------------------------------------


def rows() -> dict[str, list[str]]:
    policies: dict[str, list[str]] = {}
    for path in sorted((ROOT / "data/clauses").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            policies.setdefault(row["policy"], []).append(row["text"])
    return policies


def test_every_english_policy_of_the_repository_is_english() -> None:
    for name, texts in rows().items():
        shares = language_shares("\n\n".join(texts))
        assert (main_language(shares), set(shares)) == ("en", {"en"}), name
    for path in [*SEEDS, *sorted((ROOT / "tests/pages").glob("*.html")), *sorted((ROOT / "docs").glob("*.md"))]:
        document = read(path)
        assert document.language == "en" or len(document.text) < 100, path
        assert not any("seems to be in" in note for note in document.notes), path


def test_no_english_paragraph_is_said_to_be_in_another_language() -> None:
    told = Counter(identify_language(text) for texts in rows().values() for text in texts)
    assert told.keys() == {"en", ""}
    assert told["en"] > 5 * told[""]


NAMES_ONLY = {
    "vendors": "Adlerfluss GmbH & Co. KG, Lindenallee 4, Berlin\nLa Boutique et Fils S.A.S., Rue des Tilleuls, Paris\n"
    "Telesur de la Costa S.A. de C.V., Avenida de las Palmas, Lima\nVan den Brink en Zonen B.V., Den Haag\n" * 8,
    "Spanish names": "Maria de la Cruz, José de los Santos, Ana del Río, Juan de la Torre, Luis de León, Carmen de las Casas. "
    * 9,
    "German names": "Hans von der Heide, Otto zu Gutenfels, Anna von und zu Lichtental, Peter an der Brücke. " * 9,
    "legal Latin": "bona fide, inter alia, ex officio, mutatis mutandis, in rem, in personam, pro rata, per se, ad hoc, et al., "
    "de facto, de jure, in loco parentis, sine die, ultra vires, prima facie, non est factum, a fortiori, ab initio",
    "filler": "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore "
    "magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo. "
    * 5,
    "code": "const de = {und: 1, en: 2};\nif (navigator.doNotTrack == 1) { disable(); }\ndocument.cookie = 'la=1; path=/';\n"
    * 9,
    "cookie table": "\n".join(f"_ga_{number} | stats.example.de | 2 years | HTTP" for number in range(50)),
    "links": "\n".join(f"* [{number}](https://example.de/datenschutz/und/die/der/{number})" for number in range(50)),
    "numbers": "12 34 56, 7.8; 9/10 " * 40,
    "one word": "datos " * 300,
    "blanks": " \n\t" * 100,
    "nothing": "",
}


@pytest.mark.parametrize("name", NAMES_ONLY)
def test_what_is_no_running_text_is_not_told(name: str) -> None:
    assert identify_language(NAMES_ONLY[name]) == ""
    assert language_shares(NAMES_ONLY[name]) == {}


@pytest.mark.parametrize("name", NAMES_ONLY)
@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_an_english_policy_stays_english_with_lists_and_code(path: Path, name: str) -> None:
    text = path.read_text(encoding="utf-8")
    document = from_text(f"{text[:5000]}\n\n{NAMES_ONLY[name]}\n\n{text[5000:]}")
    assert (document.language, document.notes) == ("en", ())


@pytest.mark.parametrize(
    "text",
    [
        "WE COLLECT NAMES AND ADDRESSES. WE DO NOT SELL THEM TO ANYONE, AND YOU MAY ASK US TO DELETE THEM AT ANY TIME.",
        "Señor Muñoz of Peñasco & Français Ltd. may ask you for the name of your café, your fiancée and your résumé.",
        "The data protection officer of Müller und Söhne GmbH is responsible for the data that you send to this address.",
        "| Data | Why we use it |\n|---|---|\n| name | to call you by it |\n| logs | for the security of this site |",
    ],
)
def test_short_english_texts_are_english(text: str) -> None:
    assert identify_language(text) == "en"


@pytest.mark.parametrize(
    "text",
    [
        # Welsh, Swahili and Esperanto, which have no list
        "Mae'r polisi preifatrwydd hwn yn egluro sut yr ydym yn trin eich data personol pan fyddwch yn ymweld â'n gwefan.",
        "Sera hii ya faragha inaeleza jinsi tunavyotumia taarifa zako binafsi unapotembelea tovuti yetu au kutumia huduma zetu.",
        "Tiu ĉi privateca politiko klarigas, kiel ni traktas viajn personajn datumojn, kiam vi vizitas nian retejon.",
    ],
    ids=["Welsh", "Swahili", "Esperanto"],
)
def test_a_language_without_a_list_is_not_told(text: str) -> None:
    assert identify_language(text) == ""


# --- several languages ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["cs", "de", "fr", "ja", "nl", "ru", "tr"])
def test_the_language_of_most_of_a_text_is_its_language(code: str) -> None:
    english, foreign = TEXTS["en"], TEXTS[code] * (3 if code == "ja" else 1)
    assert identify_language(english * 9 + foreign) == "en"
    assert identify_language(english * 2 + foreign * 2) == "en"  # a bilingual policy is a whole one in English
    assert identify_language(foreign * 9 + english) == code
    shares = language_shares(english * 2 + foreign * 2)
    assert shares.keys() == {"en", code}
    assert sum(shares.values()) == pytest.approx(1)


def test_a_large_part_in_another_language_is_noted() -> None:
    english, german, french = TEXTS["en"], TEXTS["de"], TEXTS["fr"]
    assert from_text(english * 9 + german).notes == ()
    part = f"seems to be in German; {LEARNED}, so labels there mean little"
    (note,) = from_text(english * 5 + german * 2).notes
    assert note == f"about 30% of the policy {part}"
    (note,) = from_text(english * 2 + german * 5).notes
    assert note == f"about 70% of the policy {part}"
    assert from_text(english + german * 9).notes == (NOTE,)
    several = from_text(german * 5 + french * 4)
    assert (several.language, several.notes) == ("de", (NOTE.replace("German", "German and French"),))


def test_lines_that_alternate_with_english_count_as_english() -> None:
    pairs = zip(TEXTS["en"].split("\n"), TEXTS["de"].split("\n"), strict=True)
    document = from_text("\n".join(f"{english} | {german}" for english, german in pairs) * 4)
    assert (document.language, document.notes) == ("en", ())


def test_relatives_that_cannot_be_told_apart_are_not_named_and_are_not_english() -> None:
    pairs = zip(*(TEXTS[code].splitlines() for code in ("da", "no")), strict=True)
    mixed = "\n".join(line for pair in pairs for line in pair)
    assert language_shares(mixed * 3)[""] > 0.9
    document = from_text(mixed * 3 + TEXTS["en"])
    assert (document.language, document.notes) == ("", ())


def test_shares_decide_by_documented_rules() -> None:
    assert main_language({}) == ""
    assert main_language({"en": 1.0}) == main_language({"en": 0.4, "de": 0.6}) == "en"
    assert main_language({"de": 0.61, "en": 0.39}) == main_language({"de": 0.35, "en": 0.3, "fr": 0.3}) == "de"
    assert main_language({"en": 0.29}) == main_language({"de": 0.29, "en": 0.1}) == ""
    assert main_language({"": 0.6, "de": 0.35}) == ""


# --- cost ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["a", "die ", "Ж", "中", "\ufdfa", "\u0344\u0301", "é ", "' "])
def test_a_long_text_costs_no_more_than_its_sample(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    count = language._is_plainly_english
    monkeypatch.setattr(language, "_is_plainly_english", lambda window: seen.append(window) or count(window))
    language_shares(unit * 500_000)
    assert len(seen) == language.MAX_WINDOWS
    assert max(map(len, seen)) <= language.WINDOW_CHARACTERS
    assert all(len(language._normalized(window)) <= language.WINDOW_CHARACTERS for window in seen)


@given(st.text(st.characters(), max_size=1000), st.integers(1, 50))
def test_the_shares_of_any_text_add_up_to_one_at_most(text: str, times: int) -> None:
    shares = language_shares(text * times)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert 0 <= sum(shares.values()) < 1.001
    assert shares.keys() <= {"", *NAMES}
    assert main_language(shares) in {"", *shares}


def test_windows_hold_all_of_a_text_and_the_ends_of_a_long_one() -> None:
    for length in (1, 399, 400, 401, 1234, 20_000):
        text = "".join(chr(65 + number % 26) for number in range(length))
        assert "".join(language._windows(text)) == text
    text = "x" + "y" * 99_998 + "z"
    assert (language._windows(text)[0][0], language._windows(text)[-1][-1]) == ("x", "z")


def test_an_english_policy_loads_no_word_list() -> None:
    script = """
import sys
from classifier.readers import read
assert {read(path).language for path in sys.argv[1:]} == {"en"}
sys.exit("classifier.text.language_words" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script, *map(str, SEEDS)], capture_output=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr


# --- documents and output ------------------------------------------------------------------------------------------------


def docx(texts: list[str]) -> bytes:
    import docx as package

    document, buffer = package.Document(), io.BytesIO()
    for text in texts:
        document.add_paragraph(text)
    document.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("make", "suffix"),
    [
        (lambda texts: "\n\n".join(texts).encode(), ".txt"),
        (lambda texts: "\n\n".join(texts).encode("utf-16"), ".txt"),
        (lambda texts: ("<!doctype html>" + "".join(f"<p>{text}</p>" for text in texts)).encode(), ".html"),
        (docx, ".docx"),
        (lambda texts: ("\n\n".join(texts) * 700).encode(), ".txt"),  # over 1 MiB: read in a process of its own
    ],
    ids=["text", "UTF-16", "html", "docx", "large"],
)
def test_a_document_of_each_format_has_its_language(make: Callable[[list[str]], bytes], suffix: str) -> None:
    for code, notes in (("de", (NOTE,)), ("en", ())):
        document = parse(make(TEXTS[code].strip().splitlines()), "x", suffix)
        assert (document.language, document.notes) == (code, notes)


def test_a_policy_in_another_language_does_not_say_what_is_missing(tagger: Tagger) -> None:
    tagged = tagger.tag(GERMAN)
    assert tagged.is_foreign
    for policy in (tagged, tagged.filter("cookies"), pickle.loads(pickle.dumps(tagged))):  # noqa: S301
        with pytest.raises(
            LanguageError, match=r"german.md: its missing categories are unknown, .* in German, .* English"
        ):
            policy.missing()
    assert tagged.clauses == tuple(tagger.tag_document(tagged.document))
    assert len(tagged.clauses) == len(segment(tagged.document))
    assert tagger.tag_document(tagged.document).document.notes == (NOTE,)


@pytest.mark.parametrize("text", ["We keep server logs for 30 days.", "logs", TEXTS["en"] * 2 + TEXTS["de"]], ids=len)
def test_a_policy_that_is_english_or_not_told_says_what_is_missing(text: str, tagger: Tagger) -> None:
    tagged = tagger.tag_text(text)
    assert (tagged.is_foreign, tagged.foreign_note) == (False, "")
    assert "legal_basis" in [category.id for category in tagged.missing().not_found]
    assert "Not found by the classifier: " in tagged.to_markdown()


@pytest.mark.parametrize("name", ["text", "html", "markdown"])
def test_no_view_lists_categories_that_a_foreign_policy_lacks(name: str, tagger: Tagger) -> None:
    def view(text: str) -> tuple[str, str]:
        tagged = tagger.tag_text(text)
        return "".join(get_format(name).policy(tagged)), tagged._repr_html_()

    for shown in view(TEXTS["en"]):
        assert "Do Not Track" in shown.partition("ot found by the classifier:")[2].splitlines()[0]
    for shown in view(TEXTS["de"]):
        after = shown.partition("ot found by the classifier:")[2].splitlines()[0]
        assert "unknown, since the policy seems to be in German" in after
        assert shown.count("ot found by the classifier:") == 1
        assert "ot learned by this model" not in shown


def test_every_table_says_the_language(tagger: Tagger) -> None:
    for code in ("de", "en"):
        tagged = tagger.tag_text(TEXTS[code])
        assert tagged.to_dict()["language"] == code
        assert set(tagged.to_frame()["language"]) == {code}
        lines = "".join(get_format("jsonl").policy(tagged)).splitlines()
        assert {json.loads(line)["language"] for line in lines} == {code}
        table = "".join(get_format("csv").output([get_format("csv").policy(tagged)], tagged))  # type: ignore[arg-type]
        assert {row["language"] for row in csv.DictReader(io.StringIO(table))} == {code}


def test_no_category_can_have_the_name_of_a_column(tagged_english: TaggedPolicy) -> None:
    from classifier.render.table import CLAUSE_FIELDS, POLICY_FIELDS

    assert {*POLICY_FIELDS, *CLAUSE_FIELDS, "scores", "near_misses", "evidence"} <= RESERVED_IDS
    assert list(tagged_english.to_frame().columns)[: len(POLICY_FIELDS)] == list(POLICY_FIELDS)


@pytest.fixture
def tagged_english(tagger: Tagger) -> TaggedPolicy:
    return tagger.tag_text("We use cookies.")


def run(*words: object) -> Result:
    done = CliRunner().invoke(main, ["tag", *map(str, words)], prog_name="clauses")
    assert done.exit_code == 0, done.output
    return done


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("form", sorted({*FORMAT_NAMES} - {"parquet"}))
def test_the_note_is_said_once_for_each_file(form: str, jobs: int, tmp_path: Path) -> None:
    paths = [tmp_path / f"{code}.txt" for code in ("de", "en", "fr")]
    for path in paths:
        path.write_text(TEXTS[path.stem], encoding="utf-8")
    done = run(*paths, "-f", form, "--jobs", jobs, "-o", tmp_path / f"out-{form}")
    said = [line for line in done.stderr.splitlines() if "note:" in line]
    assert said == [
        f"clauses: note: {paths[0]}: {NOTE}",
        f"clauses: note: {paths[2]}: {NOTE.replace('German', 'French')}",
    ]


def test_a_policy_without_labels_is_asked_about_its_language_only_if_that_is_not_told(tmp_path: Path) -> None:
    texts = {"ja": TEXTS["ja"], "en": "The cat sat on the mat, and the dog looked at it for a while.", "none": "Miau."}
    notes = {}
    for name, text in texts.items():
        path = tmp_path / f"{name}.txt"
        path.write_text(text, encoding="utf-8")
        notes[name] = [line.partition(".txt: ")[2] for line in run(path, "-t", "1").stderr.splitlines()]
    assert notes == {
        "ja": [NOTE.replace("German", "Japanese")],
        "en": ["no clause has a label; is it a privacy policy?"],
        "none": ["no clause has a label; is it a privacy policy, and in English?"],
    }
