"""The table that comes with uploaded labels: which row belongs to which page, and what its cells say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from decimal import Decimal

from rientro.kit.countries import CODES
from rientro.kit.money import decimals_of
from rientro.kit.sentences import Sentence
from rientro.kit.text import clean_line
from rientro.policy.cells import (
    guess_date_order,
    guess_decimal,
    plain_cell,
    plain_word,
    read_amount,
    read_moment,
)
from rientro.policy.tracking_numbers import normal_tracking, tracking_problem

HEADINGS: dict[str, str] = {
    "number": "tracking number|tracking|tracking no|tracking code|barcode|number|numero di tracking|codice tracking|"
    "numero di spedizione|lettera di vettura|codice a barre|numero|sendungsnummer|trackingnummer|paketnummer|"
    "nummer|numero de suivi|suivi|numero de seguimiento|seguimiento|track & trace|volgnummer",
    "file": "file|file name|filename|pdf|nome file|dateiname|datei|fichier|archivo|bestand",
    "page": "page|page no|pagina|seite|feuille",
    "carrier": "carrier|courier|corriere|vettore|versanddienst|spediteur|transporteur|transportista|vervoerder",
    "expires": "expires|expires on|expiry|expiry date|valid until|scadenza|scade il|valida fino al|gultig bis|"
    "ablaufdatum|ablauf|expire le|caduca|vervaldatum",
    "origin": "origin|origin country|from country|from|paese di origine|paese di partenza|da|von land|"
    "absenderland|pays d'origine|pais de origen",
    "destination": "destination|destination country|to country|to|paese di destinazione|a|nach land|zielland|"
    "pays de destination|pais de destino",
    "weight": "max weight|weight limit|max weight kg|weight|peso massimo|peso max|peso|maximalgewicht|hochstgewicht|"
    "gewicht|poids maximal|poids|peso maximo",
    "weight_g": "max weight g|weight limit g|weight g|peso massimo g|peso g|gewicht g",
    "price": "price|cost|prezzo|costo|preis|kosten|prix|cout|precio|coste|prijs",
    "currency": "currency|valuta|wahrung|devise|moneda",
}
_FIELD_OF = {
    plain_word(word): name for name, words in HEADINGS.items() for word in words.split("|")
}
HEAVIEST_G = 100_000
DEAREST = Decimal(10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFacts:
    """What is known of one label besides its paper. Empty and zero: not told, or no limit."""

    number: str = ""
    carrier: str = ""
    expires_on: date | None = None
    origin: str = ""
    destination: str = ""
    max_weight_g: int = 0
    price_minor: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRow:
    """One row of the table. ``file`` and ``page`` name its label; without them rows follow the pages in order."""

    row: int
    facts: LabelFacts
    file: str = ""
    page: int = 0
    problems: tuple[Sentence, ...] = ()

    @property
    def counts_off(self) -> bool:
        """Does only its place in the list say which label it speaks of?"""
        return not self.file and not self.page


@dataclass(frozen=True, slots=True)
class Place:
    """Where a label was found: its file, the page, and how many pages the file has."""

    file: str
    page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """A row (or none) for each label, in order; and the rows that belong to none."""

    rows: list[LabelRow | None] = field(default_factory=list)
    left_over: list[LabelRow] = field(default_factory=list)


def read_rows(
    headings: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], *, currency: str
) -> list[LabelRow]:
    """(row number, cells) as what they say. A cell that cannot be read is told, and the rest of its row stands.

    A table whose first row names no column we know is a plain list of numbers, its first row included.
    """
    columns = {
        name: place
        for place, heading in enumerate(headings)
        if (name := _FIELD_OF.get(plain_word(heading)))
    }
    told = list(rows)
    if "number" not in columns:
        columns = {"number": 0}
        told = [(1, headings), *told]
    cells = [
        (row, {name: plain_cell(line[at]) for name, at in columns.items() if at < len(line)})
        for row, line in told
    ]
    dates = guess_date_order(said.get("expires", "") for _, said in cells) or "dmy"
    decimal = guess_decimal(said.get(name, "") for _, said in cells for name in ("price", "weight"))
    return [
        _row(row, said, date_order=dates, decimal=decimal or ".", currency=currency)
        for row, said in cells
        if any(said.values())
    ]


def match_rows(places: Sequence[Place], rows: Sequence[LabelRow]) -> Matched:
    """Give each label its row: by file and page where the table names them, else in order.

    A label of a file of its own, for which no row speaks, has the number that its file is named by.
    """
    named = {(_stem(row.file), row.page or 1): row for row in rows if row.file or row.page}
    in_order = iter([row for row in rows if row.counts_off])
    one_file = len({place.file for place in places}) == 1
    found: list[LabelRow | None] = []
    for place in places:
        row = named.pop((_stem(place.file), place.page), None)
        if row is None and one_file:
            row = named.pop(("", place.page), None)
        found.append(row or next(in_order, None) or _by_name(place))
    return Matched(rows=found, left_over=[*named.values(), *in_order])


def _stem(file: str) -> str:
    name = file.replace("\\", "/").rpartition("/")[2].casefold().strip()
    return name.removesuffix(".pdf")


def _by_name(place: Place) -> LabelRow | None:
    number = normal_tracking(_stem(place.file).replace("label", "").replace("etichetta", ""))
    if place.pages != 1 or tracking_problem(number):
        return None
    return LabelRow(row=0, facts=LabelFacts(number=number))


# One row


def _row(
    row: int, said: Mapping[str, str], *, date_order: str, decimal: str, currency: str
) -> LabelRow:
    problems: list[Sentence] = []
    page = said.get("page", "")
    facts = LabelFacts(
        number=normal_tracking(said.get("number", "")),
        carrier=clean_line(said.get("carrier", ""), 60),
        currency=_currency(said.get("currency", ""), currency),
    )
    facts = replace(
        facts,
        expires_on=_day(said.get("expires", ""), date_order, problems),
        origin=_country(said.get("origin", ""), problems),
        destination=_country(said.get("destination", ""), problems),
        max_weight_g=_weight_g(said, decimal, problems),
        price_minor=_price(said.get("price", ""), decimal, facts.currency, problems),
    )
    return LabelRow(
        row=row,
        facts=facts,
        file=said.get("file", ""),
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 0,
        problems=tuple(problems),
    )


def _currency(told: str, usual: str) -> str:
    word = told.strip().upper()
    return word if len(word) == 3 and word.isascii() and word.isalpha() else usual


def _day(told: str, date_order: str, problems: list[Sentence]) -> date | None:
    if not told:
        return None
    moment = read_moment(told, date_order=date_order, zone=UTC)
    if moment is None:
        problems.append(Sentence("“%(cell)s” is no date.", cell=told[:40]))
        return None
    return moment.date()


def _country(told: str, problems: list[Sentence]) -> str:
    word = told.strip().upper()
    if word and word not in CODES:
        problems.append(
            Sentence("“%(cell)s” is no country code of two letters, such as IT.", cell=told[:40])
        )
        return ""
    return word


def _weight_g(said: Mapping[str, str], decimal: str, problems: list[Sentence]) -> int:
    """Kilograms, unless the heading says grams or the number is too large to be kilograms."""
    told = said.get("weight_g") or said.get("weight") or ""
    if not told:
        return 0
    amount = read_amount(told, decimal=decimal)
    if amount is None or amount <= 0:
        problems.append(Sentence("“%(cell)s” is no weight.", cell=told[:40]))
        return 0
    in_grams = bool(said.get("weight_g")) or amount > 100
    grams = amount if in_grams else amount * 1000
    return min(int(grams), HEAVIEST_G)


def _price(told: str, decimal: str, currency: str, problems: list[Sentence]) -> int:
    if not told:
        return 0
    amount = read_amount(told, decimal=decimal)
    if amount is None or not 0 <= amount <= DEAREST:
        problems.append(Sentence("“%(cell)s” is no price.", cell=told[:40]))
        return 0
    return int(amount.scaleb(decimals_of(currency)))
