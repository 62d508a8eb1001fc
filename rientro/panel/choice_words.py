"""The labels of the tables' choices in the reader's language: the models know one language only."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# Named once more, so that translators find them; the label itself is the key.
LABELS = [
    # how it comes back, and how the money goes back
    gettext_noop("Print at home"),
    gettext_noop("Bring to a store"),
    gettext_noop("The shopper sends it"),
    gettext_noop("Show a code at the drop-off point"),
    gettext_noop("Fetched at the door"),
    gettext_noop("Original payment method"),
    gettext_noop("Store credit"),
    gettext_noop("Exchange"),
    # in what state it came, and where it goes
    gettext_noop("As new"),
    gettext_noop("Opened"),
    gettext_noop("Used"),
    gettext_noop("Damaged"),
    gettext_noop("Back to stock"),
    gettext_noop("Second choice"),
    gettext_noop("Repair"),
    gettext_noop("Scrap"),
    gettext_noop("Donate"),
    # who approves, who bears the cost
    gettext_noop("Approve automatically"),
    gettext_noop("Approve every return by hand"),
    gettext_noop("Approve by hand above a value"),
    gettext_noop("Shopper"),
    gettext_noop("Merchant"),
    gettext_noop("Carrier"),
    # where it was sold
    gettext_noop("Online"),
    gettext_noop("In a store"),
    gettext_noop("By phone"),
    gettext_noop("Marketplace"),
    # what members are, how headings look, what the books say
    gettext_noop("Owner"),
    gettext_noop("Admin"),
    gettext_noop("Returns desk"),
    gettext_noop("Warehouse"),
    gettext_noop("Read only"),
    gettext_noop("Sans"),
    gettext_noop("Serif headings"),
    gettext_noop("Pending"),
    gettext_noop("Posted"),
    gettext_noop("Voided"),
    # the words that rules are made of
    gettext_noop("integration"),
    gettext_noop("to country"),
    gettext_noop("postal code"),
    gettext_noop("SKU"),
    gettext_noop("item name"),
    gettext_noop("tag"),
    gettext_noop("order value"),
    gettext_noop("weight"),
    gettext_noop("sold"),
    gettext_noop("company name"),
    gettext_noop("order number"),
    gettext_noop("status in the shop"),
    gettext_noop("A whole code, its beginning, or two codes with a dash between"),
    gettext_noop("Of any item ordered"),
    gettext_noop("49.90 in the order's own currency, or 49.90 EUR for orders in euros only"),
    gettext_noop("1.5 kg or 800 g"),
    gettext_noop("is"),
    gettext_noop("is not"),
    gettext_noop("is one of"),
    gettext_noop("is none of"),
    gettext_noop("contains"),
    gettext_noop("does not contain"),
    gettext_noop("starts with"),
    gettext_noop("does not start with"),
    gettext_noop("ends with"),
    gettext_noop("is between"),
    gettext_noop("is not between"),
    gettext_noop("is exactly"),
    gettext_noop("is more than"),
    gettext_noop("is at least"),
    gettext_noop("is less than"),
    gettext_noop("is at most"),
    gettext_noop("is empty"),
    gettext_noop("is not empty"),
    gettext_noop("ship with address"),
    # and those that return rules have of their own
    gettext_noop("from country"),
    gettext_noop("reason"),
    gettext_noop("value of the items"),
    gettext_noop("quantity"),
    gettext_noop("days since delivery"),
    gettext_noop("tag of the order"),
    gettext_noop("49.90 EUR"),
    gettext_noop("the fee is"),
    gettext_noop("4.90 EUR; 0 for none. One fee per return: the highest of its items counts"),
    gettext_noop("refuse, and say"),
    gettext_noop("One plain sentence for the shopper"),
    gettext_noop("let a person look"),
    # and those that say who carries what
    gettext_noop("number of parcels"),
    gettext_noop("way back"),
    gettext_noop("brand"),
    gettext_noop("buy from"),
    gettext_noop("as service"),
    # what a brand may say in its own words
    gettext_noop("Portal, first page: the headline"),
    gettext_noop("Portal, first page: the sentence under the headline"),
    gettext_noop("Portal, first page: where to find the order number"),
    gettext_noop("An order number as an example"),
    gettext_noop("Last page and mails: how to pack the parcel"),
    gettext_noop("Mails: the line above the legal line"),
]


def choices_in_words(choices: Iterable[tuple[str, Any]]) -> list[tuple[str, str]]:
    """(value, label) pairs with their labels translated."""
    return [(value, _(str(label))) for value, label in choices]
