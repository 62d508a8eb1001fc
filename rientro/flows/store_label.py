"""The paper of a bought label: drawn or fetched after the purchase, as often as it takes, and kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel import Locale
from babel.languages import get_official_languages
from django.db import transaction

from rientro.carriers.base import LabelFormat, Unavailable, Unsupported
from rientro.carriers.registry import known, open_carrier
from rientro.documents.carrier_code import Code, safe_code
from rientro.documents.carrier_pdf import cleaned
from rientro.documents.customs import draw_customs
from rientro.documents.facts import LabelFacts, LabelItem
from rientro.documents.label import draw_label
from rientro.documents.own_paper import on_sheet
from rientro.kit.addresses import AddressFields, format_lines, shortened
from rientro.kit.crash_points import mark
from rientro.kit.crypto import unseal
from rientro.kit.errors import RientroError
from rientro.models.boxes import PAPERLESS, contents_of, place_of
from rientro.models.brands import Brand, PortalSettings
from rientro.models.customs import CustomsPaper
from rientro.models.declarations import declaration_of, keep_customs
from rientro.models.documents import StoredDocument
from rientro.models.events import Event
from rientro.models.parcels import Label
from rientro.models.pool_shelf import Shelf
from rientro.models.purchase_outcomes import UPLOAD
from rientro.models.returnable import day_of
from rientro.models.returns import Return, ReturnItem
from rientro.policy.declaration import Declaration
from rientro.policy.promises import hand_in_by

PDF, ZPL = "application/pdf", "application/zpl"
MISSING_AFTER = timedelta(minutes=5)
PICTURES = ("image/png", "image/jpeg")
ADDRESS = AddressFields.__dataclass_fields__.keys()


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What is to be kept; ``zpl`` is empty when a carrier's own paper comes as PDF only.

    A labelless parcel may have a code and no paper at all.
    """

    pdf_a6: bytes = b""
    pdf_a4: bytes = b""
    zpl: bytes = b""


def store_label(*, label: Label, now: datetime) -> Label:
    """Draw the paper of ``label`` (or fetch the carrier's own) and keep it; the label is paid already.

    Buys nothing, whatever is lost. Safe to repeat: a label that has its paper, is being voided, or whose order
    was redacted is left as it is. Raises CarrierError and CarrierPdfRefused while the carrier's own paper cannot
    be had; after five minutes without paper the desk is told, once. The code of a labelless parcel is made safe
    to show; one that cannot be read is said to be missing, and the paper must do.
    """
    label, facts, declaration = _facts(label)
    if facts is None:
        return label
    mark("store.read")
    try:
        papers = _carriers_own(label, facts, now=now) or _drawn(facts)
        customs = _drawn_customs(declaration) if declaration else {}
    except RientroError as error:
        _tell_missing(label, error, now=now)
        raise
    code = _code(label)
    mark("store.drawn")
    return _keep(label, papers, customs, code, now=now)


@transaction.atomic(durable=True)
def _facts(label: Label) -> tuple[Label, LabelFacts | None, Declaration | None]:
    """The label as it stands, and what its paper says; None when it needs no paper (any more)."""
    rows = Label.objects.select_related("parcel", "purchase__account", "code_came")
    label = rows.get(pk=label.pk)
    ret = Return.objects.select_related("order", "brand__logo", "merchant").get(
        pk=label.parcel.ret_id
    )
    if (
        label.pdf_a6_id
        or label.facts.get(PAPERLESS)
        or label.void != Label.Void.NONE
        or ret.order.redacted_at
    ):
        return label, None, None
    settings = PortalSettings.objects.filter(brand=ret.brand).first()
    carrier = known(label.purchase.account.carrier).name
    declaration = declaration_of(label, ret, carrier_name=carrier)
    return label, label_facts(label, ret, settings), declaration


def label_facts(label: Label, ret: Return, settings: PortalSettings | None) -> LabelFacts:
    """Everything the label of ``ret`` says, in the order of the lands it passes."""
    request, carrier = label.facts["request"], label.facts["carrier"]
    account, brand, zone = label.purchase.account, ret.brand, ret.merchant.time_zone
    items = list(ReturnItem.objects.filter(ret=ret).select_related("order_line").order_by("pk"))
    return LabelFacts(
        reference=label.purchase.reference,
        tracking_number=label.tracking_number,
        carrier_name=known(account.carrier).name,
        service_name=str(carrier.get("service_name") or label.purchase.service),
        sender=_lines(request["sender"], request["receiver"]["country"]),
        receiver=_lines(_named_once(request["receiver"]), request["sender"]["country"]),
        return_number=ret.number,
        order_number=ret.order.number,
        weight_g=label.parcel.weight_g,
        parcel=place_of(label.parcel, ret),
        created_on=day_of(label.bought_at, zone),
        items=[
            LabelItem(
                name=item.order_line.name,
                variant=item.order_line.variant,
                sku=item.order_line.sku,
                quantity=units,
            )
            for item, units in contents_of(label.parcel, items)
        ],
        language=ret.language,
        brand_name=brand.name,
        accent=brand.colour_accent,
        logo=_logo(brand),
        # The day that portal and mails say.
        hand_in_by=hand_in_by(
            day_of(ret.approved_at or ret.requested_at, zone),
            valid_days=settings.label_valid_days if settings else 0,
        ),
        # Our own reference, for the desk's scanner: the outside of a box must open nobody's page.
        qr_payload=str(carrier.get("qr") or label.purchase.reference),
        test=account.test_mode,
    )


def _named_once(receiver: Mapping[str, Any]) -> Mapping[str, Any]:
    """A company without a contact is its own name; carriers are told both, people read it once."""
    same = receiver.get("company") == receiver.get("name")
    return {**receiver, "company": ""} if same else receiver


