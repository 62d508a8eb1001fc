"""Every address of the panel: which one a stranger must not reach, and which role may press what."""

from typing import Any

from django.urls import reverse

LISTS = [
    "returns",
    "orders",
    "integrations",
    "addresses",
    "brands",
    "rules",
    "return_rules",
    "return_rule_new",
    "portal",
    "carriers",
    "purchases",
    "billing",
    "ledger",
    "business",
    "account",
    "search",
    "integration_new",
    "address_new",
    "brand_new",
    "rule_new",
    "webhooks",
    "webhook_new",
]
# name -> which rows of a house its address names
PAGES = {
    "return": lambda h: [h.ret.number],
    "return_receive": lambda h: [h.ret.number],
    "order": lambda h: [h.order.pk],
    "integration": lambda h: [h.shop.pk],
    "address": lambda h: [h.address.pk],
    "brand": lambda h: [h.brand.pk],
    "rule": lambda h: [h.rule.pk],
    "return_rule": lambda h: [h.return_rule.pk],
    "portal_of": lambda h: [h.brand.pk],
    "reasons": lambda h: [h.brand.pk],
    "carrier": lambda h: [h.account.pk],
    "pool": lambda h: [h.own_label.account_id],
    "pool_look": lambda h: [h.own_label.account_id, h.own_label.upload_id],
    "webhook": lambda h: [h.webhook.pk],
    "delivery": lambda h: [h.delivery.pk],
}
# name -> (rows of its address, roles that may press it)
DECIDE = {"desk", "admin", "owner"}
RECEIVE = DECIDE | {"warehouse"}
MANAGE = {"admin", "owner"}
ACTS = {
    "return_approve": (lambda h: [h.ret.number], DECIDE),
    "return_reject": (lambda h: [h.ret.number], DECIDE),
    "return_cancel": (lambda h: [h.ret.number], DECIDE),
    "return_deliver": (lambda h: [h.ret.number], RECEIVE),
    "return_receive": (lambda h: [h.ret.number], RECEIVE),
    "return_refund": (lambda h: [h.ret.number], DECIDE),
    "return_retry": (lambda h: [h.ret.number], DECIDE),
    "return_note": (lambda h: [h.ret.number], RECEIVE),
    "return_void": (lambda h: [h.ret.number], DECIDE),
    "order_redact": (lambda h: [h.order.pk], MANAGE),
    "order_rules": (lambda h: [h.order.pk], DECIDE),
    "integration": (lambda h: [h.shop.pk], MANAGE),
    "integration_delete": (lambda h: [h.shop.pk], MANAGE),
    "key_new": (lambda h: [h.shop.pk], MANAGE),
    "integration_webhook": (lambda h: [h.shop.pk], MANAGE),
    "integration_webhook_test": (lambda h: [h.shop.pk], MANAGE),
    "webhook": (lambda h: [h.webhook.pk], MANAGE),
    "webhook_secret": (lambda h: [h.webhook.pk], MANAGE),
    "webhook_switch": (lambda h: [h.webhook.pk], MANAGE),
    "webhook_test": (lambda h: [h.webhook.pk], MANAGE),
    "webhook_delete": (lambda h: [h.webhook.pk], MANAGE),
    "delivery_replay": (lambda h: [h.delivery.pk], MANAGE),
    "address": (lambda h: [h.address.pk], MANAGE),
    "address_default": (lambda h: [h.other_address.pk], MANAGE),
    "address_delete": (lambda h: [h.other_address.pk], MANAGE),
    "brand": (lambda h: [h.brand.pk], MANAGE),
    "rule": (lambda h: [h.rule.pk], MANAGE),
    "rule_switch": (lambda h: [h.rule.pk], MANAGE),
    "rule_move": (lambda h: [h.rule.pk], MANAGE),
    "rule_delete": (lambda h: [h.rule.pk], MANAGE),
    "return_rule": (lambda h: [h.return_rule.pk], MANAGE),
    "return_rule_switch": (lambda h: [h.return_rule.pk], MANAGE),
    "return_rule_move": (lambda h: [h.return_rule.pk], MANAGE),
    "return_rule_delete": (lambda h: [h.return_rule.pk], MANAGE),
    "portal_of": (lambda h: [h.brand.pk], MANAGE),
    "reasons": (lambda h: [h.brand.pk], MANAGE),
    "carrier": (lambda h: [h.account.pk], MANAGE),
    "pool": (lambda h: [h.own_label.account_id], MANAGE),
    "pool_look": (lambda h: [h.own_label.account_id, h.own_label.upload_id], MANAGE),
    "pool_label": (lambda h: [h.own_label.account_id, h.own_label.pk], MANAGE),
    "pool_upload": (lambda h: [h.own_label.account_id], MANAGE),
    "carrier_check": (lambda h: [h.account.pk], MANAGE),
    "carrier_default": (lambda h: [h.account.pk], MANAGE),
    "carrier_disconnect": (lambda h: [h.account.pk], MANAGE),
}


def place(name: str, *args: Any) -> str:
    return reverse(f"panel:{name}", args=args)
