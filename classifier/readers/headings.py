"""Judge blocks by their neighbors: which are headings, which are list items, and which are navigation.

The headings of a policy are often bare lines in bold, in capitals or in Title Case. People set headings alike everywhere, so
the same rules apply to the lines of a text file and to the paragraphs of a web page, a PDF or a Word file.
"""

from __future__ import annotations

import re
from collections.abc import Set
from itertools import zip_longest

from classifier.text.markup import BREAK, NUMBER, plain
from classifier.types import TABLE_STYLES, Block

WRAP_WIDTH = 130
"""Characters of a line in a hard-wrapped text. Neighboring lines up to this length are one paragraph; if one is longer,
each is a paragraph."""
MAX_HEADING_WORDS, MAX_HEADING_CHARACTERS = 14, 240
MAX_BOLD_SENTENCE_WORDS, MAX_BOLD_LEAD_WORDS = 8, 6
"""Words of a bold heading that ends with a full stop, or with a colon; other bold headings have up to `MAX_HEADING_WORDS`."""
MAX_RUN_IN_WORDS = 12
"""Words of a bold opening that is a heading on the line of its text, and of a heading in Title Case."""
MAX_SENTENCE_CASE_WORDS = 9
"""Words of a bare heading in sentence case, such as "How long we keep data", and of the title of a menu."""
MAX_CAPS_LEAD_WORDS = 4
"""Words in capitals with a colon that are a heading whatever follows, unless a list does."""
MAX_UNMARKED_ITEM_CHARACTERS = 60
"""Length of each line of a list item without a bullet."""
MIN_CLAUSE_CHARACTERS = 40
"""Length of a numbered item that may be the first clause of a section, and not an item within an item."""
MAX_CLAUSE_BEGINNING = 40
"""Characters of an item that tell whether it begins in lower case."""
MAX_ADDRESS_CHARACTERS = 200
"""Length of a postal address that stands on one line."""
MAX_NAME_LINES = 4
"""Lines of an address above the street, and below it."""
MAX_TOP_LINK_CHARACTERS = 40
"""Length of a link to the top of the page."""
MAX_WRITTEN_RANK = 4
"""A heading of a written rank up to this is not the title of a menu."""
WORD = re.compile(r"[^\W\d_]")
_ESCAPED_NUMBER = re.compile(r"(?:\d{1,3}[A-Z]?|[A-Za-z])\\?[.)][ \t]+")
_ROMAN_DIGITS = ("I", "V", "X")
_ROMAN_NUMBER = re.compile(r"(?:X{0,2}(?:IX|IV|VI{1,3}|I{1,3})|X{1,3}V?|V)\.[ \t]")
_SECTION_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}\.?[ \t]+")
_NUMBERING = re.compile(rf"(?:{_ESCAPED_NUMBER.pattern}|{_SECTION_NUMBER.pattern}|\d{{1,2}}[ \t]+)(?=[^\W\d_])")
_DIGIT = re.compile("[0-9]")
_LONG_NUMBER = re.compile(r"\d\d\d")
_TITLE_WORD = re.compile(r"[^\W_][\w’'.-]*")
_RUN_TOGETHER = re.compile(r"[a-z][A-Z]")
_TOP_LINK = re.compile(r"\W*(?:back to |return to |go to )?(?:the )?top\W*$", re.IGNORECASE)
_DATED = (
    r"(?:(?:last|most|recently|date|this|our|the|privacy|policy|notice|statement|was|is|of)\s+)*"
    r"(?:(?:effective|updated|revised|modified|dated?)\b.{0,40}\d|(?:version|edition|revision) \d)"
)
DATED = re.compile(rf"\W*{_DATED}", re.IGNORECASE)
"""A line that gives the date of the policy, which is never a heading."""
_DATE = (
    r"(?:(?:\d{1,2}(?:st|nd|rd|th)?\s+)?(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?,?\s+"
    r"(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?\d{4}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4})\W*$"
)
_DATE_LABEL = (
    r"(?:(?:date\s+)?(?:last|most recently|of last)\s+)?"
    r"(?:effective(?:\s+date)?|date|updated?|revised|revision|modified|reviewed|amended)(?:\s+on)?\s*:?\s*$"
)
_CONTACT = (
    r"(?:(?:attn|fao|c/o)\b|(?:(?:by|our|mailing|postal|street|toll[ -]free|contact)\s+)?"
    r"(?:e-?mail|(?:tele)?phone|tel|fax|mobile|address|attention|post|mail|toll[ -]free)\.?"
    r"(?:\s+(?:us|at|us at|address|number|no\.?))?\s*:"
    r"|(?:please\s+)?(?:write|send (?:mail|post|a letter|letters))(?:\s+(?:to|us|to us|at|to us at))?\s*:)"
)
_DATE_OR_CONTACT = re.compile(rf"\W*(?:{_DATED}|{_DATE_LABEL}|{_CONTACT}|{_DATE})", re.IGNORECASE)
_EMAIL = re.compile(r"\w@\w")
_PHONE = re.compile(r"\(?\b\d{3}\)?[ .-]{1,2}\d{3,4}[ .-]\d{3,4}\b")
_MAY_BE_DATE_OR_CONTACT = re.compile(
    r"[^0-9@:]*+[0-9@:]|\W*(?:attn|fao|c/o|last|most|of|date|effective|updated?|revis|modif|review|amend|version)",
    re.IGNORECASE,
)
"""A cheap test, which rules out most lines."""
_STREET = re.compile(
    r"\d\w?,? (?:[A-Z][\w.’'-]*,? ){1,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Boulevard|Blvd|Drive|Dr|Square|Place|Plaza"
    r"|Court|Way|Parkway|Pkwy|Highway|Quay|Row|Terrace|Mews|Crescent|Gardens|Grove|Circle|Wharf)\b"
    r"|\b(?:Suite|Ste\.?|Floor|Unit|Room) #?\d|\b\d{1,2}(?:st|nd|rd|th) Floor\b|\bP\.? ?O\.? Box\b",
    re.IGNORECASE,
)
_COMPANY_END = re.compile(r"\b(?:Inc|Ltd|LLC|GmbH|Limited|Corp|Corporation|PLC|B\.V|S\.A|Co)\b\.?\W*$", re.IGNORECASE)
_POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[\dW] [A-Z\d]{4}|[A-Z]{2},? \d{5}(?:-\d{4})?|[A-Z]\d[A-Z] \d[A-Z]\d)\b"
)
_COUNTRY_END = re.compile(
    r",\s*(?:the )?(?:Republic of )?(?:United States(?: of America)?|U\.?S\.?A\.?|United Kingdom|UK|Ireland|Germany|France"
    r"|Spain|Italy|(?:The )?Netherlands|Belgium|Luxembourg|Switzerland|Austria|Sweden|Canada|Australia|India|Israel|Japan"
    r"|Singapore)\.?$"
)
_HEADS_CONTACTS = re.compile(r"\b(?:contact|questions?|how|you|your|we|us|our|address|complaints?)\b|\d", re.IGNORECASE)
"""Words of the heading over an address, which the name of a person or an office seldom has."""
_BOLD_CELL = re.compile(r"\|[ \t]*+(?:\*\*|__)")
_GROUP_ROW = re.compile(rf"{_BOLD_CELL.pattern}[^\n|]{{1,{MAX_HEADING_CHARACTERS}}}(?:\*\*|__)[ \t]*+\|(?:[ \t]*+\|)++")
_SENTENCE_MARK = re.compile(r"[.!?:;](?:\s|$)|\d")
_PRONOUN = re.compile(r"\b(?:we|you|your)\b", re.IGNORECASE)
_STATEMENT = re.compile(
    r"(?!(?:how|what|why|when|who|where|which|whether)\b)(?:.*\b(?:we|you|they|it)|[\w’' -]{3,50}?)\s"
    r"(?:(?:may|can|will|shall|must|should|could)\b|(?:also\s)?"
    r"(?:uses|collects|shares|keeps|discloses|processes|receives|includes|obtains|stores)\b)"
    r"|(?:.*,\s)?(?:we|you)\s(?:(?:also|only)\s)?(?:use|collect|share|keep|disclose|process|receive|obtain|store|have)\b",
    re.IGNORECASE,
)
"""A sentence that begins, as one that a list goes on does: "You have the right", "Acorn uses personal information"."""
_SMALL_WORDS = frozenset(
    "a an and as at by for from in into is it its my of on or our that the this to us we with you your".split()
)
"""Words that Title Case leaves in lower case."""


