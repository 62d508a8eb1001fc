"""A sender address in Sendcloud's words."""

from typing import Any

from rientro.api.describe import INTEGER, STRING, maybe, named, record
from rientro.models import SenderAddress

ADDRESS = named(
    "SenderAddress",
    record(
        {
            "id": INTEGER,
            "company_name": STRING,
            "contact_name": STRING,
            "email": STRING,
            "telephone": STRING,
            "street": STRING,
            "house_number": STRING,
            "postal_box": STRING,
            "postal_code": STRING,
            "city": STRING,
            "country": STRING,
            "country_state": maybe(STRING),
            "vat_number": maybe(STRING),
            "eori_number": maybe(STRING),
            "brand_id": maybe(INTEGER),
            "label": STRING,
            "signature_full_name": STRING,
            "signature_initials": STRING,
        }
    ),
)


def address_out(address: SenderAddress) -> dict[str, Any]:
    return {
        "id": address.pk,
        "company_name": address.company,
        "contact_name": address.contact_name,
        "email": address.email,
        "telephone": address.phone,
        "street": address.street,
        "house_number": address.house_number,
        "postal_box": "",
        "postal_code": address.postal_code,
        "city": address.city,
        "country": address.country,
        "country_state": address.state or None,
        "vat_number": address.vat_number or None,
        "eori_number": address.eori_number or None,
        "brand_id": address.brand_id,
        "label": address.label,
        "signature_full_name": "",
        "signature_initials": "",
    }
