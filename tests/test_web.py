"""Addresses, fetched from real servers on the loopback address."""

import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from classifier import ReadError
from classifier.readers import web
from classifier.readers.registry import read
from tests.conftest import Run
from tests.loopback import Internet, Server, answer, page, to

PAGE = "<html><h1>Privacy</h1><p>We keep logs for a year, and then we delete them.</p>"


class Answers(BaseHTTPRequestHandler):
    """A site with everything that can go wrong."""

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers)))  # type: ignore[attr-defined]
        name = self.path.partition("?")[0]
        if name.startswith("/to/"):
            self.answer(302, b"", Location=name.removeprefix("/to"))
        elif name == "/loop":
            self.answer(301, b"", Location="/loop")
        elif name == "/away":
            self.answer(302, b"", Location="http://10.0.0.1/secret")
        elif name == "/file":
            self.answer(302, b"", Location="file:///etc/passwd")
        elif name == "/nowhere":
            self.answer(302, b"")
        elif name == "/page":
            self.answer(200, PAGE.encode(), **{"Content-Type": "text/html; charset=utf-8"})
        elif name == "/koi8":
            self.answer(200, "<html><p>привет".encode("koi8-r"), **{"Content-Type": "text/html; charset=koi8-r"})
        elif name == "/text":
            self.answer(200, b"We keep logs.", **{"Content-Type": "text/plain"})
        elif name == "/image":
            self.answer(200, b"\x89PNG", **{"Content-Type": "image/png"})
        elif name == "/large":
            self.answer(200, b"x" * (web.MAX_BYTES + 1), **{"Content-Type": "text/plain"})
        elif name == "/bomb":
            packed = gzip.compress(bytes(2**20)) * 200
            self.answer(200, packed, **{"Content-Type": "text/plain", "Content-Encoding": "gzip"})
        elif name == "/slow":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            for _ in range(100):
                try:
                    self.wfile.write(b"<p>word ")
                    time.sleep(0.1)
                except OSError:
                    return
        else:
            self.answer(404, b"nothing")

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            return

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    return Internet(monkeypatch)


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    site = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    site.seen = []  # type: ignore[attr-defined]
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield site
    site.shutdown()
    site.server_close()


