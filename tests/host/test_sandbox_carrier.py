"""The sandbox carrier as a program: its books, its memory after a kill, its page, its closed doors."""

import json
import re
import signal
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.host.sandbox_carrier import paper, prices
from rientro.host.sandbox_carrier.numbers import (
    ALPHABET,
    is_tracking_number,
    new_tracking_number,
)
from rientro.host.sandbox_carrier.server import run
from rientro.host.sandbox_carrier.store import Store
from rientro.host.sandbox_carrier.telling import signed_headers
from rientro.kit import clock
from rientro.policy.tracking_numbers import tracking_problem
from tests.sandbox import SandboxProcess, customer, running_sandbox, sandbox_process

__all__ = ["customer", "sandbox_process"]
ADDRESS = {"name": "Ada", "street": "Via Roma 1", "city": "Torino", "country": "IT"}


def words(reference="R-1", **changes):
    base = {"reference": reference, "from": ADDRESS, "to": ADDRESS | {"city": "Milano"}}
    return base | {"weight_g": 900, "service": "sandbox_return"} | changes


def sell(customer, reference="R-1", *, key="", **changes):
    headers = {"Idempotency-Key": key} if key else {}
    return customer.ask("POST", "/v1/labels", json=words(reference, **changes), headers=headers)


def test_a_shopper_may_type_any_number_of_this_carrier():
    assert not any(tracking_problem(new_tracking_number()) for _ in range(200))


# Books


def test_the_statement_is_every_label_and_every_void(customer):
    first, second = sell(customer, "R-1").json(), sell(customer, "R-2").json()
    customer.ask("DELETE", f"/v1/labels/{first['id']}")

    told = customer.statement()

    lines = [(line["kind"], line["label"], line["amount"]["amount"]) for line in told["lines"]]
    assert lines == [
        ("charge", first["id"], "4.90"),
        ("charge", second["id"], "4.90"),
        ("credit", first["id"], "-4.90"),
    ]
    assert (told["charged"]["amount"], told["credited"]["amount"]) == ("9.80", "4.90")
    assert told["due"] == {"amount": "4.90", "currency": "EUR"}


def test_the_statement_can_be_read_on_from_a_line(customer):
    for reference in ("R-1", "R-2"):
        sell(customer, reference)
    first = customer.statement()["lines"][0]

    rest = customer.ask("GET", f"/v1/statement?after={first['id']}").json()["lines"]

    assert [line["reference"] for line in rest] == ["R-2"]


def test_fifty_buyers_with_one_key_buy_one_label(customer):
    answers = []

    def buy():
        answers.append(sell(customer, key="k"))

    buyers = [threading.Thread(target=buy) for _ in range(50)]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join()

    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert customer.statement()["due"]["amount"] == "4.90"


def test_a_key_belongs_to_one_customer(customer, sandbox_process):
    other = sandbox_process.customer()

    assert sell(customer, key="k").json()["id"] != sell(other, key="k").json()["id"]


def test_what_was_answered_is_remembered_after_a_kill(tmp_path):
    with running_sandbox(tmp_path) as process:
        customer = process.customer()
        sold = [sell(customer, f"R-{number}", key=f"k{number}").json() for number in range(20)]
        customer.scan(sold[0]["tracking_number"], "handed_in")
        process.process.send_signal(signal.SIGKILL)
        process.stop()
        process.start()
        customer.url = process.url

        again = [sell(customer, f"R-{number}", key=f"k{number}").json() for number in range(20)]

        assert again == [sold[0] | {"status": "HANDED_IN"}, *sold[1:]]
        assert customer.statement()["due"]["amount"] == "98.00"


