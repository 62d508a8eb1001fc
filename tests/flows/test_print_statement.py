from datetime import UTC, date, datetime

import pypdfium2
import pytest

from rientro.flows.buy_label import buy_label
from rientro.flows.print_statement import print_statement
from rientro.flows.request_void import request_void
from rientro.flows.void_label import void_label
from rientro.models import Label
from rientro.models.purchasing import intend_label
from tests.makers import make_carrier_account, make_order, make_return

NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


def text_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


@pytest.mark.parametrize(("language", "words"), [("en", "November 2026"), ("it", "novembre 2026")])
def test_the_pdf_says_what_was_bought_and_credited(merchant, depot, language, words):
    make_carrier_account(carrier="scripted")
    for number in ("R-1", "R-2"):
        ret = make_return(make_order(created_at=NOON), number=number)
        buy_label(purchase=intend_label(ret, at=NOON), now=NOON)
    label = Label.objects.get(parcel__ret__number="R-2")
    asked = request_void(label=label, actor="member:1", now=NOON)
    void_label(label=asked, now=NOON)

    text = text_of(
        print_statement(merchant=merchant, month=date(2026, 11, 1), language=language, now=NOON)
    )

    assert words in text
    assert all(word in text for word in (merchant.name, "R-1", "R-2", "SC000000001"))


def test_a_month_with_nothing_is_a_statement_as_well(merchant):
    pdf = print_statement(merchant=merchant, month=date(2026, 11, 1), language="en", now=NOON)

    assert pdf.startswith(b"%PDF-")
