"""A parcel in Sendcloud's words: an imported order, a parcel on its way back, a return that needs no parcel.

Of a return parcel, name and address are its destination, the merchant, as in the recordings; the shopper stands in
``from_*``. The keys that strict clients index without a guard are all here (section 17 of the contract).
"""

from datetime import datetime
from typing import Any

from django.conf import settings

from rientro.api.describe import INTEGER, STRING, Schema, many, maybe, named, record
from rientro.api.ids import parcel_id
from rientro.api.line_words import TEXTS, chosen
from rientro.api.statuses import ParcelStatus, status_named, status_of
from rientro.api.v2.countries import iso3_of, name_of
from rientro.kit.money import Money
from rientro.models import Order, OrderLine, Parcel, Return, ReturnItem, SenderAddress
from rientro.policy.amounts import kilograms
from rientro.policy.lifecycle import CarrierState

_TEXTS = (
    "name company_name address address_2 city postal_code email telephone date_created "
    "tracking_number weight order_number reference external_order_id external_shipment_id"
)
ITEM = named(
    "ParcelItem",
    record(
        {"description": STRING, "quantity": INTEGER, "weight": STRING, "value": STRING},
        sku=STRING,
        hs_code=STRING,
        origin_country=maybe(STRING),
        product_id=STRING,
        item_id=STRING,
        properties={"type": "object"},
        return_reason=maybe(INTEGER),
        return_message=maybe(STRING),
    ),
)
PARCEL_KEYS: dict[str, Schema | str] = {
    "id": INTEGER,
    **dict.fromkeys(_TEXTS.split(), STRING),
    "address_divided": record({"street": STRING, "house_number": STRING}),
    "country": record({"iso_2": STRING, "iso_3": STRING, "name": STRING}),
    "to_state": maybe(STRING),
    "status": record({"id": INTEGER, "message": STRING}),
    "label": record({"normal_printer": many(STRING), "label_printer": STRING}),
    "customs_declaration": {"type": "object"},
    "documents": many(record({"type": STRING, "size": STRING})),
    "carrier": record({"code": STRING}),
    "shipment": record({"id": INTEGER, "name": STRING}),
    "parcel_items": many(ITEM),
    "is_return": {"type": "boolean"},
    "data": {"type": "object"},
    "tracking_url": STRING,
    "external_reference": maybe(STRING),
    "shipment_uuid": STRING,
}
PARCEL = named("Parcel", record(PARCEL_KEYS))
NO_METHOD = {"id": 0, "name": "No method"}


def parcel_out(order: Order) -> dict[str, Any]:
    """An order that nobody shipped through here, as a parcel without a label."""
    number = parcel_id("order", order.pk)
    total = Money(order.total_minor, order.currency)
    return {
        **_frame(number, order.created_at, order.updated_at, status_named("none")),
        **_address_of_order(order),
        **_order_words(order),
        **_told_facts(order),
        "tracking_number": order.outbound_tracking_number,
        "tracking_url": "",
        "weight": kilograms(order.weight_g),
        "documents": [],
        "carrier": {"code": ""},
        "shipment": NO_METHOD,
        "parcel_items": [_line_item(line) for line in order.lines.all() if line.removed_at is None],
        "is_return": False,
        "external_reference": order.external_reference or None,
        "total_order_value": str(total.decimal()),
        "total_order_value_currency": order.currency,
    }


def return_parcel_out(ret: Return, parcel: Parcel | None) -> dict[str, Any]:
    """``parcel`` of ``ret``; of a return that needs none, the return itself under its own parcel id."""
    number = parcel_id("parcel", parcel.pk) if parcel else parcel_id("return", ret.pk)
    since = parcel.created_at if parcel else ret.requested_at
    value = Money(ret.value_minor, ret.currency)
    has_label = parcel is not None and bool(parcel.tracking_number)
    return {
        **_frame(number, since, ret.updated_at, status_of(ret, parcel)),
        **_address_of_desk(ret.to_address),
        **_order_words(ret.order),
        **_told_facts(ret.order),
        **_sender(ret),
        **_box(parcel),
        **_purchase_words(parcel),
        "errors": _refusal(ret),
        "tracking_number": parcel.tracking_number if parcel else "",
        "tracking_url": tracking_url(ret),
        "weight": kilograms(parcel.weight_g if parcel else ret.order.weight_g),
        **(_papers(number, parcel) if has_label else {"documents": []}),
        "carrier": {"code": parcel.carrier_code if parcel else ""},
        "parcel_items": [_return_item(item) for item in ret.items.all()],
        "is_return": True,
        "external_reference": ret.told_reference() or None,
        "total_order_value": str(value.decimal()),
        "total_order_value_currency": ret.currency,
    }


