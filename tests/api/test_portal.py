"""Version 2's return portal, called as its clients call it: settings, look-up, return, label."""

import json
from datetime import timedelta

import jwt
import pytest

from rientro.api.ids import parcel_id
from rientro.kit.tenancy import merchant_transaction
from rientro.models import Label, Return, StoredDocument
from tests import makers
from tests.api.checking import checked
from tests.kit.test_images import picture

pytestmark = pytest.mark.django_db(transaction=True)
FROM = {
    "from_name": "Giulia Ferrero",
    "from_address_1": "Corso Moncalieri",
    "from_house_number": "14",
    "from_city": "Torino",
    "from_postal_code": "10131",
    "from_country": "IT",
    "from_country_state": "IT-TO",
    "from_email": "g@example.test",
}
SECRETS = ["Giulia", "Ferrero", "Moncalieri", "example.test", "5550101", "Torino"]


@pytest.fixture
def shop(db):
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        makers.make_carrier_account(name="Contract 0815, ask Eva")
        brand = makers.make_brand(slug="brina", portal={"in_store": True, "fee_minor": 490})
        makers.make_address(brand, label="Milano")
        makers.make_address(brand, label="Brera", is_store=True, is_return=False)
        order = makers.make_order(brand, number="BR-10482")
        order.merchant = merchant
        return order


def portal(path=""):
    return f"/api/v2/brand/brina/return-portal{path}"


def look_up(client, identifier="BR-10482", postal_code="10131", **extra):
    query = {"identifier": identifier, "postal_code": postal_code}
    return client.get(portal("/outgoing"), query, **extra)


def send(client, order, token, *, slash="", **changes):
    body = {
        "outgoing_parcel": parcel_id("order", order.pk),
        "products": [{"product_id": str(order.line), "quantity": 1, "value": "46.00"}],
        "incoming_parcel": {"collo_count": 0, **FROM},
        "refund": {"refund_type": {"code": "money"}, "message": ""},
        "delivery_option": "drop_off_point",
    } | changes
    return client.post(
        portal("/incoming") + slash,
        json.dumps(body),
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {token}",
    )


@pytest.fixture
def order(shop):
    with merchant_transaction(shop.merchant.pk):
        shop.line = shop.lines.get().pk
    return shop


def test_the_settings_say_what_the_portal_offers_in_its_language(client, order):
    answer = checked(client.get(portal() + "/?language=it-IT"), "v2_get_return_portal")

    told = answer["portal"]
    assert [reason["description"] for reason in told["reasons"]] == ["Troppo piccolo", "Difettoso"]
    assert told["delivery_options"] == ["drop_off_point", "in_store"]
    assert (told["return_fee"], told["return_fee_currency"]) == ("4.90", "EUR")
    assert [place["senderaddress_labels"] for place in answer["return_locations"]] == [["Brera"]]
    assert told["brand"]["domain"] == "brina"


def test_an_unknown_brand_has_no_portal(client, order):
    answer = client.get("/api/v2/brand/nobody/return-portal")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "return_portal_not_found"


def test_a_never_shipped_order_is_a_parcel_with_a_stable_id(client, order):
    first = checked(look_up(client), "v2_get_outgoing_parcel")
    again = checked(look_up(client, "#br 10482", "101 31"), "v2_get_outgoing_parcel")

    assert first["data"]["parcel"]["id"] == parcel_id("order", order.pk) > 0
    assert again["data"]["parcel"]["id"] == first["data"]["parcel"]["id"]
    product = first["data"]["products"][0]
    assert (product["id"], product["price"], product["quantity"]) == (str(order.line), "46.00", 2)
    assert first["data"]["carriers"] == [
        {"code": "sandbox", "name": "Sandbox carrier", "logo": {"full": "", "icon": ""}}
    ]


def test_the_look_up_tells_nothing_personal(client, order):
    text = look_up(client).content.decode()

    assert [secret for secret in SECRETS if secret in text] == []


def test_compatible_look_up_tells_what_sendcloud_tells(client, order):
    with merchant_transaction(order.merchant.pk):
        order.brand.portal_settings.update(compatible_lookup=True)

    parcel = checked(look_up(client), "v2_get_outgoing_parcel")["data"]["parcel"]

    assert (parcel["name"], parcel["email"]) == ("Giulia Ferrero", "giulia.ferrero@example.test")
    assert parcel["address_divided"] == {"street": "Corso Moncalieri", "house_number": "14"}
    assert parcel["country"] == {"iso_2": "IT", "iso_3": "ITA", "name": "Italy"}


