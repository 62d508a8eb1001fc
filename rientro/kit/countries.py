"""Country codes (ISO 3166-1), and what people write in their place."""

import unicodedata
from functools import lru_cache

from babel import Locale

# ISO 3166-1 alpha-2, 249 codes as of 2026, and XK (Kosovo), which the carriers use.
_ALL = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS "
    "BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE "
    "EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM "
    "HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC "
    "LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA "
    "NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW "
    "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO "
    "TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW "
)
CODES = frozenset(_ALL.split())
LANGUAGES = ("en", "it", "de", "fr", "es", "nl")
# What shops and tills write that is neither a code nor a name of the language data.
OTHERS = {
    "uk": "GB",
    "el": "GR",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "greatbritain": "GB",
    "grossbritannien": "GB",
    "granbretagna": "GB",
    "usa": "US",
    "holland": "NL",
    "olanda": "NL",
    "czechrepublic": "CZ",
    "ita": "IT",
    "deu": "DE",
    "ger": "DE",
    "fra": "FR",
    "esp": "ES",
    "nld": "NL",
    "aut": "AT",
    "che": "CH",
    "bel": "BE",
    "gbr": "GB",
    "irl": "IE",
    "pol": "PL",
    "prt": "PT",
    "dnk": "DK",
    "swe": "SE",
    "lux": "LU",
}


def country_code(written: str) -> str:
    """The alpha-2 code of what somebody wrote: ``it``, ``ITA``, ``Italia``, ``Österreich``; "" if unknown."""
    code = written.strip().upper()
    if code in CODES:
        return code
    return _names().get(_plain(written), "")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    known: dict[str, str] = {}
    for language in reversed(LANGUAGES):
        for code, name in Locale(language).territories.items():
            if code in CODES:
                known[_plain(name)] = code
    return known | OTHERS


def _plain(written: str) -> str:
    apart = unicodedata.normalize("NFKD", written.replace("ß", "ss")).casefold()
    return "".join(character for character in apart if character.isalpha())
