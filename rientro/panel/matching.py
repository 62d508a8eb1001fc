"""What a person means by a few typed characters: an order, a return, a tracking number, somebody."""

from django.db.models import Q, QuerySet

from rientro.kit.text import normal_number
from rientro.models import Merchant, Order, Return

EXACT_MAX = 200


def orders_matching(merchant: Merchant, words: str) -> QuerySet[Order]:
    """Orders whose number or e-mail address is exactly this; where there are none, what looks like it.

    The exact question is answered by indexes; only when it finds nothing are rows read for the other.
    """
    norm, plain = normal_number(words), words.strip()
    orders = merchant.orders.filter(standalone=False)
    exact = orders.filter(Q(number_norm=norm) | Q(email_norm=plain.lower()))
    if norm and exact.exists():
        return exact
    like = Q(name__icontains=plain) | Q(outbound_tracking_number__iexact=plain)
    if norm:
        like |= Q(number_norm__contains=norm) | Q(postal_norm=norm)
    return orders.filter(like)


def returns_matching(merchant: Merchant, words: str) -> QuerySet[Return]:
    """Returns by their number, tracking number or order; where there are none, by the person."""
    norm, plain = normal_number(words), words.strip()
    found: set[int] = set(
        merchant.returns.filter(number=plain.upper()).values_list("pk", flat=True)
    )
    found.update(
        merchant.parcels.filter(tracking_number=plain.upper().replace(" ", "")).values_list(
            "ret_id", flat=True
        )[:EXACT_MAX]
    )
    orders = list(merchant.orders.filter(number_norm=norm).values_list("pk", flat=True)[:EXACT_MAX])
    if norm and orders:
        found.update(merchant.returns.filter(order_id__in=orders).values_list("pk", flat=True))
    if found:
        return merchant.returns.filter(pk__in=found)
    return merchant.returns.filter(
        Q(from_name__icontains=plain)
        | Q(from_email__iexact=plain)
        | Q(number__contains=plain.upper())
    )
