"""Does a parcel from here to there need a customs declaration?

Countries are no customs territories: some share one, some lie in two. An *area* here is where goods move without
any declaration. Sources: Regulation (EU) 952/2013, art. 4 (customs territory) and art. 1(3) with Delegated
Regulation (EU) 2015/2446, art. 134 (trade with parts outside the VAT area is declared as well); Directive
2006/112/EC, art. 6 (which parts those are); Windsor Framework, art. 5 (Northern Ireland); Swiss Customs Act (SR
631.0), art. 3 (Liechtenstein, Büsingen, Samnaun); Customs and Excise Agreement UK–Isle of Man of 1979; DPR 633/72,
art. 71 (San Marino, Vatican).
"""

import re
from functools import lru_cache

from rientro.kit.postal_codes import normal_postal

UNION = "EU"
MEMBERS = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MC", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)
# country -> (pattern of the whole normal postal code, area). The first that fits; else the country's own area.
EXCEPTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "DE": (("78266", "CH"), ("27498", "Heligoland")),
    "IT": (
        ("23041", "Livigno"),
        ("2206[01]", "Campione"),  # of the customs territory since 2020, not of the VAT area
        ("4789[0-9]", "SM"),
        ("00120", "VA"),
    ),
    "ES": (("(35|38)[0-9]{3}", "Canaries"), ("51[0-9]{3}", "Ceuta"), ("52[0-9]{3}", "Melilla")),
    "FR": (
        ("97150|978[0-9]{2}", "MF"),
        ("97133|977[0-9]{2}", "BL"),
        ("971[0-9]{2}", "GP"),
        ("972[0-9]{2}", "MQ"),
        ("973[0-9]{2}", "GF"),
        ("974[0-9]{2}", "RE"),
        ("975[0-9]{2}", "PM"),
        ("976[0-9]{2}", "YT"),
        ("984[0-9]{2}", "TF"),
        ("986[0-9]{2}", "WF"),
        ("987[0-9]{2}", "PF"),
        ("988[0-9]{2}", "NC"),
    ),
    "FI": (("22[0-9]{3}", "AX"),),
    "GR": (("6308[67]", "Athos"),),
    "DK": (("39[0-9]{2}", "GL"),),
    "GB": (("BT.*", "XI"), ("IM.*", "IM"), ("JE.*", "JE"), ("GY.*", "GG")),
    "CH": (("6911", "Campione"), ("756[23]", "Samnaun")),
    "US": (("00[679][0-9]{2}", "PR"), ("008[0-9]{2}", "VI")),
}
# Between these goods go without a declaration. Not a chain: what XI may send to both, they may not to each other.
TOGETHER = (
    frozenset({"CH", "LI"}),
    frozenset({"GB", "IM"}),
    frozenset({"GB", "XI"}),
    frozenset({"IM", "XI"}),
    frozenset({UNION, "XI"}),
    frozenset({"US", "PR"}),
)
ITALIAN_POST = (frozenset({"IT", "SM"}), frozenset({"IT", "VA"}))


def crosses_customs(
    origin: str, destination: str, *, origin_postal: str = "", destination_postal: str = ""
) -> bool:
    """True when goods from ``origin`` to ``destination`` (alpha-2) need a declaration.

    Postal codes as typed; without one a country's main area is taken.
    """
    here, there = area_of(origin, origin_postal), area_of(destination, destination_postal)
    if here == there:
        return False
    lands = frozenset({_land(origin, here), _land(destination, there)})
    return frozenset({here, there}) not in TOGETHER and lands not in ITALIAN_POST


def area_of(country: str, postal_code: str = "") -> str:
    """The area of an address: "EU", a country's code, or the name of a part that stands apart."""
    country = country.upper()
    if country in EXCEPTIONS and postal_code:
        code = normal_postal(postal_code, country)
        for pattern, area in _patterns(country):
            if pattern.fullmatch(code):
                return area
    return UNION if country in MEMBERS else country


def _land(country: str, area: str) -> str:
    """Italy alone, not all the Union, has San Marino and the Vatican inside its post."""
    return "IT" if area == UNION and country.upper() == "IT" else area


@lru_cache(maxsize=32)
def _patterns(country: str) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(pattern), area) for pattern, area in EXCEPTIONS[country]]


def free_areas(country: str, postal_code: str = "") -> frozenset[str]:
    """The areas from which a parcel comes to this address without a declaration."""
    here = area_of(country, postal_code)
    together = {area for pair in TOGETHER if here in pair for area in pair}
    land = _land(country, here)
    together |= {area for pair in ITALIAN_POST if land in pair for area in pair}
    return frozenset({here} | (together - {"IT"}))
