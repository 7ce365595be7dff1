"""An address becomes the bytes of one page: fetched once, within bounds of size and time, never from a private network.

Only what a person typed is asked for, and where it redirects to; no cookies, no scripts, nothing that the page names. The
name is looked up here, the addresses it has are checked, and the connection goes to the one that was checked: a name that
means another machine the next moment gains nothing. Proxies of the environment are not used, as they would look it up
themselves.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
from dataclasses import replace
from typing import Any, NamedTuple

from classifier.errors import ReadError
from classifier.types import Document

MAX_BYTES = 20 * 2**20
MAX_SECONDS = 30.0
MAX_REDIRECTS = 8
SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "": "",
    "application/octet-stream": "",
    "binary/octet-stream": "",
}
"""What a server may call what it sends, and the suffix of such a file."""
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)


class Page(NamedTuple):
    """What a server sent: the bytes, where they came from in the end, what they were called, and by which redirects."""

    data: bytes
    address: str
    suffix: str
    charset: str
    redirects: tuple[str, ...]


def read(address: str, *, keep_all: bool = False, allow_private: bool = False) -> Document:
    """Fetch a policy and read it.

    Parameters
    ----------
    address
        http:// or https://
    keep_all
        As in `readers.read`.
    allow_private
        Also from this machine and its own network.

    Raises
    ------
    ReadError
        If it cannot be fetched, is too large, takes too long, is elsewhere than on the public internet, is of another kind,
        or httpx is not installed.
    """
    from classifier import readers

    page = fetch(address, allow_private=allow_private)
    name = readers.printable(page.address)
    document = readers.parse(page.data, name, page.suffix, keep_all=keep_all, charset=page.charset)
    steps = tuple(f"{readers.printable(step)} redirects" for step in page.redirects)
    return replace(document, notes=(*steps, *document.notes)) if steps else document


def fetch(address: str, *, allow_private: bool = False) -> Page:
    """Fetch one page; see `read`."""
    try:
        import httpx
    except ImportError:
        raise ReadError(f"{address}: web addresses need a package more: pip install 'policy-clauses[web]'") from None
    deadline = time.monotonic() + MAX_SECONDS
    redirects: list[str] = []
    try:
        url = httpx.URL(address)
        with httpx.Client(
            trust_env=False, timeout=MAX_SECONDS / 3, headers={"Accept": "text/html, */*;q=0.5"}
        ) as client:
            while True:
                request = _request(client, url, address, allow_private)
                with _sent(client, request, deadline) as response:
                    if response.next_request is None:
                        return _page(response, url, address, deadline, redirects)
                    redirects.append(str(url))
                    if len(redirects) > MAX_REDIRECTS:
                        raise ReadError(f"{address}: redirects more than {MAX_REDIRECTS} times")
                    url = url.join(response.headers["location"])
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError, ValueError, OSError) as error:
        what = "took too long" if isinstance(error, httpx.TimeoutException) else f"cannot be fetched: {_said(error)}"
        raise ReadError(f"{address}: {what}") from None


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _request(client: Any, url: Any, address: str, allow_private: bool) -> Any:
    """Make a request that goes to an address which was looked up and checked."""
    if url.scheme not in ("http", "https") or not url.host:
        raise ReadError(f"{address}: {url.scheme or 'it'}:// is not fetched, only http:// and https://")
    number = _looked_up(url, address, allow_private)
    target = url.copy_with(host=number)
    host = url.netloc.decode("ascii").rpartition("@")[2]
    return client.build_request(
        "GET", target, headers={"Host": host}, extensions={"sni_hostname": url.raw_host.decode("ascii")}
    )


def _looked_up(url: Any, address: str, allow_private: bool) -> str:
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ReadError(f"{address}: cannot be fetched: there is no {url.host}: {reason}") from None
    public = [number for number in found if allow_private or _is_public(number)]
    if len(public) < len(found) or not found:
        raise ReadError(
            f"{address}: {url.host} is a private address ({found[0]}); fetch from your own network with --allow-private"
        )
    return public[0]


def _is_public(number: str) -> bool:
    """Whether an address is one of the public internet.

    >>> [_is_public(number) for number in ("93.184.216.34", "10.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254")]
    [True, False, False, False, False]
    """
    found = ipaddress.ip_address(number.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    found = mapped or found
    return found.is_global and not found.is_multicast


def _sent(client: Any, request: Any, deadline: float) -> Any:
    left = deadline - time.monotonic()
    if left <= 0:
        raise ReadError(f"{request.url.host}: took longer than {MAX_SECONDS:.0f} seconds")
    request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), min(left, MAX_SECONDS / 3))
    return _Closing(client.send(request, stream=True, follow_redirects=False))


class _Closing:
    """Closes a response that is not read to its end."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def __enter__(self) -> Any:
        return self._response

    def __exit__(self, *error: object) -> None:
        self._response.close()


def _page(response: Any, url: Any, address: str, deadline: float, redirects: list[str]) -> Page:
    if response.status_code >= 300:
        raise ReadError(f"{address}: the server answers {response.status_code} {response.reason_phrase}".rstrip())
    declared = response.headers.get("content-type", "")
    kind = declared.partition(";")[0].strip().lower()
    if kind not in SUFFIXES:
        raise ReadError(f"{address}: is {kind}, which is not read")
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > MAX_BYTES:
            raise ReadError(f"{address}: larger than {MAX_BYTES // 2**20} MiB; a policy is far smaller")
        if time.monotonic() > deadline:
            raise ReadError(f"{address}: took longer than {MAX_SECONDS:.0f} seconds")
    charset = _CHARSET.search(declared)
    return Page(bytes(data), str(url), SUFFIXES[kind], charset[1] if charset else "", tuple(redirects))
