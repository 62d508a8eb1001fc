"""Units of an order line that living returns hold. Each move is one conditional UPDATE; the database caps it."""

from typing import ClassVar

from django.db.models import F

from rientro.kit.errors import Kind, RientroError
from rientro.models.orders import OrderLine
from rientro.models.returns import Return, ReturnItem


class NotEnoughUnits(RientroError):
    """Fewer units are left than were asked for; ``facts["line_id"]`` names the line."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "not_enough_units"


def take_units(ret: Return) -> None:
    """Hold the units of every item of ``ret``. Raises NotEnoughUnits; the caller's transaction rolls back."""
    for item in _items(ret):
        taken = OrderLine.objects.filter(
            pk=item.order_line_id, quantity__gte=F("returned_quantity") + item.quantity
        ).update(returned_quantity=F("returned_quantity") + item.quantity)
        if not taken:
            raise NotEnoughUnits(
                "Some of these items are in another return by now.", line_id=item.order_line_id
            )


def release_units(ret: Return) -> None:
    """Give the units of every item of ``ret`` free for another return."""
    for item in _items(ret):
        OrderLine.objects.filter(pk=item.order_line_id).update(
            returned_quantity=F("returned_quantity") - item.quantity
        )


def _items(ret: Return) -> list[ReturnItem]:
    # In one order everywhere, so that two returns of one order never wait for each other in a circle.
    return list(ReturnItem.objects.filter(ret=ret).order_by("order_line_id"))