@pytest.fixture
def site(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def test_a_page_is_fetched_and_read(site: str, server: ThreadingHTTPServer) -> None:
    document = read(f"{site}/page", allow_private=True)
    assert document.name == f"{site}/page"
    assert document.format == "html"
    assert "We keep logs for a year" in document.text
    ((_, headers),) = server.seen  # type: ignore[attr-defined]
    assert headers["Host"] == site.removeprefix("http://")
    assert "Cookie" not in headers


def test_redirects_are_followed_and_shown(site: str) -> None:
    document = read(f"{site}/to/to/page", allow_private=True)
    assert document.name == f"{site}/page"
    assert document.notes == (f"{site}/to/to/page redirects", f"{site}/to/page redirects")


def test_what_the_server_says_of_kind_and_encoding_counts(site: str) -> None:
    assert read(f"{site}/koi8", allow_private=True).text == "привет"
    assert read(f"{site}/text", allow_private=True).format == "text"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        pytest.param("/nothing", "the server answers 404 Not Found", id="not found"),
        pytest.param("/image", "is image/png, which is not read", id="an image"),
        pytest.param("/large", "larger than 20 MiB; a policy is far smaller", id="too large"),
        pytest.param("/bomb", "larger than 20 MiB; a policy is far smaller", id="a bomb"),
        pytest.param("/loop", "redirects more than 8 times", id="a loop"),
        pytest.param("/file", "file:// is not fetched, only http:// and https://", id="to a file"),
        pytest.param("/nowhere", "the server answers 302 Found", id="to nowhere"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(path: str, message: str, site: str) -> None:
    with pytest.raises(ReadError) as error:
        read(site + path, allow_private=True)
    assert message in str(error.value)
    assert str(error.value).startswith(f"{site}{path}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{port}/page",
        "http://localhost:{port}/page",
        "http://[::1]:{port}/page",
        "http://[::ffff:127.0.0.1]:{port}/page",
        "http://0.0.0.0:{port}/page",
        "http://2130706433:{port}/page",
        "http://user:word@127.0.0.1:{port}/page",
    ],
)
def test_private_addresses_are_not_asked(address: str, server: ThreadingHTTPServer) -> None:
    with pytest.raises(ReadError, match=r"is a private address|there is no|has a name or a password in it"):
        read(address.format(port=server.server_port))
    assert server.seen == []  # type: ignore[attr-defined]


def test_a_redirect_to_a_private_address_is_not_followed(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_is_public", lambda number: number == "127.0.0.1")  # as if the site were public
    with pytest.raises(
        ReadError, match=r"redirects to http://10\.0\.0\.1/secret: 10\.0\.0\.1 is a private address .*--allow-private"
    ):
        read(f"{site}/away")


def test_a_name_that_has_one_private_address_is_not_asked(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, 1, 6, "", ("93.184.216.34", 80)), (socket.AF_INET, 1, 6, "", ("192.168.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
    with pytest.raises(ReadError, match="policy.example is a private address"):
        read("http://policy.example/")


def test_a_server_that_dribbles_is_left(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "MAX_SECONDS", 1.0)
    began = time.monotonic()
    with pytest.raises(ReadError, match="took longer than 1 seconds|took too long"):
        read(f"{site}/slow", allow_private=True)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("address", "message"),
    [
        pytest.param("ftp://example.org/x", "ftp:// is not fetched", id="another protocol"),
        pytest.param("https://", "has no host in it; write it as in https://example.org/privacy", id="no host"),
        pytest.param("https:///example.org/", "has no host in it", id="a slash too many"),
        pytest.param("http://nothing.invalid/", "there is no nothing.invalid", id="no such host"),
        pytest.param("http://a\x00b/", "is not a valid web address", id="NUL"),
        pytest.param("http://exa mple.org/", "is not a valid web address", id="a blank"),
        pytest.param("http://example.org:0/", "is not a valid web address", id="port 0"),
        pytest.param("http://example.org:65536/", "is not a valid web address", id="a port too high"),
        pytest.param("http://example.org:http/", "is not a valid web address", id="a port that is no number"),
        pytest.param("http://256.1.1.1/", "is not a valid web address", id="not a number of version 4"),
        pytest.param("http://.example.org/", "is not a valid web address", id="begins with a dot"),
        pytest.param("http://\udcff.example.org/", "is not a valid web address", id="bytes of no encoding"),
        pytest.param("http://" + "a" * 70_000, "is not a valid web address", id="too long"),
        pytest.param("http://" + "a" * 64 + ".example.org/", "there is no a", id="a label too long"),
        pytest.param("http://127.0.0.1:1/", "cannot be fetched: Connection refused", id="nobody there"),
    ],
)
def test_addresses_that_are_none(address: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read(address, allow_private=True)


def test_the_command_tags_an_address_beside_files(site: str, run: Run) -> None:
    done = run("tag", f"{site}/to/page", "missing.txt", "-f", "jsonl", "--allow-private", "--jobs", "2")
    assert done.returncode == 1
    assert b'"retention"' in done.stdout
    assert f"note: {site}/page: {site}/to/page redirects".encode() in done.stderr
    assert b"missing.txt: cannot be read" in done.stderr
    refused = run("tag", f"{site}/page")
    assert refused.returncode == 1
    assert b"is a private address" in refused.stderr


@pytest.mark.parametrize(
    "number",
    ["10.0.0.1", "127.0.0.1", "169.254.169.254", "224.0.0.1", "::1", "fe80::1%eth0", "fec0::1", "::127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:db8::1", "3fff::1", "5f00::1", "ff02::1"],
)  # fmt: skip
def test_addresses_that_are_not_of_the_public_internet(number: str) -> None:
    assert not web._is_public(number)


# --- the body ----------------------------------------------------------------------------------------------------------

TEXT = b"We keep logs for a year, and then we delete them. " * 40
PACKED = gzip.compress(TEXT)
GZIP = ("Content-Type: text/plain", "Content-Encoding: gzip")


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", headers: Iterable[str] = ("Content-Type: text/plain",)) -> bytes:
    head = "\r\n".join(("HTTP/1.1 200 OK", *headers, "Transfer-Encoding: chunked", "", "")).encode()
    return head + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + end


def until_closed(body: bytes, *headers: str) -> bytes:
    return "\r\n".join(("HTTP/1.1 200 OK", *headers, "", "")).encode() + body


def fetched(
    answer: bytes | Iterable[bytes] | Callable[[str], bytes | Iterable[bytes]], pause: float = 0.0
) -> web.FetchedPage:
    with Server(answer, pause=pause) as server:
        return web.fetch(server.address, allow_private=True)


def refused(answer: bytes | Iterable[bytes] | Callable[[str], bytes | Iterable[bytes]], pause: float = 0.0) -> str:
    with Server(answer, pause=pause) as server, pytest.raises(ReadError) as error:
        web.fetch(server.address, allow_private=True)
    message = str(error.value)
    assert message.startswith(f"{server.address}: ")
    assert message.isprintable()
    assert len(message) < 800
    return message


@pytest.mark.parametrize(
    ("answer", "data"),
    [
        pytest.param(answer(200, body=TEXT), TEXT, id="of a length"),
        pytest.param(chunked(TEXT), TEXT, id="one chunk"),
        pytest.param(chunked(*(TEXT[k : k + 1] for k in range(len(TEXT)))), TEXT, id="many chunks"),
        pytest.param(chunked(TEXT, end=b"0;x=y\r\nX: y\r\n\r\n"), TEXT, id="extensions and trailers"),
        pytest.param(until_closed(TEXT), TEXT, id="until it is closed"),
        pytest.param(until_closed(TEXT).replace(b"1.1", b"1.0", 1), TEXT, id="HTTP/1.0"),
        pytest.param(answer(200, *GZIP, body=PACKED), TEXT, id="packed"),
        pytest.param(chunked(*(PACKED[k : k + 1] for k in range(len(PACKED))), headers=GZIP), TEXT, id="packed, chunks"),
        pytest.param(answer(200, *GZIP, body=PACKED * 3), TEXT * 3, id="three members"),
        pytest.param(chunked(*((PACKED * 3)[k : k + 1] for k in range(3 * len(PACKED))), headers=GZIP), TEXT * 3, id="three members, chunks"),
        pytest.param(answer(200, *GZIP, body=gzip.compress(b"") + PACKED), TEXT, id="an empty member"),
        pytest.param(answer(200, *GZIP, body=PACKED + bytes(512)), TEXT, id="NULs behind"),
        pytest.param(answer(200, *GZIP, body=PACKED + b"garbage"), TEXT, id="garbage behind"),
        pytest.param(answer(200, *GZIP, body=PACKED + b"\x1f"), TEXT, id="a byte behind"),
        pytest.param(chunked(PACKED, b"\x1f", b"garbage", headers=GZIP), TEXT, id="garbage behind, chunks"),
        pytest.param(answer(200, *GZIP, body=gzip.compress(bytes(2**16))), bytes(2**16), id="just a piece"),
        pytest.param(answer(200, *GZIP, body=gzip.compress(bytes(5 * 2**20 + 1))), bytes(5 * 2**20 + 1), id="many pieces"),
        pytest.param(answer(200, *GZIP), b"", id="nothing that is packed"),
        pytest.param(answer(200, "Content-Encoding: X-GZIP", body=PACKED), TEXT, id="another name of it"),
        pytest.param(b"HTTP/1.1 100 Go on\r\n\r\n" * 3 + answer(200, body=TEXT), TEXT, id="100 before"),
        pytest.param(b"HTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 x\r\n\r\n" + answer(200, body=TEXT), TEXT, id="103 before"),
        pytest.param(answer(200, f"Content-Length: {len(TEXT)}", body=TEXT), TEXT, id="its length twice"),
        pytest.param(answer(200, f"Content-Security-Policy: {'x' * 60_000}", body=TEXT), TEXT, id="large headers"),
    ],
)  # fmt: skip
def test_a_complete_body_is_read_as_it_is(answer: bytes, data: bytes) -> None:
    assert fetched(answer).data == data


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(until_closed(TEXT[:-1], f"Content-Length: {len(TEXT)}"), id="a byte short"),
        pytest.param(until_closed(b"", f"Content-Length: {len(TEXT)}"), id="nothing came"),
        pytest.param(chunked(TEXT, end=b""), id="no last chunk"),
        pytest.param(chunked(TEXT, end=b"5\r\nWe"), id="within a chunk"),
        pytest.param(chunked(TEXT, end=b"5"), id="within the length of a chunk"),
        pytest.param(chunked(TEXT)[: -len(b"\r\n0\r\n\r\n")], id="before the end of a chunk"),
        *(pytest.param(answer(200, *GZIP, body=PACKED[:-n]), id=f"{n} packed bytes short") for n in (1, 8, 9, 20, len(PACKED) - 1, len(PACKED) - 5)),
        pytest.param(until_closed(PACKED[:-1], *GZIP), id="packed, until it is closed"),
        pytest.param(chunked(PACKED[:-9], headers=GZIP), id="packed, chunks"),
        pytest.param(answer(200, *GZIP, body=PACKED + PACKED[:-9]), id="the second member"),
        pytest.param(answer(200, *GZIP, body=gzip.compress(bytes(2**16))[:-8]), id="just a piece without its check"),
    ],
)  # fmt: skip
def test_a_body_that_ends_early_is_no_document(answer: bytes) -> None:
    assert "cannot be fetched: the connection ended before the page was complete; try again" in refused(answer)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(TEXT, id="not packed"),
        pytest.param(zlib.compress(TEXT), id="packed otherwise"),
        pytest.param(PACKED[:-8] + bytes(8), id="another check"),
        pytest.param(PACKED[:40] + bytes(8) + PACKED[48:], id="damaged"),
        pytest.param(PACKED + PACKED[:-8] + bytes(8), id="the second member"),
    ],
)
def test_a_body_that_is_packed_badly_is_no_document(body: bytes) -> None:
    assert "cannot be fetched: the page is not packed as the server says" in refused(answer(200, *GZIP, body=body))


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (101, "the server answers 101 Switching Protocols, not a page"),
        (201, "the server answers 201 Created, not a page"),
        (202, "the server answers 202 Accepted, not a page"),
        (204, "the server answers 204 No Content, not a page"),
        (205, "the server answers 205 Reset Content, not a page"),
        (206, "the server answers 206 Partial Content, a part of the page, though all of it was asked for"),
        (226, "the server answers 226 IM Used, not a page"),
        (299, "the server answers 299, not a page"),
        (300, "the server answers 300 Multiple Choices"),
        (304, "the server answers 304 Not Modified"),
        (305, "the server answers 305 Use Proxy"),
        (403, "the server answers 403 Forbidden"),
        (503, "the server answers 503 Service Unavailable"),
        (999, "the server answers 999"),
    ],
)
def test_only_a_whole_page_is_a_page(status: int, message: str) -> None:
    assert refused(answer(status, "Location: /x", body=TEXT)).endswith(f": {message}")