def without_number(title: str) -> str:
    """Return the title of a section without the number that it begins with.

    >>> without_number("2.1 Log files"), without_number("(a) Log files")
    ('Log files', '(a) Log files')
    """
    number = _NUMBERING.match(title)
    return title[number.end() :] if number else title


# --- lines that are never headings -----------------------------------------------------------------------------------


def is_date_or_contact(content: str) -> bool:
    """Whether a line gives a date, an e-mail address or a telephone number, or says what of these follows.

    >>> [is_date_or_contact(line) for line in ("May 3, 2025", "FAO Privacy Operations", "Email:", "Email Marketing")]
    [True, True, True, False]
    """
    if not _MAY_BE_DATE_OR_CONTACT.match(content):
        return False
    return _DATE_OR_CONTACT.match(content) is not None or is_contact(content)


def is_contact(content: str) -> bool:
    """Whether a line gives an e-mail address or a telephone number."""
    return ("@" in content and _EMAIL.search(content) is not None) or (
        _LONG_NUMBER.search(content) is not None and _PHONE.search(content) is not None
    )


def is_address(content: str) -> bool:
    """Whether a line is a postal address or a part of one that shows it: a street, a postcode, a country after a comma.

    >>> [is_address(line) for line in ("4 Ostrava Lane, Pellbridge", "Use, Sharing and Retention")]
    [True, False]
    """
    if len(content) > MAX_ADDRESS_CHARACTERS:
        return False
    has_digit = _DIGIT.search(content) is not None
    if not (has_digit or "," in content) or _PRONOUN.search(content):
        return False
    return bool(_COUNTRY_END.search(content) or (has_digit and (_STREET.search(content) or _POSTCODE.search(content))))