def test_every_kind_of_miss_is_one_answer(client, order):
    other = makers.make_merchant()
    with merchant_transaction(other.pk):
        theirs = makers.make_order(number="BR-777", postal_code="50100")
    with merchant_transaction(order.merchant.pk):
        gone = makers.make_order(order.brand, number="BR-888", redacted_at=makers.NOW)

    answers = {
        (answer.status_code, answer.content)
        for answer in (
            look_up(client, "BR-404"),
            look_up(client, postal_code="99999"),
            look_up(client, theirs.number, "50100"),
            look_up(client, gone.number),
        )
    }

    assert len(answers) == 1
    status, body = answers.pop()
    assert (status, json.loads(body)["error"]["code"]) == (404, "order_not_found")


def test_guessing_ends_with_429_and_a_forged_header_changes_nothing(client, order):
    answers = [
        look_up(client, postal_code=str(10000 + n), HTTP_X_FORWARDED_FOR=f"10.0.{n}.1")
        for n in range(12)
    ]

    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) > 0
    assert answers[-1].content == b""


def test_a_look_up_without_postal_code_says_so(client, order):
    answer = look_up(client, postal_code="")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_postal_code")


def test_the_switch_that_is_off_refuses_and_says_why(client, order):
    with merchant_transaction(order.merchant.pk):
        order.brand.portal_settings.update(allow_without_outbound=False)

    answer = look_up(client)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "order_not_returnable")


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_return_is_made_and_its_label_is_polled_and_downloaded(client, order, slash):
    token = look_up(client).json()["access_token"]

    made = checked(send(client, order, token, slash=slash), "v2_create_incoming_return")

    assert made["poller_url"].startswith("http://testserver/api/v2/brand/brina/")
    waiting = client.get(made["poller_url"])
    checked(waiting, "v2_poll_portal_label")
    assert waiting.status_code == 202
    with merchant_transaction(order.merchant.pk):
        ret = Return.objects.get(pk=made["return"])
        assert (ret.from_state, ret.approval, ret.refund_minor) == ("TO", "approved", 4110)
        _give_label(ret)
    ready = checked(client.get(made["poller_url"]), "v2_poll_portal_label")
    assert ready["tracking_numbers"] == ["TST1"]
    pdf = client.get(ready["download_url"])
    assert (pdf.status_code, pdf["Content-Type"], pdf.content[:4]) == (
        200,
        "application/pdf",
        b"%PDF",
    )
    assert pdf["Content-Disposition"] == f'attachment; filename="{ret.number}.pdf"'


def test_a_carrier_can_put_nothing_into_the_header_of_a_download(client, order):
    made = send(client, order, look_up(client).json()["access_token"]).json()
    with merchant_transaction(order.merchant.pk):
        _give_label(Return.objects.get(pk=made["return"]))
        Label.objects.update(tracking_number='T"\r\nSet-Cookie: a=b')

    ready = client.get(made["poller_url"]).json()

    assert client.get(ready["download_url"]).status_code == 200


def _give_label(ret):
    parcel = ret.parcels.get()
    purchase = parcel.purchases.get()
    document = StoredDocument.objects.keep(b"%PDF-1.7 label", content_type="application/pdf")
    Label.objects.create(
        parcel=parcel,
        purchase=purchase,
        carrier_reference="x",
        tracking_number="TST1",
        price_minor=490,
        currency="EUR",
        pdf_a4=document,
        pdf_a6=document,
        bought_at=makers.NOW,
    )


def test_the_same_token_makes_one_return_however_often_it_is_sent(client, order):
    token = look_up(client).json()["access_token"]

    made = {send(client, order, token).json()["return"] for _ in range(3)}

    assert len(made) == 1
    with merchant_transaction(order.merchant.pk):
        assert Return.objects.count() == 1
        assert order.lines.get().returned_quantity == 1


def test_a_return_to_a_store_has_a_parcel_id_and_needs_no_label(client, order):
    token = look_up(client).json()["access_token"]

    made = checked(
        send(client, order, token, delivery_option="in_store", incoming_parcel={}),
        "v2_create_incoming_return",
    )

    assert made["incoming_parcels"] == [parcel_id("return", made["return"])]
    ready = checked(client.get(made["poller_url"]), "v2_poll_portal_label")
    assert ready["tracking_numbers"] == []


