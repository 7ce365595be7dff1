import os
import stat
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier import Document, ReadError
from classifier.readers import formats
from classifier.readers import registry as readers
from classifier.readers.document import MAX_BLOCKS
from classifier.readers.encoding import decode_bytes
from classifier.readers.formats import ReadOptions
from classifier.readers.plaintext import find_blocks
from tests.conftest import SEEDS

MESSY = st.lists(
    st.sampled_from(
        ["# A", "Title Case Line", "LOUD LINE", "===", "---", "* item", "  * inner", "1. one", "a) first", "> quote", "", "  ", "\t",
         "We keep data for a year.", "as follows:", "**Bold**", "**_Run in._** text", "[link](http://x)", "![](data:x)", "top", "| a |",
         "Line with two spaces  ", "\u2028", "\x0b", "x" * 140, "é\u0301\U0001f36a"]
    )
).map("\n".join)  # fmt: skip


@given(st.one_of(st.text(), MESSY, MESSY.map(lambda s: s.replace("\n", "\r\n"))))
@example("a\r\rb\r\nc")
@example("- - -")
def test_blocks_hold_all_but_white_space_without_overlap(text: str) -> None:
    at = 0
    for block in find_blocks(text):
        assert at <= block.start < block.end
        assert not text[at : block.start].strip()
        assert text[block.start : block.end].strip()
        at = block.end
    assert not text[at:].strip()


@pytest.mark.parametrize(
    ("source", "headings"),
    [
        pytest.param("## Data we collect\n\nText.", ["## Data we collect"], id="atx"),
        pytest.param("Privacy Policy\n====\n\nText.", ["Privacy Policy\n===="], id="underlined"),
        pytest.param("**Your rights**\n\nYou may ask.", ["**Your rights**"], id="bold line"),
        pytest.param(
            "**_Cookies_** **_and Logs._** We set cookies.", ["**_Cookies_** **_and Logs._**"], id="bold-italic run-in"
        ),
        pytest.param("* **Billing Data.** We ask for a card.", ["* **Billing Data.**"], id="run-in in an item"),
        pytest.param("* **Billing data** — we ask for a card.", ["* **Billing data** —"], id="run-in before a dash"),
        pytest.param(
            "**What is it?** **Log Files**\n\nServers log.", ["**What is it?**", "**Log Files**"], id="two on a line"
        ),
        pytest.param("YOUR RIGHTS\nYou may write to us at any time about your data.", ["YOUR RIGHTS"], id="caps"),
        pytest.param("SHARING:\n\nWe share data.", ["SHARING:"], id="caps with a colon"),
        pytest.param("How We Share Data\n\nWe share data with others.", ["How We Share Data"], id="title case"),
        pytest.param(
            "How long we keep data\n\nWe keep data for as long as we need.",
            ["How long we keep data"],
            id="sentence case",
        ),
        pytest.param("1\\. Introduction\n\nWe are a shop.", ["1\\. Introduction"], id="escaped number"),
        pytest.param(
            "2. Security\n\nWe use locks.\n\n3. Contact\n\nWrite to us.", ["2. Security", "3. Contact"], id="numbered"
        ),
        pytest.param("## Effective as of May 2015\n\nText.", [], id="a date is none"),
        pytest.param(
            "# 1. Updated rights under CCPA 2020\n\nText.", ["# 1. Updated rights under CCPA 2020"], id="no date"
        ),
        pytest.param("WE DO NOT SELL YOUR DATA, PERIOD.\n\nText.", [], id="a loud sentence is none"),
        pytest.param("1. Security of your data\n2. How to reach us\n\nText.", [], id="a table of contents is none"),
        pytest.param("Write to:\n\nAcme Corp\nMain Street\n\nText.", [], id="an address is none"),
        pytest.param("**Personal Data** means data about you.", [], id="a defined term is none"),
    ],
)
def test_headings_are_found_as_people_set_them(source: str, headings: list[str]) -> None:
    found = [source[block.start : block.end] for block in find_blocks(source) if block.kind == "heading"]
    assert found == headings


def test_a_paragraph_may_be_a_line_or_wrapped_lines() -> None:
    long = "We keep your data for as long as the law tells us to and as long as you stay with us, and then we delete it for good."
    a_line_each = f"{long} {long}\n{long}"
    wrapped = "We keep your data for as long as the law tells us to\nand as long as you stay with us."
    assert [b.kind for b in find_blocks(a_line_each)] == ["paragraph", "paragraph"]
    assert [b.kind for b in find_blocks(wrapped)] == ["paragraph"]


def test_menus_and_jumps_are_navigation_and_addresses_are_not() -> None:
    source = "* [Home](/)\n\nProducts\n\n* [Shop](/shop)\n\nWe collect your name.\n\n[me@example.org](mailto:me@example.org)\n\ntop"
    assert [block.kind for block in find_blocks(source)] == [
        "navigation",
        "paragraph",
        "paragraph",
        "navigation",
    ]


