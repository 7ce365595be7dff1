"""Addresses, fetched from real servers on the loopback address."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from classifier import ReadError, readers
from classifier.readers import web
from tests.conftest import Run

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
            packed = gzip.compress(bytes(200 * 2**20))
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
    document = readers.read(f"{site}/page", allow_private=True)
    assert document.name == f"{site}/page"
    assert document.format == "html"
    assert "We keep logs for a year" in document.text
    ((_, headers),) = server.seen  # type: ignore[attr-defined]
    assert headers["Host"] == site.removeprefix("http://")
    assert "Cookie" not in headers


def test_redirects_are_followed_and_shown(site: str) -> None:
    document = readers.read(f"{site}/to/to/page", allow_private=True)
    assert document.name == f"{site}/page"
    assert document.notes == (f"{site}/to/to/page redirects", f"{site}/to/page redirects")


def test_what_the_server_says_of_kind_and_encoding_counts(site: str) -> None:
    assert readers.read(f"{site}/koi8", allow_private=True).text == "привет"
    assert readers.read(f"{site}/text", allow_private=True).format == "text"


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
        readers.read(site + path, allow_private=True)
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
        readers.read(address.format(port=server.server_port))
    assert server.seen == []  # type: ignore[attr-defined]


def test_a_redirect_to_a_private_address_is_not_followed(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_is_public", lambda number: number == "127.0.0.1")  # as if the site were public
    with pytest.raises(ReadError, match=r"10\.0\.0\.1 is a private address .*--allow-private"):
        readers.read(f"{site}/away")


def test_a_name_that_has_one_private_address_is_not_asked(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, 1, 6, "", ("93.184.216.34", 80)), (socket.AF_INET, 1, 6, "", ("192.168.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
    with pytest.raises(ReadError, match="policy.example is a private address"):
        readers.read("http://policy.example/")


def test_a_server_that_dribbles_is_left(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "MAX_SECONDS", 1.0)
    began = time.monotonic()
    with pytest.raises(ReadError, match="took longer than 1 seconds|took too long"):
        readers.read(f"{site}/slow", allow_private=True)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("address", "message"),
    [
        pytest.param("ftp://example.org/x", "ftp:// is not fetched", id="another protocol"),
        pytest.param("https://", "cannot be fetched|is not fetched", id="no host"),
        pytest.param("http://nothing.invalid/", "there is no nothing.invalid", id="no such host"),
        pytest.param("http://a\x00b/", "cannot be fetched", id="NUL"),
        pytest.param("http://exa mple.org/", "there is no exa%20mple.org", id="a blank"),
        pytest.param("http://127.0.0.1:1/", "cannot be fetched", id="nobody there"),
    ],
)
def test_addresses_that_are_none(address: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        readers.read(address, allow_private=True)


def test_the_command_tags_an_address_beside_files(site: str, run: Run) -> None:
    done = run("tag", f"{site}/to/page", "missing.txt", "-f", "jsonl", "--allow-private", "--jobs", "2")
    assert done.returncode == 1
    assert b'"retention"' in done.stdout
    assert f"note: {site}/page: {site}/to/page redirects".encode() in done.stderr
    assert b"missing.txt: cannot be read" in done.stderr
    refused = run("tag", f"{site}/page")
    assert refused.returncode == 1
    assert b"is a private address" in refused.stderr


def answering(*answers: bytes, drip: float = 0.0) -> tuple[str, socket.socket]:
    """A server that says exactly these bytes, one connection after the other."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for answer in answers:
            try:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    for piece in [answer] if not drip else [answer[k : k + 1] for k in range(len(answer))]:
                        connection.sendall(piece)
                        time.sleep(drip)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/", listener


def test_headers_that_drip_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "MAX_SECONDS", 1.0)
    address, listener = answering(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200, drip=0.05)
    began = time.monotonic()
    with pytest.raises(ReadError, match="took longer than 1 seconds"):
        readers.read(address, allow_private=True)
    assert time.monotonic() - began < 5
    listener.close()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(b"HTTP/1.1 404 \x1b[31mEVIL\r\nContent-Length: 0\r\n\r\n", "the server answers 404 Not Found", id="escapes in a phrase"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Type: a\x1b[31m/x\r\nContent-Length: 0\r\n\r\n", "which is not read|cannot be fetched", id="escapes in a kind"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip, gzip\r\n\r\n", "is packed in a way that was not asked for", id="packed twice"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "is not packed as it says", id="not packed"),
        pytest.param(b"nonsense\r\n\r\n", "cannot be fetched", id="no HTTP"),
    ],
)  # fmt: skip
def test_what_a_server_says_of_itself_is_not_trusted(answer: bytes, message: str) -> None:
    address, listener = answering(answer)
    with pytest.raises(ReadError, match=message) as error:
        readers.read(address, allow_private=True)
    assert str(error.value).isprintable()
    listener.close()


@pytest.mark.parametrize(
    "number",
    ["10.0.0.1", "127.0.0.1", "169.254.169.254", "224.0.0.1", "::1", "fe80::1%eth0", "fec0::1", "::127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:db8::1", "3fff::1", "5f00::1", "ff02::1"],
)  # fmt: skip
def test_addresses_that_are_not_of_the_public_internet(number: str) -> None:
    assert not web._is_public(number)


def test_what_a_server_says_of_text_counts() -> None:
    data = "привет".encode("koi8-r")
    address, listener = answering(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=koi8-r\r\nContent-Length: 6\r\n\r\n" + data
    )
    document = readers.read(address, allow_private=True)
    assert (document.text, document.encoding) == ("привет", "koi8-r")
    listener.close()