def heads_contacts(content: str) -> bool:
    """Whether a line above an address is the heading of a section, such as "Contact us", and not a name."""
    return _HEADS_CONTACTS.search(content) is not None


# --- bold openings -----------------------------------------------------------------------------------------------


def opening_style(title: str, block: Block, rest: str, bold_follows: bool = False) -> str:
    """Return the style of the heading that a block opens with in bold, "" if its bold words are no heading.

    Parameters
    ----------
    title
        The bold words, without markup.
    block
        The block.
    rest
        The text of the block after them.
    bold_follows
        Whether `rest` begins with another bold run.
    """
    if len(title) > MAX_HEADING_CHARACTERS or not WORD.search(title):
        return ""
    if not rest.strip():
        return "bold" if block.kind == "paragraph" and _is_bold_heading(title) else ""
    n_words = len(title.split())
    is_closed = title.endswith((".", "?", ":", "!", "–", "—", "-")) or (rest[0].isupper() and n_words > 1)
    begins = without_number(title) if title[0].isdigit() else title
    if n_words > MAX_RUN_IN_WORDS or not is_closed or not begins[0].isupper() or is_date_or_contact(title):
        return ""
    return "bold" if title.endswith("?") and bold_follows else "run-in"


def _is_bold_heading(title: str) -> bool:
    if title.endswith((";", ",")) or is_date_or_contact(title) or is_address(title):
        return False
    if title.endswith("."):
        most = MAX_BOLD_SENTENCE_WORDS
    else:
        most = MAX_BOLD_LEAD_WORDS if title.endswith(":") else MAX_HEADING_WORDS
    return len(title.split()) <= most


# --- bare headings, judged by their neighbors -----------------------------------------------------------------------


