"""Addresses of version 3 about returns, parcels, ways to send, and shipping rules."""

from django.urls import re_path

from rientro.api.v3 import (
    parcels,
    returns,
    shipping_options,
    shipping_rules,
    shipping_rules_words,
)

RETURN = r"^v3/returns/(?P<return_id>[0-9]{1,18})"
RULES = "^v3/shipping-rules"
KIND = "(?P<kind>[a-z0-9-]{1,40})"
WORD = "(?P<identifier>[a-z0-9_-]{1,60})"
urlpatterns = [
    re_path(r"^v3/returns/?$", returns.collection, name="v3-returns"),
    re_path(r"^v3/returns/announce-synchronously/?$", returns.announcing, name="v3-announce"),
    re_path(r"^v3/returns/validate/?$", returns.validating, name="v3-validate"),
    re_path(rf"{RETURN}/?$", returns.single, name="v3-return"),
    re_path(rf"{RETURN}/cancel/?$", returns.cancelling, name="v3-cancel"),
    re_path(r"^v3/shipping-options/?$", shipping_options.options, name="v3-options"),
    re_path(r"^v3/fetch-shipping-options/?$", shipping_options.twin, name="v3-options-twin"),
    re_path(r"^v3/parcels/statuses/?$", parcels.statuses, name="v3-statuses"),
    re_path(
        r"^v3/parcels/tracking/(?P<tracking_number>[A-Za-z0-9._-]{1,80})/?$",
        parcels.tracking,
        name="v3-tracking",
    ),
    re_path(
        rf"^v3/parcels/(?P<number>[0-9]{{1,19}})/documents/{KIND}/?$",
        parcels.document,
        name="v3-document",
    ),
    re_path(rf"^v3/parcel-documents/{KIND}/?$", parcels.documents, name="v3-documents"),
    re_path(rf"{RULES}/rules/?$", shipping_rules.rules, name="v3-rules"),
    re_path(rf"{RULES}/rules/reorder/?$", shipping_rules.ordering, name="v3-rules-order"),
    re_path(rf"{RULES}/rules/(?P<rule_id>[0-9]{{1,18}})/?$", shipping_rules.rule, name="v3-rule"),
    re_path(rf"{RULES}/conditions/?$", shipping_rules_words.conditions, name="v3-conditions"),
    re_path(rf"{RULES}/conditions/{WORD}/?$", shipping_rules_words.condition, name="v3-condition"),
    re_path(rf"{RULES}/operators/?$", shipping_rules_words.operators, name="v3-operators"),
    re_path(rf"{RULES}/actions/?$", shipping_rules_words.actions, name="v3-actions"),
    re_path(rf"{RULES}/actions/{WORD}/?$", shipping_rules_words.action, name="v3-action"),
]
