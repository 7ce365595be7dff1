"""Decode bytes to a string: UTF-8 with or without a byte order mark, UTF-16, else Windows-1252; refuse other formats.

Nothing is guessed by statistics. Valid UTF-8 is UTF-8. A file that is *mostly* valid UTF-8 is refused as damaged, so that the
person learns of it: read as Windows-1252 it would be full of "â€™".
"""

from __future__ import annotations

import codecs
import re

from classifier.errors import ReadError

_OTHER_FORMATS = {
    b"%PDF-": "a PDF, not text",
    b"{\\rtf": "an RTF file, which is not read; open it in a word processor and save it as .docx or .txt",
    b"\xd0\xcf\x11\xe0": "an old Office file, which is not read; open it in a word processor and save it as .docx",
    b"PK\x03\x04": "a ZIP archive, which is not read; take the policy out of it",
    b"\x89PNG": "a PNG image, which is not read; a policy is read from its text",
    b"\xff\xd8\xff": "a JPEG image, which is not read; a policy is read from its text",
    b"GIF8": "a GIF image, which is not read; a policy is read from its text",
    b"\x1f\x8b": "a gzip archive, which is not read; unpack it",
    b"\x7fELF": "a program",
}
"""Formats that are not text, by their first bytes."""
_ZIP = b"PK\x03\x04"
_ZIP_NAME_AT = 30
"""Offset of the name of the first file in a ZIP archive."""
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument"
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""A character of several bytes in UTF-8."""
_SNIFFED_BYTES = 4096
"""Bytes at the beginning in which NULs are counted to recognize UTF-16 without a byte order mark."""
_MIN_NUL_SHARE, _MAX_NUL_SHARE = 0.7, 0.01
"""UTF-16 of Western text has at least this share of NULs in the high bytes, and fewer in the low
ones: at most the second share of all bytes."""
_DAMAGE_CHECKED_BYTES = 2**20
"""Bytes of a file that is not valid UTF-8 in which `is_mostly_utf8` looks for damage."""
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
"""Encodings that a server or a page may declare, as the Encoding Standard (https://encoding.spec.whatwg.org) decodes them;
declarations of others, above all of UTF-7, are ignored."""


def decode_bytes(data: bytes, name: str, charset: str = "") -> tuple[str, str]:
    """Decode the bytes of a text file.

    Parameters
    ----------
    data
        The bytes.
    name
        Name of the file in messages.
    charset
        The encoding that a server declared; used only if the bytes are not UTF-8 and are valid in it.

    Returns
    -------
    text, encoding
        The text, its line ends unchanged, and the name of the encoding.

    Raises
    ------
    ReadError
        If the bytes are of another known format, binary, or damaged.

    Examples
    --------
    >>> decode_bytes("naïve".encode("cp1252"), "policy.txt")
    ('naïve', 'windows-1252')
    """
    refuse_other_formats(data, name)
    encoding = sniff(data) or "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8" or is_mostly_utf8(data[:_DAMAGE_CHECKED_BYTES]):
            line = data.count(b"\n", 0, error.start) + 1
            raise ReadError(
                f"{name}:{line}: byte 0x{data[error.start]:02x} is not valid {encoding.upper()}; repair the file or "
                "convert it to UTF-8"
            ) from None
        text, encoding = _decode_declared(data, charset) or (_decode_windows_1252(data, name), "windows-1252")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ReadError(f"{name}:{line}: holds a NUL character; it is a binary or damaged file, not text")
    return text, encoding.removesuffix("-sig")


def refuse_other_formats(data: bytes, name: str) -> None:
    """Raise `ReadError` if the bytes are of a known format that is not text; the message says what to do."""
    if data.startswith(_ZIP) and data.startswith(_OPEN_DOCUMENT, _ZIP_NAME_AT):
        raise ReadError(
            f"{name}: is an OpenDocument file, which is not read; open it in a word processor and save it as .docx"
        )
    for signature, description in _OTHER_FORMATS.items():
        if data.startswith(signature):
            raise ReadError(f"{name}: is {description}")


def is_other_format(data: bytes) -> bool:
    """Whether `refuse_other_formats` refuses these bytes."""
    return data.startswith(tuple(_OTHER_FORMATS))


def is_zip_of(data: bytes, path: bytes) -> bool:
    """Whether the bytes are a ZIP archive, no OpenDocument file, that holds a file whose path begins like this.

    >>> is_zip_of(b"PK\\x03\\x04...word/document.xml...", b"word/document"), is_zip_of(b"word/document", b"word/document")
    (True, False)
    """
    return data.startswith(_ZIP) and not data.startswith(_OPEN_DOCUMENT, _ZIP_NAME_AT) and path in data


def sniff(data: bytes) -> str:
    """Recognize an encoding by its byte order mark, and UTF-16 also by its NULs; return "" if there are neither."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    sample = data[:_SNIFFED_BYTES]
    if 0 not in sample:
        return ""
    # Western text in UTF-16 has a NUL in every second byte, and hardly any in the others.
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > _MIN_NUL_SHARE * len(sample) / 2 and even < _MAX_NUL_SHARE * len(sample):
        return "utf-16-le"
    if even > _MIN_NUL_SHARE * len(sample) / 2 and odd < _MAX_NUL_SHARE * len(sample):
        return "utf-16-be"
    return ""


def is_mostly_utf8(data: bytes) -> bool:
    """Whether at least three quarters of the bytes beyond ASCII are valid UTF-8, so that the rest is damage."""
    n_valid = sum(map(len, _MULTIBYTE.findall(data)))
    n_beyond_ascii = len(data) - len(data.translate(None, bytes(range(128, 256))))
    return n_valid >= 3 * (n_beyond_ascii - n_valid)


def _decode_declared(data: bytes, charset: str) -> tuple[str, str] | None:
    """Decode bytes by a declared encoding; None if it is not declared, not believed, or does not fit."""
    try:
        declared = codecs.lookup(charset).name if charset else "utf-8"
        if declared.startswith("utf") or declared not in ENCODINGS:
            return None
        return data.decode(ENCODINGS[declared]), ENCODINGS[declared].replace("cp125", "windows-125")
    except (LookupError, ValueError):
        return None


def _decode_windows_1252(data: bytes, name: str) -> str:
    try:
        return data.decode("windows-1252")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ReadError(
            f"{name}:{line}: byte 0x{data[error.start]:02x} is not UTF-8, UTF-16 or Windows-1252; convert the file "
            "to UTF-8"
        ) from None