def test_a_label_can_be_voided_for_two_weeks(tmp_path):
    store, now = Store(tmp_path / "file"), clock.now()
    request = words()
    sold = [
        store.sell(account="a", key="", request=request, price_minor=490, number="", now=now)[0]
        for _ in range(2)
    ]

    voided = store.void("a", sold[0]["id"], now + timedelta(days=14))
    with pytest.raises(Exception, match="for 14 days"):
        store.void("a", sold[1]["id"], now + timedelta(days=14, seconds=1))
    store.close()

    assert voided["status"] == "voided"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reference": ""}, "reference"),
        ({"from": None}, "from"),
        ({"to": ADDRESS | {"city": " "}}, "to.city"),
        ({"from": ADDRESS | {"name": ""}}, "from.name"),
        ({"to": ADDRESS | {"country": "AQ"}}, "to.country"),
        ({"weight_g": 31_501}, "weight_g"),
        ({"weight_g": "900"}, "weight_g"),
        ({"weight_g": -1}, "weight_g"),
        ({"service": "teleport"}, "service"),
        ({"to": ADDRESS | {"city": "Nowhere"}}, "city"),
    ],
)
def test_a_refusal_names_the_field_and_costs_nothing(customer, changes, field):
    answer = sell(customer, **changes)

    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field
    assert customer.statement()["lines"] == []


# Doors


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer nonsense", "Basic sandbox-abc", "Bearer sandbox-a b"]
)
def test_without_a_token_nothing_is_told(sandbox_process, header):
    answer = httpx.get(f"{sandbox_process.url}/v1/statement", headers={"Authorization": header})

    assert answer.status_code == 401


