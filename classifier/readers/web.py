"""Fetch one page from the web: once, within limits of size and time, never from a private network by surprise.

Only the typed address and those it redirects to are requested: no cookies, no scripts, no resources of the page. Each
host name is looked up once and all its IP addresses are checked; the connection goes to one of these, so that a name that
resolves to another machine a moment later gains nothing. Proxies of the environment are not used, since they would look
the name up themselves.

Private addresses are refused unless allowed, and even then only for the host that was typed:

- A redirect to a private address is followed only to the typed host, at the typed port or at 443 with https.
- Link-local and cloud metadata addresses, where clouds hand out keys, are fetched only if the number itself was typed; a name
  that leads to one is refused.
- User name and password in an address are never sent and never shown.

The answer is read by `http.client`, whose time grows with the length of the headers; the patterns of h11, which httpx
uses, take a minute of processor time for 100 KB of blanks.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from classifier.errors import ReadError, needs_package, reason
from classifier.text.escaping import escape_name

MAX_BYTES = 20 * 2**20
"""Bytes of a page, unpacked."""
MAX_HEADER_BYTES = 256 * 2**10
"""Bytes of all header sections before a page; interim answers have sections of their own."""
MAX_SECONDS = 30.0
"""Seconds from the look-up of the name to the last byte; for each single wait a third of it."""
MAX_REDIRECTS = 8
MAX_SHOWN_CHARACTERS = 500
"""Characters of an address that a server redirects to, in messages and notes."""
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
"""The suffix of a file for each kind that a server may declare."""
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_-][a-z0-9._-]*|[0-9a-f.]*:[0-9a-f:.]+(?:%[a-z0-9._%-]+)?", re.IGNORECASE)
_REDIRECTS = (301, 302, 303, 307, 308)
_PIECE_BYTES = 2**16
_GZIP = b"\x1f\x8b"
_INCOMPLETE = "cannot be fetched: the connection ended before the page was complete; try again"
_NOT_HTTP = "cannot be fetched: the answer of the server is not valid HTTP"

# The special-purpose registries of IANA (iana-ipv4-special-registry, iana-ipv6-special-registry), without the few blocks that
# are globally reachable; 192.0.0.0/24 and 2001::/23 as a whole, since no page is served from the few exceptions in them.
# Spelled out, as `ipaddress.is_global` differs between versions of Python.
_NOT_PUBLIC_V4 = [
    ipaddress.IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # answers machines in Azure, though it looks public
    )
]
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
"""The only block of version 6 that public addresses are assigned from; of the special ones it holds only the next."""
_NOT_PUBLIC_V6 = [
    ipaddress.IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]
_LOCAL = [
    ipaddress.ip_network(network)
    for network in (
        *("169.254.0.0/16", "fe80::/10"),  # link-local; 169.254.169.254 is the metadata service of most clouds
        *("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::/32", "fd20:ce::/32"),  # of the others
    )
]
_WRAPS_V4 = [ipaddress.IPv6Network(network) for network in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")]
"""Blocks of version 6 whose last 32 bits are an address of version 4."""
_6TO4 = ipaddress.IPv6Network("2002::/16")


class FetchedPage(NamedTuple):
    """A page as the server sent it.

    Attributes
    ----------
    data
        The bytes, unpacked.
    address
        The address they came from in the end.
    suffix, charset
        The kind of file and the encoding that the server declares; "" if it does not.
    redirects
        The addresses that led there.
    notes
        Other things that a reader should know.
    """

    data: bytes
    address: str
    suffix: str
    charset: str
    redirects: tuple[str, ...]
    notes: tuple[str, ...] = ()


def fetch(address: str, *, allow_private: bool = False) -> FetchedPage:
    """Fetch one page.

    Parameters
    ----------
    address
        http:// or https://
    allow_private
        Fetch also from this machine and its own network, if `address` itself is there. Redirects to other private hosts or
        ports are refused all the same, and so are names that lead to link-local or cloud metadata addresses; type the number
        of such an address to fetch from it.

    Raises
    ------
    ReadError
        If the page cannot be fetched completely, is too large, takes too long, is not on the public internet, is of another
        kind, or httpx is not installed.

    Notes
    -----
    All of it takes at most `MAX_SECONDS`: the look-up of the name, which cannot be interrupted, runs in a thread that is
    abandoned then.
    """
    name = escape_name(address)
    results: list[FetchedPage | Exception] = []

    def work() -> None:
        try:
            results.append(_fetch(address, allow_private))
        except Exception as error:
            results.append(error)

    worker = threading.Thread(target=work, daemon=True)
    try:
        worker.start()
    except RuntimeError:
        raise ReadError(f"{name}: cannot be fetched: the system starts no more threads; end other programs") from None
    worker.join(MAX_SECONDS)
    result = results[0] if results else _too_slow()
    if isinstance(result, ReadError):
        raise ReadError(f"{name}: {escape_name(str(result))}") from None
    if isinstance(result, Exception):
        raise result
    return result


def _fetch(address: str, allow_private: bool) -> FetchedPage:
    """Fetch one page; errors name the addresses it redirects to, but not the one that was typed."""
    try:
        import httpx  # noqa: F401
    except ImportError:
        raise ReadError(needs_package("web addresses", "web")) from None
    deadline = time.monotonic() + MAX_SECONDS
    typed = url = _parsed(address)
    numbers: dict[str, list[str]] = {}
    redirects: list[str] = []
    while True:
        try:
            host = _host(url)
            if host not in numbers:
                numbers[host] = _looked_up(url)
            _refuse_private(url, numbers[host], typed, allow_private, is_redirect=bool(redirects))
            with _answer(url, numbers[host], deadline) as answer:
                location = _location(answer)
                if not location:
                    return _page(answer, url, deadline, tuple(redirects))
        except ReadError as error:
            raise ReadError(f"redirects to {shown_address(str(url))}: {error}" if redirects else str(error)) from None
        redirects.append(str(url))
        if len(redirects) > MAX_REDIRECTS:
            raise ReadError(f"redirects more than {MAX_REDIRECTS} times")
        url = _joined(url, location)


# --- addresses -------------------------------------------------------------------------------------------------------


def _parsed(address: str) -> Any:
    """Parse an address that was typed; errors of the parser are not repeated, since they may quote a password."""
    import httpx

    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        raise ReadError("is not a valid web address; check its host and its port") from None
    _refuse_form(url)
    return url


def _joined(url: Any, location: str) -> Any:
    """Return the address that a page redirects to."""
    import httpx

    try:
        target = url.join(location)
    except (httpx.InvalidURL, ValueError):
        raise ReadError("redirects to an address that is not valid") from None
    try:
        _refuse_form(target)
    except ReadError as error:
        raise ReadError(f"redirects to {shown_address(str(target))}: {error}") from None
    return target


def _refuse_form(url: Any) -> None:
    """Refuse an address that is not http:// or https://, a host and a port."""
    if url.scheme not in ("http", "https"):
        raise ReadError(f"{url.scheme[:20] or 'nothing'}:// is not fetched, only http:// and https://")
    if url.userinfo:
        raise ReadError("has a name or a password in it, which is not sent; leave them out")
    if not url.raw_host:
        raise ReadError("has no host in it; write it as in https://example.org/privacy")
    if not _HOST.fullmatch(url.raw_host.decode("ascii")) or not 0 < _port(url) < 2**16:
        raise ReadError("is not a valid web address; check its host and its port")