def test_a_page_that_a_proxy_changed_has_a_note() -> None:
    with Server(lambda path: to("/x") if path == "/" else answer(203, "Content-Type: text/plain", body=TEXT)) as server:
        document = read(server.address, allow_private=True)
    changed = "a proxy on the way changed the page (203 Non-Authoritative Information)"
    assert document.notes[:2] == (f"{server.address} redirects", changed)


@pytest.mark.parametrize(
    ("pieces", "is_packed"),
    [
        pytest.param(lambda: [gzip.compress(bytes(2**26))], True, id="one member"),
        pytest.param(lambda: [gzip.compress(bytes(2**20))] * 200, True, id="many members"),
        pytest.param(lambda: [bytes(2**20)] * 60, False, id="not packed"),
    ],
)
def test_a_bomb_takes_little_memory(pieces: Callable[[], list[bytes]], is_packed: bool) -> None:
    body = pieces()
    tracemalloc.start()
    try:
        headers = until_closed(b"", *GZIP if is_packed else ())
        assert "larger than 20 MiB; a policy is far smaller" in refused([headers, *body])
        assert tracemalloc.get_traced_memory()[1] < 3 * web.MAX_BYTES
    finally:
        tracemalloc.stop()


def test_a_page_that_says_it_is_too_large_is_not_waited_for() -> None:
    began = time.monotonic()
    assert "larger than 20 MiB" in refused(
        [until_closed(b"x", f"Content-Length: {web.MAX_BYTES + 1}"), b"", b"x"], pause=1.0
    )
    assert time.monotonic() - began < 4


