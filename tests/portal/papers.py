"""A label as the carrier and the printer leave it, written straight into the tables."""

from rientro.models import Label, LabelPurchase, Parcel, Return, StoredDocument
from tests.makers import NOW, make_carrier_account


def make_label(ret: Return, tracking_number: str = "3SRNTR0048217765") -> Label:
    parcel = Parcel.objects.filter(ret=ret).first() or Parcel.objects.create(
        ret=ret, created_at=NOW, tracking_number=tracking_number
    )
    purchase = LabelPurchase.objects.filter(parcel=parcel).first()
    if purchase is None:
        account = make_carrier_account(is_default=False)
        purchase = LabelPurchase.objects.create(
            parcel=parcel, account=account, reference="ref-1", created_at=NOW
        )
    LabelPurchase.objects.filter(pk=purchase.pk).update(status="bought")
    paper = StoredDocument.objects.keep(b"%PDF-1.7 paper", content_type="application/pdf")
    return Label.objects.create(
        parcel=parcel,
        purchase=purchase,
        carrier_reference="c1",
        tracking_number=tracking_number,
        price_minor=495,
        currency="EUR",
        pdf_a4=paper,
        pdf_a6=paper,
        bought_at=NOW,
    )
