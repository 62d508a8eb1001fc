"""The boxes of a return: which have a label or are getting one, and which still lack theirs."""

from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q

from rientro.models.customs import unit_weights_g
from rientro.models.parcels import Label, LabelPurchase, Parcel
from rientro.models.returns import Return, ReturnItem
from rientro.policy.boxes import Box, Goods, packed
from rientro.policy.lifecycle import CarrierState, PurchaseStatus

LIVE = [
    status.value
    for status in (PurchaseStatus.BUYING, PurchaseStatus.BOUGHT, PurchaseStatus.UNKNOWN)
]
PAPERLESS = "paperless"  # in a label's facts: its code is all there is, no paper will come
NOT_ON_THE_ROAD = (CarrierState.LABEL_READY, CarrierState.NONE, CarrierState.FAILED)
_OPEN = [PurchaseStatus.BUYING.value, PurchaseStatus.UNKNOWN.value]


def label_in_hand(ret: Return) -> bool:
    """Has any box of ``ret`` a label that is neither given back nor being given back, or is on the road with it?"""
    used = Q(voided_at=None, parcel__first_scan_at__isnull=False)
    labels = Label.objects.filter(Q(void=Label.Void.NONE.value) | used, parcel__ret=ret)
    return labels.exists()


def label_on_its_way(ret: Return) -> bool:
    """Is a label of ``ret`` being bought, or may it have been?"""
    return LabelPurchase.objects.filter(parcel__ret=ret, status__in=_OPEN).exists()


def lacking(ret: Return) -> int:
    """How many boxes of ``ret`` have no label and are getting none."""
    return max(0, ret.parcel_count - len(_held(ret)))


def lacks_in_part(ret: Return) -> bool:
    """Has ``ret`` several boxes, of which some have a label and some get none as things stand?"""
    return ret.parcel_count > 1 and label_in_hand(ret) and lacking(ret) > 0


def boxes_to_label(ret: Return, *, missing: int, usual_g: int, at: datetime) -> list[Parcel]:
    """The ``missing`` boxes of ``ret`` that lack a label, made where they are not there yet.

    A box as it stands when no label hangs on it, else a new one: a tracking number is never given twice. A box
    without a weight weighs ``usual_g``.
    """
    busy = Q(purchases__status__in=LIVE) | ~Q(tracking_number="")
    free = list(Parcel.objects.filter(ret=ret).exclude(busy).order_by("position")[:missing])
    for box in free:
        if not box.weight_g:  # told without a weight
            box.weight_g = items_weight_g(ret) // ret.parcel_count or usual_g
            box.save(update_fields=["weight_g"])
    if missing == len(free):
        return free
    plan = _still_to_come(ret, free, missing - len(free))
    last = Parcel.objects.filter(ret=ret).aggregate(last=Max("position", default=0))["last"]
    made = [
        Parcel.objects.create(
            ret=ret,
            position=last + 1 + place,
            contents=box.contents,
            weight_g=box.weight_g or usual_g,
            created_at=at,
        )
        for place, box in enumerate(plan[: missing - len(free)])
    ]
    return free + made


def _still_to_come(ret: Return, free: list[Parcel], count: int) -> list[Box]:
    """What was planned for the ``count`` boxes that are not there yet: a new one takes the place of one given back."""
    plan = planned(ret)
    if len(plan) == 1:
        return plan
    for parcel in (*_held(ret), *free):
        same = next((box for box in plan if box.contents == parcel.contents), None)
        if same:
            plan.remove(same)
    # The desk allowed one more when the others were packed: nobody knows what goes over into it.
    return plan if len(plan) == count else [Box([], box.weight_g) for box in plan[-count:]]