# --- headers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "format", "text"),
    [
        pytest.param(None, "html", "We keep logs for a year", id="missing"),
        pytest.param("", "html", "We keep logs for a year", id="empty"),
        pytest.param("TEXT/HTML ;Charset=UTF-8", "html", "We keep logs for a year", id="capitals"),
        pytest.param("text/html; charset=utf-16", "html", "We keep logs for a year", id="not UTF-16"),
        pytest.param("text/html; charset=base64", "html", "We keep logs for a year", id="a codec that is no encoding"),
        pytest.param("text/html; charset=utf-7", "html", "We keep logs for a year", id="an encoding that browsers refuse"),
        pytest.param("text/html; charset=" + "x" * 50_000, "html", "We keep logs for a year", id="huge"),
        pytest.param("text/html;" + " " * 50_000 + "charset" + " " * 10_000, "html", "We keep logs for a year", id="blanks"),
        pytest.param("text/html\r\nContent-Type: text/html", "html", "We keep logs for a year", id="twice"),
        pytest.param("image/png\r\nContent-Type: text/html", "html", "We keep logs for a year", id="the last one counts"),
        pytest.param("text/plain", "html", "We keep logs for a year", id="a page all the same"),
    ],
)  # fmt: skip
def test_what_the_server_calls_a_page(kind: str | None, format: str, text: str) -> None:
    headers = () if kind is None else (f"Content-Type: {kind}",)
    with Server(answer(200, *headers, body=PAGE.encode())) as server:
        document = read(server.address, allow_private=True)
    assert document.format == format
    assert text in document.text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(answer(200, "Content-Type: " + "x" * 50_000), "is xxxxxxxx", id="a huge kind"),
        pytest.param(answer(200, "Content-Type: a\x1b[31m/\x85x"), "which is not read", id="escapes in a kind"),
        pytest.param(answer(200, "Content-Type: text/html, text/plain"), "is text/html, text/plain, which is not read", id="two kinds"),
        pytest.param(answer(200, "Content-Type: multipart/mixed; boundary=x"), "is multipart/mixed, which is not read", id="several parts"),
        pytest.param(answer(200, "Content-Type: message/rfc822"), "is message/rfc822, which is not read", id="a message"),
        pytest.param(answer(404).replace(b"Said", b"\x1b[31mEVIL"), "the server answers 404 Not Found", id="escapes in a phrase"),
        pytest.param(answer(200, "Content-Encoding: gzip, gzip"), "is packed in a way that was not asked for (gzip, gzip)", id="packed twice"),
        pytest.param(answer(200, "Content-Encoding: gzip", "Content-Encoding: br"), "is packed in a way that was not asked for (gzip, br)", id="packed in two ways"),
        pytest.param(b"nonsense\r\n\r\n", "the answer of the server is not valid HTTP", id="no HTTP"),
        pytest.param(b"HTTP/2 200\r\n\r\n", "the answer of the server is not valid HTTP", id="another version"),
        pytest.param(b"HTTP/1.1 2000 OK\r\n\r\n", "the answer of the server is not valid HTTP", id="a status too long"),
        pytest.param(b"HTTP/1.1 -10 OK\r\n\r\n", "the answer of the server is not valid HTTP", id="a status below zero"),
        pytest.param(b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Type: image/png\r\n\r\n", "is not valid HTTP", id="no header"),
        pytest.param(answer(200, "Content-Length: 5", body=TEXT), "is not valid HTTP", id="two lengths"),
        pytest.param(until_closed(TEXT, "Content-Length: -1"), "is not valid HTTP", id="a length below zero"),
        pytest.param(until_closed(TEXT, "Content-Length: 5x"), "is not valid HTTP", id="a length that is none"),
        pytest.param(until_closed(TEXT, "Content-Length: " + "9" * 10_000), "is not valid HTTP", id="a length without end"),
        pytest.param(until_closed(TEXT, "Transfer-Encoding: gzip, chunked"), "is not valid HTTP", id="packed chunks"),
        pytest.param(chunked(TEXT, end=b"-5\r\nWe"), "is not valid HTTP", id="a chunk below zero"),
        pytest.param(chunked(TEXT, end=b"-1\r\nWe"), "before the page was complete", id="a chunk of -1"),
        pytest.param(chunked(TEXT, end=b"xyz\r\nWe"), "before the page was complete", id="a chunk without length"),
        pytest.param(b"", "the server ends the connection without an answer", id="nothing"),
        pytest.param(b"HTTP/1.1 100 Go on\r\n\r\n", "the server ends the connection without an answer", id="only 100"),
        pytest.param(until_closed(b"", "X: " + "x" * 70_000), "is not valid HTTP", id="a header too long"),
        pytest.param(until_closed(b"", *["X: y"] * 200), "is not valid HTTP", id="too many headers"),
    ],
)  # fmt: skip
def test_what_a_server_says_of_itself_is_not_trusted(data: bytes, message: str) -> None:
    assert message in refused(data)