def find_bare_headings(text: str, blocks: list[Block]) -> list[Block]:
    """Turn bare lines into headings, and short lines after a colon into list items.

    Parameters
    ----------
    text
        The text of the document.
    blocks
        Its blocks, in order.

    Returns
    -------
    list of Block
        The same blocks, some of another kind.
    """
    blocks = _join_addresses(text, blocks)
    judged: list[Block] = []
    for number, (block, below) in enumerate(zip_longest(blocks, blocks[1:])):
        if block.kind == "paragraph" and block.style != "row":
            length = block.end - block.start
            above = judged[-1] if judged else None
            if length <= 4 * WRAP_WIDTH and above is not None and _is_unmarked_item(text, above, block):
                block = block._replace(kind="item", level=0, style="line")
            elif length <= WRAP_WIDTH and below is not None:
                style = _bare_heading_style(text, block, below)
                if style and _is_in_address(text, above, block, below):
                    style = ""
                block = block._replace(kind="heading", style=style) if style else block
        elif block.kind == "paragraph" and below is not None and _is_group_row(text, block, below):
            block = block._replace(kind="heading", style="group")
        elif block.style == "number" and block.kind == "item" and below is not None:
            above = blocks[number - 1] if number else None
            is_in_list = _is_in_list(text, above, block, below) and not _is_caps_title(text, above, block, below)
            style = "" if is_in_list else _bare_heading_style(text, block, below)
            block = block._replace(kind="heading", level=0, style=style) if style else block
        judged.append(block)
    return _with_letters(text, judged) if any(block.style == "roman" for block in judged) else judged


def _with_letters(text: str, blocks: list[Block]) -> list[Block]:
    """Return the blocks with "I." as a letter, as after "H.", unless other headings show that it is a Roman number."""
    if any(block.style == "roman" and text[block.start + 1 : block.start + 2] in _ROMAN_DIGITS for block in blocks):
        return blocks
    return [block._replace(style="letter") if block.style == "roman" else block for block in blocks]


def _join_addresses(text: str, blocks: list[Block]) -> list[Block]:
    """Join the lines of postal addresses, which may stand apart, each to one block with the names above the street."""
    joined: list[Block] = []
    at = 0
    while at < len(blocks):
        block = blocks[at]
        at += 1
        may_be_address = _is_short_line(text, block) and (
            _DIGIT.search(text, block.start, block.end) or text.find(",", block.start, block.end) >= 0
        )
        if not may_be_address or not is_address(plain(text[block.start : block.end])):
            joined.append(block)
            continue
        n_above = 0
        while n_above < min(MAX_NAME_LINES, len(joined)) and _is_name_line(text, joined[-1 - n_above]):
            n_above += 1
            if text[joined[-n_above].end - 1] == ":":
                break
        end = block.end
        for below in blocks[at : at + MAX_NAME_LINES]:
            if not _is_short_line(text, below):
                break
            content = plain(text[below.start : below.end])
            if not (is_address(content) or is_date_or_contact(content)):
                break
            end, at = below.end, at + 1
        first = joined[-n_above] if n_above else block
        del joined[len(joined) - n_above :]
        joined.append(first._replace(end=end))
    return joined


def _is_short_line(text: str, block: Block) -> bool:
    """Whether a block may be a line of an address that stands apart."""
    is_short = (
        block.kind == "paragraph" and block.style == "" and block.end - block.start <= MAX_UNMARKED_ITEM_CHARACTERS
    )
    return is_short and not BREAK.search(text, block.start, block.end)


def _is_name_line(text: str, block: Block) -> bool:
    """Whether a line may be the name, the department or the "Write to:" above a street, and not the heading of a section."""
    if not _is_short_line(text, block):
        return False
    content = plain(text[block.start : block.end])
    if content.endswith(":"):
        return is_date_or_contact(content)
    return content[-1:] not in ".!?;," and _is_titled(content) and not heads_contacts(content)


