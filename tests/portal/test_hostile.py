"""Nothing that is typed, sent or made up breaks a page: every answer is one we meant to give."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rientro.models import Return
from tests.makers import make_brand, make_carrier_account, make_order
from tests.portal import walk

pytestmark = pytest.mark.django_db

ODD = [
    "\x00",
    "a\x00b",
    "\ud7ff\ue000",
    "‮gnp.exe",
    "%00",
    "' OR 1=1 --",
    "{{ 7 * 7 }}",
    "<script>alert(1)</script>",
    "９９９９９９９９９９９９９９",
    "-1",
    "1e309",
    "9" * 400,
    "👩‍👩‍👧‍👦" * 80,
    "\u0301" * 300,
]
FIELDS = {
    "": ["order", "postcode", "which", "via"],
    "link/": ["order", "email"],
    "items/": ["pick"],
    "why/": ["reason", "note", "same"],
    "how/": ["method", "store", "refund"],
    "address/": ["name", "street", "house_number", "address_2", "postal_code", "city", "email"],
    "code/": ["code"],
    "check/": ["nonce", "agreed"],
    "language/": ["language", "next"],
}


@pytest.fixture
def order(merchant):
    make_carrier_account()
    brand = make_brand(slug="brina", languages=["en", "it"], portal={"in_store": True})
    return make_order(brand, number="A-1")


@pytest.mark.parametrize("path", FIELDS)
def test_odd_input_is_answered_on_every_page(client, order, path):
    walk.up_to_check(client, order)
    line = order.lines.get().pk
    answers = {}
    for odd in ODD:
        typed = dict.fromkeys(FIELDS[path], odd) | {f"units-{line}": odd}
        answers[odd] = client.post(f"/brina/{path}", typed).status_code
        walk.look_up(client, "brina", "A-1", "10131")

    assert {odd: status for odd, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize(
    "path",
    [
        "r/%00/",
        "r/%00/label",
        "r/x/label?format=%00",
        "link/%00/",
        "picture/%00",
        "picture/1-%00%00%00%00%00%00%00%00",
        "picture/99999999999999999999-abcdef12",
        "picture/1-abcdef12",
        "why/99999999999999999999/",
        "logo",
        "background",
        "looks.css?v=%00",
        "?via=%00",
    ],
)
def test_odd_addresses_are_answered(client, order, path):
    assert client.get(f"/brina/{path}").status_code in (200, 302, 404)


@pytest.mark.parametrize("cookie", ["\x01", "x" * 5000, "é", "a;b", ""])
def test_odd_cookies_open_nothing(client, order, cookie):
    client.cookies["ticket-brina"] = cookie
    client.cookies["portal-language"] = cookie

    assert client.get("/brina/items/")["Location"] == "/brina/?again"


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(number=st.text(max_size=300), proof=st.text(max_size=300))
def test_no_text_opens_an_order_that_it_does_not_name(client, order, number, proof):
    status = walk.look_up(client, "brina", f"Z{number}", proof).status_code

    assert status in (400, 404, 429)


def test_an_address_longer_than_any_column_is_cut(client, order):
    long = dict.fromkeys(walk.TYPED, "x" * 400) | {"postal_code": "10131"}

    walk.up_to_check(client, order, address=long)
    answer = walk.confirm(client, order)

    assert answer["Location"] == "/brina/done/"
    assert len(Return.objects.get().from_city) == 120


def test_what_a_shopper_typed_is_never_markup(client, order):
    evil = "<img src=x onerror=alert(1)>"

    walk.up_to_check(client, order, address=walk.TYPED | {"name": evil, "city": evil})
    pages = [client.get("/brina/check/"), walk.look_up(client, "brina", evil, evil)]

    assert [page for page in pages if evil in page.content.decode()] == []
