"""How the webservice writes: XML unless asked, and JSON with its oddities.

JSON: the id of a row is a number and everything else words; nothing found is ``[]``; one row asked for by its id is
``{"order": {...}}``, but ``{"orders": [{...}]}`` as soon as ``display`` stands in the address; an association without
entries is not there at all; a field in one language is a word, in several a list.
"""

import json
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

Row = dict[str, Any]


class Spoken(dict[int, str]):
    """{id of the language: a field's words in it}."""


Chosen = str | dict[str, list[str] | None]
LINKS = {
    "id_customer": "customers",
    "id_address_delivery": "addresses",
    "id_address_invoice": "addresses",
    "id_cart": "carts",
    "id_currency": "currencies",
    "id_lang": "languages",
    "id_carrier": "carriers",
    "current_state": "order_states",
    "id_order": "orders",
    "id_country": "countries",
    "id_state": "states",
    "id_product": "products",
}


@dataclass(frozen=True)
class Shape:
    """The names of one resource."""

    resource: str
    node: str
    nodes: str
    entries: dict[str, str]  # association -> the node of its entries
    dynamic: tuple[str, ...] = ()  # made by a getter: not filterable


def as_json(
    shape: Shape, rows: list[Row], chosen: Chosen, *, single: bool, languages: list[int]
) -> bytes:
    if not rows:
        return b"[]"
    told = [_json_row(row, chosen, languages) for row in rows]
    return json.dumps({shape.node: told[0]} if single else {shape.nodes: told}).encode()


def _json_row(row: Row, chosen: Chosen, languages: list[int]) -> Row:
    told: Row = {}
    for name, value in picked(row, chosen).items():
        if name == "associations":
            value = {one: entries for one, entries in value.items() if entries}
            if not value:
                continue
        if isinstance(value, Spoken):
            spoken = [{"id": str(one), "value": value.get(one, "")} for one in languages]
            value = spoken[0]["value"] if len(spoken) == 1 else spoken
        told[name] = value
    return told


def picked(row: Row, chosen: Chosen) -> Row:
    if chosen == "minimum":
        return {"id": row["id"]}
    if isinstance(chosen, str):
        return row
    told = {name: row[name] for name, parts in chosen.items() if parts is None}
    linked = {
        name: [{part: entry.get(part, "") for part in parts} for entry in entries]
        for name, parts in chosen.items()
        if parts is not None
        for entries in [row["associations"].get(name, [])]
    }
    return told | ({"associations": linked} if linked else {})


def as_xml(
    shape: Shape, rows: list[Row], chosen: Chosen, *, single: bool, url: str, languages: list[int]
) -> bytes:
    lines = []
    if not single:
        lines.append(f"<{shape.nodes}>")
    for row in rows:
        if chosen == "minimum":
            link = f"{url}/api/{shape.resource}/{row['id']}"
            lines.append(
                f"<{shape.node} id={quoteattr(str(row['id']))} xlink:href={quoteattr(link)}/>"
            )
        else:
            lines += _xml_row(shape, picked(row, chosen), url, languages)
    if not single:
        lines.append(f"</{shape.nodes}>")
    return document("\n".join(lines))


def document(inside: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<prestashop xmlns:xlink="http://www.w3.org/1999/xlink">\n' + inside + "\n</prestashop>\n"
    ).encode()


def cdata(value: Any) -> str:
    text = str(value)
    return f"<![CDATA[{text}]]>" if text else ""


def _xml_row(shape: Shape, row: Row, url: str, languages: list[int]) -> list[str]:
    lines = [f"<{shape.node}>"]
    for name, value in row.items():
        if name == "associations":
            continue
        if isinstance(value, Spoken):
            inner = "".join(
                f'<language id="{one}" xlink:href="{url}/api/languages/{one}">'
                f"{cdata(value.get(one, ''))}</language>"
                for one in languages
            )
            lines.append(f"<{name}>{inner}</{name}>")
        else:
            link = LINKS.get(name)
            linked = link and value not in ("", "0")
            more = f' xlink:href="{url}/api/{link}/{value}"' if linked else ""
            more += ' notFilterable="true"' if name in shape.dynamic else ""
            lines.append(f"<{name}{more}>{cdata(value)}</{name}>")
    if "associations" in row:
        lines += _xml_associations(shape, row["associations"])
    lines.append(f"</{shape.node}>")
    return lines


def _xml_associations(shape: Shape, associations: dict[str, list[Row]]) -> list[str]:
    lines = ["<associations>"]
    for name, entries in associations.items():
        node = shape.entries.get(name, name.rstrip("s"))
        if not entries:
            lines.append(f'<{name} nodeType="{node}"/>')
            continue
        lines.append(f'<{name} nodeType="{node}">')
        for entry in entries:
            lines.append(f"<{node}>")
            lines += [f"<{field}>{cdata(value)}</{field}>" for field, value in entry.items()]
            lines.append(f"</{node}>")
        lines.append(f"</{name}>")
    return [*lines, "</associations>"]


def errors(found: list[tuple[int, str]], *, in_json: bool) -> bytes:
    if in_json:
        return json.dumps(
            {"errors": [{"code": code, "message": message} for code, message in found]}
        ).encode()
    inner = "\n".join(
        f"<error>\n<code>{cdata(code)}</code>\n<message>{cdata(message)}</message>\n</error>"
        for code, message in found
    )
    return document(f"<errors>\n{inner}\n</errors>")
