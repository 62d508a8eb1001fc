"""What the return portal of version 2 says: the brand's words with their facts, and refusals by a word."""

import pytest

from rientro.kit.tenancy import merchant_transaction
from tests import makers
from tests.api.checking import checked

pytestmark = pytest.mark.django_db(transaction=True)
PORTAL = "/api/v2/brand/brina/return-portal"


@pytest.fixture
def brand(db):
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        made = makers.make_brand(slug="brina", languages=["en", "it", "de"])
        made.texts = {
            "en": {"number_example": "BR-1", "number_hint": "Like {{ number_example }}, {{ odd }}"}
        }
        made.save()
        makers.make_address(made, is_store=True, label="Brera")
    return made


@pytest.mark.parametrize(
    ("language", "hint", "money"),
    [
        ("en-GB", "Like BR-1, {{ odd }}", "Money back"),
        ("DE-de", "", "Geld zurück"),
        ("it", "", "Rimborso"),
    ],
)
def test_a_brands_words_name_facts_and_not_their_marks(language, hint, money, brand, client):
    answer = client.get(f"{PORTAL}?language={language}")

    portal = checked(answer, "v2_get_return_portal")["portal"]
    assert portal["layout"]["helper_text"] == hint
    assert portal["refund_options"][0]["label"] == money


def test_a_place_names_its_country_in_words(brand, client):
    told = checked(client.get(PORTAL), "v2_get_return_portal")

    assert [place["country_name"] for place in told["return_locations"]] == ["Italy"]


@pytest.mark.parametrize(
    ("method", "path", "word"),
    [
        ("GET", "/outgoing?identifier=x", "invalid_postal_code"),
        ("GET", "/outgoing?identifier=x&postal_code=1", "order_not_found"),
        ("POST", "/incoming", "invalid_token"),
        ("GET", "/label/polling?token=x", "invalid_token"),
        ("DELETE", "/incoming", "invalid_request"),
    ],
)
def test_the_portal_refuses_by_a_word_and_not_by_a_number(method, path, word, brand, client):
    answer = client.generic(method, f"{PORTAL}{path}", "{}", content_type="application/json")

    assert answer.status_code >= 400
    assert answer.json()["error"]["code"] == word
