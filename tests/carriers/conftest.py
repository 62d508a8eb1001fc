"""The sandbox carrier runs once for this room; each test is a customer of its own."""

from collections.abc import Iterator

import pytest

from rientro.carriers.base import Address, LabelRequest, ParcelSize
from rientro.carriers.sandbox import Sandbox
from tests.sandbox import Customer, SandboxProcess, running_sandbox

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


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as process:
        yield process


@pytest.fixture
def customer(sandbox_process: SandboxProcess) -> Customer:
    return sandbox_process.customer()


@pytest.fixture
def carrier(customer: Customer) -> Sandbox:
    return Sandbox(customer.credentials, customer.settings)
