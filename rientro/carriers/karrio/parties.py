"""Our addresses, parcels and customs in Karrio's words (its unified models, 2026.1.32)."""

import re
import textwrap
from dataclasses import replace
from typing import Any

from rientro.carriers.base import Address, Customs, LabelRequest, ParcelSize
from rientro.kit import addresses
from rientro.kit.money import Money

_UNPRINTABLE = re.compile("[^\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
UNKNOWN_WEIGHT_G = 1000  # what a parcel is declared as when nobody weighed it


def cleaned(request: LabelRequest) -> LabelRequest:
    """Without the characters that XML 1.0 does not allow (section 2.2) and that no label can print."""
    return replace(
        request,
        sender=_cleaned(request.sender),
        receiver=_cleaned(request.receiver),
        description=_UNPRINTABLE.sub(" ", request.description),
    )


def _cleaned(address: Address) -> Address:
    words = {name: getattr(address, name) for name in address.__dataclass_fields__}
    # Karrio's XML (generateDS, quote_xml) hands a whole CDATA section on as it stands: nobody's words may be one.
    plain = {name: word.replace("]]>", "]] >") for name, word in words.items()}
    return Address(**{name: _UNPRINTABLE.sub(" ", word) for name, word in plain.items()})


def shipment(request: LabelRequest, *, outbound: bool) -> dict[str, Any]:
    """Karrio's shipment of one parcel. ``outbound``: its ``is_return`` swaps the two addresses by itself."""
    shopper, merchant = party(request.sender), party(request.receiver)
    words: dict[str, Any] = {
        "service": request.service,
        "is_return": outbound,
        "shipper": merchant if outbound else shopper,
        "recipient": shopper if outbound else merchant,
        "parcels": [parcel(request.parcel, request)],
        "reference": request.reference,
        "label_type": "PDF",
        "options": {},
    }
    if request.customs:
        words["customs"] = customs(request.customs)
    return words


def party(address: Address) -> dict[str, Any]:
    """Karrio guesses a house number from the street and turns the two round; a profile puts them right again."""
    return {
        "person_name": address.name or address.company,
        "company_name": address.company or None,
        "address_line1": address.street,
        "address_line2": address.address_2 or None,
        "street_number": address.house_number or None,
        "city": address.city,
        "postal_code": address.postal_code,
        "country_code": address.country,
        "state_code": address.state or None,
        "email": address.email or None,
        "phone_number": address.phone or None,
        "residential": not address.company,
    }


def street_line(address: Address) -> str:
    """Street and house number in one line, in the order of the country."""
    return addresses.street_line(
        addresses.AddressFields(
            country=address.country, street=address.street, house_number=address.house_number
        )
    )


def lines(address: Address, *, limit: int, most: int = 2) -> list[str]:
    """Up to ``most`` lines of ``limit`` characters: the street, then what was added to it.

    A long street runs on in the next line. Where there is no room for all of it, its name is cut and not its number.
    """
    told = [line for line in (street_line(address), address.address_2) if line]
    rows = [row for line in told for row in textwrap.wrap(line, limit)]
    if len(rows) <= most:
        return rows
    number = address.house_number[: limit // 2]
    street = replace(address, street=address.street[: limit - len(number) - 2], house_number=number)
    return [line[:limit].rstrip() for line in (street_line(street), address.address_2) if line][
        :most
    ]


def parcel(size: ParcelSize, request: LabelRequest) -> dict[str, Any]:
    measured = size.length_mm and size.width_mm and size.height_mm
    return {
        "weight": kilograms(size),
        "weight_unit": "KG",
        "packaging_type": "your_packaging",
        "reference_number": request.reference,
        "description": request.description[:35] or "Return",
        **(
            {
                "length": size.length_mm / 10,
                "width": size.width_mm / 10,
                "height": size.height_mm / 10,
                "dimension_unit": "CM",
            }
            if measured
            else {}
        ),
    }


def kilograms(size: ParcelSize) -> float:
    return (size.weight_g or UNKNOWN_WEIGHT_G) / 1000


def customs(told: Customs) -> dict[str, Any]:
    """Values and weights are per unit there too."""
    return {
        "content_type": "return_merchandise"
        if told.contents == "returned_goods"
        else "merchandise",
        "content_description": "Returned goods",
        "invoice": told.invoice_number or None,
        "incoterm": "DAP",
        "certify": True,
        "duty": {"paid_by": "recipient"},
        "commodities": [
            {
                "title": item.description[:35],
                "description": item.description,
                "quantity": item.quantity,
                "hs_code": item.hs_code or None,
                "sku": item.sku or None,
                "origin_country": item.origin_country or None,
                "weight": item.weight_g / 1000,
                "weight_unit": "KG",
                "value_amount": float(Money(item.value_minor, told.currency).decimal()),
                "value_currency": told.currency,
            }
            for item in told.items
        ],
    }
