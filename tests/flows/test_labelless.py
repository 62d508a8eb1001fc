"""Codes instead of labels: kept as they came, shown when they are harmless, and never bought twice."""

import io
from datetime import date

import pikepdf
import pytest
import segno
from PIL import Image
from zxingcpp import read_barcodes

from rientro.carriers.base import Can, InvalidRequest, OutcomeUnknown, Unavailable, Unsupported
from rientro.flows.buy_label import NotNow, buy_label
from rientro.flows.redact_order import redact_order
from rientro.flows.retry_label import retry_label
from rientro.flows.store_label import store_label
from rientro.flows.sweep_purchases import sweep_purchases
from rientro.host.sandbox_carrier.paper import pdf
from rientro.models import Event, Label, LabelPurchase, Return, StoredDocument
from rientro.models.printed import WISHED
from rientro.models.purchasing import intend_label
from tests.makers import NOW, make_carrier_account, make_return


def picture(kind="png"):
    out = io.BytesIO()
    segno.make_qr("CARRIER:42").save(out, kind=kind, scale=8, border=4)
    return out.getvalue()


@pytest.fixture
def account(merchant, depot):
    depot.can |= Can.LABELLESS
    depot.code = picture()
    return make_carrier_account(carrier="scripted", abilities=["labelless"])


def bought(**fields):
    ret = make_return(method="labelless", **fields)
    buy_label(purchase=intend_label(ret, at=NOW), now=NOW)
    return Label.objects.get()


def buy_the_rest():
    for purchase in LabelPurchase.objects.filter(status="buying"):
        buy_label(purchase=purchase, now=NOW)


def names(ret):
    return list(Event.objects.filter(ret=ret).order_by("pk").values_list("name", flat=True))


def test_a_code_is_asked_for_drawn_anew_and_kept(account, depot):
    stored = store_label(label=bought(), now=NOW)

    assert depot.requests[0].labelless is True
    assert stored.code.content_type == "image/png"
    assert bytes(stored.code.content) != depot.code
    shown = Image.open(io.BytesIO(bytes(stored.code.content)))
    assert [code.text for code in read_barcodes(shown)] == ["CARRIER:42"]
    assert stored.expires_on.isoformat() == "2027-01-31"
    assert stored.pdf_a4_id


def test_a_code_as_pdf_is_cleaned(account, depot):
    depot.code = pdf([(18, "CODE 42")])

    stored = store_label(label=bought(), now=NOW)

    assert stored.code.content_type == "application/pdf"
    with pikepdf.open(io.BytesIO(bytes(stored.code.content))) as opened:
        assert len(opened.pages) == 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', id="a drawing"),
        pytest.param(b"\x89PNG\r\n\x1a\n, then nothing", id="a broken picture"),
        pytest.param(b"%PDF-1.4 and no more", id="a broken pdf"),
        pytest.param(None, id="nothing"),
    ],
)
def test_a_code_that_is_none_is_said_to_be_missing_and_nothing_is_bought_again(
    account, depot, content
):
    depot.code = content
    label = bought()

    stored = store_label(label=label, now=NOW)
    sweep_purchases(now=NOW)
    buy_the_rest()

    assert stored.code_id is None
    assert stored.pdf_a4_id
    assert names(label.parcel.ret)[-2:] == ["return.code_missing", "return.label_stored"]
    assert depot.count() == 1


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html,x", "http://carrier.example/1", "https://" + "a" * 500],
)
def test_a_link_that_is_no_page_of_the_carrier_leads_nobody_anywhere(account, depot, link):
    depot.code_link = link

    assert bought().code_link == ""


def test_a_link_alone_is_enough(account, depot):
    depot.code, depot.code_link = None, "https://carrier.example/code/42"

    stored = store_label(label=bought(), now=NOW)

    assert stored.code_link == "https://carrier.example/code/42"
    assert "return.code_missing" not in names(stored.parcel.ret)


def test_with_its_code_a_parcel_needs_no_paper_that_only_its_carrier_may_draw(account, depot):
    depot.own_paper = True
    label = bought()

    stored = store_label(label=label, now=NOW)
    again = store_label(label=stored, now=NOW)

    assert stored.code_id
    assert stored.pdf_a6_id is None
    assert depot.fetched == 1
    assert again.code_id == stored.code_id
    assert names(label.parcel.ret).count("return.label_stored") == 1


@pytest.mark.parametrize("error", [InvalidRequest("No codes from here."), Unsupported("No codes.")])
def test_a_carrier_without_codes_sells_a_label_to_print_once(account, depot, error):
    depot.script = [error]
    ret = make_return(method="labelless")
    buy_label(purchase=intend_label(ret, at=NOW), now=NOW)

    buy_the_rest()

    ret = Return.objects.get(pk=ret.pk)
    assert (ret.method, ret.trace[WISHED], ret.carrier) == (
        "print_at_home",
        "labelless",
        "label_ready",
    )
    assert [request.labelless for request in depot.requests] == [True, False]
    assert [label.purchase.request["labelless"] for label in Label.objects.all()] == [False]
    assert depot.count() == 1
    assert "return.code_refused" in names(ret)
    assert "return.label_failed" not in names(ret)


