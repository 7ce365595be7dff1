"""Tell in which languages a text is, by its commonest words and by its script.

A text is looked at in windows, since a policy may have a part in another language. A window in which every fifth word is one
of the commonest English words is English, which settles nearly all windows of an English policy. The others are compared with
word lists of some forty languages, or told by their script.

Little is claimed: lists of names, tables, code, a few words, and languages without a list are not told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain

WINDOW_CHARACTERS = 400
"""Characters of a window, some 60 words: enough for the commonest words to be as frequent as in the whole language."""
MAX_WINDOWS = 50
"""Windows of a text that are looked at, evenly spread: all of a text of 20,000 characters, as policies have."""
_COMMONEST = (
    "the and of to you your our that this with not any from may will it have which such when other their these by are be us "
    "or as is in for we"
)
ENGLISH_WORDS = frozenset(f"{_COMMONEST} {_COMMONEST.title()} {_COMMONEST.upper()}".split())
"""The commonest words of English policies, in any case: to make a text lower case takes longer than all else."""
MIN_ENGLISH_SHARE, MIN_ENGLISH_WORDS = 0.2, 3
"""Share and number of `ENGLISH_WORDS` in a window that is English at first sight. 97% of the windows of English policies have
as many; in other languages the share is at most 0.12."""
MAX_WORD_CHARACTERS, MAX_ASCII_SHARE = 12, 0.9
"""Mean length of the words of a window, above which it is not told, if more of it than this share is ASCII: it is links then.
Finnish words have 8 characters; Chinese, which has no spaces, is not ASCII."""
MAX_DOUBTFUL_SHARE = 0.2
"""Share of windows that are not English at first sight, up to which a text is English without a closer look: any other
language has too little of it to be worth a note."""
MIN_POINTS, MIN_POINTS_PER_WORD = 2.5, 0.08
"""Points of a window in its language, in all and for each different word, below which it is not told. A word gives 1/n of a
point to each of the n languages in whose lists it is."""
MIN_WORDS = 6
"""Different words of its list that tell a language; a list of Spanish names has five (de, del, la, las, los)."""
MIN_LEAD, MIN_LEAD_OVER_ENGLISH = 1.25, 2.0
"""Times the points of the second language, and of English, that a language needs in its windows."""
MIN_LETTERS = 10
"""Letters of a window, below which its script tells nothing."""
MIN_KANA_SHARE = 0.1
"""Share of kana among the letters of Japanese; Chinese has none."""
MIN_SHARE, MIN_ENGLISH_SHARE_OF_TOLD = 0.3, 0.4
"""Share of a text that its language needs; share of English in what is told that makes a text English."""
_BETWEEN_WORDS = r"[\s'’‘ʼ‑-]+"  # compiled when it is needed, which takes longer than to load the rest of this module
_MARKS = '.,;:!?()[]{}<>"“”„«»‹›*_#|/\\–—…·•=+~`^°§%&@0123456789¿¡、。，؟،؛।'
_NOT_TOLD = "?"


def identify_language(text: str) -> str:
    """Return the language of a text as its ISO 639-1 code, "" if it is not told.

    >>> identify_language("Wir verwenden Ihre Daten nur, um Ihnen unsere Dienste anzubieten.")
    'de'
    >>> identify_language("Acme GmbH & Co. KG, Berlin")
    ''
    """
    return main_language(language_shares(text))


def main_language(shares: Mapping[str, float]) -> str:
    """Return the language of a text with these `language_shares`, "" if none has enough of it.

    It is English if two fifths of what is told are, since a policy in two languages is a whole one in English. Else it is the
    other language with the largest share.

    >>> main_language({"en": 0.5, "de": 0.45}), main_language({"de": 0.7, "en": 0.2}), main_language({"de": 0.2})
    ('en', 'de', '')
    """
    english = shares.get("en", 0.0)
    if english >= MIN_ENGLISH_SHARE_OF_TOLD * sum(shares.values()):
        return "en" if english >= MIN_SHARE else ""
    first = max(shares, key=lambda language: shares[language] if language != "en" else 0.0)
    return first if shares[first] >= MIN_SHARE else ""


def language_name(code: str) -> str:
    """Return the English name of a language by its ISO 639-1 code; the code if it has no name here.

    >>> language_name("de")
    'German'
    """
    from classifier.text.language_words import NAMES

    return NAMES.get(code, code)


def language_shares(text: str) -> dict[str, float]:
    """Return the share of a text that is in each language, the largest first.

    Returns
    -------
    dict
        ISO 639-1 code to share. "" stands for text in another language than English, it is uncertain which. What the shares
        lack to 1 is not told.

    Notes
    -----
    At most `MAX_WINDOWS` windows of `WINDOW_CHARACTERS` are looked at, however long the text is.

    Examples
    --------
    >>> language_shares("We use your data to send you the goods that you order from us.")
    {'en': 1.0}
    """
    windows = _windows(text)
    others = [window for window in windows if not _is_plainly_english(window)]
    n_english = len(windows) - len(others)
    doubtful = [window for window in others if _is_prose(window)]
    if len(doubtful) <= MAX_DOUBTFUL_SHARE * len(windows):
        return {"en": n_english / len(windows)} if n_english else {}
    counts = _count_languages(doubtful)
    counts["en"] += n_english
    return {language: count / len(windows) for language, count in counts.most_common() if count}


def _windows(text: str) -> list[str]:
    """Cut a text into windows of one size; of a long one, take some that are evenly spread."""
    length = len(text)
    n_windows = -(-length // WINDOW_CHARACTERS)
    if n_windows <= MAX_WINDOWS:
        return [text[length * k // n_windows : length * (k + 1) // n_windows] for k in range(n_windows)]
    starts = ((length - WINDOW_CHARACTERS) * k // (MAX_WINDOWS - 1) for k in range(MAX_WINDOWS))
    return [text[start : start + WINDOW_CHARACTERS] for start in starts]


def _is_plainly_english(window: str) -> bool:
    words = window.split()
    n_english = sum(map(ENGLISH_WORDS.__contains__, words))
    return n_english >= MIN_ENGLISH_WORDS and n_english >= MIN_ENGLISH_SHARE * len(words)


def _is_prose(window: str) -> bool:
    n_ascii = len(window.encode("ascii", "ignore"))
    return n_ascii <= MAX_ASCII_SHARE * len(window) or len(window) <= MAX_WORD_CHARACTERS * len(window.split())


def _count_languages(windows: Iterable[str]) -> Counter[str]:
    """Count the windows of each language, "" for another one than English, it is uncertain which.

    Danish and Norwegian, say, are alike in some windows, yet not in all. So a window counts for the language that has most
    points in all windows, if it has nearly as many as the first one in this window.
    """
    counts: Counter[str] = Counter()
    listed: list[set[str]] = []
    for window in map(_normalized, windows):
        if language := _language_of_script(window):
            counts[language] += 1
        elif words := _listed_words(window):
            listed.append(words)
    totals = _points(listed)
    groups: dict[str, list[set[str]]] = {}
    for words in listed:
        points = _points([words])
        most = max(points.values())
        near = [language for language in points if points[language] * MIN_LEAD >= most]
        groups.setdefault(max(near, key=lambda language: totals[language]), []).append(words)
    for language, group in groups.items():
        counts[_judge(language, group)] += len(group)
    del counts[_NOT_TOLD]
    return counts


def _listed_words(window: str) -> set[str]:
    """Return the words of a window that are in a list; none if no language has enough of them."""
    words = {word.strip(_MARKS) for word in re.split(_BETWEEN_WORDS, window.lower())}
    listed = words & _languages_by_word().keys()
    is_enough = max(_points([listed]).values(), default=0.0) >= max(MIN_POINTS, MIN_POINTS_PER_WORD * len(words))
    return listed if is_enough else set()


def _points(windows: Iterable[set[str]]) -> dict[str, float]:
    """Return the points of each language in some windows.

    A word that is repeated in a window counts once, or the particles of names would tell a language.
    """
    by_word = _languages_by_word()
    points: dict[str, float] = {}
    for word in chain.from_iterable(windows):
        for language in by_word[word]:
            points[language] = points.get(language, 0.0) + 1 / len(by_word[word])
    return points


def _judge(language: str, windows: Sequence[set[str]]) -> str:
    """Return the language of some windows if it leads, "" if it leads over English alone, `_NOT_TOLD` if not even that."""
    by_word, points = _languages_by_word(), _points(windows)
    own, english = points.pop(language), points.pop("en", 0.0)
    n_words = sum(language in by_word[word] for word in set().union(*windows))
    if n_words < MIN_WORDS or own < MIN_LEAD_OVER_ENGLISH * english:
        return _NOT_TOLD
    if own >= MIN_LEAD * max(points.values(), default=0.0):
        return language
    return _NOT_TOLD if language == "en" else ""


def _normalized(window: str) -> str:
    """Return a window with composed letters, no longer than before: one character may become eighteen."""
    if window.isascii():
        return window
    import unicodedata  # few policies need it

    return unicodedata.normalize("NFKC", window)[:WINDOW_CHARACTERS]


def _language_of_script(window: str) -> str:
    """Return the language that most letters of a window tell by themselves, "" if they do not."""
    if 2 * len(window.encode("ascii", "ignore")) > len(window):
        return ""
    import unicodedata

    from classifier.text.language_words import LANGUAGE_BY_SCRIPT

    scripts: Counter[str] = Counter()  # the name of a letter begins with that of its script
    for character, count in Counter(window).items():
        if character.isalpha():
            scripts[unicodedata.name(character, "").partition(" ")[0]] += count
    n_letters = scripts.total()
    n_kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
    if n_letters < MIN_LETTERS:
        return ""
    if n_kana + scripts["CJK"] > n_letters / 2:
        return "ja" if n_kana >= MIN_KANA_SHARE * n_letters else "zh"
    ((script, count),) = scripts.most_common(1)
    return LANGUAGE_BY_SCRIPT.get(script, "") if count > n_letters / 2 else ""


@cache
def _languages_by_word() -> Mapping[str, Sequence[str]]:
    """Return the languages whose lists have a word."""
    from classifier.text.language_words import WORDS

    languages: dict[str, list[str]] = {}
    for language, words in WORDS.items():
        for word in words.split():
            languages.setdefault(word, []).append(language)
    return languages
