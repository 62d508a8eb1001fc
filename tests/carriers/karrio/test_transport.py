"""Every byte: over verified TLS, once, in time, only where the call may go, and without leaving a trace."""

import gc
import socket
import ssl
import sys
import threading
import time
import types
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.request import Request

import pytest

from rientro.carriers.base import CarrierError, OutcomeUnknown, Unavailable
from rientro.carriers.karrio import hosts, library, tokens
from rientro.carriers.karrio.tokens import Tokens
from rientro.carriers.karrio.transport import Broken, Call, Refused, Role, Route, send
from rientro.carriers.registry import open_carrier
from tests.carriers.fakes.behind_karrio import standing_in
from tests.carriers.fakes.server import Answer, FakeCarrier, running
from tests.carriers.fakes.ups import FakeUps
from tests.carriers.karrio.conftest import EVERY, SELLERS, named

HOST = "carrier.example"
ASK = (Route(Role.QUESTION, "GET", HOST, "/v1/"),)
BUY = (Route(Role.PURCHASE, "POST", HOST, "/v1/labels", whole=True), *ASK)
sellers = pytest.mark.parametrize("there", SELLERS, indirect=True, ids=named)


class Echo(FakeCarrier):
    def answer(self, heard):
        return Answer(words={"path": heard.path})


@pytest.fixture
def echo(monkeypatch):
    with running(Echo()) as fake:
        monkeypatch.setenv(hosts.VARIABLE, f"{HOST}={fake.url}")
        yield fake


def ask(path="/v1/x", method="GET", data=None, host=HOST, scheme="https"):
    return Request(f"{scheme}://{host}{path}", method=method, data=data)


# Where it may go


@pytest.mark.parametrize(
    "request_",
    [
        ask("/v2/x"),
        ask("/v1/../v2/x"),
        ask("/v1/%2e%2e/v2"),
        ask("/v1//x"),
        ask("/v1/a%2Fb"),
        ask(method="POST"),
        ask(host="elsewhere.example"),
        ask(host="carrier.example:8443"),
        ask(host="user@carrier.example"),
        ask(scheme="http"),
        Request(
            "http://api.labelary.com/v1/printers/8dpmm/labels/4x6/0/", method="POST", data=b"^XA"
        ),
        Request("file:///etc/passwd"),
    ],
    ids=lambda request: f"{request.get_method()} {request.full_url}",
)
def test_what_is_on_no_route_is_never_sent(echo, request_):
    with Call(ASK) as call, pytest.raises(Refused):
        call.send(request_)

    assert echo.heard == []
    assert call.exchanges == []


def test_outside_of_a_call_nothing_is_sent(echo):
    with Call(ASK):
        pass

    with pytest.raises(Refused, match="outside of a call"):
        send(ask())
    assert echo.heard == []


def test_a_purchase_goes_out_once_a_call_whatever_karrio_tries(echo):
    with Call(BUY) as call:
        call.send(ask("/v1/labels", "POST", b"{}"))
        with pytest.raises(Refused, match="Asked before"):
            call.send(ask("/v1/labels", "POST", b"{}"))

    assert echo.lines() == ["POST /v1/labels"]


def test_stand_ins_are_on_this_machine_or_nothing_is_sent(monkeypatch):
    monkeypatch.setenv(hosts.VARIABLE, f"{HOST}=http://203.0.113.9:80")

    with Call(ASK) as call, pytest.raises(Refused, match="wants HOST="):
        call.send(ask())


def test_without_a_stand_in_a_private_address_is_refused(monkeypatch):
    """A carrier's name that leads into this network is not asked: RIENTRO_ALLOW_PRIVATE_TARGETS is not for it."""
    monkeypatch.delenv(hosts.VARIABLE, raising=False)
    route = Route(Role.QUESTION, "GET", "localhost", "/")

    with Call((route,)) as call, pytest.raises(Broken):
        call.send(ask("/", host="localhost"))
    assert call.exchanges[0].sent is False


# How it goes there