def _is_in_list(text: str, above: Block | None, block: Block, below: Block) -> bool:
    """Whether a numbered item is one of several, as its neighbors show.

    A neighbor whose number is of another kind does not: "(a)" below "1." may be the first clause of a section, if it is long.
    """
    series = _series(text, block)
    for neighbor in (above, below):
        if neighbor is None or neighbor.kind != "item" or neighbor.style != "number":
            continue
        if _series(text, neighbor) == series:
            if _is_before(*((text, neighbor, block) if neighbor is above else (text, block, neighbor))):
                return True
            continue  # the numbers begin anew, as below a table of contents
        if neighbor is above and neighbor.level > block.level and not _is_apart(text, neighbor, block):
            return True
        if neighbor is below and below.end - below.start < max(MIN_CLAUSE_CHARACTERS, block.end - block.start):
            return True
    return False


def _is_caps_title(text: str, above: Block | None, block: Block, below: Block) -> bool:
    """Whether a numbered line is a title in capitals with blank lines around it, which no item of a list is."""
    if not text[block.end - 1].isupper() or (above is not None and not _is_apart(text, above, block)):
        return False
    number = NUMBER.match(text, block.start)
    content = text[number.end() if number else block.start : block.end]
    return is_caps(content) and len(content.split()) > 1 and _is_apart(text, block, below)


def _is_apart(text: str, block: Block, below: Block) -> bool:
    """Whether there is a blank line between two blocks."""
    return len(BREAK.findall(text, block.end, below.start)) > 1


def item_number(text: str, item: Block) -> str:
    """Return the number that an item begins with, without its marks; "" if it has none.

    >>> item_number("(iv) to obey the law;", Block("item", 0, 21, style="number"))
    'iv'
    """
    number = NUMBER.match(text, item.start, item.end) if item.style == "number" else None
    return number[0].strip("() .\t") if number else ""


def _is_before(text: str, item: Block, other: Block) -> bool:
    """Whether the number of an item is not larger than that of another one; True for letters."""
    first, second = item_number(text, item), item_number(text, other)
    return not (first.isdecimal() and second.isdecimal()) or int(first) < int(second)


def _series(text: str, block: Block) -> str:
    """Return the kind of an item's number: its first mark, "1" for digits or "a" for letters, and its last mark."""
    match = NUMBER.match(text, block.start)
    if match is None:
        return ""
    written = match[0].rstrip()
    number = written.strip("().")
    return written.replace(number, "1" if number.isdecimal() else "a")


def _is_group_row(text: str, block: Block, below: Block) -> bool:
    """Whether a row of Markdown has one cell with words, in bold, over rows that do not begin in bold.

    >>> row = Block("paragraph", 0, 17, style="row")
    >>> _is_group_row("| **Cookies** | | | sid | a day |", row, row._replace(start=18, end=33))
    True
    """
    if below.style != "row" or below.kind != "paragraph":
        return False
    if not _GROUP_ROW.fullmatch(text, block.start, block.end) or _BOLD_CELL.match(text, below.start, below.end):
        return False
    return _is_bold_heading(plain(text[block.start : block.end]))


def _is_unmarked_item(text: str, above: Block, block: Block) -> bool:
    """Whether a short line belongs to a list without bullets: it follows a colon, or another such line, directly."""
    if above.style != "line" and text[above.end - 1] not in ":* ":  # the cheap test, which rules out most blocks
        return False
    after_colon = above.kind == "paragraph" and text[above.start : above.end].rstrip("* ").endswith(":")
    if not after_colon and above.style != "line":
        return False
    if after_colon and is_address(plain(text[block.start : block.end])):
        return True
    is_apart = _is_apart(text, above, block)
    if is_apart and not after_colon:
        return False
    lines = [plain(line) for line in BREAK.split(text[block.start : block.end])]
    if max(map(len, lines)) > MAX_UNMARKED_ITEM_CHARACTERS or lines[-1].endswith((".", ":", "?")):
        return False
    return not (is_apart and len(lines) < 2) and not is_caps(lines[0])


