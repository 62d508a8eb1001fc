"""A whole order of the fake Shopware, and its associations, which are told only where they are asked for."""

from collections.abc import Callable
from typing import Any

from tests.shops.fakes.shopware import payments, rows
from tests.shops.fakes.shopware.books import Order, net_of, uuid

Words = dict[str, Any]
# entity -> {association: entity}
ASSOCIATIONS: dict[str, dict[str, str]] = {
    "order": {
        "stateMachineState": "state_machine_state",
        "orderCustomer": "order_customer",
        "currency": "currency",
        "language": "language",
        "salesChannel": "sales_channel",
        "addresses": "order_address",
        "billingAddress": "order_address",
        "deliveries": "order_delivery",
        "lineItems": "order_line_item",
        "transactions": "order_transaction",
        "primaryOrderDelivery": "order_delivery",
        "primaryOrderTransaction": "order_transaction",
        "documents": "document",
        "tags": "tag",
    },
    "language": {"locale": "locale"},
    "sales_channel": {"type": "sales_channel_type"},
    "order_address": {"country": "country", "countryState": "country_state"},
    "order_customer": {"customer": "customer"},
    "order_delivery": {
        "stateMachineState": "state_machine_state",
        "shippingOrderAddress": "order_address",
        "shippingMethod": "shipping_method",
        "positions": "order_delivery_position",
    },
    "order_line_item": {"cover": "media", "product": "product", "children": "order_line_item"},
    "order_transaction": {
        "stateMachineState": "state_machine_state",
        "paymentMethod": "payment_method",
        "captures": "order_transaction_capture",
    },
    "order_transaction_capture": {
        "stateMachineState": "state_machine_state",
        "refunds": "order_transaction_capture_refund",
    },
    "order_transaction_capture_refund": {
        "stateMachineState": "state_machine_state",
        "positions": "order_transaction_capture_refund_position",
    },
    "document": {"documentType": "document_type"},
    "product": {"cover": "product_media"},
}


def order_words(order: Order, stock: Callable[[str], int]) -> Words:
    goods = [rows.line_item(order, item, stock) for item in order.items]
    offers = [
        rows.promotion_item(order, one, len(goods) + n) for n, one in enumerate(order.promotions, 1)
    ]
    delivery = rows.delivery(order, order.delivery, goods)
    transaction = payments.transaction(order, order.transaction)
    return {
        **_scalars(order),
        **_amounts(order),
        "lineItems": goods + offers,
        "deliveries": [delivery],
        "primaryOrderDelivery": delivery,
        "transactions": [transaction],
        "primaryOrderTransaction": transaction,
        "addresses": [rows.address(order, "billing"), rows.address(order, "shipping")],
        "billingAddress": rows.address(order, "billing"),
        "stateMachineState": rows.state(order.state, "order.state"),
        "orderCustomer": _customer(order),
        "currency": _currency(order.sale.currency),
        "language": _language(),
        "salesChannel": sales_channel(in_store=order.sale.in_store),
        "documents": _documents(order),
        "tags": [
            {"id": uuid("tag", tag), "name": tag, "apiAlias": "tag"} for tag in order.sale.tags
        ],
        "apiAlias": "order",
    }


def _scalars(order: Order) -> Words:
    return {
        "id": order.order_id,
        "versionId": rows.LIVE,
        "autoIncrement": order.count,
        "orderNumber": order.number,
        "billingAddressId": uuid(order.order_id, "billing"),
        "billingAddressVersionId": rows.LIVE,
        "primaryOrderDeliveryId": order.delivery.row_id,
        "primaryOrderTransactionId": order.transaction.row_id,
        "currencyId": uuid("currency", order.sale.currency),
        "languageId": uuid("language"),
        "salesChannelId": sales_channel(in_store=order.sale.in_store)["id"],
        "orderDateTime": rows.time(order.created_at),
        "orderDate": rows.time(order.created_at.replace(hour=0, minute=0, second=0, microsecond=0)),
        "stateId": rows.state(order.state, "order.state")["id"],
        "deepLinkCode": uuid("deep", order.order_id),
        "affiliateCode": None,
        "campaignCode": None,
        "customerComment": None,
        "internalComment": order.internal_comment,
        "source": None,
        "taxCalculationType": "horizontal",
        "ruleIds": [],
        "customFields": order.custom_fields,
        "createdById": None,
        "updatedById": None,
        **rows.stamps(order),
    }