def _refusal(ret: Return) -> dict[str, list[str]]:
    """Why there is no label, in the carrier's words."""
    failed = ret.carrier == CarrierState.FAILED and ret.carrier_problem
    return {"non_field_errors": [ret.carrier_problem]} if failed else {}


def tracking_url(ret: Return) -> str:
    """The return's own page on our host."""
    return f"{settings.BASE_URL}/{ret.brand.slug}/r/{ret.link_token}/"


def label_urls(number: int) -> dict[str, Any]:
    """Where the label is: A6 alone, and A4 from each of its four corners."""
    base = f"{settings.BASE_URL}/api/v2/labels"
    return {
        "normal_printer": [f"{base}/normal_printer/{number}?start_from={at}" for at in range(4)],
        "label_printer": f"{base}/label_printer/{number}",
    }


def day_and_time(moment: datetime) -> str:
    """As version 2 writes the dates of parcels."""
    return moment.strftime("%d-%m-%Y %H:%M:%S")


def _frame(
    number: int, created_at: datetime, updated_at: datetime, status: ParcelStatus
) -> dict[str, Any]:
    return {
        "id": number,
        "type": "parcel",
        "date_created": day_and_time(created_at),
        "date_announced": None,
        "date_updated": day_and_time(updated_at),
        "status": {"id": status.id, "message": status.message},
        "label": label_urls(number),
        "customs_declaration": {},
        "data": {},
        "reference": "0",
        "insured_value": 0,
        "total_insured_value": 0,
        "to_service_point": None,
        "to_post_number": "",
        "note": "",
        "customs_invoice_nr": "",
        "customs_shipment_type": None,
        "collo_nr": 0,
        "collo_count": 1,
        "colli_uuid": "",
        "colli_tracking_number": "",
        "awb_tracking_number": None,
        "box_number": None,
        "length": None,
        "width": None,
        "height": None,
        "shipping_method": None,
        "shipping_method_checkout_name": "",
        "errors": {},
    }


def _order_words(order: Order) -> dict[str, Any]:
    # Strings and never null: one client asks the last two whether they are digits.
    return {
        "order_number": order.number,
        "shipment_uuid": str(order.shipment_uuid),
        "external_order_id": order.external_order_id,
        "external_shipment_id": order.external_shipment_id,
    }


# As it was told when the order came in: name -> (type, what stands there when nothing was told).
_TOLD_FACTS: dict[str, tuple[type | tuple[type, ...], Any]] = {
    "data": (dict, {}),
    "reference": (str, "0"),
    "note": (str, ""),
    "to_service_point": (int, None),
    "to_post_number": (str, ""),
    "customs_invoice_nr": (str, ""),
    "customs_shipment_type": (int, None),
    "shipping_method_checkout_name": (str, ""),
    "length": ((str, int, float), None),
    "width": ((str, int, float), None),
    "height": ((str, int, float), None),
}


def _told_facts(order: Order) -> dict[str, Any]:
    """What a client said of the order and we do not interpret; nothing that strict clients could not read."""
    out: dict[str, Any] = {}
    for name, (kind, usual) in _TOLD_FACTS.items():
        value = order.facts.get(name)
        fits = isinstance(value, kind) and not isinstance(value, bool)
        out[name] = value if fits else usual
    return out


def _box(parcel: Parcel | None) -> dict[str, Any]:
    """Sizes in centimetres."""
    sides = ("length", "width", "height")
    told = {side: getattr(parcel, f"{side}_mm", 0) for side in sides}
    return {side: f"{mm / 10:.2f}" if mm else None for side, mm in told.items()}


