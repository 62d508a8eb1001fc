"""A month's statement as a PDF that an accountant can file."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from rientro.documents.statement import (
    StatementFacts,
    StatementLine,
    StatementSum,
    draw_statement,
)
from rientro.models.merchants import Merchant
from rientro.models.statement import Line, Statement, Sum, statement_of


def print_statement(*, merchant: Merchant, month: date, language: str, now: datetime) -> bytes:
    """The statement of the month that holds ``month``, in ``language``. Says what the page and the CSV say."""
    with transaction.atomic():
        statement = statement_of(merchant, month)
    today = now.astimezone(ZoneInfo(merchant.time_zone)).date()
    return draw_statement(_facts(statement, language, today))


def _facts(statement: Statement, language: str, today: date) -> StatementFacts:
    return StatementFacts(
        month=statement.month,
        merchant_name=statement.merchant_name,
        imports=statement.imports,
        totals=[_sum(total) for total in statement.totals],
        created_on=today,
        brands=[_sum(brand) for brand in statement.brands],
        lines=[_line(line) for line in statement.lines],
        language=language,
    )


def _sum(total: Sum) -> StatementSum:
    return StatementSum(
        name=total.name,
        labels=total.labels,
        labels_amount=total.labels_amount,
        credits=total.credits,
        credits_amount=total.credits_amount,
    )


def _line(line: Line) -> StatementLine:
    return StatementLine(
        on=line.at.date(),
        kind=line.kind,
        return_number=line.return_number,
        order_number=line.order_number,
        brand=line.brand,
        carrier=line.carrier,
        tracking_number=line.tracking_number,
        amount=line.amount,
    )
