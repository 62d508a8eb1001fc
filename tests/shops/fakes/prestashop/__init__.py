"""A PrestaShop with its webservice, as its documentation and its source describe it."""

from tests.shops.fakes.prestashop.shop import FakePrestaShop

__all__ = ["FakePrestaShop"]
