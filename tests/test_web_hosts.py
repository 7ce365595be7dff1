"""Which hosts are asked, by which redirects, and how their addresses are shown."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest

from classifier import ReadError
from classifier.readers import web
from classifier.readers.registry import read
from classifier.text.address import without_password
from tests.conftest import Run
from tests.loopback import Internet, Server, certified, page, to


@pytest.fixture(autouse=True)
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    return Internet(monkeypatch)


@pytest.fixture
def site() -> Iterator[Server]:
    """/to?ADDRESS redirects there, anything else is a page."""

    def answer(path: str) -> bytes:
        return to(path.removeprefix("/to?")) if path.startswith("/to?") else page()

    with Server(answer) as server:
        yield server


# --- private hosts -----------------------------------------------------------------------------------------------------

METADATA = [
    "http://169.254.169.254/latest/meta-data/",
    "HTTP://169.254.169.254:80/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0XA9FEA9FE/",
    "http://0xa9.0xfe.0xa9.0xfe/",
    "http://025177524776/",
    "http://169.16689662/",
    "http://169。254。169。254/",
    "//169.254.169.254/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::FFFF:A9FE:A9FE]/",
    "http://[::169.254.169.254]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
    "http://metadata.example/",
    "http://METADATA.example./",
    "http://half.example/",
    "http://10.0.0.1/",
    "http://[::1]/",
    "http://0.0.0.0/",
    "http://127.0.0.1:1/",
    "http://127.0.0.2/",
    "http://localhost/",
]


@pytest.mark.parametrize("target", METADATA)
@pytest.mark.parametrize("allow_private", [True, False])
def test_a_redirect_to_another_private_host_is_refused(
    target: str, allow_private: bool, internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    internet.names |= {"policy.example": ["93.184.216.34"], "metadata.example": ["169.254.169.254"]}
    internet.names["half.example"] = ["93.184.216.35", "fe80::1%lo"]
    with Server(to(target)) as server:
        internet.routes["93.184.216.34"] = server.port
        typed = server.address if allow_private else "http://policy.example"
        with pytest.raises(ReadError) as error:
            read(f"{typed}/privacy", allow_private=allow_private)
    message = str(error.value)
    assert message.startswith(f"{typed}/privacy: redirects to http://")
    assert "is a private address (" in message
    assert "a redirect to a private host or port other than the typed one is not followed" in message
    assert len(internet.connected) == 1


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("http://me@169.254.169.254/", "http://***@169.254.169.254/: has a name or a password in it"),
        ("http://policy.example\\@169.254.169.254/", "http://***@169.254.169.254/: has a name or a password in it"),
        ("http://169.254.169.254\\@policy.example/", "http://***@policy.example/: has a name or a password in it"),
        ("http://169.254.169.254./", "there is no 169.254.169.254."),
        ("http://0251.0376.0251.0376/", "redirects to an address that is not valid"),
        ("http://169.254.169.254%2f@policy.example/", "has a name or a password in it"),
        ("http://１６９.254.169.254/", "redirects to an address that is not valid"),
        ("http://169.254.169.254%00.policy.example/", "is not a valid web address"),
        ("http://169.254.169.254\\.policy.example/", "is not a valid web address"),
        ("http://%31%36%39.254.169.254/", "is not a valid web address"),
        ("http://[fe80::1%25lo]/", "there is no fe80::1%25lo|is a private address"),
        ("http://[::1/", "redirects to an address that is not valid|is not a valid web address"),
        ("http://127.0.0.1:99999/", "is not a valid web address"),
        ("http://127.0.0.1:x/", "redirects to an address that is not valid"),
        ("http://\t169.254.169.254/", "redirects to an address that is not valid"),
        ("https:", "the server answers 302 Found|has no host in it|redirects more than"),
        ("file:///etc/passwd", "file:/etc/passwd: file:// is not fetched, only http:// and https://"),
        ("data:text/plain,We keep logs.", "data:// is not fetched"),
        ("javascript:alert(1)", "javascript:// is not fetched"),
        ("ftp://127.0.0.1/", "ftp:// is not fetched"),
        ("", "the server answers 302 Found"),
    ],
)
def test_a_redirect_to_no_proper_address_is_refused(target: str, message: str, internet: Internet) -> None:
    with Server(to(target)) as server, pytest.raises(ReadError) as error:
        read(server.address, allow_private=True)
    assert any(part in str(error.value) for part in message.split("|"))
    assert {port for _, port in internet.connected} == {server.port}


@pytest.mark.parametrize("target", ["/privacy", "privacy?x=1#y", "{address}/", "//{host}/privacy", "HTTP://{host}/"])
def test_a_redirect_within_the_typed_host_is_followed(target: str) -> None:
    with Server(
        lambda path: to(target.format(address=server.address, host=host)) if path == "/to" else page()
    ) as server:
        host = server.address.removeprefix("http://")
        document = read(f"{server.address}/to", allow_private=True)
    assert document.text == "We keep logs."


@pytest.mark.parametrize("typed", ["wiki.corp", "WIKI.corp", "wiki.corp."])
@pytest.mark.parametrize("target", ["wiki.corp", "Wiki.Corp", "wiki.corp."])
def test_other_spellings_are_the_same_host(typed: str, target: str, internet: Internet) -> None:
    internet.names["wiki.corp"] = ["10.0.0.5"]
    with Server(lambda path: to(f"http://{target}:8080/privacy") if path == "/" else page()) as server:
        internet.routes["10.0.0.5"] = server.port
        assert read(f"http://{typed}:8080/", allow_private=True).text == "We keep logs."


def test_the_typed_host_may_redirect_to_itself_with_tls(
    internet: Internet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    internet.names["policy.example"] = ["10.0.0.5"]
    with (
        Server(to("https://policy.example/")) as plain,
        Server(page(), tls=certified(tmp_path, monkeypatch)) as secured,
    ):
        internet.routes["10.0.0.5"] = plain.port
        monkeypatch.setattr(internet, "routes", Routes({80: plain.port, 443: secured.port}, internet))
        document = read("http://policy.example/", allow_private=True)
    assert (document.name, document.text) == ("https://policy.example/", "We keep logs.")
    assert internet.connected == [("10.0.0.5", 80), ("10.0.0.5", 443)]


class Routes(dict[str, int]):
    """Routes by the port that was asked for last."""

    def __init__(self, ports: dict[int, int], internet: Internet) -> None:
        super().__init__()
        self.ports, self.internet = ports, internet

    def __contains__(self, number: object) -> bool:
        return True

    def __getitem__(self, number: str) -> int:
        return self.ports[self.internet.connected[-1][1]]


@pytest.mark.parametrize("port", [22, 8080, 8443])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_other_ports_of_the_typed_host_are_refused(port: int, scheme: str, internet: Internet) -> None:
    internet.names["wiki.corp"] = ["10.0.0.5"]
    with Server(to(f"{scheme}://wiki.corp:{port}/")) as server:
        internet.routes["10.0.0.5"] = server.port
        with pytest.raises(ReadError, match=r"wiki\.corp is a private address \(10\.0\.0\.5\), and a redirect"):
            read("http://wiki.corp/", allow_private=True)
    assert internet.connected == [("10.0.0.5", 80)]


def test_another_private_server_is_not_asked(internet: Internet) -> None:
    with (
        Server(page("secret"), host="127.0.0.2") as other,
        Server(to(other.address)) as server,
        pytest.raises(ReadError, match=r"127\.0\.0\.2 is a private address"),
    ):
        read(server.address, allow_private=True)
    assert other.requests == []


def test_public_hosts_redirect_to_public_ones_and_back_to_the_typed_one(internet: Internet) -> None:
    internet.names |= {"wiki.corp": ["10.0.0.5"], "login.example": ["93.184.216.34"]}
    with (
        Server(to("http://wiki.corp/done")) as login,
        Server(lambda path: to("http://login.example/") if path == "/" else page()) as wiki,
    ):
        internet.routes |= {"10.0.0.5": wiki.port, "93.184.216.34": login.port}
        document = read("http://wiki.corp/", allow_private=True)
    assert document.name == "http://wiki.corp/done"
    assert document.notes == ("http://wiki.corp/ redirects", "http://login.example/ redirects")


@pytest.mark.parametrize("target", ["http://evil.example/", "http://evil.example./", "http://EVIL.example/"])
def test_a_name_keeps_the_numbers_it_had_first(target: str, internet: Internet) -> None:
    internet.names["evil.example"], internet.later["evil.example"] = ["10.0.0.5"], ["169.254.169.254"]
    with Server(lambda path: to(f"{target}x") if path == "/" else page()) as server:
        internet.routes["10.0.0.5"] = server.port
        read("http://evil.example/", allow_private=True)
    assert internet.asked == ["evil.example"]
    assert {number for number, _ in internet.connected} == {"10.0.0.5"}


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "2852039166", "0xa9fea9fe", "[fe80::1]", "[::ffff:169.254.169.254]", "100.100.100.200", "[fd00:ec2::254]"]
)  # fmt: skip
def test_link_local_numbers_are_fetched_only_if_typed(host: str, internet: Internet) -> None:
    with pytest.raises(ReadError, match="is a private address .* --allow-private"):
        read(f"http://{host}/")
    assert internet.connected == []
    with pytest.raises(ReadError, match="cannot be fetched: Network is unreachable"):
        read(f"http://{host}/", allow_private=True)
    assert len(internet.connected) == 1


@pytest.mark.parametrize(
    "number",
    ["169.254.169.254", "169.254.0.1", "fe80::1%lo", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "::a9fe:a9fe", "2002:a9fe:a9fe::"],
)  # fmt: skip
def test_a_name_that_leads_to_a_link_local_number_is_refused(number: str, internet: Internet) -> None:
    internet.names["evil.example"] = ["10.0.0.5", number]
    with pytest.raises(
        ReadError, match="evil.example leads to .*, a link-local or cloud metadata address; --allow-private"
    ):
        read("http://evil.example/", allow_private=True)
    assert internet.connected == []


@pytest.mark.parametrize("number", ["10.0.0.5", "127.0.0.1", "192.168.1.1", "fd12:3456::1", "100.64.0.1"])
def test_a_name_of_the_own_network_is_fetched_if_allowed(number: str, internet: Internet) -> None:
    internet.names["wiki.corp"] = [number, "93.184.216.34"]
    with Server(page()) as server:
        internet.routes[number] = server.port
        assert read("http://wiki.corp/", allow_private=True).text == "We keep logs."
        with pytest.raises(
            ReadError, match=r"wiki\.corp is a private address \(.*\); fetch from your own network with --allow"
        ):
            read("http://wiki.corp/")


# https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry: block, globally reachable
IANA = """
0.0.0.0/8 no              0.0.0.0/32 no           10.0.0.0/8 no            100.64.0.0/10 no       127.0.0.0/8 no
169.254.0.0/16 no         172.16.0.0/12 no        192.0.0.0/24 no          192.0.0.0/29 no        192.0.0.8/32 no
192.0.0.170/32 no         192.0.0.171/32 no       192.0.2.0/24 no          192.31.196.0/24 yes    192.52.193.0/24 yes
192.88.99.0/24 no         192.88.99.2/32 no       192.168.0.0/16 no        192.175.48.0/24 yes    198.18.0.0/15 no
198.51.100.0/24 no        203.0.113.0/24 no       240.0.0.0/4 no           255.255.255.255/32 no  224.0.0.0/4 no
::1/128 no                ::/128 no               ::ffff:0:0/96 no         64:ff9b:1::/48 no      100::/64 no
100:0:0:1::/64 no         2001::/23 no            2001::/32 no             2001:2::/48 no         2001:10::/28 no
2001:db8::/32 no          2002::/16 no            2620:4f:8000::/48 yes    3fff::/20 no           5f00::/16 no
fc00::/7 no               fe80::/10 no            ff00::/8 no              fec0::/10 no
"""
# globally reachable there, but served by no page: PCP and TURN anycast, addresses that wrap others, AMT, ORCHID, DRIP
REFUSED_ALTHOUGH_REACHABLE = """
192.0.0.9/32 192.0.0.10/32 64:ff9b::/96 2001:1::1/128 2001:1::2/128 2001:1::3/128 2001:3::/32 2001:4:112::/48 2001:20::/28
2001:30::/28
"""
BLOCKS = [
    *zip(IANA.split()[::2], IANA.split()[1::2], strict=True),
    *((block, "no") for block in REFUSED_ALTHOUGH_REACHABLE.split()),
]


@pytest.mark.parametrize(("block", "reachable"), BLOCKS)
def test_special_addresses_are_public_only_if_iana_says_so(block: str, reachable: str) -> None:
    network = ipaddress.ip_network(block)
    for number in (network[0], network[network.num_addresses // 2], network[-1]):
        assert web._is_public(str(number)) == (reachable == "yes"), number


@pytest.mark.parametrize(
    "number",
    ["1.0.0.0", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "2000::", "2001:200::", "2001:db7:ffff::1", "2001:db9::", "2003::", "2606:4700::1111", "2a00:1450::1", "3ffe:ffff::1"],
)  # fmt: skip
def test_their_neighbors_are_public(number: str) -> None:
    assert web._is_public(number)


@pytest.mark.parametrize(
    "private", ["192.88.99.1", "192.0.0.8", "192.0.0.9", "198.18.0.1", "0.0.0.1", "240.0.0.1", "::ffff:8.8.8.8"]
)
@pytest.mark.parametrize("is_first", [True, False])
def test_one_number_that_is_not_public_is_enough(private: str, is_first: bool, internet: Internet) -> None:
    internet.names["policy.example"] = [private, "93.184.216.34"][:: 1 if is_first else -1]
    with pytest.raises(ReadError, match="policy.example is a private address"):
        read("http://policy.example/")
    assert internet.connected == []


# --- servers -----------------------------------------------------------------------------------------------------------


def test_cookies_are_kept_from_everyone(internet: Internet) -> None:
    with Server(lambda path: to("/privacy", "Set-Cookie: id=1; Path=/") if path == "/" else page()) as server:
        read(server.address, allow_private=True)
    assert len(server.requests) == 2
    assert not any(b"cookie" in request.lower() for request in server.requests)


def test_the_next_number_is_tried(internet: Internet) -> None:
    internet.names["policy.example"] = ["93.184.216.34", "93.184.216.35"]
    with Server(page()) as server:
        internet.routes["93.184.216.35"] = server.port
        assert read("http://policy.example/").text == "We keep logs."
    assert internet.connected == [("93.184.216.34", 80), ("93.184.216.35", 80)]
    assert b"Host: policy.example\r\n" in server.requests[0]


@pytest.mark.parametrize("host", ["policy.example", "policy.example.", "POLICY.example"])
def test_a_server_proves_to_be_the_host(
    host: str, internet: Internet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    internet.names["policy.example"] = ["93.184.216.34"]
    names: list[str | None] = []
    context = certified(tmp_path, monkeypatch)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with Server(page(), tls=context) as server:
        internet.routes["93.184.216.34"] = server.port
        assert read(f"https://{host}/").text == "We keep logs."
    assert names == ["policy.example"]


def test_a_server_that_is_another_host_is_refused(
    internet: Internet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    internet.names |= {"policy.example": ["93.184.216.34"], "other.example": ["93.184.216.34"]}
    with Server(
        lambda path: to("https://other.example/x") if path == "/" else page(), tls=certified(tmp_path, monkeypatch)
    ) as server:
        internet.routes["93.184.216.34"] = server.port
        with pytest.raises(
            ReadError, match="redirects to https://other.example/x: .*certificate of the server is not valid: Host"
        ):
            read("https://policy.example/")
    assert len(server.requests) == 1


def test_a_certificate_that_nobody_trusts_is_refused(
    internet: Internet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    internet.names["policy.example"] = ["93.184.216.34"]
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "policy.example.pem"))
    with Server(page(), tls=certified(tmp_path, monkeypatch, trusted=False)) as server:
        internet.routes["93.184.216.34"] = server.port
        with pytest.raises(ReadError, match="certificate of the server is not valid: self-signed certificate"):
            read("https://policy.example/")
    assert server.requests == []


def test_a_server_without_tls_is_said_to_have_none(internet: Internet) -> None:
    with (
        Server(page()) as server,
        pytest.raises(ReadError, match="there is no secure connection: WRONG_VERSION_NUMBER"),
    ):
        read(f"https://127.0.0.1:{server.port}/", allow_private=True)


# --- passwords ---------------------------------------------------------------------------------------------------------

WITH_PASSWORD = [
    "http://me:s3cret@127.0.0.1/",
    "HTTPS://me:s3cret@127.0.0.1/",
    "http://s3cret@127.0.0.1/",
    "http://me:s3cret@",
    "https:///me:s3cret@127.0.0.1/",
    "https:////me:s3cret@127.0.0.1/",
    "http://me:%53s3cret%40x@127.0.0.1/",
    "http://me:x@s3cret@127.0.0.1/",
    "http://me:s3cret\\@127.0.0.1/",
    "http://me\\:s3cret@127.0.0.1/",
    "http://me:s3\tcret@127.0.0.1/",
    "http://me:s3cret\n@127.0.0.1/",
    "http://me:/s3cret@127.0.0.1/",
    "http://me:x#s3cret@127.0.0.1/",
    "http://me:x?s3cret@127.0.0.1/",
    "http://me:s3cret%40127.0.0.1/",
    "http://me:s3cret＠127.0.0.1/",
    "http://me%3As3cret%40127.0.0.1/",
    "http://me:s3cret/",
    "http://[me:s3cret@127.0.0.1/",
    "http://me:s3cret@[::1/",
    "http://me:s3cret@exa mple.org:x/",
    "http://me:s3cret@127.0.0.1:99999/",
    "ftp://me:s3cret@127.0.0.1/",
    "h://me:s3cret@127.0.0.1/",
    "view-source+x://me:s3cret@127.0.0.1/",
    # not addresses, hence names of files
    "https:/me:s3cret@127.0.0.1/",
    "https:\\\\me:s3cret@127.0.0.1\\",
    " https://me:s3cret@127.0.0.1/",
    "\thttps://me:s3cret@127.0.0.1/",
    "ht\ttps://me:s3cret@127.0.0.1/",
    "https:\n//me:s3cret@127.0.0.1/",
]


@pytest.mark.parametrize("address", WITH_PASSWORD)
def test_a_password_is_never_repeated(address: str, internet: Internet) -> None:
    with pytest.raises(ReadError) as error:
        read(address, allow_private=True)
    assert "3cret" not in str(error.value)
    assert str(error.value).isprintable()
    assert internet.connected == []
    shown: list[BaseException] = [error.value]
    while cause := shown[-1].__cause__:
        shown.append(cause)
    assert all("3cret" not in str(each) for each in shown)


@pytest.mark.parametrize(
    "location",
    [
        address
        for address in WITH_PASSWORD
        if address.startswith("http:") and address.isprintable() and ":/s3" not in address
    ],
)
def test_a_password_in_a_redirect_is_not_repeated_either(location: str) -> None:
    with Server(to(location)) as server, pytest.raises(ReadError, match="redirects to ") as error:
        read(server.address, allow_private=True)
    assert "3cret" not in str(error.value)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 s3cret\r\nLocation: http://me:s3cret\0@127.0.0.1/\r\n\r\n",
        b"HTTP/1.1 302 x\r\nLocation http://me:s3cret@127.0.0.1/\r\n\r\n",
        b"http://me:s3cret@127.0.0.1/\r\n\r\n",
        b"HTTP/1.1 302 x\r\nTransfer-Encoding: http://me:s3cret@127.0.0.1/\r\n\r\n",
        b"HTTP/1.1 200 x\r\nContent-Length: http://me:s3cret@127.0.0.1/\r\n\r\n",
        b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\nhttp://me:s3cret@127.0.0.1/\r\n\r\n",
    ],
)
def test_nor_a_password_in_an_answer_that_cannot_be_read(answer: bytes) -> None:
    with Server(answer) as server, pytest.raises(ReadError) as error:
        read(server.address, allow_private=True)
    assert "3cret" not in str(error.value)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_the_command_never_repeats_a_password(form: str, site: Server, run: Run) -> None:
    with_password = site.address.replace("http://", "http://me:s3cret@")
    target = f"{site.address}/to?http://me:s3cret@127.0.0.1:{site.port}/"
    words = (f"{site.address}/privacy?token=1", with_password, target, "https:/me:s3cret@127.0.0.1/", "--allow-private")
    done = run("tag", *words, "-f", form)
    assert done.returncode == 1
    assert b"3cret" not in done.stdout + done.stderr.replace(f"{site.address}/to?http://me:s3cret@".encode(), b"")
    assert b"http://***@127.0.0.1" in done.stderr
    assert b"https:/***@127.0.0.1" in done.stderr


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("https://example.org/@me/privacy", "https://example.org/@me/privacy"),
        ("https://example.org:8080/a@b?c=d@e#f@g", "https://example.org:8080/a@b?c=d@e#f@g"),
        ("https://[::1]:80/@", "https://[::1]:80/@"),
        ("https://[::1]/@", "https://[::1]/@"),
        ("https://me:x@example.org/?token=1", "https://***@example.org/?token=1"),
        ("https://***@example.org/", "https://***@example.org/"),
        ("mailto:me@example.org", "mailto:me@example.org"),
        ("me@example.org.txt", "me@example.org.txt"),
        ("policies/me@example.org.txt", "policies/me@example.org.txt"),
        ("C:\\policies\\me@example.org.txt", "C:\\policies\\me@example.org.txt"),
        ("Notes: me@example.org/x.txt", "Notes: me@example.org/x.txt"),
        ("-", "-"),
        ("", ""),
    ],
)
def test_other_names_stay_as_they_are(name: str, shown: str) -> None:
    assert without_password(name) == shown