@pytest.mark.parametrize(
    "between",
    [
        "We sell your data. [Opt out](/o)",
        "### We sell personal information",
        "### Data we sell",
        "Data is sold. [Why](/w)",
    ],
)
def test_a_clause_between_links_is_no_menu(between: str) -> None:
    source = f"[Privacy Policy](/p)\n\n{between}\n\n[Cookie Policy](/c)"
    assert [block.kind for block in find_blocks(source)][1] in ("paragraph", "heading")


def test_each_heading_of_a_wrapped_run_is_found() -> None:
    source = (
        "Children\nWe do not collect data from children under 13 at all.\nSecurity\nWe use TLS on all of our pages."
    )
    assert [block.kind for block in find_blocks(source)] == ["heading", "paragraph", "heading", "paragraph"]


def test_title_lines_of_a_policy_pasted_without_blank_lines_are_found() -> None:
    source = "Privacy Policy\nWhat we collect\nWe collect your name and e-mail.\nHow long do we keep it?\nWe keep it for a year.\nAcme Corp\n12 Main Street"
    blocks = find_blocks(source)
    assert [source[b.start : b.end] for b in blocks if b.kind == "heading"] == [
        "Privacy Policy",
        "What we collect",
        "How long do we keep it?",
    ]


def test_a_heading_of_the_length_of_a_paragraph_is_a_paragraph() -> None:
    assert [block.kind for block in find_blocks("# " + "word " * 100)] == ["paragraph"]


def test_table_rows_stand_alone() -> None:
    source = "| Data | Use |\n|---|---|\n| name | billing |\n| card | payment |"
    assert [source[b.start : b.end].count("\n") for b in find_blocks(source)] == [1, 0, 0]


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_the_seeds_are_read_without_loss(path: Path) -> None:
    document = readers.read(path)
    assert document.text.encode(document.encoding) == path.read_bytes()
    held = set().union(*(range(block.start, block.end) for block in document.blocks))
    assert all(at in held or char.isspace() for at, char in enumerate(document.text))


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        pytest.param("naïve".encode(), "naïve", "utf-8", id="UTF-8"),
        pytest.param("naïve".encode("utf-8-sig"), "naïve", "utf-8", id="UTF-8 with a mark"),
        pytest.param("naïve".encode("utf-16"), "naïve", "utf-16", id="UTF-16"),
        pytest.param("naïve words".encode("utf-16-le"), "naïve words", "utf-16-le", id="UTF-16 without a mark"),
        pytest.param("naïve words".encode("utf-16-be"), "naïve words", "utf-16-be", id="big-endian UTF-16"),
        pytest.param("“naïve”".encode("windows-1252"), "“naïve”", "windows-1252", id="Windows-1252"),
        pytest.param(
            "“groß” und “Fuß”".encode("windows-1252"), "“groß” und “Fuß”", "windows-1252", id="German Windows-1252"
        ),
        pytest.param(b"a\r\nb\rc", "a\r\nb\rc", "utf-8", id="line ends"),
    ],
)
def test_encodings_are_found(data: bytes, text: str, encoding: str) -> None:
    assert decode_bytes(data, "x") == (text, encoding)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", "x: is empty", id="empty"),
        pytest.param(b" \n\t ", "x: is empty", id="blank"),
        pytest.param(b"%PDF-1.7 ...", "x: is damaged: not a valid PDF", id="PDF"),
        pytest.param(b"PK\x03\x04...", "x: is a ZIP archive, which is not read; take the policy out of it", id="ZIP"),
        pytest.param(b"PK\x03\x04 word/document", "x: is damaged, encrypted or not a Word file", id="DOCX"),
        pytest.param(
            b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.text",
            "x: is an OpenDocument file, which is not read; open it in a word processor and save it as .docx",
            id="ODT",
        ),
        pytest.param(b"{\\rtf1 hello}", "x: is an RTF file, which is not read; open it in a word processor", id="RTF"),
        pytest.param(b"\xd0\xcf\x11\xe0...", "x: is an old Office file", id="DOC"),
        pytest.param(b"\xef\xbb\xbf<?xml version='1.0'?>\n<html>", "x: has no text on it", id="XHTML without text"),
        pytest.param(b"We\0 keep\0", "x:1: holds a NUL character", id="NUL"),
        pytest.param("ab\né\né\né\n".encode() + b"\xff\n", "x:5: byte 0xff is not valid UTF-8", id="damaged UTF-8"),
        pytest.param("“ab”".encode("utf-16")[:-1], "x:1: byte 0x1d is not valid UTF-16", id="truncated UTF-16"),
        pytest.param(b"one\ntwo \x81", "x:2: byte 0x81 is not UTF-8", id="no encoding"),
        pytest.param(b"a" * (readers.MAX_BYTES + 1), "x: larger than 64 MiB", id="too large"),
    ],
)
def test_what_is_no_text_is_refused_in_one_sentence(data: bytes, message: str) -> None:
    with pytest.raises(ReadError) as error:
        readers.parse(data, "x")
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


