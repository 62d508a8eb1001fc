"""The last day on the order's card says what it was counted from, in the reader's language."""

from datetime import date

import pytest
from django.utils import translation

from rientro.policy.terms import Terms
from rientro.policy.windows import OrderDates
from rientro.portal.words import counted
from tests import makers
from tests.portal.walk import look_up

MARCH = date(2026, 3, 2)
TERMS = Terms(window_days=30, fulfilment_buffer_days=5, order_buffer_days=10)


@pytest.mark.parametrize(
    ("dates", "until", "words"),
    [
        (
            OrderDates(ordered_on=MARCH, delivered_on=MARCH),
            date(2026, 4, 1),
            ("30 days from delivery", "30 giorni dalla consegna", "30 Tage ab Lieferung"),
        ),
        (
            OrderDates(ordered_on=MARCH, in_store=True),
            date(2026, 4, 1),
            ("30 days from the purchase", "30 giorni dall’acquisto", "30 Tage ab dem Kauf"),
        ),
        (
            OrderDates(ordered_on=MARCH, fulfilled_on=MARCH),
            date(2026, 4, 6),
            (
                "30 days from dispatch, and 5 for the way",
                "30 giorni dalla spedizione, più 5 per il viaggio",
                "30 Tage ab Versand, und 5 für den Weg",
            ),
        ),
        (
            OrderDates(ordered_on=MARCH),
            date(2026, 4, 11),
            (
                "30 days from the order, and 10 for the way",
                "30 giorni dall’ordine, più 10 per il viaggio",
                "30 Tage ab der Bestellung, und 10 für den Weg",
            ),
        ),
        (
            OrderDates(ordered_on=MARCH, delivered_on=MARCH),
            date(2026, 4, 2),
            (
                "by your legal right to withdraw",
                "per il tuo diritto di recesso",
                "nach deinem gesetzlichen Widerrufsrecht",
            ),
        ),
    ],
)
def test_the_last_day_says_what_it_is_counted_from(dates, until, words):
    said = []
    for language in ("en", "it", "de"):
        with translation.override(language):
            said.append(counted(dates, TERMS, until))

    assert tuple(said) == words


@pytest.mark.django_db
def test_a_purchase_in_a_store_was_neither_delivered_nor_ordered(client, merchant):
    brand = makers.make_brand(slug="brina")
    makers.make_order(
        brand, number="T-1", channel="store", ordered_at=makers.NOW, fulfilled_at=None
    )
    makers.make_order(brand, number="T-2", channel="store", ordered_at=makers.NOW)

    for number in ("T-1", "T-2"):
        page = look_up(client, "brina", number, "10131", follow=True).content.decode()

        assert "<dt>Bought</dt>" in page
        assert "30 days from the purchase" in page
        assert "Delivered" not in page


@pytest.mark.django_db
def test_the_page_for_stores_promises_days_from_the_purchase(client, merchant):
    makers.make_brand(slug="brina", texts={"en": {"find_lead": "30 days from delivery."}})

    page = client.get("/brina/?via=store").content.decode()

    assert "You have 30 days from the day you bought it." in page
    assert "from delivery" not in page
