"""Facts of an order that does not exist yet, as rules may look at them."""

import re
from typing import Any

from rientro.api.describe import INTEGER, STRING, many, maybe, record
from rientro.api.door import Call
from rientro.api.reading import Reader
from rientro.api.rientro_v1.common import AMOUNT, stop_if_wrong
from rientro.kit.errors import Missing
from rientro.kit.money import Money, decimals_of
from rientro.models import Order
from rientro.policy.shipping_rules import OrderFacts

MOST_WORDS = 200
PLAIN = re.compile(r"[0-9]{1,15}(\.[0-9]{1,4})?")
FACTS = record(
    integration_id=maybe(INTEGER),
    country=maybe(STRING),
    postal_code=maybe(STRING),
    channel=maybe(STRING),
    company=maybe(STRING),
    number=maybe(STRING),
    status=maybe(STRING),
    skus=maybe(many(STRING)),
    item_names=maybe(many(STRING)),
    tags=maybe(many(STRING)),
    value=maybe(AMOUNT),
    currency=maybe(STRING),
    weight_g=maybe(INTEGER),
)


def read_facts(call: Call, reader: Reader) -> OrderFacts:
    """``facts`` of the body; the integration is the key's own unless told. Raises Refused, Missing."""
    told = reader.told.get("facts")
    if not isinstance(told, dict):
        reader.wrong("facts", "Send an object.")
        stop_if_wrong(reader)
    inner = Reader(told if isinstance(told, dict) else {})
    facts = _read(inner, integration_id=_integration(call, inner))
    for name, sentences in inner.problems.items():
        for sentence in sentences:
            reader.wrong(f"facts/{name}", sentence)
    stop_if_wrong(reader)
    return facts


def _read(inner: Reader, *, integration_id: int) -> OrderFacts:
    channel = inner.text("channel", longest=12) or Order.Channel.WEB.value
    if channel not in Order.Channel.values:
        inner.wrong("channel", f"Choose from: {', '.join(Order.Channel.values)}.")
    return OrderFacts(
        integration_id=integration_id,
        country=inner.text("country", longest=2).upper(),
        postal_code=inner.text("postal_code", longest=40),
        channel=channel,
        company=inner.text("company", longest=200),
        number=inner.text("number", longest=200),
        status=inner.text("status", longest=120),
        skus=_words(inner, "skus"),
        item_names=_words(inner, "item_names"),
        tags=_words(inner, "tags"),
        value=_value(inner),
        weight_g=inner.whole("weight_g", least=0, most=10**9),
    )


def _integration(call: Call, inner: Reader) -> int:
    own: int = call.caller.integration.pk
    told = inner.whole("integration_id", least=1, most=2**62)
    if told is None or told == own:
        return own
    merchant = call.caller.integration.merchant
    living = merchant.integrations.filter(deleted_at=None, pk=told)
    if not (call.caller.every_shop and living.exists()):
        raise Missing("There is no such integration.")
    return told


def _words(inner: Reader, name: str) -> list[str]:
    told = inner.entries(name) or []
    if len(told) > MOST_WORDS or not all(
        isinstance(word, str) and len(word) <= 500 for word in told
    ):
        inner.wrong(name, f"At most {MOST_WORDS} strings of 500 characters.")
        return []
    return told


def _value(inner: Reader) -> Money | None:
    told: Any = inner.text("value", longest=40)
    currency = inner.text("currency", longest=3).upper() or "EUR"
    if not told:
        return None
    if not (currency.isascii() and currency.isalpha() and len(currency) == 3):
        inner.wrong("currency", "Send a code such as EUR.")
        return None
    try:
        if PLAIN.fullmatch(told):
            return Money.parse(told, currency)
    except ValueError:
        pass
    inner.wrong("value", f"Send an amount with at most {decimals_of(currency)} decimals.")
    return None
