"""How rows become the plain facts that policy judges: a brand's terms, an order's dates, a line."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from rientro.kit.money import Money
from rientro.models.addresses import SenderAddress
from rientro.models.brands import Brand, PortalSettings
from rientro.models.orders import Order, OrderLine
from rientro.policy.eligibility import LineFacts
from rientro.policy.terms import Terms
from rientro.policy.windows import OrderDates


def terms_of(settings: PortalSettings) -> Terms:
    """The brand's promise. Its version is the moment it was last saved."""
    currency = settings.fee_currency
    above = settings.review == PortalSettings.Review.VALUE.value
    return Terms(
        window_days=settings.window_days,
        fulfilment_buffer_days=settings.fulfilment_buffer_days,
        order_buffer_days=settings.order_buffer_days,
        allow_without_outbound=settings.allow_without_outbound,
        review=settings.review,
        review_above=Money(settings.review_above_minor, currency) if above else None,
        fee=Money(settings.fee_minor, currency) if settings.fee_minor else None,
        version=f"portal {settings.pk} {settings.updated_at.isoformat()}",
    )


def day_of(moment: datetime, zone: str) -> date:
    """The day of ``moment`` where the merchant is."""
    return moment.astimezone(ZoneInfo(zone)).date()


def dates_of(order: Order, zone: str) -> OrderDates:
    return OrderDates(
        ordered_on=day_of(order.ordered_at, zone),
        fulfilled_on=day_of(order.fulfilled_at, zone) if order.fulfilled_at else None,
        delivered_on=day_of(order.delivered_at, zone) if order.delivered_at else None,
        in_store=order.channel == Order.Channel.STORE.value,
    )


def facts_of(line: OrderLine, order: Order, zone: str) -> LineFacts:
    """What policy may know of ``line``."""
    return LineFacts(
        bought=line.quantity,
        dates=dates_of(order, zone),
        already_back=line.returned_quantity,
        final_sale=line.final_sale,
        removed=line.removed_at is not None,
        cancelled=order.cancelled_at is not None,
        has_outbound=order.has_outbound,
        channel=order.channel,
        price=Money(max(0, line.price_minor), order.currency),
    )


def returns_desk_of(order: Order, brand: Brand) -> SenderAddress | None:
    """Where parcels of ``order`` go: its own sender address, else the brand's, else the merchant's default."""
    own = order.sender_address
    if own is not None and own.is_return and own.deleted_at is None:
        return own
    living = SenderAddress.objects.living()
    found = living.filter(brand=brand, is_return=True).order_by("-is_default", "pk").first()
    return found or living.default_or_none() or own
