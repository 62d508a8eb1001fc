"""The sandbox carrier runs once for this room; each test is a customer of its own."""

import pytest

from rientro.carriers.base import Address, LabelRequest, ParcelSize
from rientro.carriers.sandbox import Sandbox
from tests.sandbox import Customer, customer, sandbox_process

__all__ = ["customer", "sandbox_process"]

SHOPPER = Address(
    name="Giulia Ferrero",
    street="Corso Moncalieri",
    house_number="14",
    postal_code="10131",
    city="Torino",
    country="IT",
)
MERCHANT = Address(
    name="",
    company="Sartoria Brina S.r.l.",
    street="Via Tortona 27",
    postal_code="20144",
    city="Milano",
    country="IT",
)


def label_request(reference: str = "R-1", **changes: object) -> LabelRequest:
    words = {
        "reference": reference,
        "sender": SHOPPER,
        "receiver": MERCHANT,
        "parcel": ParcelSize(weight_g=1200),
        "service": "sandbox_return",
    }
    return LabelRequest(**words | changes)


@pytest.fixture
def carrier(customer: Customer) -> Sandbox:
    return Sandbox(customer.credentials, customer.settings)
