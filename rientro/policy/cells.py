"""One cell of a file, read as a date, an amount, a word; and what a whole column gives away about its habits."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

from rientro.kit.postal_codes import problem

DATE_ORDERS = {"dmy": "day first: 24.11.2026", "mdy": "month first: 11/24/2026"}
_PARTS = re.compile(
    r"(\d{1,4})[./\-\s](\d{1,2})[./\-\s](\d{2,4})"
    r"(?:[T,\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_SERIAL = re.compile(r"\d{5}([.,]\d+)?", re.ASCII)
_FIRST_SERIAL, _LAST_SERIAL = 25_569, 109_575  # 1970 to 2199 as Excel counts days
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a day without a place: its zone comes with the file
_SHORTENED = re.compile(r"\d([.,]\d+)?E\+?\d{2}", re.ASCII | re.IGNORECASE)
_YEARS = range(1970, 2200)
_OFF = (
    "cancelled canceled voided void annullato annullata annullati storniert abgebrochen stornato stornata "
    "annule annulee cancelado cancelada anulado anulada geannuleerd"
)
CANCELLED = frozenset(_OFF.split())
CHANNELS = {
    "store": "store instore pos till shop retail negozio cassa puntovendita laden filiale kasse geschaft magasin "
    "boutique caisse tienda caja winkel kassa",
    "phone": "phone telephone telefono telefon telefonisch telephonique telefonico telefoon",
    "marketplace": "marketplace amazon ebay zalando etsy bol otto kaufland mercato piattaforma marktplatz",
}
_CHANNEL_OF = {word: channel for channel, words in CHANNELS.items() for word in words.split()}
_YES = "yes y true 1 x si ja oui vero wahr vrai verdadero waar"
YES = frozenset(_YES.split())


def plain_cell(cell: str) -> str:
    """The words of a cell, without what spreadsheets and our own exports wrap around them."""
    text = cell.strip()
    if text.startswith('="') and text.endswith('"'):  # how Excel is told to keep leading zeros
        text = text[2:-1]
    if text.startswith("'") and len(text) > 1:
        text = text[1:]
    return text.strip()


def plain_word(text: str) -> str:
    """Letters and digits only, without accents and case."""
    apart = unicodedata.normalize("NFKD", text.replace("ß", "ss")).casefold()
    return "".join(character for character in apart if character.isalnum())


def read_moment(text: str, *, date_order: str, zone: tzinfo) -> datetime | None:
    """A date or a time as files write it; without a zone of its own it is the merchant's. None if unreadable."""
    if _SERIAL.fullmatch(text):
        days = Decimal(text.replace(",", "."))
        if not _FIRST_SERIAL <= days <= _LAST_SERIAL:
            return None
        naive = _EXCEL_EPOCH + timedelta(seconds=round(float(days) * 86_400))
        return naive.replace(tzinfo=zone).astimezone(UTC)
    found = _PARTS.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day = _date_of(found[1], found[2], found[3], date_order)
    try:
        naive = datetime(  # noqa: DTZ001  the zone follows
            year, month, day, int(found[4] or 0), int(found[5] or 0), int(found[6] or 0)
        )
    except ValueError:
        return None
    if year not in _YEARS:
        return None
    return naive.replace(tzinfo=_zone_of(found[7], zone)).astimezone(UTC)


def _date_of(first: str, second: str, third: str, date_order: str) -> tuple[int, int, int]:
    if len(first) == 4:  # 2026-11-24 is read the same everywhere
        return int(first), int(second), int(third)
    year = int(third) + (2000 if len(third) == 2 else 0)
    if date_order == "mdy":
        return year, int(first), int(second)
    return year, int(second), int(first)


def _zone_of(told: str | None, zone: tzinfo) -> tzinfo:
    if not told:
        return zone
    if told in ("Z", "UTC"):
        return UTC
    return datetime.strptime(told.replace(":", ""), "%z").tzinfo or UTC


def guess_date_order(cells: Iterable[str]) -> str:
    """ "dmy" or "mdy" if any of these dates gives it away or none leaves a doubt, else ""."""
    dates = [found for cell in cells if (found := _PARTS.fullmatch(cell.strip()))]
    doubtful = [found for found in dates if len(found[1]) <= 2]
    for found in doubtful:
        if int(found[1]) > 12:
            return "dmy"
        if int(found[2]) > 12:
            return "mdy"
    return "dmy" if dates and not doubtful else ""


def read_amount(text: str, *, decimal: str) -> Decimal | None:
    """An amount such as ``1.234,50 €``. What can be read in one way only is; else ``decimal`` decides."""
    bare = re.sub(r"[^\d.,\-]", "", text)
    negative = bare.startswith("-") or bare.endswith("-")
    bare = bare.strip("-")
    if not bare or not bare[-1].isdigit() or "-" in bare or len(bare) > 24:
        return None
    mark = _mark_of(bare) or decimal
    whole, _, fraction = bare.rpartition(mark) if mark in bare else (bare, "", "")
    other = "." if mark == "," else ","
    if other in fraction or mark in whole or not _is_grouped(whole, other):
        return None
    number = Decimal(f"{whole.replace(other, '') or '0'}.{fraction or '0'}")
    return -number if negative else number


def _mark_of(bare: str) -> str:
    """The decimal mark where the number itself says which it is, else ""."""
    points, commas = bare.count("."), bare.count(",")
    if points and commas:
        return "." if bare.rfind(".") > bare.rfind(",") else ","
    if points + commas == 1:
        mark = "." if points else ","
        whole, _, fraction = bare.partition(mark)
        return "" if len(fraction) == 3 and 1 <= len(whole) <= 3 else mark
    if points > 1:
        return ","
    return "." if commas > 1 else ""


def _is_grouped(whole: str, separator: str) -> bool:
    groups = whole.split(separator)
    return len(groups) == 1 or (len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:]))


def guess_decimal(cells: Iterable[str]) -> str:
    """ "," or "." if any of these amounts gives it away, else ""."""
    for cell in cells:
        bare = re.sub(r"[^\d.,]", "", cell)
        mark = _mark_of(bare)
        if mark and mark in bare:
            return mark
    return ""


def was_shortened(text: str) -> bool:
    """Did a spreadsheet turn a long number into 4,00638E+12?"""
    return bool(_SHORTENED.fullmatch(text))


def read_channel(text: str) -> str:
    """web, store, phone or marketplace; "" where nothing was told."""
    word = plain_word(text)
    if not word:
        return ""
    return _CHANNEL_OF.get(word, "web")


def is_cancelled(status: str) -> bool:
    return plain_word(status) in CANCELLED


def is_yes(text: str) -> bool:
    return plain_word(text) in YES


def with_leading_zeros(code: str, country: str) -> str:
    """A postal code that lost its leading zeros to a spreadsheet, mended where only one way is right."""
    if not (code.isascii() and code.isdigit()) or problem(code, country) is None:
        return code
    for length in (len(code) + 1, len(code) + 2):
        if problem(code.zfill(length), country) is None:
            return code.zfill(length)
    return code
