"""Each shop system with its fake, and how the form that connects it is filled: what every adapter is held to."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.shops.fakes.magento import Magento
from tests.shops.fakes.medusa import FakeMedusa
from tests.shops.fakes.prestashop import FakePrestaShop
from tests.shops.fakes.shop import FakeShop
from tests.shops.fakes.shopify import FakeShopify
from tests.shops.fakes.shopware import FakeShopware
from tests.shops.fakes.woocommerce import FakeWooCommerce

Form = tuple[dict[str, str], dict[str, str]]  # credentials, settings


@dataclass(frozen=True)
class Filled:
    """``fake`` makes a shop with its clock and its keys; ``form`` says what a merchant would type for it."""

    fake: Callable[[], FakeShop]
    form: Callable[[FakeShop], Form]


FILLED: dict[str, Filled] = {
    "magento": Filled(Magento, lambda fake: (fake.credentials, {})),
    "medusa": Filled(FakeMedusa, lambda fake: (fake.credentials, {})),
    "prestashop": Filled(FakePrestaShop, lambda fake: (fake.credentials, {})),
    "shopify": Filled(
        FakeShopify,
        lambda fake: (
            {name: fake.credentials[name] for name in ("client_id", "client_secret")},
            {},
        ),
    ),
    "shopware": Filled(FakeShopware, lambda fake: (fake.credentials, {})),
    "woocommerce": Filled(FakeWooCommerce, lambda fake: (fake.credentials, {})),
}
