"""Products of the fake Magento as its API says them (Catalog\\Api\\Data\\ProductInterface, 2.4)."""

from datetime import datetime
from typing import Any

from tests.shops.fakes.magento.answers import number, stamp
from tests.shops.fakes.shop import Line


def product(line: Line, hs_code_attribute: str, at: datetime) -> dict[str, Any]:
    """``Line.image`` is a whole address at the shop; the API says only where it lies in the gallery."""
    name = line.image.rpartition("/")[2]
    file = f"/{name[0]}/{name[1:2] or '_'}/{name}" if name else ""
    custom = [
        {"attribute_code": "url_key", "value": line.sku.lower()},
        {"attribute_code": "tax_class_id", "value": "2"},
        {"attribute_code": "category_ids", "value": ["3"]},
    ]
    if line.origin:
        custom.append({"attribute_code": "country_of_manufacture", "value": line.origin})
    if line.hs_code:
        custom.append({"attribute_code": hs_code_attribute, "value": line.hs_code})
    if file:
        custom += [
            {"attribute_code": kind, "value": file}
            for kind in ("image", "small_image", "thumbnail")
        ]
    pictures = [
        {
            "disabled": False,
            "file": file,
            "id": 1,
            "label": None,
            "media_type": "image",
            "position": 1,
            "types": ["image", "small_image", "thumbnail"],
        }
    ]
    return {
        "attribute_set_id": 4,
        "created_at": stamp(at),
        "custom_attributes": custom,
        "extension_attributes": {"website_ids": [1]},
        "id": 1000 + sum(map(ord, line.sku)),
        "media_gallery_entries": pictures if file else [],
        "name": f"{line.name}-{line.variant}" if line.variant else line.name,
        "options": [],
        "price": number(line.price, 2),
        "product_links": [],
        "sku": line.sku,
        "status": 1,
        "tier_prices": [],
        "type_id": "simple",
        "updated_at": stamp(at),
        "visibility": 4,
        "weight": number(line.weight_g, 3),
    }