def _purchase_words(parcel: Parcel | None) -> dict[str, Any]:
    """The shipping method is the contract that the label is bought with, under its id in /shipping_methods."""
    none = {"shipment": NO_METHOD, "shipping_method": None, "contract": None}
    if parcel is None:
        return none
    bought = [label.bought_at for label in parcel.labels.all()]
    announced = {"date_announced": day_and_time(max(bought)) if bought else None}
    purchase = max(parcel.purchases.all(), key=lambda one: one.pk, default=None)
    if purchase is None:
        return none | announced
    account = purchase.account
    return announced | {
        "shipment": {"id": account.pk, "name": f"{account.name} Return"},
        "shipping_method": account.pk,
        "contract": account.pk,
    }


def _place(street: str, house_number: str, country: str) -> dict[str, Any]:
    return {
        "address": " ".join(part for part in (street, house_number) if part),
        "address_divided": {"street": street, "house_number": house_number},
        "country": {"iso_2": country, "iso_3": iso3_of(country), "name": name_of(country)},
    }


def _address_of_order(order: Order) -> dict[str, Any]:
    return {
        **_place(order.street, order.house_number, order.country),
        "name": order.name,
        "company_name": order.company,
        "address_2": order.address_2,
        "city": order.city,
        "postal_code": order.postal_code,
        "to_state": order.state or None,
        "email": order.email,
        "telephone": order.phone,
    }


def _address_of_desk(address: SenderAddress) -> dict[str, Any]:
    return {
        **_place(address.street, address.house_number, address.country),
        "name": address.contact_name or address.company,
        "company_name": address.company,
        "address_2": address.address_2,
        "city": address.city,
        "postal_code": address.postal_code,
        "to_state": address.state or None,
        "email": address.email,
        "telephone": address.phone,
    }


def _sender(ret: Return) -> dict[str, Any]:
    return {
        "from_name": ret.from_name,
        "from_company_name": ret.from_company,
        "from_address_1": ret.from_street,
        "from_address_2": ret.from_address_2,
        "from_house_number": ret.from_house_number,
        "from_city": ret.from_city,
        "from_postal_code": ret.from_postal_code,
        "from_country": ret.from_country,
        "from_email": ret.from_email,
        "from_telephone": ret.from_phone,
    }


def _papers(number: int, parcel: Parcel | None) -> dict[str, Any]:
    """The label, and the customs papers that were asked of the carrier with it."""
    purchases = parcel.purchases.all() if parcel else ()
    newest = max(purchases, key=lambda one: one.pk, default=None)
    if newest is None or not newest.request.get("customs"):
        return {"documents": [_document(number)]}
    base = f"{settings.BASE_URL}/api/v2"
    drawn = [
        {"type": kind, "size": "a4", "link": f"{base}/parcels/{number}/documents/{kind}"}
        for kind in ("cn23", "commercial-invoice")
    ]
    return {
        "documents": [_document(number), *drawn],
        "customs_declaration": declaration_urls(number),
    }


def declaration_urls(number: int) -> dict[str, str]:
    """Where the customs papers of a parcel are."""
    base = f"{settings.BASE_URL}/api/v2/customs_declaration"
    return {"normal_printer": f"{base}/normal_printer/{number}"}


def _document(number: int) -> dict[str, str]:
    link = f"{settings.BASE_URL}/api/v2/parcels/{number}/documents/label"
    return {"type": "label", "size": "a6", "link": link}


def _line_item(line: OrderLine) -> dict[str, Any]:
    return {
        "description": line.name,
        "quantity": line.quantity,
        "weight": kilograms(line.weight_g),
        "value": str(Money(max(0, line.price_minor), line.order.currency).decimal()),
        "sku": line.sku,
        "hs_code": line.hs_code,
        "origin_country": line.origin_country or None,
        "product_id": line.product_id,
        "item_id": str(line.pk),
        "properties": chosen(line.properties),
        **{name: line.properties.get(f"_{name}", "") for name in TEXTS},
        "return_reason": None,
        "return_message": None,
    }


def _return_item(item: ReturnItem) -> dict[str, Any]:
    price = Money(item.price_minor, item.ret.currency)
    return {
        **_line_item(item.order_line),
        "quantity": item.quantity,
        "value": str(price.decimal()),
        "return_reason": item.reason_id,
        "return_message": item.note or item.reason_label,
    }