def test_a_second_refusal_is_the_end(account, depot):
    depot.script = [InvalidRequest("This street is not known.")] * 2
    ret = make_return(method="labelless")
    buy_label(purchase=intend_label(ret, at=NOW), now=NOW)

    buy_the_rest()

    ret = Return.objects.get(pk=ret.pk)
    assert (ret.carrier, ret.carrier_problem) == ("failed", "This street is not known.")
    assert LabelPurchase.objects.filter(status="buying").count() == 0


def test_the_desk_may_ask_for_a_label_to_print(merchant, depot):
    depot.script = [InvalidRequest("No driver comes to this street.")]
    make_carrier_account(carrier="scripted", abilities=["pickup"])
    ret = make_return(method="pickup", pickup_on=date(2026, 11, 26))
    buy_label(purchase=intend_label(ret, at=NOW), now=NOW)
    assert Return.objects.get(pk=ret.pk).carrier == "failed"

    retry_label(ret=ret, actor="member:1", now=NOW, printed=True)
    buy_the_rest()

    ret.refresh_from_db()
    assert (ret.method, ret.pickup_on, ret.carrier) == ("print_at_home", None, "label_ready")
    assert [str(request.pickup_on) for request in depot.requests] == ["2026-11-26", "None"]


def test_a_pick_up_whose_day_has_passed_moves_to_the_next_working_day(merchant, depot):
    make_carrier_account(carrier="scripted", abilities=["pickup"])
    ret = make_return(method="pickup", pickup_on=date(2026, 11, 20))

    buy_label(purchase=intend_label(ret, at=NOW), now=NOW)

    assert depot.requests[0].pickup_on.isoformat() == "2026-11-25"
    moved = Event.objects.get(ret=ret, name="return.pickup_moved")
    assert (moved.facts["was"], moved.facts["day"]) == ("2026-11-20", "2026-11-25")


def test_a_carrier_that_can_say_no_beforehand_is_asked_before_anything_is_claimed(merchant, depot):
    depot.can |= Can.VALIDATE
    depot.validating = [InvalidRequest("There is no such street.")]
    make_carrier_account(carrier="scripted")
    ret = make_return()

    purchase = buy_label(purchase=intend_label(ret, at=NOW), now=NOW)

    assert (purchase.status, purchase.asked_at, purchase.attempts) == ("refused", None, 0)
    assert purchase.error_message == "There is no such street."
    assert depot.asked == []


@pytest.mark.parametrize("error", [Unavailable("Not now."), Unsupported("Not this."), None])
def test_a_carrier_that_cannot_say_beforehand_sells_all_the_same(merchant, depot, error):
    depot.can |= Can.VALIDATE
    depot.validating = [error] if error else []
    make_carrier_account(carrier="scripted")

    purchase = buy_label(purchase=intend_label(make_return(), at=NOW), now=NOW)

    assert purchase.status == "bought"
    assert depot.validated == 1


def test_what_was_asked_before_is_not_asked_about_again(merchant, depot):
    depot.can |= Can.VALIDATE
    depot.script = [(OutcomeUnknown("silence"), "after")]
    make_carrier_account(carrier="scripted")
    purchase = intend_label(make_return(), at=NOW)
    with pytest.raises(NotNow):
        buy_label(purchase=purchase, now=NOW)

    buy_label(purchase=purchase, now=NOW)

    assert (depot.validated, depot.count()) == (1, 1)


def test_the_carriers_own_paper_stands_unscaled_on_our_sheet(merchant, depot):
    depot.own_paper, depot.paper = True, pdf([(18, "CARRIER PAPER")])
    make_carrier_account(carrier="scripted")
    buy_label(purchase=intend_label(make_return(), at=NOW), now=NOW)

    stored = store_label(label=Label.objects.get(), now=NOW)

    with pikepdf.open(io.BytesIO(bytes(stored.pdf_a4.content))) as sheet:
        assert [float(side) for side in sheet.pages[0].mediabox[2:]] == pytest.approx(
            [595.3, 841.9], abs=0.5
        )
    with pikepdf.open(io.BytesIO(bytes(stored.pdf_a6.content))) as own:
        assert [float(side) for side in own.pages[0].mediabox[2:]] == [298, 420]


def test_nobody_draws_the_paper_of_a_carrier_that_draws_its_own(merchant, depot):
    depot.own_paper = True
    make_carrier_account(carrier="scripted")
    buy_label(purchase=intend_label(make_return(), at=NOW), now=NOW)

    with pytest.raises(Unavailable):
        store_label(label=Label.objects.get(), now=NOW)


def test_redaction_takes_the_codes_away(account, depot):
    label = store_label(label=bought(), now=NOW)
    ret = label.parcel.ret
    Return.objects.filter(pk=ret.pk).update(settlement="refunded", inspection="received")

    redact_order(order=ret.order, actor="member:1", now=NOW)

    label.refresh_from_db()
    assert (label.code_id, label.code_came_id, label.code_link) == (None, None, "")
    assert StoredDocument.objects.count() == 0
