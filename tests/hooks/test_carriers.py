"""The door for carriers' webhooks: duplicates, disorder, forgery, lateness, size, strangers."""

import json
import random
from datetime import timedelta

import pytest

from rientro.host.sandbox_carrier.telling import signed_headers
from rientro.jobs.tracking import run_process_inbox
from rientro.kit import clock
from rientro.kit.ids import new_token, token_hash
from rientro.kit.tenancy import acting_for
from rientro.models import InboxMessage, Parcel
from tests import makers
from tests.makers import make_carrier_account
from tests.parcels import make_parcel, moment, sealed

pytestmark = pytest.mark.django_db
SECRET = "whs_only-for-tests"


class Line:
    """A carrier's side of one account: it knows the address and the signing secret."""

    def __init__(self, client, **fields):
        self.client = client
        self.account = make_carrier_account(
            credentials=sealed(token="sandbox-test", webhook_secret=SECRET), **fields
        )
        self.token = f"{self.account.merchant_id}-{self.account.pk}-{new_token()}"
        self.account.webhook_token_hash = token_hash(self.token)
        self.account.save()

    @property
    def path(self):
        return f"/hooks/carriers/sandbox/{self.token}/"

    def tell(self, *scans, delivery="dlv_1", secret=SECRET, at=None, **more):
        body = json.dumps({"scans": scans}).encode()
        return self.send(body, delivery=delivery, secret=secret, at=at, **more)

    def send(self, body, *, delivery="dlv_1", secret=SECRET, at=None, path="", **more):
        at = int((at or clock.now()).timestamp())
        headers = signed_headers(secret, delivery, body, at) | more
        del headers["Content-Type"]
        return self.client.post(
            path or self.path, data=body, content_type="application/json", headers=headers
        )


def news(parcel, status, hours, **fields):
    return {
        "id": f"scn_{status}_{hours}",
        "tracking_number": parcel.tracking_number,
        "code": status,
        "text": "",
        "place": "Torino",
        "at": moment(hours).isoformat(),
    } | fields


@pytest.fixture
def line(merchant, client):
    return Line(client)


@pytest.fixture
def parcel(line):
    return make_parcel(account=line.account)


@pytest.fixture
def read_inbox(jobs):
    """Do the waiting `process_inbox` jobs; what they post (mails) is another room's."""

    def read():
        for number, name, args in jobs._waiting():
            jobs._forget(number)
            if name == "process_inbox":
                run_process_inbox(**args)

    return read


def status(parcel):
    return Parcel.objects.get(pk=parcel.pk).status


def test_a_signed_delivery_is_kept_first_and_understood_later(line, parcel, jobs, read_inbox):
    answer = line.tell(news(parcel, "HANDED_IN", 3))

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert status(parcel) == "label_ready"
    [message] = InboxMessage.objects.all()
    assert (message.delivery_key, message.processed_at, message.error) == ("dlv_1", None, "")
    assert json.loads(bytes(message.body))["scans"][0]["code"] == "HANDED_IN"
    assert jobs.names() == ["process_inbox"]

    read_inbox()

    assert status(parcel) == "handed_in"
    message.refresh_from_db()
    assert message.processed_at
    assert message.error == ""


def test_the_same_delivery_again_is_answered_and_does_nothing(line, parcel, jobs, read_inbox):
    answers = [line.tell(news(parcel, "HANDED_IN", 3)).status_code for _ in range(3)]
    read_inbox()
    answers.append(line.tell(news(parcel, "HANDED_IN", 3)).status_code)

    assert answers == [200] * 4
    assert InboxMessage.objects.count() == 1
    assert "process_inbox" not in jobs.names()
    assert parcel.tracking_events.count() == 1


def test_a_forged_delivery_is_refused_and_leaves_nothing(line, parcel, jobs):
    answer = line.tell(news(parcel, "DELIVERED", 3), secret="guessed")

    assert (answer.status_code, answer.json()) == (401, {"status": "bad_signature"})
    assert InboxMessage.objects.count() == 0
    assert jobs.names() == []


def test_a_forged_delivery_does_not_stand_in_the_way_of_the_true_one(line, parcel, read_inbox):
    line.tell(news(parcel, "LOST", 3), secret="guessed", delivery="dlv_9")
    line.tell(news(parcel, "DELIVERED", 3), delivery="dlv_9")
    read_inbox()

    assert status(parcel) == "delivered"


@pytest.mark.parametrize(
    "header", ["X-Sandbox-Signature", "X-Sandbox-Timestamp", "X-Sandbox-Delivery"]
)
@pytest.mark.parametrize("value", ["", "0", "x" * 64, "ü", "nan"])
def test_a_changed_header_breaks_the_signature(line, parcel, header, value):
    assert line.tell(news(parcel, "DELIVERED", 3), **{header: value}).status_code == 401
    assert InboxMessage.objects.count() == 0


@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(days=2), -timedelta(minutes=6)])
def test_a_signature_from_another_time_is_refused(line, parcel, age):
    answer = line.tell(news(parcel, "DELIVERED", 3), at=clock.now() - age)

    assert answer.status_code == 401


def test_old_news_in_a_fresh_delivery_counts_in_its_place(line, parcel, read_inbox):
    line.tell(news(parcel, "DELIVERED", 90), delivery="dlv_1")
    line.tell(news(parcel, "IN_TRANSIT", 5), delivery="dlv_2")
    read_inbox()

    told = parcel.tracking_events.order_by("occurred_at").values_list("status", flat=True)
    assert list(told) == ["in_transit", "delivered"]
    assert status(parcel) == "delivered"