def test_an_unknown_certificate_is_refused_before_a_byte_is_sent(monkeypatch, tmp_path):
    heard = []
    port = _tls_server(tmp_path, heard)
    monkeypatch.setattr("rientro.kit.http._resolved", lambda host, port: ["127.0.0.1"])
    monkeypatch.setattr(Call, "_target", lambda self, url: (f"https://localhost:{port}/v1/x", True))

    with Call(ASK) as call, pytest.raises(Broken):
        call.send(ask())

    assert call.exchanges[0].sent is False
    assert heard == []


def test_urllib_in_the_same_process_checks_certificates_too(tmp_path):
    import urllib.request

    library.load()
    heard = []
    port = _tls_server(tmp_path, heard)

    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"https://localhost:{port}/", timeout=5)
    assert heard == []


def test_a_redirect_is_an_answer_and_not_a_way(echo):
    echo.next_answers = [Answer(302, headers={"Location": f"{echo.url}/v1/elsewhere"})]

    with Call(ASK) as call, pytest.raises(HTTPError):
        call.send(ask())

    assert echo.lines() == ["GET /v1/x"]
    assert call.exchanges[0].status == 302


def test_all_requests_of_a_call_share_one_deadline(echo, monkeypatch):
    slow = echo.answer
    monkeypatch.setattr(echo, "answer", lambda heard: time.sleep(0.3) or slow(heard))
    began = time.monotonic()

    with Call(ASK, deadline_s=0.5) as call:
        call.send(ask())
        with pytest.raises(Broken):
            call.send(ask())

    assert time.monotonic() - began < 1
    assert [exchange.status for exchange in call.exchanges] == [200, 0]


