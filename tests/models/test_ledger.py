import pytest
from django.db import DatabaseError, IntegrityError, transaction

from rientro.flows.buy_label import buy_label
from rientro.flows.request_void import request_void
from rientro.flows.void_label import void_label
from rientro.kit.money import Money
from rientro.models import Label, LedgerEntry
from rientro.models.ledger import balances, mismatches, owed_to_carrier, write_posted
from rientro.models.purchasing import intend_label
from tests.flows.conftest import depot  # noqa: F401  the scripted carrier
from tests.makers import NOW, make_carrier_account, make_return


@pytest.fixture
def purchase(merchant, depot):  # noqa: F811
    make_carrier_account(carrier="scripted")
    return buy_label(purchase=intend_label(make_return(), at=NOW), now=NOW)


def refused(act, error=DatabaseError):
    with pytest.raises(error), transaction.atomic():
        act()


def test_the_books_say_what_the_labels_say(purchase):
    assert mismatches() == []

    asked = request_void(label=Label.objects.get(), actor="member:1", now=NOW)
    void_label(label=asked, now=NOW)

    assert mismatches() == []
    assert set(balances().values()) == {0}


def test_a_label_without_its_entry_is_found(purchase):
    Label.objects.update(price_minor=1)

    assert mismatches() == [purchase.reference]


def test_an_entry_is_never_changed_and_never_deleted(purchase):
    refused(lambda: LedgerEntry.objects.update(amount_minor=1))
    refused(lambda: LedgerEntry.objects.all().delete())

    assert owed_to_carrier(purchase.account) == {"EUR": 490}


def test_the_same_thing_is_posted_once(purchase):
    refused(lambda: write_posted(purchase, Money(490, "EUR"), at=NOW), IntegrityError)


def test_money_moves_between_two_accounts_and_is_never_less_than_nothing(purchase):
    entry = LedgerEntry.objects.first()
    for changes in ({"debit": "x", "credit": "x"}, {"amount_minor": -1}):
        words = {"debit": "a", "credit": "b", "amount_minor": 1} | changes
        refused(
            lambda words=words: LedgerEntry.objects.create(
                key="k",
                subject="s",
                state="posted",
                currency="EUR",
                happened_at=NOW,
                purchase=entry.purchase,
                **words,
            ),
            IntegrityError,
        )


def test_a_parcel_has_one_live_label_and_one_live_purchase(purchase):
    label = Label.objects.get()
    label.pk = None
    refused(lambda: label.save(), IntegrityError)

    twin = Label.objects.get().purchase
    twin.pk, twin.reference = None, "another"
    refused(lambda: twin.save(), IntegrityError)


def test_a_purchase_moves_only_along_its_table(purchase):
    refused(lambda: type(purchase).objects.filter(pk=purchase.pk).update(status="buying"))
