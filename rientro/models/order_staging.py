"""From an order as told to the texts that COPY takes: trimmed, normalised once, with stable line keys."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec

from rientro.kit.postal_codes import normal_postal
from rientro.kit.text import clean_line, normal_email, normal_number
from rientro.models.order_merge import NULL, Key, Ruling, Staged, copy_text
from rientro.policy.orders_in import LineIn, OrderIn, has_outbound

READING = "2"  # part of the digest: raise it when the same words come to be read otherwise
LONGEST_KEY = 200
LONGEST_FACTS = 64 * 1024


def stage(order: OrderIn, ruling: Ruling) -> Staged:
    """``order``, which has no problems, as the merge wants it."""
    lines = None if order.lines is None else _lines(order.lines)
    told = _told(order)
    learned = _learned(order)
    digest = ""
    if order.shop_updated_at is None:  # without the shop's stamp the whole of its words is compared
        digest = _digest(told, learned, lines, cancelled=order.cancelled_at is not None)
    key = key_of(order)
    stamped = [_moment(order.shop_updated_at), digest, _moment(order.cancelled_at)]
    return Staged(
        key=key,
        row=copy_text([*key, *told, *stamped, *learned]),
        ruling=ruling,
        lines=None if lines is None else [copy_text(line) for line in lines],
        stamp=order.shop_updated_at,
        digest=digest,
    )


def key_of(order: OrderIn) -> Key:
    """What tells ``order`` from the others of its shop."""
    return clean_line(order.external_order_id), clean_line(order.external_shipment_id)


def _told(order: OrderIn) -> list[str]:
    """In the order of order_sql.TOLD, without its last two."""
    postal = clean_line(order.postal_code, 40)
    email = clean_line(order.email, 254)
    number = clean_line(order.number)
    return [
        number,
        normal_number(number),
        order.channel,
        clean_line(order.status, 120),
        clean_line(order.language, 8),
        clean_line(order.name),
        clean_line(order.company),
        clean_line(order.street),
        clean_line(order.house_number, 40),
        clean_line(order.address_2),
        postal,
        normal_postal(postal, order.country),
        clean_line(order.city, 120),
        clean_line(order.state, 80),
        order.country,
        email,
        normal_email(email),
        clean_line(order.phone, 60),
        normal_number(order.receipt)[:80],
        order.currency,
        str(order.total_minor),
        str(order.weight_g),
        _array(order.tags) if order.tags else "{}",
        _moment(order.ordered_at),
        _json(order.facts) if order.facts else "{}",
    ]


def _learned(order: OrderIn) -> list[str]:
    """In the order of order_sql.LEARNED, without its first."""
    return [
        _moment(order.fulfilled_at),
        _moment(order.delivered_at),
        clean_line(order.outbound_tracking_number, 120),
        "t" if has_outbound(order) else "f",
    ]


def _lines(lines: Sequence[LineIn]) -> list[list[str]]:
    """In the order of order_sql.LINE, without ``order_id``."""
    seen: dict[str, int] = {}
    staged = []
    for position, line in enumerate(lines):
        key = _key(line)
        times = seen[key] = seen.get(key, 0) + 1
        if times > 1:
            key = f"{key[: LONGEST_KEY - 6]}~{times}"
        staged.append(
            [
                key,
                str(position),
                clean_line(line.sku, 120),
                clean_line(line.product_id, 120),
                clean_line(line.variant_id, 120),
                clean_line(line.name, 500),
                clean_line(line.variant),
                str(line.quantity),
                str(line.price_minor),
                str(line.weight_g),
                clean_line(line.hs_code, 12),
                clean_line(line.origin_country, 2).upper(),
                "t" if line.final_sale else "f",
                clean_line(line.image_url, 1000),
                _json(line.properties) if line.properties else "{}",
            ]
        )
    return staged


def _key(line: LineIn) -> str:
    """The shop's own id of the line, else what it is made of: never its quantity or price, which get edited."""
    if line.line_key:
        return clean_line(line.line_key)
    if line.sku or line.product_id or line.variant_id:
        key = f"~{line.product_id}~{line.variant_id}~{line.sku}~{line.variant}"
    else:
        key = f"~{line.name}~{line.variant}"
    if len(key) <= LONGEST_KEY - 6:
        return clean_line(key)
    return "~" + blake2b(key.encode(errors="replace"), digest_size=16).hexdigest()


def _digest(
    told: Sequence[str],
    learned: Sequence[str],
    lines: Sequence[Sequence[str]] | None,
    *,
    cancelled: bool,
) -> str:
    parts = [READING, "cancelled" if cancelled else "", *told, *learned]
    for line in lines or ():
        parts += line
    whole = "\x1f".join(parts)
    return blake2b(whole.encode(), digest_size=16).hexdigest()


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return NULL
    return moment.astimezone(UTC).isoformat()


def _array(words: Sequence[str]) -> str:
    """An array literal (PostgreSQL manual, 8.15.6)."""
    quoted = (
        clean_line(word, 80).replace("\\", "\\\\").replace('"', '\\"')
        for word in dict.fromkeys(words)
    )
    return "{" + ",".join(f'"{word}"' for word in quoted if word) + "}"


def _json(facts: Mapping[str, Any]) -> str:
    """JSON text. What is absurdly large is not kept: we do not read it anyway."""
    text = msgspec.json.encode(facts).decode()
    if "\\u0000" in text:  # jsonb cannot hold NUL
        text = msgspec.json.encode(_without_nul(facts)).decode()
    return text if len(text) <= LONGEST_FACTS else "{}"


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, Mapping):
        return {_without_nul(key): _without_nul(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nul(inner) for inner in value]
    return value
