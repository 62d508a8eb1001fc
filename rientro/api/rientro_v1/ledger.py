"""/api/rientro/v1/ledger: the books, entry by entry, and what they come to."""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse

from rientro.api.describe import INTEGER, MOMENT, STRING, many, maybe, named, one_of, record
from rientro.api.door import Call, json_response, methods
from rientro.api.operations import Param, operation
from rientro.api.rientro_v1.common import (
    AMOUNT,
    CURSOR,
    LIMIT,
    amount,
    moment,
    page_of,
    page_schema,
    query_choice,
    query_moment,
    query_text,
    return_named,
    returns_of,
)
from rientro.api.rientro_v1.schemas import UUID
from rientro.models import LedgerEntry
from rientro.models.ledger import MERCHANT, sums_of

STATES = list(LedgerEntry.State.values)
ENTRY = named(
    "BookEntry",
    record(
        {
            "id": INTEGER,
            "key": STRING,
            "subject": STRING,
            "state": one_of(*STATES),
            "debit": STRING,
            "credit": STRING,
            "amount": AMOUNT,
            "currency": STRING,
            "return": maybe(record({"id": UUID, "number": STRING})),
            "happened_at": MOMENT,
        }
    ),
)
SUM = record(
    {
        "currency": STRING,
        "labels_bought": INTEGER,
        "labels": AMOUNT,
        "labels_credited": INTEGER,
        "credits": AMOUNT,
        "due_to_carriers": AMOUNT,
        "set_aside": AMOUNT,
        "refunds_paid": INTEGER,
        "refunds": AMOUNT,
    }
)
TOTALS = named("BookTotals", record({"data": many(SUM)}))
WHEN = {"type": "string", "format": "date-time"}
FILTERS = (
    Param(name="from", about="at this moment or later", schema=WHEN),
    Param(name="to", about="before this moment", schema=WHEN),
    Param(name="return", about="a return's number or id"),
)


@operation(
    "rientro_list_ledger",
    "Ledger",
    scope="read:ledger",
    query=(
        *FILTERS,
        Param(name="state", schema={"type": "string", "enum": STATES}),
        LIMIT,
        CURSOR,
    ),
    answers={200: named("BookPage", page_schema(ENTRY)), 400: "Problem", 404: "Problem"},
)
@transaction.atomic
def _list(call: Call) -> HttpResponse:
    """The entries of the books, newest first. None is ever changed.

    Each is one transfer: ``amount`` leaves ``debit`` and reaches ``credit``. A label is *pending* at the price that
    was quoted, then *posted* at what the carrier billed, or *voided* when nothing was bought; a label that was given
    back is posted once more, the other way. Entries of one ``subject`` belong together.
    """
    rows = _filtered(call)
    if state := query_choice(call.request, "state", STATES):
        rows = rows.filter(state=state)
    return json_response(page_of(call, rows.select_related("ret"), _out))


@operation(
    "rientro_sum_ledger",
    "Ledger",
    scope="read:ledger",
    query=FILTERS,
    answers={200: TOTALS, 400: "Problem", 404: "Problem"},
)
@transaction.atomic
def _totals(call: Call) -> HttpResponse:
    """What the entries come to, in each currency.

    ``due_to_carriers`` is what labels cost less what was credited. ``set_aside`` is quoted for labels that are being
    bought; it counts entries of the period that nothing has settled until now.
    """
    told = [
        {
            "currency": row.currency,
            "labels_bought": row.labels,
            "labels": amount(row.labels_minor, row.currency),
            "labels_credited": row.credits,
            "credits": amount(row.credits_minor, row.currency),
            "due_to_carriers": amount(row.labels_minor - row.credits_minor, row.currency),
            "set_aside": amount(row.set_aside_minor, row.currency),
            "refunds_paid": row.refunds,
            "refunds": amount(row.refunds_minor, row.currency),
        }
        for row in sums_of(_filtered(call))
    ]
    return json_response({"data": told})


def _filtered(call: Call) -> QuerySet[LedgerEntry]:
    request, caller = call.request, call.caller
    rows: QuerySet[LedgerEntry] = caller.integration.merchant.ledger.all()
    if caller.integration.merchant.agency_id is not None:
        # What the agency owes the carriers is the agency's.
        rows = rows.filter(Q(debit=MERCHANT) | Q(credit=MERCHANT))
    if not caller.every_shop:
        rows = rows.filter(ret__order__integration=caller.integration.pk)
    if (start := query_moment(request, "from")) is not None:
        rows = rows.filter(happened_at__gte=start)
    if (end := query_moment(request, "to")) is not None:
        rows = rows.filter(happened_at__lt=end)
    if reference := query_text(request, "return"):
        rows = rows.filter(ret=return_named(returns_of(call), reference).pk)
    return rows


def _out(entry: LedgerEntry) -> dict[str, Any]:
    ret = entry.ret
    return {
        "id": entry.pk,
        "key": entry.key,
        "subject": entry.subject,
        "state": entry.state,
        "debit": entry.debit,
        "credit": entry.credit,
        "amount": amount(entry.amount_minor, entry.currency),
        "currency": entry.currency,
        "return": {"id": str(ret.public_id), "number": ret.number} if ret else None,
        "happened_at": moment(entry.happened_at),
    }


collection = methods(GET=_list)
totals = methods(GET=_totals)