def _lines(address: Mapping[str, Any], other_country: str) -> list[str]:
    fields = shortened(AddressFields(**{name: address.get(name, "") for name in ADDRESS}))
    abroad = fields.country != other_country
    return format_lines(
        fields,
        capitals=True,
        country_name=_country(fields.country, other_country) if abroad else "",
    )


def _country(country: str, seen_from: str) -> str:
    """Its name as the post that takes the parcel in reads it."""
    for language in (*get_official_languages(seen_from, regional=False), "en"):
        try:
            name = Locale.parse(language).territories.get(country)
        except ValueError:
            continue
        if name:
            return str(name)
    return country


def _logo(brand: Brand) -> bytes | None:
    logo = brand.logo
    return bytes(logo.content) if logo and logo.content_type in PICTURES else None


# The paper itself: no transaction is open here


def _carriers_own(label: Label, facts: LabelFacts, *, now: datetime) -> Papers | None:
    """The carrier's paper where it insists on it, fetched anew; None where we draw."""
    if upload := label.facts["carrier"].get(UPLOAD):
        brought = _brought(upload)
        return Papers(pdf_a6=brought, pdf_a4=on_sheet(brought, facts))
    account = label.purchase.account
    insists = label.facts["carrier"].get("own_paper")
    if not insists and account.settings.get("paper") != "carrier":
        return None
    carrier = open_carrier(
        account.carrier,
        unseal(account.credentials),
        account.settings,
        shelf=Shelf(account, now=now),
    )
    pdf = carrier.fetch_document(label.carrier_reference, LabelFormat.PDF)
    if pdf is None:
        return _without_paper(label) if insists else None
    try:
        zpl = carrier.fetch_document(label.carrier_reference, LabelFormat.ZPL) or b""
    except Unsupported:
        zpl = b""
    harmless = cleaned(pdf)
    return Papers(pdf_a6=harmless, pdf_a4=on_sheet(harmless, facts), zpl=zpl)


@transaction.atomic(durable=True)
def _brought(document_id: int) -> bytes:
    """What a person uploaded; it was made harmless before it was kept."""
    return bytes(StoredDocument.objects.get(pk=document_id).content)


def _without_paper(label: Label) -> Papers:
    """Nobody else may draw what such a carrier draws itself; with its code a parcel needs none."""
    if label.code_came_id or label.code_link:
        return Papers()
    raise Unavailable("The carrier has not given the paper of this label yet.")


def _code(label: Label) -> Code | None:
    """What may be shown of the code that came; None where none came, or nothing that is a code."""
    if label.code_came is None:
        return None
    try:
        return safe_code(bytes(label.code_came.content))
    except RientroError:
        return None


def _drawn(facts: LabelFacts) -> Papers:
    made = draw_label(facts)
    return Papers(pdf_a6=made.pdf_a6, pdf_a4=made.pdf_a4, zpl=made.zpl)


def _drawn_customs(declaration: Declaration) -> dict[str, bytes]:
    """Kind of CustomsPaper -> PDF."""
    made, kind = draw_customs(declaration), CustomsPaper.Kind
    papers = {
        kind.ALL: made.sheets,
        kind.INVOICE: made.invoice,
        kind.CN23: made.cn23,
        kind.CN22: made.cn22,
    }
    return {name.value: pdf for name, pdf in papers.items() if pdf}


@transaction.atomic(durable=True)
def _tell_missing(label: Label, error: RientroError, *, now: datetime) -> None:
    if now - label.bought_at < MISSING_AFTER:
        return
    ret = Return.objects.locked().get(pk=label.parcel.ret_id)
    name = "return.label_paper_missing"
    if not Event.objects.filter(ret=ret, name=name, facts__label=label.pk).exists():
        Event.record(name, actor="clock", at=now, ret=ret, label=label.pk, words=error.message)


@transaction.atomic(durable=True)
def _keep(
    label: Label,
    papers: Papers,
    customs: Mapping[str, bytes],
    code: Code | None,
    *,
    now: datetime,
) -> Label:
    kept = _kept(label, papers, code)
    mark("store.kept")
    ret = Return.objects.locked().get(pk=label.parcel.ret_id)
    still = Label.objects.filter(pk=label.pk, pdf_a6=None, code=None)
    stored = still.exclude(facts__has_key=PAPERLESS).update(**kept)
    mark("store.label")
    if stored:
        if label.facts["request"].get("labelless") and not (code or label.code_link):
            Event.record("return.code_missing", actor="clock", at=now, ret=ret, label=label.pk)
        keep_customs(label, customs)
        Event.record("return.label_stored", actor="clock", at=now, ret=ret, label=label.pk)
        mark("store.event")
    label.refresh_from_db()
    return label


def _kept(label: Label, papers: Papers, code: Code | None) -> dict[str, Any]:
    """The columns of ``label`` with what is kept."""
    number = label.tracking_number or label.purchase.reference
    changes: dict[str, Any] = {}
    if not papers.pdf_a6:
        changes["facts"] = label.facts | {PAPERLESS: True}
    wanted = [
        ("pdf_a6", papers.pdf_a6, PDF, f"{number}-a6.pdf"),
        ("pdf_a4", papers.pdf_a4, PDF, f"{number}-a4.pdf"),
        ("zpl", papers.zpl, ZPL, f"{number}.zpl"),
    ]
    if code:
        end = "pdf" if code.content_type == PDF else "png"
        wanted.append(("code", code.content, code.content_type, f"{number}-code.{end}"))
    for column, content, kind, name in wanted:
        if content:
            changes[column] = StoredDocument.objects.keep(content, content_type=kind, name=name)
    return changes