def test_deliveries_in_any_order_end_the_same(line, read_inbox):
    chance = random.Random(7)
    story = [("HANDED_IN", 1), ("IN_TRANSIT", 8), ("DELAYED", 20), ("DELIVERED", 44)]
    ends = set()
    for turn in range(12):
        parcel = make_parcel(account=line.account)
        pile = [(f"{turn}-{part[0]}", part) for part in story] * 2
        chance.shuffle(pile)
        for delivery, part in pile:
            assert line.tell(news(parcel, *part), delivery=delivery).status_code == 200
        read_inbox()
        parcel.refresh_from_db()
        times = (parcel.first_scan_at, parcel.last_scan_at, parcel.delivered_at)
        ends.add((parcel.status, times, parcel.tracking_events.count()))

    assert ends == {("delivered", (moment(1), moment(44), moment(44)), 4)}


def test_too_much_is_refused_unread(line):
    answer = line.send(b"x" * (256 * 1024 + 1))

    assert (answer.status_code, answer.json()) == (413, {"status": "too_large"})
    assert InboxMessage.objects.count() == 0


def test_as_much_as_is_allowed_is_taken(line, parcel, jobs):
    filler = " " * (256 * 1024 - 400)

    answer = line.send(
        json.dumps({"scans": [news(parcel, "DELIVERED", 9)]}).encode() + filler.encode()
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.path[:-2] + "/",
        lambda line: line.path.replace("/sandbox/", "/nordpaket/"),
        lambda line: f"/hooks/carriers/sandbox/{line.account.merchant_id}-9999999-{new_token()}/",
        lambda line: f"/hooks/carriers/sandbox/9999999-{line.account.pk}-{new_token()}/",
        lambda line: f"/hooks/carriers/sandbox/{'9' * 40}-1-{new_token()}/",
        lambda line: "/hooks/carriers/sandbox/nonsense/",
        lambda line: f"/hooks/carriers/sandbox/{line.account.merchant_id}-{line.account.pk}-/",
        lambda line: "/hooks/carriers/sandbox/1-1-%00%ff/",
        lambda line: line.path.replace("/sandbox/", "/sand%00box/"),
    ],
)
def test_every_unknown_address_answers_the_same(line, parcel, change):
    answer = line.tell(news(parcel, "DELIVERED", 9), path=change(line))

    assert (answer.status_code, answer.content) == (404, b'{"status": "unknown_address"}')
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_account_that_never_had_an_address_has_none(merchant, client):
    line = Line(client)
    line.account.webhook_token_hash = b""
    line.account.save()

    assert line.tell().status_code == 404


def test_a_disconnected_account_hears_nothing(line, parcel):
    line.account.deleted_at = clock.now()
    line.account.save()

    assert line.tell(news(parcel, "DELIVERED", 9)).status_code == 404


def test_only_post_is_heard(line):
    assert line.client.get(line.path).status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"scans": 7}',
        b'{"scans": [{}]}',
        b'{"scans": [{"id": "1"}]}',
        b"[" * 90_000,
        b'{"scans": [{"id":"1","tracking_number":"T","code":"X","at":"yesterday"}]}',
        b"\xff\xfe\x00",
    ],
)
def test_a_signed_riddle_is_kept_for_a_person(line, read_inbox, body):
    assert line.send(body).status_code == 200
    read_inbox()

    [message] = InboxMessage.objects.all()
    assert message.processed_at
    assert message.error.startswith("This webhook of the sandbox carrier cannot be read.")


def test_a_number_of_nobody_is_written_down(line, parcel, read_inbox):
    line.tell(news(parcel, "DELIVERED", 9), news(parcel, "LOST", 9, tracking_number="TSTNOBODY"))
    read_inbox()

    [message] = InboxMessage.objects.all()
    assert message.error == "No parcel of this account has the number TSTNOBODY."
    assert status(parcel) == "delivered"


def test_a_carrier_moves_parcels_of_its_own_account_only(line, client, read_inbox):
    other = Line(client, name="Second contract")
    parcel = make_parcel(account=line.account)

    other.tell(news(parcel, "DELIVERED", 9))
    read_inbox()

    assert status(parcel) == "label_ready"


def test_a_carrier_moves_parcels_of_its_own_merchant_only(line, parcel, client, read_inbox):
    stranger = makers.make_merchant()
    with acting_for(stranger.pk):
        other = Line(client)
        other.tell(news(parcel, "DELIVERED", 9))
    read_inbox()

    assert status(parcel) == "label_ready"


def test_the_secret_before_is_good_while_rotating(line, parcel, jobs):
    line.account.credentials = sealed(
        token="sandbox-test", webhook_secret="whs_new", webhook_secret_before=SECRET
    )
    line.account.save()

    answers = [
        line.tell(news(parcel, "HANDED_IN", 3), delivery="dlv_1").status_code,
        line.tell(news(parcel, "DELIVERED", 9), delivery="dlv_2", secret="whs_new").status_code,
        line.tell(news(parcel, "LOST", 9), delivery="dlv_3", secret="whs_older").status_code,
    ]

    assert answers == [200, 200, 401]


def test_secrets_in_headers_are_not_kept(line, parcel):
    line.tell(news(parcel, "HANDED_IN", 3), Authorization="Bearer x", Cookie="a=b")

    [message] = InboxMessage.objects.all()
    assert {"authorization", "cookie"} & set(message.headers) == set()
    assert message.headers["x-sandbox-delivery"] == "dlv_1"
