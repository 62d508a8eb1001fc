"""Rows of what stands around orders: shoppers, places, money, words, goods, messages, configuration."""

from typing import Any

from tests.shops.fakes.prestashop.amounts import weight, without_tax, written
from tests.shops.fakes.prestashop.books import (
    DECIMALS,
    Address,
    Books,
    Guest,
    Product,
    first_and_last,
)
from tests.shops.fakes.prestashop.render import Spoken

Row = dict[str, Any]

# id, name, paid, shipped, delivery, logable, invoice: the states of a new shop (install data of PrestaShop 8).
STATES = (
    (1, "Awaiting check payment", 0, 0, 0, 0, 0),
    (2, "Payment accepted", 1, 0, 0, 1, 1),
    (3, "Processing in progress", 1, 0, 1, 1, 1),
    (4, "Shipped", 1, 1, 1, 1, 1),
    (5, "Delivered", 1, 1, 1, 1, 1),
    (6, "Canceled", 0, 0, 0, 0, 0),
    (7, "Refunded", 0, 0, 0, 0, 1),
    (8, "Payment error", 0, 0, 0, 0, 0),
)
ITALIAN = {
    "Awaiting check payment": "In attesa di pagamento con assegno",
    "Payment accepted": "Pagamento accettato",
    "Processing in progress": "Preparazione in corso",
    "Shipped": "Spedito",
    "Delivered": "Consegnato",
    "Canceled": "Annullato",
    "Refunded": "Rimborsato",
    "Payment error": "Errore di pagamento",
}
LANGUAGES = {
    1: ("English (English)", "en", "en-us", "en-US"),
    2: ("Italiano", "it", "it-it", "it-IT"),
}


def both(english: str, italian: str = "") -> Spoken:
    return Spoken({1: english, 2: italian or english})


def state_row(number: int) -> Row | None:
    for state, name, paid, shipped, delivery, logable, invoice in STATES:
        if state == number:
            return {
                "id": state,
                "unremovable": "1",
                "delivery": str(delivery),
                "hidden": "0",
                "send_email": "1",
                "module_name": "",
                "invoice": str(invoice),
                "color": "#3498D8",
                "logable": str(logable),
                "shipped": str(shipped),
                "paid": str(paid),
                "pdf_delivery": "0",
                "pdf_invoice": "0",
                "deleted": "0",
                "name": both(name, ITALIAN[name]),
                "template": both("payment" if paid else ""),
            }
    return None


def customer_row(books: Books, guest: Guest, shop_id: int) -> Row:
    first, last = first_and_last(guest.name)
    return {
        "id": guest.id,
        "id_default_group": "2",
        "id_lang": "1",
        "newsletter_date_add": "",
        "ip_registration_newsletter": "",
        "last_passwd_gen": books.local(guest.made_at),
        "secure_key": f"{guest.id:032x}",
        "deleted": "0",
        "passwd": "$2y$10$" + "x" * 53,
        "lastname": last,
        "firstname": first,
        "email": guest.email,
        "id_gender": "0",
        "birthday": "0000-00-00",
        "newsletter": "0",
        "optin": "0",
        "website": "",
        "company": "",
        "siret": "",
        "ape": "",
        "outstanding_allow_amount": "0.000000",
        "show_public_prices": "0",
        "id_risk": "0",
        "max_payment_days": "0",
        "active": "1",
        "note": "",
        "is_guest": "1",
        "id_shop": str(shop_id),
        "id_shop_group": "1",
        "date_add": books.local(guest.made_at),
        "date_upd": books.local(guest.changed_at),
        "reset_password_token": "",
        "reset_password_validity": "0000-00-00 00:00:00",
        "associations": {"groups": [{"id": "2"}]},
    }


def address_row(books: Books, address: Address, customer_id: int) -> Row:
    sale = address.sale
    first, last = first_and_last(sale.name)
    made = books.local(address.made_at)
    return {
        "id": address.id,
        "id_customer": str(customer_id),
        "id_manufacturer": "0",
        "id_supplier": "0",
        "id_warehouse": "0",
        "id_country": str(books.country(sale.country)),
        "id_state": str(books.region(sale.country, sale.state)),
        "alias": "My Address",
        "company": sale.company,
        "lastname": last,
        "firstname": first,
        "vat_number": "",
        "address1": sale.street,
        "address2": sale.address_2,
        "postcode": sale.postal_code,
        "city": sale.city,
        "other": "",
        "phone": sale.phone,
        "phone_mobile": "",
        "dni": "",
        "deleted": "1" if address.deleted else "0",
        "date_add": made,
        "date_upd": made,
    }