def test_a_stranger_does_not_see_a_label(customer, sandbox_process):
    label = sell(customer).json()
    other = sandbox_process.customer()

    for method, path in [("GET", ""), ("DELETE", ""), ("GET", "/document")]:
        answer = other.ask(method, f"/v1/labels/{label['id']}{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_from_elsewhere_cannot_scan(customer, headers):
    number = sell(customer).json()["tracking_number"]
    form = {"tracking_number": number, "status": "lost"}

    answer = httpx.post(f"{customer.url}/control/scan", data=form, headers=headers)

    assert answer.status_code == 403
    assert customer.labels()[0]["status"] == "created"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8100", "10.0.0.1", ""])
def test_another_name_for_this_machine_is_not_answered(sandbox_process, host):
    answer = httpx.get(sandbox_process.url, headers={"Host": host})

    assert answer.status_code == 421


def test_a_body_beyond_measure_is_refused_unread(customer):
    answer = customer.ask("POST", "/v1/labels", content=b"x" * 300_000)

    assert answer.status_code == 413


@pytest.mark.parametrize("body", [b"{", b"[]", b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_object_is_refused(customer, body):
    assert customer.ask("POST", "/v1/labels", content=body).status_code == 400


def test_an_address_beyond_this_machine_is_refused(capsys):
    with pytest.raises(SystemExit):
        run(["--host", "0.0.0.0"])

    assert "loopback" in capsys.readouterr().err


def test_unknown_paths_and_methods_are_told_apart(customer):
    assert customer.ask("GET", "/v1/nothing").status_code == 404
    assert customer.ask("DELETE", "/v1/statement").status_code == 405


def test_faults_are_counted_and_named(customer, sandbox_process):
    customer.fault("unavailable", count=2)

    statuses = [sell(customer, f"R-{number}").status_code for number in range(3)]
    wrong = httpx.post(f"{sandbox_process.url}/control/faults", json={"fault": "earthquake"})

    assert statuses == [503, 503, 201]
    assert (wrong.status_code, "reset_after" in wrong.text) == (422, True)


# The page


def test_the_page_shows_labels_and_a_button_scans(customer):
    label = sell(customer, "R-<b>", to=ADDRESS | {"name": "<script>"}).json()
    number = label["tracking_number"]

    page = httpx.get(customer.url, params={"q": number}).text
    clicked = httpx.post(
        f"{customer.url}/control/scan",
        data={"tracking_number": number, "status": "handed_in"},
        headers={"Origin": customer.url, "Sec-Fetch-Site": "same-origin"},
        follow_redirects=True,
    )

    assert number in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert clicked.status_code == 200
    assert customer.labels()[0]["status"] == "HANDED_IN"


def test_the_page_without_labels_says_what_will_come(tmp_path):
    with running_sandbox(tmp_path) as process:
        assert "No label has been bought yet" in httpx.get(process.url).text


def test_scan_of_a_voided_label_is_refused(customer):
    label = sell(customer).json()
    customer.ask("DELETE", f"/v1/labels/{label['id']}")

    answer = httpx.post(
        f"{customer.url}/control/scan",
        json={"tracking_number": label["tracking_number"], "status": "handed_in"},
    )

    assert answer.status_code == 409


# Telling


class Ear(HTTPServer):
    """A receiver that says no a number of times and then yes."""

    def __init__(self, refusals):
        super().__init__(("127.0.0.1", 0), _Receiver)
        self.heard, self.refusals = [], refusals
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/hook"


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((dict(self.headers.items()), body))
        refuse = len(self.server.heard) <= self.server.refusals
        self.send_response(503 if refuse else 200)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def ear():
    made = Ear(refusals=1)
    yield made
    made.shutdown()
    made.server_close()


def heard(ear, count):
    until = time.monotonic() + 10
    while len(ear.heard) < count and time.monotonic() < until:
        time.sleep(0.05)
    return ear.heard


def test_a_webhook_is_signed_and_sent_until_it_is_taken(customer, ear):
    secret = customer.ask("PUT", "/v1/webhook", json={"url": ear.url}).json()["secret"]
    number = sell(customer).json()["tracking_number"]
    scan = customer.scan(number, "in_transit", place="Bologna")

    first, second = heard(ear, 2)

    assert first[1] == second[1]
    assert json.loads(second[1])["scans"] == [scan]
    delivery = second[0]["X-Sandbox-Delivery"]
    assert delivery == first[0]["X-Sandbox-Delivery"]
    at = int(second[0]["X-Sandbox-Timestamp"])
    signed = signed_headers(secret, delivery, second[1], at)
    assert signed["X-Sandbox-Signature"] == second[0]["X-Sandbox-Signature"]
    time.sleep(0.5)
    assert len(ear.heard) == 2


def test_without_a_registered_address_nothing_is_sent(customer, ear):
    customer.ask("PUT", "/v1/webhook", json={"url": ear.url})
    customer.ask("DELETE", "/v1/webhook")
    customer.scan(sell(customer).json()["tracking_number"], "in_transit")

    time.sleep(0.6)

    assert ear.heard == []


@pytest.mark.parametrize("url", ["", "ftp://x/y", "http://", "x" * 600])
def test_an_address_that_is_none_is_not_registered(customer, url):
    assert customer.ask("PUT", "/v1/webhook", json={"url": url}).status_code == 422


# Numbers, prices, paper


def test_numbers_are_marked_as_tests_and_look_like_no_posts_number():
    numbers = {new_tracking_number() for _ in range(2000)}

    assert len(numbers) == 2000
    assert all(is_tracking_number(number) for number in numbers)
    assert not any(re.fullmatch(r"[A-Z]{2}\d{9}[A-Z]{2}", number) for number in numbers)


@given(st.integers(3, 13), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(place, letter):
    number = new_tracking_number()
    slipped = number[:place] + letter + number[place + 1 :]

    assert is_tracking_number(slipped) == (slipped == number)


@pytest.mark.parametrize("text", ["", "TST", "RR473124829GB", "tst" + "2" * 11, "TST" + "é" * 11])
def test_other_numbers_are_not_ours(text):
    assert not is_tracking_number(text)


@given(
    st.sampled_from(sorted(prices.DOMESTIC)),
    st.sampled_from(sorted(prices.DOMESTIC)),
    st.integers(0, prices.MAX_WEIGHT_G - 1),
    st.sampled_from(sorted(prices.PRODUCTS)),
)
def test_heavier_and_farther_is_never_cheaper(origin, destination, weight, service):
    price = prices.price_minor(origin, destination, weight, service)

    assert 0 < price <= prices.price_minor(origin, destination, weight + 1, service)
    assert prices.price_minor(origin, origin, weight, service) <= price


@given(st.text(max_size=80))
def test_the_paper_is_a_valid_pdf_whatever_it_says(text):
    import io

    with pikepdf.open(io.BytesIO(paper.pdf([(12, text), (9, "plain")]))) as pdf:
        assert len(pdf.pages) == 1
        assert pdf.check_pdf_syntax() == [] if hasattr(pdf, "check_pdf_syntax") else True


def test_the_program_ends_when_it_is_asked_to(tmp_path):
    process = SandboxProcess(tmp_path)

    process.stop()

    assert process.process.returncode == 0


def test_a_port_that_is_taken_is_said_in_a_sentence(sandbox_process, tmp_path, capsys):
    port = sandbox_process.url.rpartition(":")[2]

    assert run(["--port", port, "--data", str(tmp_path)]) == 1

    assert f"Port {port} cannot be used" in capsys.readouterr().err
