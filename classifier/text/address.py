"""Hide user name and password in web addresses that messages and output show."""

from __future__ import annotations

import re

HIDDEN = "***"
"""Written in place of a password."""
_BEGINNING = re.compile(
    r"[\0-\x20]*(?:[a-zA-Z][a-zA-Z0-9+.\t\r\n-]+:[\t\r\n]*[/\\]|[a-zA-Z]://)[/\\\t\r\n]*",
)
"""Scheme and slashes with all that browsers tolerate in them; one letter and a single slash are a drive of Windows."""
_UP_TO_AT = re.compile(r".*(?:@|%40|\uff20|\ufe6b)", re.DOTALL | re.IGNORECASE)
"""All up to the last @, also an encoded or a full-width one."""
_HOST_AND_PORT = re.compile(r"(?:\[[^\]]*\]|[^:]*)(?::[0-9]+)?")


def without_password(name: str) -> str:
    """Replace user name and password in a web address by three asterisks; return any other name unchanged.

    Path and query are kept, since an address without them names another page. In an invalid address, one whose port is not
    a number, a password may reach beyond the next slash, so more of it is searched.

    >>> without_password("https://me:secret@example.org/privacy?lang=en"), without_password("me@example.org.txt")
    ('https://***@example.org/privacy?lang=en', 'me@example.org.txt')
    """
    beginning = _BEGINNING.match(name)
    if beginning is None:
        return name
    head, rest = name[: beginning.end()], name[beginning.end() :]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    secret = _UP_TO_AT.match(authority)
    host = authority[secret.end() :] if secret else authority
    if not _HOST_AND_PORT.fullmatch(host):
        secret = _UP_TO_AT.match(rest)
        if secret is None:
            return f"{head}{host.partition(':')[0]}:{HIDDEN}{rest[len(authority) :]}"
    return f"{head}{HIDDEN}@{rest[secret.end() :]}" if secret else name