BLANKS = b" " * 60_000


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"HTTP/1.1 404 x\r\nX:" + BLANKS + b"\0\r\n\r\n", id="in a header"),
        pytest.param(
            b"HTTP/1.1 404 x\r\nX: y\r\n" + b" \0\r\n" * 90 + b" " + BLANKS + b"\x0b\r\n\r\n",
            id="in a header of many lines",
        ),
        pytest.param(b"HTTP/1.1 404 " + BLANKS + b"\0\r\n\r\n", id="in the first line"),
        pytest.param(b"HTTP/1.1 404 x\r\nContent-Type: text/html; charset" + BLANKS + b"\0\r\n\r\n", id="in the kind"),
        pytest.param(chunked(b"x", end=b"0\r\nX:" + BLANKS + b"\0\r\n\r\n"), id="in a trailer"),
        pytest.param(chunked(b"x", end=b"0;" + BLANKS + b"\0\r\n\r\n"), id="in a chunk's extension"),
    ],
)
def test_blanks_take_no_time(data: bytes) -> None:
    began = time.process_time()
    with Server(data) as server:
        try:
            web.fetch(server.address, allow_private=True)
        except ReadError as error:
            assert "404" in str(error)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("start", "repeated"),
    [
        pytest.param(b"", b"HTTP/1.1 100 Go on\r\n\r\n" * 400, id="100 without end"),
        pytest.param(b"", b"HTTP/1.1 103 x\r\nLink: </x>\r\n\r\n" * 400, id="103 without end"),
        pytest.param(b"HTTP/1.1 103 x\r\n", b"X: " + b"y" * 60_000 + b"\r\n", id="large headers"),
    ],
)
def test_headers_without_end_are_not_read(start: bytes, repeated: bytes) -> None:
    began = time.monotonic()
    assert "sends more than 256 KiB of headers, which no page needs" in refused([start, *[repeated] * 1000])
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("start", "repeated"),
    [
        pytest.param(chunked(end=b""), b"1;" + b"x" * 60_000 + b"\r\nx\r\n", id="extensions of chunks"),
        pytest.param(chunked(end=b"0\r\n"), b"X: " + b"x" * 60_000 + b"\r\n", id="trailers"),
    ],
)
def test_what_is_no_text_counts_too(start: bytes, repeated: bytes) -> None:
    assert "larger than 20 MiB" in refused([start, *[repeated] * 1000])


