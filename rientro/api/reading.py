"""One JSON object, read field by field; what is wrong is gathered under the caller's own names."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from rientro.policy.amounts import decimal_of

REQUIRED = "This field is required."
BLANK = "This field may not be blank."
YEARS = range(1970, 2201)


def tracking_number(told: Any) -> str:
    """The number of the parcel that went out; what is none must not keep an order out."""
    text = str(told) if type(told) is int else told
    return text.strip()[:120] if isinstance(text, str) else ""


class Reader:
    """``problems`` is {field: [sentences]}. A field that was not told, or null, is empty unless it is needed."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.told = told
        self.problems: dict[str, Any] = {}

    def wrong(self, name: str, sentence: str) -> None:
        self.problems.setdefault(name, []).append(sentence)

    def text(self, name: str, *, needed: bool = False, longest: int = 2000) -> str:
        """A string; whole numbers are taken as one, because many shops number things."""
        value = self.told.get(name)
        if type(value) is str and len(value) <= longest and (not needed or value.strip()):
            return value  # nearly always
        if value is None:
            if needed:
                self.wrong(
                    name, REQUIRED if name not in self.told else "This field may not be null."
                )
            return ""
        if type(value) is int:
            value = str(value)
        if not isinstance(value, str):
            self.wrong(name, "Not a valid string.")
            return ""
        if needed and not value.strip():
            self.wrong(name, BLANK)
        if len(value) > longest:
            self.wrong(name, f"Ensure this field has no more than {longest} characters.")
            return ""
        return value

    def moment(self, name: str) -> datetime | None:
        """An ISO 8601 time; without a zone it is UTC, which is what such clients mean."""
        value = self.told.get(name)
        if value is None or value == "":
            return None
        try:
            moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
            if moment is not None:
                moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
                moment = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            moment = None
        if moment is None or moment.year not in YEARS:
            self.wrong(name, "Use a date and time such as 2026-11-24T09:30:00+01:00.")
            return None
        return moment

    def number(self, name: str) -> Decimal | None:
        value = self.told.get(name)
        if value is None or value == "":
            return None
        number = decimal_of(value)
        if number is None:
            self.wrong(name, "A valid number is required.")
        return number

    def whole(self, name: str, *, least: int, most: int) -> int | None:
        number = self.number(name)
        if number is None:
            return None
        if number != int(number):
            self.wrong(name, "A valid integer is required.")
        elif not least <= number <= most:
            self.wrong(name, f"Must be from {least} to {most}.")
        else:
            return int(number)
        return None

    def entries(self, name: str) -> list[Any] | None:
        value = self.told.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            self.wrong(name, "Expected a list of items.")
            return None
        return value