def _is_in_address(text: str, above: Block | None, block: Block, below: Block) -> bool:
    """Whether a short line is a part of an address whose lines stand apart: a name above a street, or a town below it."""
    if above is None or block.end - block.start > MAX_UNMARKED_ITEM_CHARACTERS:
        return False
    is_company = _COMPANY_END.search(text, block.start, block.end) is not None
    may_be_below = above.kind != "heading" and above.end - above.start <= MAX_ADDRESS_CHARACTERS
    is_after_colon = above.kind != "heading" and text[max(above.start, above.end - 3) : above.end].rstrip(
        "* "
    ).endswith(":")
    is_below_address = may_be_below and is_address(plain(text[above.start : above.end]))
    if not (is_company or is_after_colon or is_below_address):
        return False
    content_below = plain(text[below.start : min(below.end, below.start + MAX_ADDRESS_CHARACTERS)])
    if is_address(content_below) or is_date_or_contact(content_below):
        return True
    if (is_after_colon or is_below_address) and _COMPANY_END.search(content_below):
        return True
    is_numbered = _ESCAPED_NUMBER.match(text, block.start) or _SECTION_NUMBER.match(text, block.start)
    return is_below_address and not is_numbered and any(map(str.isdigit, text[block.start : block.end]))


def _bare_heading_style(text: str, block: Block, below: Block) -> str:
    """Return the style of a bare heading, "" if the block is none."""
    source = text[block.start : block.end]
    if len(source) > MAX_HEADING_CHARACTERS or source[-1] in ",;!" or "\n" in source or "\r" in source:
        return ""
    content = plain(source)
    is_heading = _is_bare_heading(text, block, below, content.rstrip('”"’)')) and not is_address(content)
    return _style_of(content) if is_heading else ""


def _is_bare_heading(text: str, block: Block, below: Block, content: str) -> bool:
    number = _ESCAPED_NUMBER.match(content) or _SECTION_NUMBER.match(content) or _ROMAN_NUMBER.match(content)
    content = content[number.end() :] if number else content
    if not content or content[0] in '©“"(<[|':
        return False
    in_caps = _is_caps(content)
    is_heading = (
        in_caps and content.endswith(":") and len(content.split()) <= MAX_CAPS_LEAD_WORDS and below.kind != "item"
    )
    if not is_heading:
        if (
            content.endswith((",", ";", ":", "!"))
            or "@" in content
            or "http" in content
            or _LONG_NUMBER.search(content)
        ):
            return False
        is_heading = in_caps or (_is_titled(content) and not _repeats(text, below, content.rstrip(".")))
    return (is_heading or _is_sentence_heading(text, block, below, content)) and not is_date_or_contact(content)


def _is_sentence_heading(text: str, block: Block, below: Block, content: str) -> bool:
    """Whether a line in sentence case, such as "How long we keep data", is set apart and opens something longer."""
    if content.endswith(".") or not content[0].isupper() or len(content.split()) > MAX_SENTENCE_CASE_WORDS:
        return False
    if below.kind == "item" and not content.endswith("?") and _goes_on(text, below) and _STATEMENT.match(content):
        return False
    length, length_below = block.end - block.start, below.end - below.start
    is_apart = _is_apart(text, block, below) or length_below > 2 * WRAP_WIDTH or content.endswith("?")
    is_over_text = length_below > 1.2 * length or text[below.end - 1] == ":"
    return is_apart and (below.kind in ("heading", "item") or is_over_text)


def _goes_on(text: str, item: Block) -> bool:
    """Whether an item begins in lower case, as the end of the sentence above it."""
    first = WORD.search(plain(text[item.start : min(item.end, item.start + MAX_CLAUSE_BEGINNING)].partition(" ")[2]))
    return first is not None and first[0].islower()


def _repeats(text: str, block: Block, content: str) -> bool:
    """Whether a block holds exactly these words; most blocks begin with another letter and are not compared."""
    start, end = block.start, block.end
    first, other = WORD.search(text, start, end), WORD.search(content)
    if first and other and first[0] != other[0] and text.find("](", start, end) < 0:
        return False
    return plain(text[start:end]) == content


def bare_style(content: str) -> str:
    """Return the style of a bare heading; headings of one style are of one rank.

    >>> bare_style("2.1 Cookies"), bare_style("COOKIES"), bare_style("Our Cookies")
    ('number 2', 'caps', 'title')
    """
    return _style_of(plain(content))