def test_the_extension_of_a_chunk_is_not_a_page_long() -> None:
    assert "is not valid HTTP" in refused([chunked(end=b"1;"), *[b"x" * 2**16] * 32])


# --- redirects ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "found"),
    [
        ("/b?x=1#y", "/b?x=1#y"),
        ("b", "/a/b"),
        ("../b", "/b"),
        ("?x", "/a/start?x"),
        (" /b ", "/b"),
        ("http:///b", "/b"),
        ("http:/b", "/b"),
        ("/datenschutzerklärung", "/datenschutzerkl%C3%A4rung"),
        ("/a b", "/a%20b"),
    ],
)
def test_redirects_may_be_relative(status: int, location: str, found: str) -> None:
    with Server(lambda path: answer(status, f"Location: {location}") if path == "/a/start" else page()) as server:
        document = read(f"{server.address}/a/start", allow_private=True)
    assert document.name == server.address + found


@pytest.mark.parametrize("location", ["/", "", "/?"])
def test_redirects_in_a_circle_end(location: str) -> None:
    message = refused(to(location))
    assert "redirects more than 8 times" in message or "the server answers 302 Found" in message


def test_redirects_between_two_hosts_end(internet: Internet) -> None:
    internet.names |= {"a.example": ["93.184.216.34"], "b.example": ["93.184.216.35"]}
    with Server(to("http://b.example/")) as a, Server(to("http://a.example/")) as b:
        internet.routes |= {"93.184.216.34": a.port, "93.184.216.35": b.port}
        with pytest.raises(ReadError, match="http://a.example/: redirects more than 8 times"):
            read("http://a.example/")
    assert len(a.requests) + len(b.requests) == 9
    assert sorted(internet.asked) == ["a.example", "b.example"]


def test_a_redirect_to_two_addresses_is_refused() -> None:
    assert "redirects to several addresses at once" in refused(answer(302, "Location: /a", "Location: /b"))
    assert "redirects more than" in refused(answer(302, "Location: /a", "Location: /a"))


