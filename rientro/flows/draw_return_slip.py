"""The sheet for a return that its shopper sends: drawn when it is asked for, kept nowhere."""

from typing import ClassVar

from babel import Locale, UnknownLocaleError

from rientro.documents.facts import LabelFacts, LabelItem
from rientro.documents.slip import draw_slip
from rientro.kit.addresses import format_lines
from rientro.kit.errors import Kind, RientroError
from rientro.kit.template_words import address_of
from rientro.models.brands import Brand, PortalSettings
from rientro.models.merchants import Merchant
from rientro.models.returnable import day_of
from rientro.models.returns import Return, ReturnItem
from rientro.policy.lifecycle import Approval
from rientro.policy.promises import hand_in_by
from rientro.policy.return_methods import is_own

PICTURES = ("image/png", "image/jpeg")


class NoSlip(RientroError):
    """Only an approved return that its shopper sends has such a sheet."""

    kind: ClassVar[Kind] = "missing"
    code: ClassVar[str] = "no_slip"


def draw_return_slip(*, ret: Return) -> bytes:
    """Address, steps and packing slip of ``ret`` as PDF, in the shopper's language. Raises NoSlip.

    Names no shopper: it lies in a parcel, and its link may be passed on.
    """
    if not is_own(ret.method) or ret.approval != Approval.APPROVED:
        raise NoSlip("There is no packing slip for this return.")
    zone = Merchant.objects.values_list("time_zone", flat=True).get(pk=ret.merchant_id)
    settings = PortalSettings.objects.filter(brand=ret.brand_id).first()
    brand = Brand.objects.select_related("logo").get(pk=ret.brand_id)
    approved_on = day_of(ret.approved_at or ret.requested_at, zone)
    items = ReturnItem.objects.filter(ret=ret).select_related("order_line").order_by("pk")
    return draw_slip(
        LabelFacts(
            reference=ret.number,
            tracking_number=ret.number,
            carrier_name="",
            sender=[],
            receiver=receiver_lines(ret, capitals=True),
            return_number=ret.number,
            order_number=ret.order.number,
            created_on=approved_on,
            items=[
                LabelItem(
                    name=item.order_line.name,
                    variant=item.order_line.variant,
                    sku=item.order_line.sku,
                    quantity=item.quantity,
                )
                for item in items
            ],
            language=ret.language,
            brand_name=brand.name,
            accent=brand.colour_accent,
            logo=_logo(brand),
            hand_in_by=hand_in_by(
                approved_on, valid_days=settings.label_valid_days if settings else 0
            ),
        )
    )


def receiver_lines(ret: Return, *, capitals: bool = False) -> list[str]:
    """Where ``ret`` goes, in that country's own order; the country is named where the order went to another."""
    to = ret.to_address
    abroad = to.country != ret.order.country
    return format_lines(
        address_of(to),
        capitals=capitals,
        country_name=_named(to.country, ret.language) if abroad else "",
    )


def _named(country: str, language: str) -> str:
    try:
        return str(Locale.parse(language).territories.get(country) or country)
    except (UnknownLocaleError, ValueError):
        return country


def _logo(brand: Brand) -> bytes | None:
    logo = brand.logo
    return bytes(logo.content) if logo and logo.content_type in PICTURES else None
