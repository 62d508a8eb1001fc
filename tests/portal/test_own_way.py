"""A shopper who sends the return with a label of their own: offered, asked, told, and safe against odd input."""

import re

import pytest

from rientro.models import Charge, Event, Mail, Parcel, Return
from rientro.models.own_parcels import own_parcel
from tests.documents.reading import scanned, words
from tests.makers import make_address, make_brand, make_carrier_account, make_order
from tests.portal import walk

pytestmark = pytest.mark.django_db
NUMBER = "RR473124829IT"


@pytest.fixture
def order(merchant):
    brand = make_brand(slug="brina", portal={"self_sent": True, "fee_minor": 400})
    make_address(brand, company="Sartoria Brina S.r.l.")
    return make_order(brand)


def up_to_how(client, order):
    walk.find(client, order)
    walk.pick(client, order)
    client.post("/brina/why/", {"reason": "too-small", "note": "", "same": "1"})


def choose(client, order, **own):
    up_to_how(client, order)
    return client.post("/brina/how/", {"method": "self_sent", "refund": "money"} | own)


def opened(client, order, **own):
    assert choose(client, order, **own)["Location"] == "/brina/check/"
    walk.confirm(client, order)
    return Return.objects.get()


def text(response):
    return " ".join(response.content.decode().split())


def tell(client, ret, number=NUMBER, carrier="Poste Italiane", **options):
    return client.post(
        f"/brina/r/{ret.link_token}/number/",
        {"own_number": number, "own_carrier": carrier},
        **options,
    )


def test_it_is_offered_where_the_brand_allows_it_only(client, order):
    up_to_how(client, order)
    assert "I send it myself" in text(client.get("/brina/how/"))

    order.brand.portal_settings.update(self_sent=False)

    assert "I send it myself" not in text(client.get("/brina/how/"))
    refused = client.post("/brina/how/", {"method": "self_sent", "refund": "money"})
    assert refused.status_code == 400


def test_no_address_is_asked_no_label_bought_and_nothing_charged(client, order, jobs, mailoutbox):
    choose(client, order)
    check = text(client.get("/brina/check/"))
    assert "you pay the carrier" in check
    walk.confirm(client, order)
    ret = Return.objects.get()
    done = text(client.get("/brina/done/"))
    jobs.run()

    assert (ret.fee_minor, ret.carrier, ret.from_street) == (0, "none", "")
    assert Charge.objects.count() == 0
    assert "Done. Send it to the shop." in done
    assert "Sartoria Brina S.r.l.<br>" in done
    assert "Via Tortona 27<br>" in done
    assert f"/brina/r/{ret.link_token}/slip" in done
    (mail,) = mailoutbox
    assert mail.subject == f"Send us your return {ret.number}" or "reso" in mail.subject
    assert "Via Tortona 27" in mail.body
    assert f"/r/{ret.link_token}/slip" in mail.body
    assert Mail.objects.get().kind == "send_it"


def test_the_number_may_be_told_on_the_way(client, order):
    ret = opened(client, order, own_number=" rr 473124829 it", own_carrier="Poste Italiane")

    assert own_parcel(ret).tracking_number == NUMBER
    page = text(client.get(f"/brina/r/{ret.link_token}/"))
    assert NUMBER in page
    assert "https://www.poste.it/cerca/index.html#/risultati-spedizioni/RR473124829IT" in page
    assert "We wait for your parcel" in page


@pytest.mark.parametrize("number", ["12", "I do not know", "<script>alert(1)</script>"])
def test_an_odd_number_is_asked_again_on_the_way(client, order, number):
    answer = choose(client, order, own_number=number)

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "does not look like a tracking number" in page
    assert "<script>alert" not in page


def test_the_number_is_told_later_and_corrected(client, order):
    ret = opened(client, order)

    told = tell(client, ret)
    assert told["Location"] == f"/brina/r/{ret.link_token}/?number"
    assert "Thank you, we have the number." in text(client.get(told["Location"]))
    tell(client, ret, "RR473124830IT", "SDA")

    parcel = own_parcel(ret)
    assert (parcel.tracking_number, parcel.carrier_name) == ("RR473124830IT", "SDA")
    assert list(
        Event.objects.filter(name="return.number_told").values_list("actor", flat=True)
    ) == [
        "shopper",
        "shopper",
    ]
    tell(client, ret, "")
    assert own_parcel(ret).tracking_number == ""


