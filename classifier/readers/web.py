"""An address becomes the bytes of one page: fetched once, within bounds of size and time, never from a private network.

Only what a person typed is asked for, and where it redirects to; no cookies, no scripts, nothing that the page names. The
name is looked up here, the addresses it has are checked, and the connection goes to one that was checked: a name that means
another machine the next moment gains nothing. Proxies of the environment are not used, as they would look it up themselves.
"""

from __future__ import annotations

import http
import ipaddress
import re
import socket
import threading
import time
import zlib
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
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
_NOT_PUBLIC_V6 = [ipaddress.ip_network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]


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
    document = readers.parse(page.data, page.address, page.suffix, keep_all=keep_all, charset=page.charset)
    steps = tuple(f"{step} redirects" for step in page.redirects)
    return replace(document, notes=(*steps, *document.notes)) if steps else document


def fetch(address: str, *, allow_private: bool = False) -> Page:
    """Fetch one page; see `read`. What a server drips is not waited for: the time is that of all of it."""
    from classifier.readers import printable

    name = printable(address)
    found: list[Page | ReadError] = []

    def work() -> None:
        try:
            found.append(_fetch(address, allow_private))
        except ReadError as error:
            found.append(error)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(MAX_SECONDS)
    if not found:
        raise ReadError(f"{name}: took longer than {MAX_SECONDS:.0f} seconds")
    if isinstance(found[0], ReadError):
        raise ReadError(f"{name}: {printable(str(found[0]))}") from None
    return found[0]


def _fetch(address: str, allow_private: bool) -> Page:
    """Fetch one page; errors say what is wrong, but not with which address."""
    try:
        import httpx
    except ImportError:
        raise ReadError("web addresses need a package more: pip install 'policy-clauses[web]'") from None
    deadline = time.monotonic() + MAX_SECONDS
    redirects: list[str] = []
    headers = {"Accept": "text/html, */*;q=0.5", "Accept-Encoding": "gzip"}
    try:
        url = httpx.URL(address)
        with httpx.Client(trust_env=False, timeout=MAX_SECONDS / 3, headers=headers) as client:
            while True:
                response = _sent(client, url, allow_private)
                try:
                    if response.next_request is None:
                        return _page(response, url, deadline, redirects)
                    redirects.append(str(url))
                    if len(redirects) > MAX_REDIRECTS:
                        raise ReadError(f"redirects more than {MAX_REDIRECTS} times")
                    url = url.join(response.headers["location"])
                finally:
                    response.close()
    except httpx.TimeoutException:
        raise ReadError("cannot be fetched: the server does not answer") from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError, OSError) as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise ReadError(f"cannot be fetched: {said}") from None


def _sent(client: Any, url: Any, allow_private: bool) -> Any:
    """Ask a server, at an address that was looked up and checked."""
    import httpx

    if url.scheme not in ("http", "https") or not url.host:
        raise ReadError(f"{url.scheme or 'nothing'}:// is not fetched, only http:// and https://")
    if url.userinfo:
        raise ReadError("has a name or a password in it, which is not sent; leave them out")
    host = url.raw_host.decode("ascii")
    numbers = _looked_up(host, url.port or (443 if url.scheme == "https" else 80), allow_private)
    for number in numbers:
        request = client.build_request(
            "GET",
            url.copy_with(host=number),
            headers={"Host": url.netloc.decode("ascii")},
            extensions={"sni_hostname": host},
        )
        try:
            return client.send(request, stream=True, follow_redirects=False)
        except httpx.ConnectError:
            if number == numbers[-1]:
                raise
    raise AssertionError("there is an address, or an error")  # pragma: no cover


def _looked_up(host: str, port: int, allow_private: bool) -> list[str]:
    """Give the addresses of a host, each once."""
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise ReadError(f"there is no {host}: {getattr(error, 'strerror', None) or error}") from None
    private = [number for number in found if not _is_public(number)]
    if private and not allow_private:
        raise ReadError(f"{host} is a private address ({private[0]}); fetch from your own network with --allow-private")
    return list(dict.fromkeys(found))


def _is_public(number: str) -> bool:
    """Whether an address is one of the public internet, and not one in which a private one may be wrapped.

    >>> [_is_public(number) for number in ("93.184.216.34", "2606:4700::1111", "10.0.0.1", "::1", "64:ff9b::7f00:1")]
    [True, True, False, False, False]
    """
    found = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        return found in _PUBLIC_V6 and not any(found in net for net in _NOT_PUBLIC_V6) and found.is_global
    return found.is_global and not found.is_multicast


def _page(response: Any, url: Any, deadline: float, redirects: list[str]) -> Page:
    status = response.status_code
    if status >= 300:
        known = {each.value: each.phrase for each in http.HTTPStatus}
        raise ReadError(f"the server answers {status} {known.get(status, '')}".rstrip())
    declared = response.headers.get("content-type", "")
    kind = declared.partition(";")[0].strip().lower()
    if kind not in SUFFIXES:
        raise ReadError(f"is {kind[:80]}, which is not read")
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip"):
        raise ReadError(f"is packed in a way that was not asked for ({encoding[:40]})")
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if "gzip" in encoding else None
    data = bytearray()
    for chunk in response.iter_raw():
        try:
            data += unpack.decompress(chunk, MAX_BYTES + 1 - len(data)) if unpack is not None else chunk
        except zlib.error:
            raise ReadError("cannot be fetched: what the server sends is not packed as it says") from None
        if len(data) > MAX_BYTES:
            raise ReadError(f"larger than {MAX_BYTES // 2**20} MiB; a policy is far smaller")
        if time.monotonic() > deadline:
            raise ReadError(f"took longer than {MAX_SECONDS:.0f} seconds")
    charset = _CHARSET.search(declared)
    return Page(bytes(data), str(url), SUFFIXES[kind], charset[1] if charset else "", tuple(redirects))