def _amounts(order: Order) -> Words:
    digits = order.digits
    net = sum(net_of(item.total, item.line.tax_percent) for item in order.items)
    net -= sum(net_of(one.amount, 22) for one in order.promotions)
    goods = order.total - order.shipping
    shown = net if order.tax_status == "net" else goods
    whole_net = net + net_of(order.shipping, 22)
    rounding = {
        "decimals": digits,
        "interval": 0.01,
        "roundForNet": True,
        "apiAlias": "cash_rounding_config",
    }
    return {
        "price": {
            "netPrice": rows.number(whole_net, digits),
            "totalPrice": rows.number(order.total, digits),
            "positionPrice": rows.number(shown, digits),
            "rawTotal": rows.number(order.total, digits),
            "taxStatus": order.tax_status,
            "calculatedTaxes": [
                {
                    "tax": rows.number(order.total - whole_net, digits),
                    "taxRate": 22,
                    "price": rows.number(order.total, digits),
                }
            ],
            "taxRules": [{"taxRate": 22, "percentage": 100}],
            "apiAlias": "cart_price",
        },
        "amountTotal": rows.number(order.total, digits),
        "amountNet": rows.number(whole_net, digits),
        "positionPrice": rows.number(shown, digits),
        "taxStatus": order.tax_status,
        "shippingCosts": rows.price(order.shipping, 1, 22, order),
        "shippingTotal": rows.price(order.shipping, 1, 22, order)["totalPrice"],
        "currencyFactor": 1.0,
        "itemRounding": rounding,
        "totalRounding": rounding,
    }


def _customer(order: Order) -> Words:
    return {
        "id": uuid(order.order_id, "customer"),
        "versionId": rows.LIVE,
        "orderId": order.order_id,
        "customerId": uuid("customer", order.words["email"]),
        "email": order.words["email"],
        "salutationId": uuid("salutation"),
        **rows.names(order.words["name"]),
        "company": order.words["company"] or None,
        "title": None,
        "vatIds": None,
        "customerNumber": "10000",
        "customFields": None,
        "remoteAddress": "::",
        **rows.stamps(order),
        "apiAlias": "order_customer",
    }


def _currency(iso: str) -> Words:
    return {
        "id": uuid("currency", iso),
        "isoCode": iso,
        "factor": 1.0,
        "symbol": iso,
        "shortName": iso,
        "name": iso,
        "translated": {"name": iso, "shortName": iso, "customFields": []},
        "apiAlias": "currency",
    }


def _language() -> Words:
    return {
        "id": uuid("language"),
        "name": "Italiano",
        "localeId": uuid("locale"),
        "locale": {"id": uuid("locale"), "code": "it-IT", "name": "Italian", "apiAlias": "locale"},
        "apiAlias": "language",
    }


def sales_channel(*, in_store: bool) -> Words:
    name = "Till" if in_store else "Storefront"
    kind = rows.HEADLESS if in_store else rows.STOREFRONT
    return {
        "id": uuid("sales-channel", name),
        "typeId": kind,
        "name": name,
        "active": True,
        "accessKey": "SWSC" + uuid("access", name)[:22].upper(),
        "translated": {"name": name, "customFields": []},
        "type": {
            "id": kind,
            "name": "Headless" if in_store else "Storefront",
            "apiAlias": "sales_channel_type",
        },
        "apiAlias": "sales_channel",
    }


def _documents(order: Order) -> list[Words]:
    if not order.invoice:
        return []
    return [
        {
            "id": uuid(order.order_id, "invoice"),
            "documentTypeId": uuid("document-type", "invoice"),
            "orderId": order.order_id,
            "orderVersionId": uuid(order.order_id, "version"),
            "documentNumber": order.invoice,
            "config": {"documentNumber": order.invoice, "custom": {"invoiceNumber": order.invoice}},
            "sent": False,
            "static": False,
            "deepLinkCode": uuid("deep", order.invoice),
            "createdAt": rows.time(order.invoiced_at),
            "updatedAt": None,
            "documentType": {
                "id": uuid("document-type", "invoice"),
                "technicalName": "invoice",
                "name": "Invoice",
                "apiAlias": "document_type",
            },
            "apiAlias": "document",
        }
    ]
