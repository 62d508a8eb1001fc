"""Addresses as somebody types them who wants to break out of their field. Seeded: the same number gives the same.

Each field that says anything carries a mark of its own, such as ``QS0042Q`` (street of address 42), so that a test
can say where it went and that it is still there.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace

COUNT = 1000
SEED = 20261125
MARKS = {
    "name": "QN",
    "company": "QC",
    "street": "QS",
    "house_number": "QH",
    "address_2": "QA",
    "postal_code": "QP",
    "city": "QT",
    "state": "QR",
    "email": "QE",
    "phone": "QF",
}
COUNTRIES = (
    "IT",
    "DE",
    "CH",
    "GB",
    "FR",
    "US",
    "ES",
    "JP",
    "AE",
    "IL",
    "TH",
    "CN",
    "BR",
    "IE",
    "NO",
)

ZPL = (
    "^XA",
    "^XZ",
    "^FD^FS",
    "^FS^XZ^XA^FDstolen^FS",
    "~JR",
    "~JA",
    "^CI0",
    "_5E_58",
    "^FH_^FD_7E",
    "\x1e",
    "\\&",
    "^FX",
    "~DGR:X",
    ">:>9>0",
    "^BCN",
    "^FN1",
    "^GFA,1,1,1,FF",
)
TYPST = (
    '#eval("1+1")',
    '#import "/a6.typ": *',
    "#panic()",
    '#read("/etc/passwd")',
    "$ x^2 $",
    "\\",
    "[",
    "]",
    ",",
    "`raw`",
    "```rust x```",
    "*bold* _it_",
    "@ref <lbl>",
    "= Head",
    "#set page(width: 1pt)",
    "//",
    "/* */",
    '"',
    '"))#pagebreak()#(("',
    "#{",
    "}",
)
XML = (
    "<b>",
    "</name>",
    "]]>",
    "<![CDATA[",
    "&amp;",
    "&",
    "&#0;",
    "&lol;",
    "<!ENTITY x SYSTEM 'file:///etc/passwd'>",
    '" onload="',
    "'",
    "<?xml?>",
    "<!--",
    "-->",
    "<script>alert(1)</script>",
    "</soap:Body>",
    "%3C",
)
CODE = (
    "'; DROP TABLE orders; --",
    "%s%n%x",
    "%(name)s",
    "{{ 7*7 }}",
    "{% load %}",
    "${jndi:ldap://x}",
    "$(id)",
    "`id`",
    "=cmd|' /C calc'!A1",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    '=HYPERLINK("http://x")',
    "\t=1",
    "＝1",
    "../../etc",
    "\\u0000",
    '{"a":1}',
    '","b":"',
    "a;b,c|d",
    "\\",
    "\\n",
)
LINES = (
    "\n",
    "\r\n",
    "\r",
    "\u2028",
    "\u2029",
    "\x0b",
    "\x0c",
    "\x85",
    "\nBcc: x@evil.test",
    "\r\n\r\n<html>",
)
CONTROL = ("\x00", "\x01", "\x07", "\x08", "\x1b[31m", "\x1d", "\x7f", "\x9b", "\x1e", "\x04")
SURROGATES = ("\ud800", "\udfff", "\ud83d")
BIDI = ("\u202e", "\u202d", "\u2066", "\u2069", "\u200f", "\u061c", "\u202c")
HIDDEN = (
    "\u200b",
    "\u200c",
    "\u200d",
    "\ufeff",
    "\u00ad",
    "\u2060",
    "\u180e",
    "\U000e0041",
    "\u034f",
)
MARKED = (
    "a\u0301",
    "Z" + "\u0300\u0323\u0489\u033f" * 12,
    "\u0301" * 40,
    "e\u0308\u0304",
    "\u20dd",
)
PICTURES = ("🧥", "👩‍👩‍👧‍👦", "🇮🇹", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☃️", "🅰️", "𝕬𝖇𝖈", "㋿")
SCRIPTS = (
    "東京都千代田区",
    "北京市朝阳区",
    "서울특별시",
    "شارع الملك فهد",
    "רחוב הרצל",
    "ถนนสุขุมวิท",
    "Улица Ленина",
    "Οδός Ερμού",
    "Đường Lê Lợi",
    "Łódź Żółć",
    "İstanbul Ğüşıöç",
    "ẞtraße ﬁ ﬂ",
    "Ｆｕｌｌ",
    "नई दिल्ली",
    "ԵՐԵՎԱՆ",
    "თბილისი",
)
PRIVATE = ("\ue000", "\U000f0000", "\uffff", "\ufdd0", "\ufffd")
SPACES = ("\u00a0", "\u3000", "\u2003", "   ", "\t\t")
FAMILIES: tuple[tuple[str, ...], ...] = (
    ZPL, TYPST, XML, CODE, LINES, CONTROL, SURROGATES, BIDI, HIDDEN, MARKED, PICTURES, SCRIPTS, PRIVATE, SPACES,
)  # fmt: skip
LENGTHS = (0, 0, 0, 0, 0, 35, 35, 200, 200, 10_000)
# What stands before the mark, so that the mark itself is not beyond what a label can hold of a field.
PREFIX = {"postal_code": 6}
BARS = "".join(map(chr, range(0x20, 0x7F)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """One address. ``number`` is a tracking number that bars can say, ``square`` what a QR code is asked to say."""

    name: str
    company: str
    street: str
    house_number: str
    address_2: str
    postal_code: str
    city: str
    state: str
    email: str
    phone: str
    country: str
    number: str
    square: str
    at: int

    def parts(self) -> dict[str, str]:
        """The fields that people type."""
        return {name: getattr(self, name) for name in MARKS}


def addresses(count: int = COUNT, seed: int = SEED) -> list[Hostile]:
    return [_address(at, random.Random(f"{seed}:{at}")) for at in range(count)]


def plain(at: int = 0) -> Hostile:
    """An address that wants nothing, with the same marks."""
    made = {name: mark(name, at) for name in MARKS}
    return Hostile(**made, country="IT", number="TST0000000001", square="R-1-ABCDEFGH", at=at)


def storable(hostile: Hostile) -> Hostile:
    """As the database can keep it: without NUL and lone surrogates, which PostgreSQL has no place for."""
    kept = {
        field.name: value.replace("\x00", "").encode("utf-8", "ignore").decode()
        for field in fields(hostile)
        if isinstance(value := getattr(hostile, field.name), str)
    }
    return replace(hostile, **kept)


def mark(field: str, at: int) -> str:
    """``QS0042Q``: no word of any language, no hexadecimal, whole under any font."""
    return f"{MARKS[field]}{at:04d}Q"


def _address(at: int, dice: random.Random) -> Hostile:
    made = {name: _field(name, at, dice) for name in MARKS}
    return Hostile(
        **made,
        country=COUNTRIES[at % len(COUNTRIES)],
        number=_number(dice),
        square=_square(dice),
        at=at,
    )


def _field(name: str, at: int, dice: random.Random) -> str:
    kind = dice.random()
    if kind < 0.06:
        return ""
    if kind < 0.1:
        return dice.choice(SPACES) * dice.randint(1, 5)
    before = dice.choice(dice.choice(FAMILIES)) if dice.random() < 0.5 else ""
    pieces = _pieces(dice)
    tail = "".join(next(pieces) for _ in range(dice.randint(0, 3)))
    made = f"{before[: PREFIX.get(name, 12)]}{mark(name, at)}{tail}"
    wanted = dice.choice(LENGTHS)
    while len(made) < wanted:
        made += dice.choice((" ", "", "")) + next(pieces) * (1 + wanted // 400)
    return made[:wanted] if wanted else made


def _pieces(dice: random.Random) -> Iterator[str]:
    while True:
        yield dice.choice(dice.choice(FAMILIES))


def _number(dice: random.Random) -> str:
    """1 to 30 printable ASCII characters, some of which steer a printer's bars."""
    ways: tuple[Callable[[], str], ...] = (
        lambda: "".join(dice.choices(BARS, k=dice.randint(1, 30))),
        lambda: dice.choice((">:>9>0", "^FS^XZ", "~JR", "_5E", ">8>6>5", "\\&", "{B{1{C")) + "A1",
        lambda: "".join(dice.choices("0123456789", k=dice.randint(1, 30))),
    )
    made = dice.choice(ways)()
    return made if made.strip() == made and made else f"A{made.strip()}Z"


def _square(dice: random.Random) -> str:
    made = "".join(next(_pieces(dice)) for _ in range(dice.randint(1, 8)))
    return made.encode("utf-8", "ignore")[:300].decode("utf-8", "ignore")
