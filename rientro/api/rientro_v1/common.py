"""What the operations of our own API share: which returns a key sees, bodies, pages, versions."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from rientro.api.body import raw_body, read_json
from rientro.api.describe import STRING, Schema, many, maybe, record
from rientro.api.door import Call
from rientro.api.errors import Refused
from rientro.api.operations import Param
from rientro.api.reading import Reader
from rientro.kit.errors import Missing
from rientro.kit.money import Money
from rientro.models import Event, Return
from rientro.policy.event_facts import safe_facts

M = TypeVar("M", bound=Model)
REFERENCE = {"type": "string", "description": "The number (R-10001) or the id (a UUID)."}
PARTS = {"reference": REFERENCE}
LIMIT = Param(
    name="limit",
    about="1 to 100, 50 unless told",
    schema={"type": "integer", "minimum": 1, "maximum": 100},
)
CURSOR = Param(name="cursor", about="`next_cursor` of the page before")
AMOUNT: Schema = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
IF_MATCH = "If-Match"
YEARS = range(1970, 2201)
UUID_SHAPE = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


# Whose


def returns_of(call: Call) -> QuerySet[Return]:
    """The returns that this key sees: those of its integration's orders, or of every shop's."""
    integration = call.caller.integration
    found: QuerySet[Return] = integration.merchant.returns.all()
    return found if call.caller.every_shop else found.filter(order__integration=integration.pk)


def return_named(rows: QuerySet[Return], reference: str) -> Return:
    """The return of this number or id. Raises Missing."""
    by = (
        {"public_id": UUID(reference)} if UUID_SHAPE.fullmatch(reference) else {"number": reference}
    )
    found = rows.filter(**by).first()
    if found is None:
        raise Missing("There is no such return.")
    return found


# What is told


def amount(minor: int, currency: str) -> str:
    """An amount as a decimal string: 4.95."""
    return str(Money(minor, currency).decimal())


def facts_out(event: Event) -> dict[str, Any]:
    """What an event says of itself, without anything personal; an amount as everywhere in this API."""
    told = safe_facts(event.facts)
    minor, currency = told.get("amount_minor"), told.get("currency")
    if isinstance(minor, int) and isinstance(currency, str):
        told = {name: value for name, value in told.items() if name != "amount_minor"}
        told["amount"] = amount(minor, currency)
    return told


def moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def page_schema(item: Schema | str) -> Schema:
    return record({"data": many(item), "next_cursor": maybe(STRING)})


def page_of(call: Call, rows: QuerySet[M], out: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """``{data, next_cursor}``, newest first. Raises Refused for a cursor or a limit that cannot be read."""
    limit, place = limit_of(call.request, most=100, usual=50), _place(call.request)
    if place is not None:
        rows = rows.filter(pk__lt=place)
    found = list(rows.order_by("-pk")[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    return {
        "data": [out(row) for row in found],
        "next_cursor": _cursor(found[-1].pk) if more else None,
    }


def limit_of(request: HttpRequest, *, most: int, usual: int) -> int:
    told = request.GET.get("limit", "")
    if not told:
        return usual
    if not (told.isascii() and told.isdigit() and len(told) <= 6 and 1 <= int(told) <= most):
        raise wrong_query("limit", f"Send a number from 1 to {most}.")
    return int(told)


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(f"before={place}".encode()).decode().rstrip("=")


def _place(request: HttpRequest) -> int | None:
    told = request.GET.get("cursor", "")
    if not told:
        return None
    try:
        padded = told.encode() + b"=" * (-len(told) % 4)
        plain = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        name, _, number = plain.partition("=")
        if name != "before" or not (number.isascii() and number.isdigit() and len(number) <= 18):
            raise ValueError("no cursor of ours")
    except (binascii.Error, ValueError) as error:
        words = "This cursor is none of ours. Begin again without one."
        raise wrong_query("cursor", words) from error
    return int(number)


# What is asked


class BadRequest(Refused):
    """A part of the query (``facts.parameter``) or of the body (``facts.fields``) cannot be used."""

    code: ClassVar[str] = "invalid_request"


class ChangedMeanwhile(Refused):
    """The return is not what the caller saw."""

    code: ClassVar[str] = "changed_meanwhile"


def wrong_query(name: str, words: str) -> Refused:
    """400 for one part of the query, in the words of our own errors."""
    return BadRequest(f"{name}: {words}", parameter=name)


def query_moment(request: HttpRequest, name: str) -> datetime | None:
    """A moment of the query; raises Refused."""
    told = request.GET.get(name, "").strip()
    if not told:
        return None
    date, space, rest = told.partition(" ")
    # A plus that nobody escaped is a space: 2026-11-24T09:30:00 01:00
    told = f"{date}+{rest}" if space and "T" in date else told
    try:
        found = datetime.fromisoformat(told)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        if found.year in YEARS:
            return found
    except (ValueError, OverflowError):
        pass
    raise wrong_query(name, "Use a date and time such as 2026-11-24T09:30:00+01:00.")


def query_text(request: HttpRequest, name: str, *, longest: int = 255) -> str:
    told = request.GET.get(name, "").strip()
    if "\0" in told or len(told) > longest:
        raise wrong_query(name, f"Send at most {longest} characters, without NUL.")
    return told


def query_choice(request: HttpRequest, name: str, offered: Mapping[str, Any] | list[str]) -> str:
    told = query_text(request, name)
    if told and told not in offered:
        raise wrong_query(name, f"Choose from: {', '.join(offered)}.")
    return told


def body_of(call: Call, *, may_be_empty: bool = False) -> Reader:
    """The body as an object; a step without parameters needs none."""
    if may_be_empty and not raw_body(call.request).strip():
        return Reader({})
    told = read_json(call.request)
    if not isinstance(told, dict):
        raise BadRequest("Send a JSON object.")
    return Reader(told)


def stop_if_wrong(reader: Reader) -> None:
    """Raise Refused with ``facts.fields`` when the reader gathered problems."""
    if not reader.problems:
        return
    name, first = next(iter(reader.problems.items()))
    words = first[0] if isinstance(first, list) else str(first)
    raise BadRequest(f"{name}: {words}", fields=reader.problems)


# Versions


def version_of(ret: Return) -> str:
    """Changes with every change of the return; an ETag without its quotes."""
    return f"{ret.pk:x}-{int(ret.updated_at.timestamp() * 1_000_000):x}"


def stop_if_changed(call: Call, ret: Return) -> None:
    """Raise ChangedMeanwhile (412) when ``If-Match`` names another version than this one."""
    told = call.request.headers.get(IF_MATCH, "").strip()
    if not told or told == "*":
        return
    named = {tag.strip().removeprefix("W/").strip('"') for tag in told.split(",")}
    if version_of(ret) not in named:
        raise ChangedMeanwhile(
            "The return was changed since you read it. Read it again and decide anew.",
            status=412,
            version=version_of(ret),
        )
