"""Two members change settings at one moment: there is still one default, and no code twice."""

import pytest

from rientro.flows.save_address import AddressFacts, save_address
from rientro.flows.save_reasons import ReasonFacts, save_reasons
from rientro.flows.set_default_address import set_default_address
from rientro.kit.tenancy import merchant_transaction
from rientro.models import ReturnReason, SenderAddress
from tests import makers
from tests.flows.test_races import together
from tests.flows.test_settings import PLACE, WHO

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


@pytest.fixture
def merchant(db):
    return makers.make_merchant()


def test_many_first_addresses_make_one_default(merchant):
    def save(number):
        with merchant_transaction(merchant.pk):
            facts = AddressFacts(fields=PLACE | {"label": f"Lager {number}"}, brand=None)
            save_address(address=None, facts=facts, make_default=number % 2 == 0, **WHO)

    together(save, THREADS)

    with merchant_transaction(merchant.pk):
        assert SenderAddress.objects.count() == THREADS
        assert SenderAddress.objects.filter(is_default=True).count() == 1


def test_many_choices_of_a_default_leave_one(merchant):
    with merchant_transaction(merchant.pk):
        places = [makers.make_address(label=str(number)) for number in range(THREADS)]

    def choose(number):
        with merchant_transaction(merchant.pk):
            set_default_address(address=places[number], **WHO)

    together(choose, THREADS)

    with merchant_transaction(merchant.pk):
        assert SenderAddress.objects.filter(is_default=True).count() == 1


def test_the_same_new_reason_written_by_many_is_one(merchant):
    with merchant_transaction(merchant.pk):
        brand = makers.make_brand()

    def save(number):
        with merchant_transaction(merchant.pk):
            facts = [ReasonFacts(code="late", labels={"en": f"Late {number}"})]
            save_reasons(brand=brand, reasons=facts, **WHO)

    together(save, THREADS)

    with merchant_transaction(merchant.pk):
        assert ReturnReason.objects.filter(brand=brand, code="late").count() == 1