def lay_out(ret: Return, *, weight_g: int, sizes_mm: dict[str, int], at: datetime) -> None:
    """Make the boxes of a return that a machine announced; ``weight_g`` of all of them together, 0 if not told."""
    for place, box in enumerate(planned(ret, weight_g=weight_g), start=1):
        Parcel.objects.create(
            ret=ret,
            position=place,
            contents=box.contents,
            weight_g=box.weight_g,
            created_at=at,
            **sizes_mm,
        )


def planned(ret: Return, *, weight_g: int = 0) -> list[Box]:
    """What is expected to lie in each box; ``policy.boxes`` says why."""
    if ret.parcel_count == 1:
        return [Box([], weight_g or items_weight_g(ret))]
    items = ReturnItem.objects.filter(ret=ret).select_related("order_line").order_by("pk")
    goods = [
        Goods(item_id=item.pk, quantity=item.quantity, weight_g=item.order_line.weight_g)
        for item in items
    ]
    return packed(goods, boxes=ret.parcel_count, weight_g=weight_g or items_weight_g(ret))


def heaviest_g(ret: Return) -> int:
    """The heaviest box of ``ret``; 0 when nobody said what its items weigh."""
    return max(box.weight_g for box in planned(ret))


def items_weight_g(ret: Return) -> int:
    """What the items of ``ret`` weigh together; 0 when nobody said."""
    if ret.order.standalone and ret.order.weight_g:
        return int(ret.order.weight_g)  # the whole parcel, as the machine that announced it said
    items = list(ReturnItem.objects.filter(ret=ret).select_related("order_line"))
    if not all(item.order_line.weight_g for item in items):
        return unit_weights_g(ret)  # the desk may have said for customs what the shop did not
    return sum(item.order_line.weight_g * item.quantity for item in items)


def contents_of(parcel: Parcel, items: list[ReturnItem]) -> list[tuple[ReturnItem, int]]:
    """(item, units) that are expected in ``parcel``; all of ``items`` where nothing else was planned."""
    if not parcel.contents:
        return [(item, item.quantity) for item in items]
    units = dict(map(tuple, parcel.contents))
    return [(item, units[item.pk]) for item in items if item.pk in units]


def place_of(parcel: Parcel, ret: Return) -> str:
    """ "1 / 2": which of several boxes of ``ret`` this is; "" for the only one."""
    if ret.parcel_count == 1:
        return ""
    playing = [one.pk for one in in_play(ret)]
    return f"{playing.index(parcel.pk) + 1} / {ret.parcel_count}" if parcel.pk in playing else ""


def in_play(ret: Return) -> list[Parcel]:
    """The boxes that ``ret`` consists of, in their order: without those whose label was given back unused."""
    mine = Label.objects.filter(parcel=OuterRef("pk"))
    given_back = Exists(mine) & ~Exists(
        mine.exclude(void__in=[Label.Void.REQUESTED.value, Label.Void.VOIDED.value])
    )
    rows = Parcel.objects.filter(ret=ret).exclude(given_back & Q(first_scan_at=None))
    return list(rows.order_by("position"))


def _held(ret: Return) -> list[Parcel]:
    mine = Label.objects.filter(parcel=OuterRef("pk"))
    live = Exists(mine.filter(void=Label.Void.NONE.value))
    # A box on the road travels with its label, even where somebody asked for it to be given back.
    used = Exists(mine.filter(voided_at=None)) & Q(first_scan_at__isnull=False)
    bought = LabelPurchase.objects.filter(parcel=OuterRef("pk"), status__in=_OPEN)
    boxes = Parcel.objects.filter(live | used | Exists(bought), ret=ret)
    return list(boxes.order_by("position"))


def is_used(ret: Return, parcel: Parcel) -> bool:
    """Is ``parcel``, of ``ret``, on the road or past it? Then its label cannot be given back.

    Each box by its own scans: another one of the same return may be on the road already. A return in one box may
    have been moved by hand, without a scan.
    """
    if parcel.first_scan_at is not None:
        return True
    return len(ret.parcels.all()) == 1 and ret.carrier not in NOT_ON_THE_ROAD