def country_row(books: Books, number: int) -> Row | None:
    for iso, one in books.countries.items():
        if one == number:
            return {
                "id": number,
                "id_zone": "1",
                "id_currency": "0",
                "call_prefix": "39" if iso == "IT" else "0",
                "iso_code": iso,
                "active": "1",
                "contains_states": "1" if any(c == iso for c, _ in books.regions) else "0",
                "need_identification_number": "0",
                "need_zip_code": "1",
                "zip_code_format": "",
                "display_tax_label": "1",
                "name": both(iso),
            }
    return None


def region_row(books: Books, number: int) -> Row | None:
    for (iso, region), one in books.regions.items():
        if one == number:
            return {
                "id": number,
                "id_zone": "1",
                "id_country": str(books.country(iso)),
                "iso_code": region,
                "name": region,
                "active": "1",
            }
    return None


def currency_row(books: Books, number: int) -> Row | None:
    for iso, one in books.currencies.items():
        if one == number:
            return {
                "id": number,
                "names": both(iso),
                "name": iso,
                "symbol": both(iso),
                "iso_code": iso,
                "numeric_iso_code": "978" if iso == "EUR" else "",
                "precision": str(DECIMALS.get(iso, 2)),
                "conversion_rate": "1.000000",
                "deleted": "0",
                "active": "1",
                "unofficial": "0",
                "modified": "0",
                "pattern": both("¤#,##0.00"),
            }
    return None


def language_row(number: int) -> Row:
    name, iso, code, locale = LANGUAGES[number]
    return {
        "id": number,
        "name": name,
        "iso_code": iso,
        "locale": locale,
        "language_code": code,
        "active": "1",
        "is_rtl": "0",
        "date_format_lite": "m/d/Y",
        "date_format_full": "m/d/Y H:i:s",
    }


def product_row(product: Product, url: str) -> Row:
    """``price`` is without tax. The core has no field for a customs tariff or a country of origin."""
    line = product.line
    image = str(product.id) if line.image else ""
    slug = line.name.lower().replace(" ", "-")
    pictures = [{"id": image}] if image else []
    return {
        "id": product.id,
        "id_manufacturer": "0",
        "id_supplier": "0",
        "id_category_default": "2",
        "new": "",
        "cache_default_attribute": str(product.attribute_id),
        "id_default_image": image,
        "id_default_combination": str(product.attribute_id or ""),
        "id_tax_rules_group": "1",
        "position_in_category": "1",
        "manufacturer_name": "",
        "quantity": "0",
        "type": "simple",
        "id_shop_default": "1",
        "reference": "" if product.attribute_id else line.sku,
        "supplier_reference": "",
        "location": "",
        "width": "0.000000",
        "height": "0.000000",
        "depth": "0.000000",
        "weight": weight(line.weight_g),
        "ean13": "",
        "isbn": "",
        "upc": "",
        "mpn": "",
        "cache_is_pack": "0",
        "is_virtual": "0",
        "state": "1",
        "product_type": "combinations" if product.attribute_id else "standard",
        "on_sale": "0",
        "price": written(without_tax(line.price, line.tax_percent), "EUR"),
        "active": "1",
        "visibility": "both",
        "date_add": "2026-01-01 00:00:00",
        "date_upd": "2026-01-01 00:00:00",
        "name": both(line.name),
        "link_rewrite": both(slug),
        "description_short": both(""),
        "associations": {
            "categories": [{"id": "2"}],
            "images": pictures,
            "combinations": [{"id": str(product.attribute_id)}] if product.attribute_id else [],
            "stock_availables": [
                {
                    "id": str(product.id),
                    "id_product_attribute": str(product.attribute_id),
                }
            ],
        },
    }


def combination_row(product: Product) -> Row:
    """``weight`` and ``price`` are what the combination adds to those of its product."""
    return {
        "id": product.attribute_id,
        "id_product": str(product.id),
        "location": "",
        "ean13": "",
        "isbn": "",
        "upc": "",
        "mpn": "",
        "quantity": str(product.stock),
        "reference": product.line.sku,
        "supplier_reference": "",
        "wholesale_price": "0.000000",
        "price": "0.000000",
        "ecotax": "0.000000",
        "weight": "0.000000",
        "unit_price_impact": "0.000000",
        "minimal_quantity": "1",
        "low_stock_threshold": "",
        "low_stock_alert": "0",
        "default_on": "1",
        "available_date": "0000-00-00",
        "associations": {
            "product_option_values": [{"id": str(product.id)}],
            "images": [{"id": str(product.id)}] if product.line.image else [],
        },
    }


def stock_row(product: Product) -> Row:
    return {
        "id": product.id,
        "id_product": str(product.id),
        "id_product_attribute": str(product.attribute_id),
        "id_shop": "1",
        "id_shop_group": "0",
        "quantity": str(product.stock),
        "depends_on_stock": "0",
        "out_of_stock": "2",
        "location": "",
    }