@given(st.binary())
def test_random_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        document = readers.parse(data, "x")
    except ReadError:
        return
    assert document.text.strip()


@pytest.mark.parametrize("said", [0, 7, readers.MAX_BYTES])
def test_a_file_is_read_whole_whatever_size_is_said(said: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may grow, and files of the system have size 0."""
    (tmp_path / "a.txt").write_bytes(b"We keep logs for a while. " * 9)
    status = os.stat_result([stat.S_IFREG | 0o644, 1, 1, 1, 0, 0, said, 0, 0, 0])
    monkeypatch.setattr(Path, "stat", lambda self: status)
    assert len(readers.read(tmp_path / "a.txt").text) == 234
    monkeypatch.setattr(readers, "MAX_BYTES", 233)
    with pytest.raises(ReadError, match="a policy is far smaller"):
        readers.read(tmp_path / "a.txt")


def test_more_paragraphs_than_any_policy_has_are_refused() -> None:
    with pytest.raises(ReadError, match=r"x: has more than 100,000 paragraphs"):
        readers.parse(b"a.\n\n" * (MAX_BLOCKS + 1), "x")


def test_a_line_of_ten_megabytes_is_read() -> None:
    assert len(readers.parse(b"word " * 2_000_000).blocks) == 1


@pytest.mark.parametrize(
    "again", ["Our Privacy" + " " * 270 + "Policy", "Our Privacy Policy\n" + "=" * 270, "**Our** Privacy Policy"]
)
def test_a_title_over_itself_is_no_heading(again: str) -> None:
    """However wide it is set the second time."""
    found = readers.from_text(f"Our Privacy Policy.\n\n{again}\n\nWe keep logs for a while.\n")
    assert found.blocks[0].kind == "paragraph"


class Mailbox:
    """A format whose files hold several documents."""

    name, suffixes, is_binary, package, title = "mailbox", (".mbox",), False, "", ""

    def matches(self, data: bytes, suffix: str) -> bool:
        return data.startswith(b"From ")

    def is_cheap(self, data: bytes, name: str) -> bool:
        return True

    def read(self, data: bytes, name: str, options: ReadOptions) -> Iterable[Document]:
        return (readers.from_text(part, name) for part in data.decode().split("From ")[1:])


def test_a_reader_is_one_row_and_may_give_several_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox = Mailbox()
    monkeypatch.setattr(formats, "READERS", (mailbox, *formats.READERS))
    monkeypatch.setitem(formats._BY_NAME, "mailbox", mailbox)
    (tmp_path / "a.mbox").write_text("From We share data.From We keep logs.")
    documents = readers.read_all(tmp_path / "a.mbox")
    assert [document.text for document in documents] == ["We share data.", "We keep logs."]
    assert readers.read(tmp_path / "a.mbox").text == documents[0].text
    with pytest.raises(ReadError, match="b: holds no documents"):
        readers.read_as("mailbox", b"", "b")


def test_every_suffix_belongs_to_one_reader() -> None:
    suffixes = [suffix for reader in formats.READERS for suffix in reader.suffixes]
    assert len(suffixes) == len(set(suffixes))
    for reader in formats.READERS:
        assert formats.get_reader(reader.name) is reader


def test_other_policies_of_a_file_are_not_dropped_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mailbox(formats.TextReader):
        name, suffixes = "mbox", (".mbox",)

        def matches(self, data: bytes, suffix: str) -> bool:
            return data.startswith(b"From ")

        def read(self, data: bytes, name: str, options: formats.ReadOptions) -> list[Document]:
            return [
                readers.from_text(part, f"{name}#{k}") for k, part in enumerate(data.decode().split("From ")[1:], 1)
            ]

    monkeypatch.setattr(formats, "READERS", (Mailbox(), *formats.READERS))
    monkeypatch.setitem(formats._BY_NAME, "mbox", Mailbox())
    data = b"From We keep logs.From We use cookies."
    assert [document.name for document in readers.parse_all(data, "x.mbox")] == ["x.mbox#1", "x.mbox#2"]
    first = readers.parse(data, "x.mbox")
    assert (first.text, first.notes) == (
        "We keep logs.",
        ("the file holds 2 policies, and this is the first; split it to tag the others",),
    )
    with pytest.raises(ValueError, match="there is no reader 'doc'; there are "):
        readers.read_as("doc", data, "x")
