from datetime import UTC, date, datetime, timedelta

import pytest
from zxingcpp import read_barcodes

from rientro.carriers.base import Unavailable
from rientro.documents.carrier_pdf import CarrierPdfRefused, cleaned
from rientro.flows.buy_label import buy_label
from rientro.flows.store_label import store_label
from rientro.host.sandbox_carrier.paper import pdf
from rientro.models import Event, Label, Order, PortalSettings, StoredDocument
from rientro.models.purchasing import intend_label
from tests.documents.reading import words
from tests.flows import scripted
from tests.makers import NOW, make_brand, make_carrier_account, make_order, make_return


def bought(ret=None, **account):
    make_carrier_account(**{"carrier": "scripted"} | account)
    buy_label(purchase=intend_label(ret or make_return(), at=NOW), now=NOW)
    return Label.objects.get()


def barcodes_in(pdf):
    import pypdfium2

    document = pypdfium2.PdfDocument(bytes(pdf))
    page = document[0].render(scale=4).to_pil()
    found = sorted(code.text for code in read_barcodes(page))
    document.close()
    return found


def test_three_papers_are_drawn_and_kept(merchant, depot):
    stored = store_label(label=bought(), now=NOW)

    assert stored.tracking_number in barcodes_in(stored.pdf_a6.content)
    assert stored.tracking_number in barcodes_in(stored.pdf_a4.content)
    assert stored.tracking_number.encode() in bytes(stored.zpl.content)
    assert (stored.pdf_a6.content_type, stored.zpl.content_type) == (
        "application/pdf",
        "application/zpl",
    )
    assert Event.objects.filter(name="return.label_stored").count() == 1
    assert depot.fetched == 0


def test_the_outside_of_the_box_opens_nobodys_page(merchant, depot):
    label = bought()

    stored = store_label(label=label, now=NOW)

    assert set(barcodes_in(stored.pdf_a6.content)) == {
        label.tracking_number,
        label.purchase.reference,
    }


def test_a_lost_paper_is_drawn_again_and_not_bought_again(merchant, depot):
    first = store_label(label=bought(), now=NOW)
    was = bytes(first.pdf_a6.content)
    Label.objects.update(pdf_a6=None, pdf_a4=None, zpl=None)
    StoredDocument.objects.all().delete()

    again = store_label(label=first, now=NOW)

    assert bytes(again.pdf_a6.content) == was
    assert depot.count() == 1


def test_a_second_call_keeps_the_first_paper(merchant, depot):
    label = bought()
    first = store_label(label=label, now=NOW)

    again = store_label(label=label, now=NOW)

    assert again.pdf_a6_id == first.pdf_a6_id
    assert Event.objects.filter(name="return.label_stored").count() == 1


def test_a_carrier_that_insists_on_its_own_paper_is_asked_for_it(merchant, depot):
    depot.paper = pdf([(12, "their own")])
    label = bought(settings={"paper": "carrier"})

    stored = store_label(label=label, now=NOW)

    assert bytes(stored.pdf_a6.content) == cleaned(depot.paper)
    assert stored.zpl.content_type == "application/zpl"
    assert depot.count() == 1


def test_while_the_carriers_paper_cannot_be_had_the_label_stays_paid(merchant, depot, monkeypatch):
    label = bought(settings={"paper": "carrier"})

    def not_now(*_):
        raise Unavailable("Not reached.")

    monkeypatch.setattr(scripted.Scripted, "fetch_document", not_now)
    for minutes in (0, 6, 7):
        with pytest.raises(Unavailable):
            store_label(label=label, now=NOW + timedelta(minutes=minutes))

    label.refresh_from_db()
    assert (label.pdf_a6_id, label.purchase.status) == (None, "bought")
    assert Event.objects.filter(name="return.label_paper_missing").count() == 1


@pytest.mark.parametrize("paper", [b"<html>Sign in</html>", b"%PDF-1.4\n1 0 obj<<", b""])
def test_what_is_no_paper_is_not_kept(merchant, depot, paper):
    depot.paper = paper
    label = bought(settings={"paper": "carrier"})

    with pytest.raises(CarrierPdfRefused):
        store_label(label=label, now=NOW)

    assert StoredDocument.objects.count() == 0


def test_a_label_that_is_being_voided_gets_no_paper(merchant, depot):
    label = bought()
    Label.objects.update(void="requested")

    assert store_label(label=label, now=NOW).pdf_a6_id is None


def test_a_forgotten_shopper_gets_no_new_paper(merchant, depot):
    label = bought()
    Order.objects.update(redacted_at=NOW)

    assert store_label(label=label, now=NOW).pdf_a6_id is None


def test_hostile_words_reach_the_label_and_break_nothing(merchant, depot):
    brand = make_brand(name='^XA#"[$]\\')
    order = make_order(brand, lines=[{"name": "#set page(width: 1cm) ^FS \x07 🧣 *_$"}])
    ret = make_return(order, from_name='"; drop ^XZ', from_street="#include(1)")

    stored = store_label(label=bought(ret), now=NOW)

    assert stored.tracking_number in barcodes_in(stored.pdf_a6.content)


def test_a_parcel_from_abroad_names_the_country(merchant, depot):
    from rientro.flows.store_label import label_facts

    label = bought(make_return(from_country="DE", from_postal_code="10115", from_city="Berlin"))

    facts = label_facts(label, label.parcel.ret, None)

    assert facts.receiver[-1] == "ITALIEN"
    assert facts.sender[-1] == "GERMANIA"


def test_the_days_on_the_paper_are_the_merchants_and_the_portals(merchant, depot):
    """Late in the evening in London it is tomorrow in Rome already."""
    from rientro.flows.store_label import label_facts

    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    ret = make_return(approved_at=late)
    label = bought(ret)
    label.bought_at = late
    settings = PortalSettings.objects.get(brand=ret.brand)
    settings.label_valid_days = 14

    facts = label_facts(label, ret, settings)

    assert (facts.created_on, facts.hand_in_by) == (date(2026, 11, 25), date(2026, 12, 9))


def test_a_company_without_a_contact_is_named_once(merchant, depot):
    from rientro.flows.store_label import label_facts

    label = bought()

    assert label_facts(label, label.parcel.ret, None).receiver.count("Sartoria Brina S.r.l.") == 1


def test_customs_papers_are_kept_with_the_label(merchant, depot):
    ret = make_return(make_order(facts={"customs_invoice_nr": "INV-7"}), from_country="CH")

    stored = store_label(label=bought(ret), now=NOW)

    papers = {paper.kind: paper.document for paper in stored.customs_papers.all()}
    assert set(papers) == {"customs", "commercial_invoice", "cn23", "cn22"}
    assert {paper.content_type for paper in papers.values()} == {"application/pdf"}
    assert papers["cn23"].name == f"{stored.tracking_number}-cn23.pdf"
    said = words(bytes(papers["commercial_invoice"].content))
    for part in ["INV-7", "Giulia Ferrero", "SWITZERLAND", "46.00 EUR", "611710", ret.number]:
        assert part in said, part
    assert barcodes_in(papers["cn23"].content) == [stored.tracking_number]


def test_a_fee_is_no_part_of_what_goods_are_worth(merchant, depot):
    ret = make_return(from_country="CH", fee_minor=500, refund_minor=4100)

    stored = store_label(label=bought(ret), now=NOW)

    said = words(bytes(stored.customs_papers.get(kind="cn23").document.content))
    assert "46.00 EUR" in said
    assert "41.00" not in said


def test_inside_one_customs_territory_there_are_no_customs_papers(merchant, depot):
    assert not store_label(label=bought(), now=NOW).customs_papers.exists()