def test_errors_say_to_where_a_page_redirects() -> None:
    def long(path: str) -> bytes:
        return to("/b?" + "x" * 5000) if path == "/" else answer(404)

    with Server(long) as server, pytest.raises(ReadError) as error:
        read(f"{server.address}/", allow_private=True)
    assert str(error.value).startswith(f"{server.address}/: redirects to {server.address}/b?xxx")
    assert str(error.value).endswith("xxx...: the server answers 404 Not Found")
    assert len(str(error.value)) < 700


# --- time --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "MAX_SECONDS", 0.6)


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize(
    ("pieces", "pause"),
    [
        pytest.param([b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 200], 0.05, id="headers"),
        pytest.param([bytes([byte]) for byte in b"HTTP/1.1 200 " + b"x" * 200], 0.05, id="the first line"),
        pytest.param([b"HTTP/1.1 100 Go on\r\n\r\n"] * 200, 0.05, id="100"),
        pytest.param([until_closed(b""), *[b"x"] * 200], 0.05, id="a body"),
        pytest.param([until_closed(b"", "Content-Length: 1000"), *[b"x"] * 200], 0.05, id="a body of a length"),
        pytest.param([chunked(end=b""), *[b"1\r\nx\r\n"] * 200], 0.05, id="chunks"),
        pytest.param([chunked(end=b"1000\r\n"), *[b"x"] * 200], 0.05, id="within a chunk"),
        pytest.param([chunked(end=b"1;"), *[b"x"] * 200], 0.05, id="the extension of a chunk"),
        pytest.param([chunked(end=b"0\r\n"), *[b"X: y\r\n"] * 200], 0.05, id="trailers"),
        pytest.param([until_closed(b"", *GZIP), *[gzip.compress(b"")] * 200], 0.05, id="empty members"),
    ],
)
def test_a_server_that_drips_is_left(pieces: list[bytes], pause: float) -> None:
    n_threads = threading.active_count()
    with Server(pieces, pause=pause) as server:
        began = time.monotonic()
        with pytest.raises(ReadError, match="took longer than 0.6 seconds"):
            read(server.address, allow_private=True)
        assert time.monotonic() - began < 3
        assert server.broken.wait(3), "the connection is closed, too"
    for _ in range(100):
        time.sleep(0.01 if threading.active_count() > n_threads else 0)
    assert threading.active_count() <= n_threads


@pytest.mark.slow
@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("pieces", [[b""], [b"HTTP/1.1 200 OK\r\n"], [until_closed(b"We keep")]])
def test_a_server_that_says_nothing_is_left(pieces: list[bytes]) -> None:
    began = time.monotonic()
    with (
        Server([*pieces, b""], pause=1.0) as server,
        pytest.raises(ReadError, match="the server does not answer|took longer"),
    ):
        read(server.address, allow_private=True)
    assert time.monotonic() - began < 5


@pytest.mark.usefixtures("hurry")
def test_a_server_that_does_not_take_the_connection_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # accepts nothing, the system does
        for scheme in ("http", "https"):
            began = time.monotonic()
            with pytest.raises(ReadError, match="the server does not answer"):
                read(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/", allow_private=True)
            assert time.monotonic() - began < 3


@pytest.mark.usefixtures("hurry")
def test_a_resolver_that_hangs_is_left(internet: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()

    def hang(*args: Any, **kwargs: Any) -> Any:
        answers.wait(10)
        return internet.getaddrinfo("127.0.0.1", 1)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    n_threads = threading.active_count()
    began = time.monotonic()
    with pytest.raises(ReadError, match="http://policy.example/: took longer than 0.6 seconds"):
        read("http://policy.example/", allow_private=True)
    assert time.monotonic() - began < 3
    answers.set()
    for _ in range(100):
        time.sleep(0.01 if threading.active_count() > n_threads else 0)
    assert threading.active_count() <= n_threads
    assert internet.connected == [], "an answer too late is not used"


def test_no_thread_is_an_error_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(ReadError, match="http://policy.example/: cannot be fetched: the system starts no more threads"):
        read("http://policy.example/")


def test_an_error_that_nobody_expects_is_not_slowness(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*args: Any, **kwargs: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(MemoryError):
        read("http://policy.example/")


def test_what_a_server_says_of_text_counts() -> None:
    data = answer(200, "Content-Type: text/plain; charset=koi8-r", body="привет".encode("koi8-r"))
    with Server(data) as server:
        document = read(server.address, allow_private=True)
    assert (document.text, document.encoding) == ("привет", "koi8-r")