@pytest.mark.parametrize(
    "number",
    [
        "<script>alert(1)</script>",
        "'; DROP TABLE rientro_parcel; --",
        '=HYPERLINK("http://evil")',
        "../../../../etc/passwd",
        "A" * 5000,
        "\x00\x00\x00\x00\x00\x00",
        "РР473124829",
        "{{ 7*7 }}123456",
    ],
)
def test_hostile_numbers_change_nothing_and_come_back_as_words(client, order, number):
    ret = opened(client, order)

    answer = tell(client, ret, number, "<img src=x onerror=alert(1)>")

    page = answer.content.decode()
    assert answer.status_code in (302, 400)
    assert Parcel.objects.exclude(tracking_number="").count() == 0
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_a_hostile_carrier_name_makes_no_link_and_no_markup(client, order):
    ret = opened(client, order)

    tell(client, ret, NUMBER, 'DHL"><script>alert(1)</script> javascript:alert(1)')

    page = client.get(f"/brina/r/{ret.link_token}/").content.decode()
    assert "<script>alert" not in page
    assert len(own_parcel(ret).carrier_name) <= 60
    links = re.findall(r'href="(https?://[^"]+)"', page)
    assert all(link.startswith("https://www.dhl.de/") for link in links)


def test_the_number_of_another_return_is_refused_next_to_the_box(client, new_client, order):
    first = opened(client, order)
    tell(client, first)
    other = make_order(order.brand)
    stranger = new_client()
    up_to_how(stranger, other)
    stranger.post("/brina/how/", {"method": "self_sent", "refund": "money"})
    walk.confirm(stranger, other)
    second = Return.objects.exclude(pk=first.pk).get()

    answer = tell(stranger, second)

    assert answer.status_code == 400
    assert "belongs to another parcel" in text(answer)
    assert f'value="{NUMBER}"' in text(answer)


def test_a_connected_carrier_is_offered_first_and_asked(client, order):
    account = make_carrier_account(abilities=["track"], name="Our secret contract 12")
    ret = opened(client, order)
    page = text(client.get(f"/brina/r/{ret.link_token}/"))
    assert "Our secret contract" not in page
    assert '<datalist id="carriers"><option value="Sandbox carrier">' in page

    tell(client, ret, NUMBER, "sandbox")

    assert own_parcel(ret).watched_by == account


def test_after_the_first_scan_the_number_stands(client, order):
    from rientro.flows.mark_sent import mark_sent
    from tests.makers import NOW

    ret = opened(client, order)
    tell(client, ret)
    mark_sent(ret=ret, actor="member:1", now=NOW)

    answer = tell(client, ret, "RR473124830IT")

    assert answer.status_code == 409
    assert own_parcel(ret).tracking_number == NUMBER
    page = text(client.get(f"/brina/r/{ret.link_token}/"))
    assert "Save the number" not in page
    assert NUMBER in page


def test_the_sheet_names_the_shop_and_nobody_else(client, order):
    ret = opened(client, order)

    answer = client.get(f"/brina/r/{ret.link_token}/slip")

    said = words(answer.content)
    assert answer["Content-Disposition"] == f'attachment; filename="{ret.number}-slip.pdf"'
    assert scanned(answer.content) == [("Code128", ret.number)] * 2
    assert "Via Tortona 27" in said
    assert "Merino scarf" in said
    assert "Giulia" not in said
    assert "Moncalieri" not in said


def test_a_return_with_a_label_of_ours_has_neither_sheet_nor_box(client, order):
    make_carrier_account()
    walk.up_to_check(client, order)
    walk.confirm(client, order)
    ret = Return.objects.get()

    assert client.get(f"/brina/r/{ret.link_token}/slip").status_code == 404
    assert tell(client, ret).status_code == 404
    assert Parcel.objects.exclude(tracking_number="").count() == 0


def test_a_stranger_without_the_link_gets_nothing(client, order):
    opened(client, order)
    wrong = "x" * 43

    assert client.get(f"/brina/r/{wrong}/slip").status_code == 404
    assert client.post(f"/brina/r/{wrong}/number/", {"own_number": NUMBER}).status_code == 404