@pytest.mark.parametrize(
    ("case", "changes", "says"),
    [
        ("no products", {"products": []}, "products"),
        ("a word for a number", {"products": [{"product_id": "x", "quantity": 1}]}, "product_id"),
        ("another order's parcel", {"outgoing_parcel": 4}, "outgoing_parcel"),
        ("a reason of nobody", {"reason": 999999}, "return_reason"),
        ("no street", {"incoming_parcel": {"from_name": "x"}}, "address"),
        (
            "a refund that is not offered",
            {"refund": {"refund_type": {"code": "exchange"}}},
            "refund",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_words(case, changes, says, client, order):
    token = look_up(client).json()["access_token"]

    answer = send(client, order, token, **changes)

    checked(answer, "v2_create_incoming_return")
    assert answer.status_code in (400, 409)
    assert says in answer.json()["error"]["message"]


def test_more_than_was_bought_is_refused(client, order):
    token = look_up(client).json()["access_token"]

    answer = send(client, order, token, products=[{"product_id": order.line, "quantity": 3}])

    assert answer.status_code == 409


def test_forged_and_foreign_tokens_open_nothing(client, order):
    token = look_up(client).json()["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    other = makers.make_merchant()
    with merchant_transaction(other.pk):
        makers.make_brand(slug="other")
    forged = [
        jwt.encode(claims, "x" * 32, algorithm="HS256"),
        jwt.encode(claims, "", algorithm="none"),
        token[:-2],
        "",
        "a.b.c",
    ]

    assert {send(client, order, one).status_code for one in forged} == {401}
    at_another_brand = client.post(
        "/api/v2/brand/other/return-portal/incoming",
        "{}",
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {token}",
    )
    assert at_another_brand.status_code == 401
    assert client.get(portal("/label/polling"), {"token": token}).status_code == 401


def test_a_token_lives_a_quarter_of_an_hour(client, order, time_machine):
    token = look_up(client).json()["access_token"]

    from rientro.kit import clock

    time_machine.move_to(clock.now() + timedelta(minutes=16))

    assert send(client, order, token).status_code == 401


def test_a_picture_travels_with_the_return(client, order):
    import io

    token = look_up(client).json()["access_token"]
    file = io.BytesIO(picture("JPEG"))
    file.name = "damage.jpg"
    told = client.post(portal("/images"), {"image": file}, HTTP_AUTHORIZATION=f"Bearer {token}")
    uploaded = checked(told, "v2_upload_return_image")["uploaded_image"]

    made = send(
        client,
        order,
        token,
        images=[{"uploaded_image": uploaded, "product_id": str(order.line), "description": "x"}],
    )

    with merchant_transaction(order.merchant.pk):
        photos = Return.objects.get(pk=made.json()["return"]).items.get().photos
    assert [f"document:{photo}" for photo in photos] == [uploaded]


def test_a_picture_is_told_to_the_shops_client_and_to_nobody_else(client, order):
    import io

    from rientro.flows.mint_api_key import mint_api_key
    from tests.api.conftest import basic

    token = look_up(client).json()["access_token"]
    file = io.BytesIO(picture("JPEG"))
    file.name = "damage.jpg"
    told = client.post(portal("/images"), {"image": file}, HTTP_AUTHORIZATION=f"Bearer {token}")
    image = {"uploaded_image": told.json()["uploaded_image"], "product_id": str(order.line)}
    number = send(client, order, token, images=[image]).json()["return"]
    with merchant_transaction(order.merchant.pk):
        minted = mint_api_key(integration=order.integration, actor="x", now=makers.NOW)
        other = mint_api_key(integration=makers.make_integration(), actor="x", now=makers.NOW)
    mine = {"HTTP_AUTHORIZATION": basic(minted.public_key, minted.secret_key)}
    sisters = {"HTTP_AUTHORIZATION": basic(other.public_key, other.secret_key)}

    v2 = checked(client.get(f"/api/v2/returns/{number}", **mine), "v2_get_return")["images"]
    v3 = checked(client.get(f"/api/v3/returns/{number}", **mine), "v3_get_return")["images"]

    assert v2 == v3
    assert v2[0]["product_id"] == str(order.line)
    path = "/" + v2[0]["uploaded_image"].split("/", 3)[3]
    got = client.get(path, **mine)
    assert (got.status_code, got["Content-Type"].split("/")[0]) == (200, "image")
    assert client.get(path, **sisters).status_code == 404
    assert client.get(f"{path}9", **mine).status_code == 404
