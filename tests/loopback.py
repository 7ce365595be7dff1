"""An internet on the loopback address: names and numbers of it lead to servers here, and nothing leaves the machine."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

GETADDRINFO, CREATE_CONNECTION = socket.getaddrinfo, socket.create_connection
Found = list[tuple[int, int, int, str, tuple[Any, ...]]]


class Internet:
    """Stands for resolver and network of this process.

    names
        The numbers of each name; a list of lists is used up, look-up by look-up.
    routes
        The port on 127.0.0.1 at which each number is served.
    asked, connected
        The names that were looked up, and the numbers and ports that a connection was asked for.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: dict[str, list[str]] = {"localhost": ["127.0.0.1"]}
        self.later: dict[str, list[str]] = {}
        self.routes: dict[str, int] = {}
        self.asked: list[str] = []
        self.connected: list[tuple[str, int]] = []
        monkeypatch.setattr(socket, "getaddrinfo", self.getaddrinfo)
        monkeypatch.setattr(socket, "create_connection", self.create_connection)

    def getaddrinfo(self, host: str, port: int, *args: Any, **kwargs: Any) -> Found:
        name = host.lower().removesuffix(".")
        if name not in self.names:
            return GETADDRINFO(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        self.asked.append(name)
        numbers = self.names[name]
        if name in self.later:
            self.names[name] = self.later.pop(name)
        return [(socket.AF_INET6 if ":" in number else socket.AF_INET, 1, 6, "", (number, port)) for number in numbers]

    def create_connection(self, address: tuple[str, int], timeout: Any = None, **kwargs: Any) -> socket.socket:
        number, port = address
        self.connected.append((number, port))
        if number in self.routes:
            return CREATE_CONNECTION(("127.0.0.1", self.routes[number]), timeout)
        if ipaddress.ip_address(number.partition("%")[0]).is_loopback:
            return CREATE_CONNECTION(address, timeout)
        raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))


class Server:
    """A server that says exactly the bytes it is told to, and keeps the requests.

    Parameters
    ----------
    answer
        Bytes, pieces of them, or a function from the path that is asked for to either.
    pause
        Seconds after each piece.
    """

    def __init__(
        self,
        answer: bytes | Iterable[bytes] | Callable[[str], bytes | Iterable[bytes]],
        *,
        host: str = "127.0.0.1",
        pause: float = 0.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.answer, self.pause, self.tls = answer, pause, tls
        self.requests: list[bytes] = []
        self.broken = threading.Event()  # the client went away
        self.listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port: int = self.listener.getsockname()[1]
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self) -> Server:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)
        self.listener.close()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            try:
                with connection:
                    if self.tls is None:
                        self.talk(connection)
                    else:
                        with self.tls.wrap_socket(connection, server_side=True) as secured:
                            self.talk(secured)
            except OSError:
                self.broken.set()

    def talk(self, connection: socket.socket) -> None:
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            part = connection.recv(65536)
            if not part:
                return
            request += part
            if not request.startswith(b"GET "):
                break
        self.requests.append(request)
        answer = self.answer(request.split()[1].decode()) if callable(self.answer) else self.answer
        for piece in [answer] if isinstance(answer, bytes) else answer:
            connection.sendall(piece)
            time.sleep(self.pause)


def page(text: str = "We keep logs.", *headers: str, kind: str = "text/plain") -> bytes:
    """A complete answer."""
    return answer(200, f"Content-Type: {kind}", *headers, body=text.encode())


def answer(status: int, *headers: str, body: bytes = b"") -> bytes:
    lines = (f"HTTP/1.1 {status} Said", *headers, f"Content-Length: {len(body)}", "", "")
    return "\r\n".join(lines).encode("utf-8") + body


def to(location: str, *headers: str) -> bytes:
    return answer(302, f"Location: {location}", *headers)


def certified(folder: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool = True) -> ssl.SSLContext:
    """The context of a server that proves to be policy.example, by a certificate that is trusted here if wanted."""
    file = folder / "policy.example.pem"
    file.write_text(CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    if trusted:
        import certifi

        monkeypatch.setattr(certifi, "where", lambda: str(file))
    return context


# of policy.example, signed by itself, until 2120; its key is no secret
CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBUyVlM0Ux9or8bdd
4BfBC0SLe1NsJCK3v322RzHdGCGhRANCAASNSUTCvgFBT8IA4NCR0fnIdj0wGfez
nNfNgn6nlAmO1PdogvPy0Fbp44J5cDeW4DLV7k6qHaik5oSfAoq4kzuB
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBcDCCARagAwIBAgIBATAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5wb2xpY3ku
ZXhhbXBsZTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowGTEXMBUG
A1UEAwwOcG9saWN5LmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASN
SUTCvgFBT8IA4NCR0fnIdj0wGfeznNfNgn6nlAmO1PdogvPy0Fbp44J5cDeW4DLV
7k6qHaik5oSfAoq4kzuBo00wSzAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBTV
7uc7Dg1cCSlCF/PrKjBcYeGN8jAZBgNVHREEEjAQgg5wb2xpY3kuZXhhbXBsZTAK
BggqhkjOPQQDAgNIADBFAiBwLeJYIKT6A2SUtLvx34C5H85BcSsDbPRNd2ENRoKl
NAIhAKbsJqRgNtmKP9Fi7Cw6P2u9Z5zXL/icO9OEOL/HwiO+
-----END CERTIFICATE-----
"""