def test_half_an_answer_is_none(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv(hosts.VARIABLE, f"{HOST}=http://127.0.0.1:{server.getsockname()[1]}")

        def half():
            connection, _ = server.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
            connection.close()

        thread = threading.Thread(target=half)
        thread.start()
        with Call(BUY) as call, pytest.raises(Broken):
            call.send(ask("/v1/labels", "POST", b"{}"))
        thread.join()

    assert (call.exchanges[0].sent, call.exchanges[0].status) == (True, 0)


# Once, with sentry-sdk


@pytest.fixture
def sentry(monkeypatch):
    """sentry_sdk as far as Karrio uses it; it keeps whatever it is told."""
    told = []

    class Span:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def set_data(self, *words):
            told.append(words)

        def update_from_scope(self, scope):
            told.append(scope)

    module = types.ModuleType("sentry_sdk")
    module.start_span = lambda **words: told.append(words) or Span()
    module.get_isolation_scope = module.new_scope = Span
    monkeypatch.setitem(sys.modules, "sentry_sdk", module)
    return told


@pytest.mark.parametrize(
    ("answer", "error"),
    [(Answer(500), OutcomeUnknown), (Answer(503), OutcomeUnknown), (None, OutcomeUnknown)],
    ids=["500", "503", "hangs-up"],
)
@sellers
def test_with_sentry_installed_a_failing_purchase_is_still_one_post(
    carrier, there, sentry, answer, error
):
    def hang_up():
        raise ConnectionResetError

    there.answer_purchase = answer
    there.before_purchase = None if answer else hang_up

    with pytest.raises(error):
        carrier.buy_label(there.wish())

    assert there.purchases == 1
    assert sentry == []


# No trace


@sellers
def test_no_secret_is_logged_printed_or_kept(carrier, there, caplog, capfd):
    caplog.set_level(0)
    said = ""
    for answer in (None, Answer(400, {}), Answer(500)):
        there.answer_purchase = answer
        try:
            carrier.buy_label(there.wish())
        except CarrierError as error:
            said += _all_words(error)
    tokens_kept = repr(tokens._kept)

    printed = capfd.readouterr()
    for secret in ("app-secret", "passwörd", "passw%C3%B6rd"):
        assert secret not in printed.out + printed.err + caplog.text
        assert secret not in tokens_kept + said
    assert not _tracers_with_records()


@pytest.mark.parametrize("there", EVERY, indirect=True, ids=named)
def test_none_of_its_libraries_logs_what_an_answer_says(carrier, there, caplog, capfd):
    """One of them warns of every unknown field of an answer, access tokens among them."""
    caplog.set_level(0)
    carrier.check_credentials()
    if carrier.OFFERS:
        carrier.buy_label(there.wish())
    carrier.track(["1234567890"])

    # At their most talkative our own client tells of bytes and Pillow of pixels; nobody else says anything.
    ours = ("httpcore", "PIL.")
    assert [found for found in caplog.records if not found.name.startswith(ours)] == []
    assert "app-secret" not in caplog.text
    assert capfd.readouterr() == ("", "")


def test_nothing_outlives_a_call_but_its_token():
    with running(FakeUps()) as fake, standing_in(fake):
        carrier = open_carrier(fake.CODE, fake.credentials, fake.settings)
        carrier.buy_label(fake.wish("R-0"))
        gc.collect()
        before = _gateways()
        for number in range(20):
            carrier.buy_label(fake.wish(f"R-{number}"))
        gc.collect()

        assert _gateways() <= before
        assert fake.tokens == 1


def test_many_purchases_at_once_keep_apart():
    with running(FakeUps()) as fake, standing_in(fake):
        open_carrier(fake.CODE, fake.credentials, fake.settings).buy_label(fake.wish("R-0"))

        def buy(number):
            carrier = open_carrier(fake.CODE, fake.credentials, fake.settings)
            return carrier.buy_label(fake.wish(f"R-{number}")).tracking_number

        with ThreadPoolExecutor(6) as hands:
            numbers = list(hands.map(buy, range(1, 25)))

    assert len(set(numbers)) == 24
    assert (fake.purchases, fake.tokens) == (25, 1)
    assert sorted(fake.bought) == sorted(f"R-{number}" for number in range(25))


def test_accounts_and_stand_ins_never_share_a_token():
    first, second = Tokens("ups True a"), Tokens("ups True b")
    first.set("ups|client|secret", {"access_token": "A", "expires_in": "3600"})

    assert first.get("ups|client|secret")["access_token"] == "A"
    assert second.get("ups|client|secret") is None
    assert Tokens("ups True a").get("ups|other|secret") is None


def test_a_token_that_ends_soon_is_not_kept():
    kept = Tokens("x")
    for value in ({"expires_in": 100}, {"expires_in": "soon"}, {}, "nonsense"):
        kept.set("key", value)

        assert kept.get("key") is None


def test_a_name_that_nobody_knows_is_unavailable(monkeypatch):
    from rientro.kit import http

    monkeypatch.delenv(hosts.VARIABLE, raising=False)
    monkeypatch.setattr(http, "_resolved", _nobody)

    with pytest.raises(Unavailable):
        open_carrier("ups", FakeUps().credentials, {"test_mode": "1"}).buy_label(FakeUps().wish())


def _nobody(host, port):
    import httpcore

    raise httpcore.ConnectError(f"{host} has no address.")


def _all_words(error):
    told = ""
    while error is not None:
        told += f"{error!r} {error} {getattr(error, 'facts', '')} "
        error = error.__cause__ or error.__context__
    return told


def _tracers_with_records():
    from karrio.core.utils.tracing import Tracer

    return [one for one in gc.get_objects() if isinstance(one, Tracer) and one.inner_recordings]


def _gateways():
    from karrio.api.gateway import Gateway

    return sum(isinstance(one, Gateway) for one in gc.get_objects())


def _tls_server(folder, heard):
    """A server with a certificate that nobody vouches for; ``heard`` gets what it could read."""
    certificate, key = _self_signed(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(5)

    def serve():
        try:
            with server, context.wrap_socket(server.accept()[0], server_side=True) as connection:
                heard.append(connection.recv(65536))
        except OSError:
            pass

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]


def _self_signed(folder):
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, secret
