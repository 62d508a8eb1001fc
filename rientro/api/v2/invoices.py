"""/api/v2/user/invoices: one invoice a month with labels in it; importing orders is in none."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse

from rientro.api.describe import BOOLEAN, INTEGER, STRING, many, named, record
from rientro.api.door import Call, json_response, methods
from rientro.api.operations import operation
from rientro.api.v2.account import merchant_of
from rientro.kit.errors import Missing
from rientro.models import Merchant
from rientro.models.statement import months_with_charges, statement_of

KEYS = {
    "id": INTEGER,
    "ref": STRING,
    "type": STRING,
    "price_incl": STRING,
    "price_excl": STRING,
    "isPayed": BOOLEAN,
    "date": STRING,
}
INVOICES = named("Invoices", record({"invoices": many(record({**KEYS, "items": STRING}))}))
ITEM = record({"id": INTEGER, "name": STRING, "price": STRING, "date": STRING})
INVOICE = named("OneInvoice", record({"invoice": record({**KEYS, "items": many(ITEM)})}))


@operation("v2_list_invoices", "Invoices", scope="read:invoice", answers={200: INVOICES})
@transaction.atomic
def _list(call: Call) -> HttpResponse:
    """The months in which labels were bought or credited, newest first. The id is year and month: 202611."""
    merchant = merchant_of(call)
    return json_response(
        {
            "invoices": [
                {**_invoice_out(merchant, month), "items": _address(month)}
                for month in months_with_charges(merchant)
            ]
        }
    )


@operation(
    "v2_get_invoice", "Invoices", scope="read:invoice", answers={200: INVOICE, 404: "V2Error"}
)
@transaction.atomic
def _one(call: Call, invoice_id: str) -> HttpResponse:
    """One month with its labels; a credited one stands there with a negative price."""
    merchant = merchant_of(call)
    for month in months_with_charges(merchant):
        if _number(month) == int(invoice_id):
            return json_response({"invoice": _whole(merchant, month)})
    raise Missing("No Invoice matches the given query.")


def _whole(merchant: Merchant, month: date) -> dict[str, Any]:
    statement = statement_of(merchant, month)
    return {
        **_invoice_out(merchant, month),
        "items": [
            {
                "id": place,
                "name": f"{line.return_number} {line.tracking_number}".strip(),
                "price": str(line.amount.decimal()),
                "date": line.at.strftime("%d-%m-%Y %H:%M:%S"),
            }
            for place, line in enumerate(statement.lines, 1)
        ],
    }


def _invoice_out(merchant: Merchant, month: date) -> dict[str, Any]:
    # In the merchant's own currency; labels in another are items, and not added up with it.
    due = statement_of(merchant, month).totals[0].due
    return {
        "id": _number(month),
        "ref": f"{month:%Y-%m}",
        "type": "periodic",
        "price_incl": str(due.decimal()),
        "price_excl": str(due.decimal()),
        "isPayed": False,
        "date": month.strftime("%d-%m-%Y 00:00:00"),
    }


def _number(month: date) -> int:
    return month.year * 100 + month.month


def _address(month: date) -> str:
    return settings.BASE_URL + reverse("api:invoice", args=[_number(month)])


collection = methods(GET=_list)
single = methods(GET=_one)
