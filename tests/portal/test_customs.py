"""A return across a customs border: the shopper is told why the label takes longer, then gets papers to print."""

import io

import pikepdf
import pytest

from rientro.documents.nup import merged
from rientro.models import CustomsPaper, Mail, Return, StoredDocument
from tests.makers import NOW, make_brand, make_carrier_account, make_order, make_return
from tests.portal import walk
from tests.portal.papers import make_label

pytestmark = pytest.mark.django_db
UNKNOWN = {"hs_code": "", "origin_country": "", "weight_g": 0}
SWISS = {"postal_code": "8001", "country": "CH", "city": "Zürich", "state": ""}
TYPED = walk.TYPED | {"postal_code": "8001", "city": "Zürich", "state": ""}


@pytest.fixture
def brand(merchant):
    return make_brand(slug="brina")


def sheet(text="x"):
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(100, 100))
    pdf.docinfo["/Title"] = text
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def make_papers(ret, **fields):
    label = make_label(ret)
    stored = StoredDocument.objects.keep(merged([sheet(), sheet()]), content_type="application/pdf")
    CustomsPaper.objects.create(label=label, kind="customs", document=stored)
    return label


def test_the_shopper_reads_that_the_shop_completes_the_papers(client, brand, jobs):
    make_carrier_account()
    order = make_order(brand, lines=[UNKNOWN], **SWISS)
    walk.up_to_check(client, order, address=TYPED, proof="8001")
    walk.confirm(client, order)

    done = client.get("/brina/done/").content.decode()
    ret = Return.objects.get()
    page = client.get(f"/brina/r/{ret.link_token}/").content.decode()

    assert "the shop still has to say a little about the items" in done
    assert "data-look-again" not in done
    assert "Your label comes as soon as the customs papers are ready." in done
    assert "Three things now" not in done  # there is nothing to hand in yet
    assert "The shop completes the customs papers" in page
    jobs.run()
    assert set(Mail.objects.values_list("kind", flat=True)) >= {"customs_wait"}


def test_papers_are_one_file_to_download(client, brand):
    ret = make_return(make_order(brand), carrier="label_ready")
    make_papers(ret)

    page = client.get(f"/brina/r/{ret.link_token}/").content.decode()
    got = client.get(f"/brina/r/{ret.link_token}/customs")

    assert f"/brina/r/{ret.link_token}/customs" in page
    assert (got.status_code, got["Content-Type"]) == (200, "application/pdf")
    assert got["Content-Disposition"] == f'attachment; filename="{ret.number}-customs.pdf"'
    with pikepdf.open(io.BytesIO(got.content)) as pdf:
        assert len(pdf.pages) == 2


def test_without_papers_the_page_says_nothing_of_customs(client, brand):
    ret = make_return(make_order(brand), carrier="label_ready")
    make_label(ret)

    assert "/customs" not in client.get(f"/brina/r/{ret.link_token}/").content.decode()
    assert client.get(f"/brina/r/{ret.link_token}/customs").status_code == 302


@pytest.mark.parametrize("gone", ["voided", "cancelled", "on the road"])
def test_papers_of_a_label_that_is_of_no_use_are_not_given_out(client, brand, gone):
    ret = make_return(make_order(brand), carrier="label_ready")
    label = make_papers(ret)
    if gone == "voided":
        label.void = "voided"
        label.voided_at = NOW
        label.save()
    elif gone == "cancelled":
        Return.objects.filter(pk=ret.pk).update(approval="cancelled", carrier="none")
    else:
        Return.objects.filter(pk=ret.pk).update(carrier="in_transit")

    assert client.get(f"/brina/r/{ret.link_token}/customs").status_code == 302


def test_another_brands_portal_has_no_such_papers(client, brand):
    make_brand(slug="other")
    ret = make_return(make_order(brand), carrier="label_ready")
    make_papers(ret)

    assert client.get(f"/other/r/{ret.link_token}/customs").status_code == 404
    assert client.get("/brina/r/nothing/customs").status_code == 404
