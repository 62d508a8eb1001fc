"""What can be written by the webservice, and what each needs (``$definition`` of the class behind it)."""

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

from tests.shops.fakes.prestashop.query import Refused

# resource -> (fields a POST or PUT must have, fields it may have)
ORDER_SLIP = (
    "id_customer id_order conversion_rate total_products_tax_excl total_products_tax_incl "
    "total_shipping_tax_excl total_shipping_tax_incl",
    "amount shipping_cost shipping_cost_amount partial date_add date_upd order_slip_type",
)
CUSTOMER_THREADS = (
    "id_lang id_contact token",
    "id_shop id_customer id_order id_product email status date_add date_upd",
)
CUSTOMER_MESSAGES = (
    "message",
    "id_employee id_customer_thread ip_address file_name user_agent private date_add date_upd read",
)
MESSAGES = ("message", "id_cart id_order id_customer id_employee private date_add")
ORDER_HISTORIES = ("id_order_state id_order", "id_employee date_add")
CART_RULES = (
    "date_from date_to name",
    "id_customer description quantity quantity_per_user priority partial_use code minimum_amount "
    "minimum_amount_tax minimum_amount_currency minimum_amount_shipping country_restriction "
    "carrier_restriction group_restriction cart_rule_restriction product_restriction "
    "shop_restriction free_shipping reduction_percent reduction_amount reduction_tax "
    "reduction_currency reduction_product reduction_exclude_special gift_product "
    "gift_product_attribute highlight active date_add date_upd",
)
STOCK_AVAILABLES = (
    "id_product id_product_attribute quantity depends_on_stock out_of_stock",
    "id_shop id_shop_group location",
)
ORDERS = (
    "id_address_delivery id_address_invoice id_cart id_currency id_lang id_customer id_carrier "
    "module payment total_paid total_paid_real total_products total_products_wt conversion_rate",
    "note current_state shipping_number",
)
WRITTEN = {
    "order_slip": ORDER_SLIP,
    "customer_threads": CUSTOMER_THREADS,
    "customer_messages": CUSTOMER_MESSAGES,
    "messages": MESSAGES,
    "order_histories": ORDER_HISTORIES,
    "cart_rules": CART_RULES,
    "stock_availables": STOCK_AVAILABLES,
    "orders": ORDERS,
}
SPOKEN = {("cart_rules", "name")}


@dataclass
class Entity:
    fields: dict[str, str]
    spoken: dict[str, dict[int, str]] = field(default_factory=dict)


def entity_of(body: bytes, resource: str, method: str) -> Entity:
    """The entity in a body of XML: the webservice takes no other, whatever it is asked to answer in."""
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        text = body.decode("utf-8", "replace")
        raise Refused(
            500,
            127,
            "XML error : String could not be parsed as XML\n"
            f"XML length : {len(text)}\nOriginal XML : {text}",
        ) from error
    entity = Entity({})
    for node in root[0] if len(root) else []:
        languages = node.findall("language")
        if languages:
            entity.spoken[node.tag] = {
                int(one.get("id", "0")): (one.text or "").strip() for one in languages
            }
        elif node.tag != "associations":
            entity.fields[node.tag] = (node.text or "").strip()
    _checked(entity, resource, method)
    return entity


def _checked(entity: Entity, resource: str, method: str) -> None:
    required, _ = WRITTEN[resource]
    if method == "POST" and entity.fields.get("id"):
        raise Refused(400, 91, "id is forbidden when adding a new resource")
    if method != "POST" and not entity.fields.get("id"):
        raise Refused(400, 90, "id is required when modifying a resource")
    if method == "PATCH":
        return
    for name in required.split():
        if (resource, name) in SPOKEN:
            if not any(entity.spoken.get(name, {}).values()):
                raise Refused(400, 84, f'Validation error: "Property CartRule->{name} is empty."')
        elif name not in entity.fields:
            raise Refused(400, 41, f'parameter "{name}" required')
        elif entity.fields[name] == "":
            raise Refused(400, 85, f'Validation error: "Property {name} is empty."')