def shown_address(address: str) -> str:
    """Return an address as messages show it: without password, and not too long."""
    shown = escape_name(address)
    return shown if len(shown) <= MAX_SHOWN_CHARACTERS else f"{shown[:MAX_SHOWN_CHARACTERS]}..."


def _host(url: Any) -> str:
    """Return the host of an address in one spelling, so that it can be compared."""
    host: str = url.raw_host.decode("ascii").lower().removesuffix(".")
    return str(ipaddress.ip_address(host)) if ":" in host else host


def _port(url: Any) -> int:
    return int(url.port if url.port is not None else 443 if url.scheme == "https" else 80)


def _looked_up(url: Any) -> list[str]:
    """Look up the IP addresses of a host, without duplicates."""
    host = url.raw_host.decode("ascii")
    try:
        numbers = [str(entry[4][0]) for entry in socket.getaddrinfo(host, _port(url), type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise ReadError(f"there is no {host}: {reason(error)}") from None
    return list(dict.fromkeys(numbers))


def _refuse_private(url: Any, numbers: list[str], typed: Any, allow_private: bool, is_redirect: bool) -> None:
    """Refuse an address if one of its IP addresses is private, unless it is the typed one and private ones are allowed."""
    host = _host(url)
    private = [number for number in numbers if not _is_public(number)]
    if not private:
        return
    problem = f"{host} is a private address ({private[0]})"
    if not allow_private and not is_redirect:
        raise ReadError(f"{problem}; fetch from your own network with --allow-private")
    ports = (_port(typed), 443) if url.scheme == "https" else (_port(typed),)
    if not allow_private or host != _host(typed) or _port(url) not in ports:
        raise ReadError(
            f"{problem}, and a redirect to a private host or port other than the typed one is not followed; type that "
            "address with --allow-private to fetch from it"
        )
    local = [number for number in private if _is_local(number)]
    if local and not _is_number(host):
        raise ReadError(
            f"{host} leads to {local[0]}, a link-local or cloud metadata address; --allow-private covers it only if the "
            "number itself is typed"
        )


def _is_public(number: str) -> bool:
    """Whether an IP address is on the public internet and cannot wrap a private one.

    >>> [_is_public(number) for number in ("93.184.216.34", "2606:4700::1111", "10.0.0.1", "::1", "64:ff9b::7f00:1")]
    [True, True, False, False, False]
    """
    ip = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        return ip in _PUBLIC_V6 and not any(ip in network for network in _NOT_PUBLIC_V6)
    return not any(ip in network for network in _NOT_PUBLIC_V4)


def _is_local(number: str) -> bool:
    """Whether an IP address is link-local or a cloud metadata service, also if an IPv6 address wraps it."""
    ip = ipaddress.ip_address(number.partition("%")[0])
    if any(ip in network for network in _WRAPS_V4):
        ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    elif ip in _6TO4:
        ip = ipaddress.IPv4Address(int(ip) >> 80 & 0xFFFFFFFF)
    return any(ip in network for network in _LOCAL)


def _is_number(host: str) -> bool:
    """Whether a host is an IP address, in any spelling, rather than a name.

    >>> [_is_number(host) for host in ("169.254.169.254", "2852039166", "0xa9fea9fe", "fe80::1", "example.org")]
    [True, True, True, True, False]
    """
    try:
        socket.inet_aton(host)
    except OSError:
        return ":" in host
    return True


# --- connections -----------------------------------------------------------------------------------------------------


class _Wire(io.RawIOBase):
    """Reads the bytes of a connection within limits of time and size, however they are spread over packets."""

    def __init__(self, connection: socket.socket, deadline: float):
        self._connection = connection
        self._deadline = deadline
        self.limit(MAX_HEADER_BYTES, f"sends more than {MAX_HEADER_BYTES // 2**10} KiB of headers, which no page needs")

    def limit(self, n_bytes: int, message: str) -> None:
        """Set the number of bytes that may still come, and the message if there are more."""
        self._n_left = n_bytes
        self._message = message

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(_seconds_left(self._deadline))
        n_bytes = self._connection.recv_into(buffer)
        self._n_left -= n_bytes
        if self._n_left < 0:
            raise ReadError(self._message)
        return n_bytes


class _Reader(io.BufferedReader):
    """Acts as the socket and the file of each answer on a connection, which its opener closes."""

    def makefile(self, mode: str) -> _Reader:
        return self

    def close(self) -> None:
        """Do nothing: the bytes that were read ahead belong to the next answer."""


def _seconds_left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise _too_slow()
    return min(left, MAX_SECONDS / 3)


def _too_slow() -> ReadError:
    return ReadError(f"took longer than {MAX_SECONDS:g} seconds")


@contextlib.contextmanager
def _answer(url: Any, numbers: list[str], deadline: float) -> Iterator[http.client.HTTPResponse]:
    """Request a page and read the answer up to its body; network errors, also later ones, become `ReadError`."""
    try:
        with contextlib.ExitStack() as stack:
            connection = stack.enter_context(_connected(numbers, _port(url), deadline))
            if url.scheme == "https":
                connection = stack.enter_context(_secured(connection, url, deadline))
            connection.settimeout(_seconds_left(deadline))
            connection.sendall(_request(url))
            wire = _Wire(connection, deadline)
            answer = _after_interim(wire)
            wire.limit(2 * MAX_BYTES, _too_large())
            yield answer
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, TimeoutError) and time.monotonic() >= deadline:
            raise _too_slow() from None
        raise ReadError(_sentence(error)) from None


def _connected(numbers: list[str], port: int, deadline: float) -> socket.socket:
    """Connect to the first of several IP addresses that answers."""
    for number in numbers:
        try:
            return socket.create_connection((number, port), timeout=_seconds_left(deadline))
        except OSError:
            if number == numbers[-1]:
                raise
    raise AssertionError("there is a number, or an error")  # pragma: no cover


def _secured(connection: socket.socket, url: Any, deadline: float) -> ssl.SSLSocket:
    """Start TLS on a connection, and verify that the server is the host of the address."""
    import httpx

    context = httpx.create_ssl_context(trust_env=False)
    context.set_alpn_protocols(["http/1.1"])
    connection.settimeout(_seconds_left(deadline))
    return context.wrap_socket(connection, server_hostname=_host(url))


def _request(url: Any) -> bytes:
    import httpx

    headers = {
        "Host": url.netloc.decode("ascii"),
        "Accept": "text/html, */*;q=0.5",
        "Accept-Encoding": "gzip",
        "Connection": "keep-alive",
        "User-Agent": f"python-httpx/{httpx.__version__}",
    }
    lines = [f"GET {url.raw_path.decode('ascii')} HTTP/1.1", *(f"{key}: {value}" for key, value in headers.items())]
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")


def _after_interim(wire: _Wire) -> http.client.HTTPResponse:
    """Read headers up to those of the final answer; 100, 102 and 103 announce that another follows."""
    reader: Any = _Reader(wire, _PIECE_BYTES)
    while True:
        answer = http.client.HTTPResponse(reader, method="GET")
        answer.begin()
        _refuse_damaged(answer)
        if not 101 < answer.status < 200:
            return answer


def _refuse_damaged(answer: http.client.HTTPResponse) -> None:
    """Refuse headers by which the end of the page is ambiguous."""
    encodings = [value.strip().lower() for value in answer.headers.get_all("transfer-encoding", [])]
    lengths = {each.strip() for value in answer.headers.get_all("content-length", []) for each in value.split(",")}
    is_sound = not encodings and len(lengths) < 2 and all(re.fullmatch("[0-9]{1,18}", each) for each in lengths)
    rest = answer.headers.get_payload()  # the headers from the first broken one on
    if (isinstance(rest, str) and rest) or not (is_sound or answer.chunked):
        raise http.client.HTTPException


def _sentence(error: Exception) -> str:
    """Describe an error of a connection; text of the server is not repeated, since it may hold a password."""
    if isinstance(error, http.client.IncompleteRead):
        return _INCOMPLETE
    if isinstance(error, http.client.RemoteDisconnected):
        return "cannot be fetched: the server ends the connection without an answer"
    if isinstance(error, TimeoutError):
        return "cannot be fetched: the server does not answer"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"cannot be fetched: the certificate of the server is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"cannot be fetched: there is no secure connection: {error.reason or error}"
    if isinstance(error, OSError):
        return f"cannot be fetched: {reason(error)}"
    return _NOT_HTTP


# --- answers ---------------------------------------------------------------------------------------------------------


def _location(answer: http.client.HTTPResponse) -> str:
    """Return the address that an answer redirects to, "" if none."""
    locations = set(answer.headers.get_all("location", [])) if answer.status in _REDIRECTS else set()
    if len(locations) > 1:
        raise ReadError("redirects to several addresses at once")
    location = "".join(locations).strip()
    with contextlib.suppress(UnicodeError):
        return location.encode("latin-1").decode("utf-8")
    return location


def _page(answer: http.client.HTTPResponse, url: Any, deadline: float, redirects: tuple[str, ...]) -> FetchedPage:
    _refuse_status(answer.status)
    declared = answer.headers.get_all("content-type", [""])[-1][:1000]
    kind = declared.partition(";")[0].strip().lower()
    if kind not in SUFFIXES:
        raise ReadError(f"is {kind[:80]}, which is not read")
    encoding = ", ".join(answer.headers.get_all("content-encoding", [])).strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip"):
        raise ReadError(f"is packed in a way that was not asked for ({encoding[:40]})")
    pieces = _pieces(answer)
    data = bytearray()
    for piece in _unpacked(pieces) if "gzip" in encoding else pieces:
        data += piece
        if len(data) > MAX_BYTES:
            raise ReadError(_too_large())
        _seconds_left(deadline)
    charset = _CHARSET.search(declared)
    changed = (
        ("a proxy on the way changed the page (203 Non-Authoritative Information)",) if answer.status == 203 else ()
    )
    return FetchedPage(bytes(data), str(url), SUFFIXES[kind], charset[1] if charset else "", redirects, changed)


def _refuse_status(status: int) -> None:
    """Refuse an answer other than a whole page: 200, or 203, by which a proxy states that it changed the page."""
    if status in (200, 203):
        return
    phrase = http.HTTPStatus(status).phrase if status in set(http.HTTPStatus) else ""
    wrong = "a part of the page, though all of it was asked for" if status == 206 else "not a page"
    raise ReadError(f"the server answers {status} {phrase}".rstrip() + (f", {wrong}" if status < 300 else ""))


def _pieces(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """Read a body in pieces, and check that it is complete."""
    expected = answer.length
    if expected is not None and expected > MAX_BYTES:
        raise ReadError(_too_large())
    n_bytes = 0
    while piece := answer.read(_PIECE_BYTES):
        n_bytes += len(piece)
        yield piece
    if expected is not None and n_bytes < expected:
        raise ReadError(_INCOMPLETE)


def _unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack gzip in small pieces, one member after the other; bytes after the last are ignored, as browsers do."""
    member = zlib.decompressobj(16 + zlib.MAX_WBITS)
    packed = b""
    has_begun = has_more = False
    for piece in pieces:
        packed += piece
        has_begun = True
        while packed or has_more:
            if member.eof:
                if not packed.startswith(_GZIP[: len(packed)]):
                    return
                if len(packed) < len(_GZIP):
                    break  # the next piece tells whether another member begins
                member = zlib.decompressobj(16 + zlib.MAX_WBITS)
            try:
                unpacked = member.decompress(packed, _PIECE_BYTES)
            except zlib.error:
                raise ReadError("cannot be fetched: the page is not packed as the server says") from None
            packed = member.unused_data if member.eof else member.unconsumed_tail
            has_more = not member.eof and len(unpacked) == _PIECE_BYTES
            yield unpacked
    if has_begun and not member.eof:
        raise ReadError(_INCOMPLETE)


def _too_large() -> str:
    return f"larger than {MAX_BYTES // 2**20} MiB; a policy is far smaller"
