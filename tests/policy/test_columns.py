"""Headings of six languages, and what is remembered of them."""

import pytest

from rientro.policy.columns import FIELDS, REASON, guess, missing, signature, tells_grams

ALL = [
    "number",
    "ordered_on",
    "street",
    "postal_code",
    "city",
    "country",
    "email",
    "quantity",
    "price",
]


@pytest.mark.parametrize(
    ("language", "headings"),
    [
        ("en", "Order number,Order date,Address 1,Postcode,City,Country,E-mail,Qty,Unit price"),
        ("it", "Numero ordine,Data ordine,Indirizzo,CAP,Città,Paese,Email,Quantità,Prezzo"),
        ("de", "Bestell-Nr.,Bestelldatum,Straße,PLZ,Ort,Land,E-Mail,Menge,Einzelpreis"),
        ("fr", "N° de commande,Date de commande,Adresse,Code postal,Ville,Pays,Courriel,Qté,Prix"),
        ("es", "Nº pedido,Fecha,Dirección,C.P.,Población,País,Correo electrónico,Cantidad,Precio"),
        ("nl", "Bestelnummer,Besteldatum,Adres,Postcode,Plaats,Land,E-mailadres,Aantal,Stukprijs"),
    ],
)
def test_headings_are_understood(language, headings):
    names = headings.split(",")

    assert guess(names) == dict(zip(ALL, names, strict=True))


def test_shopify_calls_the_number_its_name():
    headings = [
        "Name",
        "Email",
        "Created at",
        "Lineitem name",
        "Lineitem sku",
        "Shipping Name",
        "Id",
    ]

    assert guess(headings) == {
        "number": "Name",
        "email": "Email",
        "ordered_on": "Created at",
        "item_name": "Lineitem name",
        "sku": "Lineitem sku",
        "name": "Shipping Name",
    }


def test_a_shipping_address_wins_over_a_billing_one():
    found = guess(["Billing Street", "Shipping Street", "Billing Zip", "Shipping Zip"])

    assert found == {"street": "Shipping Street", "postal_code": "Shipping Zip"}


def test_one_name_is_better_than_two_halves():
    assert guess(["Nome cliente", "Nome", "Cognome"]) == {"name": "Nome cliente"}


def test_no_heading_is_taken_twice():
    headings = [word for field in FIELDS.values() for word in field.headings]

    found = guess(headings)

    assert len(set(found.values())) == len(found)


def test_the_same_kind_of_file_has_the_same_signature():
    assert signature(["Order", "E-Mail"]) == signature(["order ", "email", REASON])
    assert signature(["Order", "E-Mail"]) != signature(["E-Mail", "Order"])


def test_what_every_order_needs_is_named():
    assert missing({"number": "A"}) == ["Date of the order"]
    assert missing({"number": "A", "ordered_on": "B"}) == []


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("Weight (g)", True),
        ("Peso g", True),
        ("grams", True),
        ("Weight (kg)", False),
        ("Peso", False),
    ],
)
def test_a_column_may_say_that_it_holds_grams(heading, expected):
    assert tells_grams(heading) is expected
