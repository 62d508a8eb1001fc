"""The statements of the bulk import, and the columns they are made of."""

from collections.abc import Iterable, Mapping

# What a shop tells, replaced as a whole by the next telling.
TOLD = {
    "number": "text",
    "number_norm": "text",
    "channel": "text",
    "status": "text",
    "language": "text",
    "name": "text",
    "company": "text",
    "street": "text",
    "house_number": "text",
    "address_2": "text",
    "postal_code": "text",
    "postal_norm": "text",
    "city": "text",
    "state": "text",
    "country": "text",
    "email": "text",
    "email_norm": "text",
    "phone": "text",
    "receipt_norm": "text",
    "currency": "text",
    "total_minor": "bigint",
    "weight_g": "integer",
    "tags": "varchar[]",
    "ordered_at": "timestamptz",
    "facts": "jsonb",
    "shop_updated_at": "timestamptz",
    "said_digest": "text",
}
# What may be learned elsewhere as well: silence of the shop takes nothing away.
LEARNED = {
    "cancelled_at": "CASE WHEN excluded.cancelled_at IS NULL THEN NULL "
    "ELSE COALESCE(o.cancelled_at, excluded.cancelled_at) END",
    "fulfilled_at": "COALESCE(excluded.fulfilled_at, o.fulfilled_at)",
    "delivered_at": "COALESCE(excluded.delivered_at, o.delivered_at)",
    "outbound_tracking_number": "COALESCE(NULLIF(excluded.outbound_tracking_number, ''), "
    "o.outbound_tracking_number)",
    "has_outbound": "excluded.has_outbound OR o.has_outbound",
}
LEARNED_TYPES = dict(zip(LEARNED, ["timestamptz"] * 3 + ["text", "boolean"], strict=True))
# What our own rules say of it.
RULED = {
    "sender_address_id": "bigint",
    "brand_id": "bigint",
    "brand_by_default": "boolean",
    "rule_trace": "jsonb",
}
KEYS = {"external_order_id": "text", "external_shipment_id": "text"}
# What is known without the database stands first, so that its text can be made before.
ORDER = KEYS | TOLD | LEARNED_TYPES | {"shipment_uuid": "uuid"} | RULED
LINE = {
    "order_id": "bigint",
    "line_key": "text",
    "position": "smallint",
    "sku": "text",
    "product_id": "text",
    "variant_id": "text",
    "name": "text",
    "variant": "text",
    "quantity": "integer",
    "price_minor": "bigint",
    "weight_g": "integer",
    "hs_code": "text",
    "origin_country": "text",
    "final_sale": "boolean",
    "image_url": "text",
    "properties": "jsonb",
}
LINE_WORDS = [name for name in LINE if name not in ("order_id", "line_key", "quantity")]


def _temporary(table: str, columns: Mapping[str, str]) -> str:
    inner = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    return f"CREATE TEMPORARY TABLE IF NOT EXISTS {table} ({inner}) ON COMMIT DELETE ROWS"


def _same(prefix: str, columns: Iterable[str]) -> str:
    return "(" + ", ".join(f"{prefix}.{name}" for name in columns) + ")"


MAKE_TABLES = [_temporary("told_order", ORDER), _temporary("told_line", LINE)]
COPY_ORDERS = f"COPY told_order ({', '.join(ORDER)}) FROM STDIN (NULL E'\\x01')"
COPY_LINES = f"COPY told_line ({', '.join(LINE)}) FROM STDIN (NULL E'\\x01')"
# Asked as one list, not as a join: with the statistics of a young table, or none, a join reads all of the
# integration for every key; a list is read in one go whatever index the planner takes.
LOOK = """
    SELECT external_order_id, external_shipment_id, id, shipment_uuid::text, shop_updated_at, said_digest,
           redacted_at, sender_address_id, brand_id, brand_by_default
    FROM rientro_order
    WHERE merchant_id = %s AND integration_id = %s AND external_order_id = ANY(%s::text[])
"""
MERGE_ORDERS = f"""
    INSERT INTO rientro_order AS o
        (merchant_id, integration_id, created_at, updated_at, {", ".join(ORDER)})
    SELECT %s, %s, %s, %s, {", ".join(ORDER)} FROM told_order
    ON CONFLICT (merchant_id, integration_id, external_order_id, external_shipment_id) DO UPDATE SET
        updated_at = excluded.updated_at,
        {", ".join(f"{name} = excluded.{name}" for name in [*TOLD, *RULED])},
        {", ".join(f"{name} = {value}" for name, value in LEARNED.items())}
    WHERE o.redacted_at IS NULL
      AND (o.shop_updated_at, o.said_digest, o.sender_address_id, o.brand_id, o.brand_by_default)
          IS DISTINCT FROM (excluded.shop_updated_at, excluded.said_digest,
                            excluded.sender_address_id, excluded.brand_id, excluded.brand_by_default)
    RETURNING o.external_order_id, o.external_shipment_id, o.id, o.shipment_uuid::text, xmax = 0
"""  # noqa: S608
# Of new orders, which nobody else can see yet: nothing to conflict with.
ADD_LINES = f"""
    INSERT INTO rientro_orderline AS l
        (merchant_id, returned_quantity, {", ".join(LINE)})
    SELECT %s, 0, {", ".join(LINE)} FROM told_line
"""  # noqa: S608
MERGE_LINES = f"""
    {ADD_LINES}
    ON CONFLICT (merchant_id, order_id, line_key) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in LINE_WORDS)},
        quantity = GREATEST(excluded.quantity, l.returned_quantity),
        removed_at = NULL
    WHERE {_same("l", [*LINE_WORDS, "quantity"])}
          IS DISTINCT FROM {_same("excluded", [*LINE_WORDS, "quantity"])}
       OR l.removed_at IS NOT NULL
"""
# Units that are on their way back stay on the order, whatever the shop says by now.
KEPT_BACK = """
    SELECT l.order_id, l.name, l.quantity FROM told_line t
    JOIN rientro_orderline l
      ON l.merchant_id = %s AND l.order_id = t.order_id AND l.line_key = t.line_key
    WHERE t.order_id = ANY(%s) AND l.quantity > t.quantity
"""
DROP_GONE = """
    UPDATE rientro_orderline l SET
        removed_at = CASE WHEN l.returned_quantity = 0 THEN %s::timestamptz END,
        quantity = CASE WHEN l.returned_quantity = 0 THEN l.quantity ELSE l.returned_quantity END
    WHERE l.merchant_id = %s AND l.order_id = ANY(%s) AND l.removed_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM told_line t WHERE t.order_id = l.order_id AND t.line_key = l.line_key)
    RETURNING l.order_id, l.name, l.returned_quantity
"""
WITH_RETURNS = """
    SELECT DISTINCT order_id FROM rientro_return WHERE merchant_id = %s AND order_id = ANY(%s)
"""
RULE_AGAIN = """
    UPDATE rientro_order o SET sender_address_id = again.sender_address_id, brand_id = again.brand_id,
        brand_by_default = again.brand_by_default, rule_trace = again.rule_trace::jsonb, updated_at = %s
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[], %s::text[])
        AS again (id, sender_address_id, brand_id, brand_by_default, rule_trace)
    WHERE o.merchant_id = %s AND o.id = again.id AND o.redacted_at IS NULL
"""