def _style_of(content: str) -> str:
    if _ROMAN_NUMBER.match(content):
        return "roman"
    if _ESCAPED_NUMBER.match(content):
        return "letter" if content[0].isalpha() else "number"
    if _SECTION_NUMBER.match(content):
        return "number 2"
    return "caps" if _is_caps(content) else "title." if content.endswith(".") else "title"


def is_caps(content: str) -> bool:
    """Whether a line is in capitals and could be a heading."""
    if not content.isupper() and "](" not in content:  # a link target may be in lower case
        return False
    return _is_caps(plain(content))


def _is_caps(content: str) -> bool:
    if not content.isupper() or content.endswith((".", ",", ";")) or len(content.split()) > MAX_HEADING_WORDS:
        return False
    return sum(map(str.isalpha, content)) > 2 and not _LONG_NUMBER.search(content)


def is_titled(content: str) -> bool:
    """Whether a line is in Title Case: all words but the small ones begin with a capital letter."""
    return _is_titled(plain(content))


def _is_titled(content: str) -> bool:
    # the cheap test: most lines are not, and show it in their first words
    if any(word[0].islower() and word.isalpha() and word not in _SMALL_WORDS for word in content.split()):
        return False
    words = [word for word in _TITLE_WORD.findall(content) if not word.isdigit()]
    if not 1 <= len(words) <= MAX_RUN_IN_WORDS or not words[0][0].isupper() or content.endswith((";", ",")):
        return False
    if not all(word[0].isupper() or word in _SMALL_WORDS for word in words):
        return False
    if sum(_RUN_TOGETHER.search(word) is not None for word in words) > 1:  # cells of a table run together
        return False
    return not content.endswith(".") or (2 <= len(words) <= 8 and ". " not in content and not content.isupper())


# --- navigation --------------------------------------------------------------------------------------------------


def join_navigation(text: str, blocks: list[Block], links: Set[int]) -> list[Block]:
    """Join blocks that lead elsewhere, and the bare lines between them, to blocks of navigation.

    Parameters
    ----------
    text
        The text of the document.
    blocks
        Its blocks, in order.
    links
        Starts of the blocks whose words are all in links.

    Returns
    -------
    list of Block
        Blocks that hold the same text.
    """
    joined: list[Block] = []
    pending: list[Block] = []  # bare lines after a run of links, which join it if another link follows
    for block in blocks:
        after_links = bool(joined) and joined[-1].kind == "navigation" and joined[-1].part == block.part
        if block.start in links or _has_no_content(text, block):
            parts = [joined.pop(), *pending, block] if after_links else [block]
            closes = next((part.closes for part in reversed(parts) if part.closes), "")
            joined.append(Block("navigation", parts[0].start, block.end, 0, "", block.place, closes, block.part))
            pending = []
        elif after_links and _may_be_menu_title(text, block):
            pending.append(block)
        else:
            joined += [*pending, block]
            pending = []
    if pending and joined[-1].kind == "navigation":  # the last lines of the document, below its links
        joined[-1] = joined[-1]._replace(end=pending[-1].end)
        return joined
    return joined + pending


def _has_no_content(text: str, block: Block) -> bool:
    """Whether a block is a link to the top, a rule or stray punctuation."""
    start, end = block.start, block.end
    if block.kind == "heading" and block.style in TABLE_STYLES:  # empty heads of columns
        return False
    if end - start < MAX_TOP_LINK_CHARACTERS and _TOP_LINK.match(text, start, end):
        return True
    return not text[start].isalpha() and not WORD.search(text, start, end)


def _may_be_menu_title(text: str, block: Block) -> bool:
    """Whether a block could be the title of a menu: a few words, no sentence, no rank of its own."""
    if (
        block.end - block.start > MAX_HEADING_CHARACTERS * 4
        or (block.kind == "heading" and 0 < block.level <= MAX_WRITTEN_RANK)
        or block.style == "bold"
        or block.style in TABLE_STYLES
    ):
        return False
    content = plain(text[block.start : block.end])
    is_short = len(content.split()) <= MAX_SENTENCE_CASE_WORDS
    return is_short and not (_SENTENCE_MARK.search(content) or _PRONOUN.search(content))
