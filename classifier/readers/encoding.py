"""Bytes become a string: UTF-8 with or without a mark, UTF-16, else Windows-1252; what is not text is refused.

No statistical guessing: what is valid UTF-8 is UTF-8, and a file that is *mostly* UTF-8 is a damaged one, about which
the person should know, rather than a Windows-1252 one full of "â€™".
"""

from __future__ import annotations

import codecs
import re

from classifier.errors import ReadError

_MAGIC = {
    b"%PDF-": "a PDF, not text",
    b"{\\rtf": "an RTF file, which is not read; open it in a word processor and save it as .docx or .txt",
    b"\xd0\xcf\x11\xe0": "a file of an old Office, which is not read; open it in a word processor and save it as .docx",
    b"PK\x03\x04": "a ZIP archive, which is not read; take the policy out of it",
    b"\x89PNG": "a PNG image, which is not read; a policy is read from its text",
    b"\xff\xd8\xff": "a JPEG image, which is not read; a policy is read from its text",
    b"GIF8": "a GIF image, which is not read; a policy is read from its text",
    b"\x1f\x8b": "a gzip archive, which is not read; unpack it",
    b"\x7fELF": "a program",
}
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_SAMPLE = 4096
# as in the Encoding Standard (https://encoding.spec.whatwg.org); what is not here, UTF-7 above all, is not believed
ENCODINGS = {
    **dict.fromkeys(("ascii", "iso8859-1"), "cp1252"),
    "iso8859-9": "cp1254",
    **dict.fromkeys(("iso8859-11", "tis-620", "cp874"), "cp874"),
    "iso2022_jp": "iso2022_jp",
    **{name: name for name in (f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16))},
    **{name: name for name in (f"cp125{n}" for n in range(9))},
    **{name: name for name in ("koi8-r", "koi8-u", "mac-roman", "cp866", "shift_jis", "euc_jp", "big5", "euc_kr")},
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"),
}


def decode_bytes(data: bytes, name: str, charset: str = "") -> tuple[str, str]:
    """Decode the bytes of a text file.

    Parameters
    ----------
    data, name
        The bytes, and what messages call them.
    charset
        What a server says; it counts where they are not UTF-8, and are of that encoding.

    Returns
    -------
    text, encoding
        The text, its line ends untouched, and the name of the encoding.

    Raises
    ------
    ReadError
        If the bytes are of a known other format, binary, or damaged.
    """
    refuse(data, name)
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or is_mostly_utf8(data[: 2**20]):
            line = data.count(b"\n", 0, error.start) + 1
            raise ReadError(
                f"{name}:{line}: byte 0x{data[error.start]:02x} is not valid {encoding.upper()}; repair the file or "
                "convert it to UTF-8"
            ) from None
        text, encoding = _as_said(data, charset) or (_windows_1252(data, name), "windows-1252")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ReadError(f"{name}:{line}: holds a NUL character; it is a binary or damaged file, not text")
    return text, encoding.removesuffix("-sig")


def refuse(data: bytes, name: str) -> None:
    """Refuse bytes that are of a known other format. Raises `ReadError`, which says what to do."""
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise ReadError(f"{name}: is {what}")


def _encoding(data: bytes) -> str:
    return sniff(data) or "utf-8"


def sniff(data: bytes) -> str:
    """Tell an encoding by the mark of byte order, or UTF-16 by its NULs; "" where neither is there."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    sample = data[:_SAMPLE]
    if 0 not in sample:
        return ""
    # Western text as UTF-16 has a NUL in every second byte, and hardly any in the others.
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.7 * len(sample) / 2 and even < 0.01 * len(sample):
        return "utf-16-le"
    if even > 0.7 * len(sample) / 2 and odd < 0.01 * len(sample):
        return "utf-16-be"
    return ""


def is_mostly_utf8(data: bytes) -> bool:
    """Whether the bytes beyond ASCII are mostly sound UTF-8, so that the rest is damage rather than another encoding."""
    sound = sum(map(len, _MULTIBYTE.findall(data)))
    return sound >= 3 * (len(data) - len(data.translate(None, bytes(range(128, 256)))) - sound)


def _as_said(data: bytes, charset: str) -> tuple[str, str] | None:
    try:
        known = codecs.lookup(charset).name if charset else "utf-8"
        if known.startswith("utf") or known not in ENCODINGS:
            return None
        return data.decode(ENCODINGS[known]), ENCODINGS[known].replace("cp125", "windows-125")
    except (LookupError, ValueError):
        return None


def _windows_1252(data: bytes, name: str) -> str:
    try:
        return data.decode("windows-1252")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ReadError(
            f"{name}:{line}: byte 0x{data[error.start]:02x} fits none of UTF-8, UTF-16 and Windows-1252; convert the file "
            "to UTF-8"
        ) from None
