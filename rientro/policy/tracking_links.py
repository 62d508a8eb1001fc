"""The carrier's own page of a parcel, for carriers that people name in words.

Addresses come from this list alone, never from what somebody typed. Source: public integrations of these carriers'
tracking pages, read 2026-11-25; a carrier whose address is not agreed upon there is not listed (BRT, InPost).
"""

from rientro.policy.cells import plain_word

# what a name begins with -> the address, in which the number is put in
_PAGES: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("posteitaliane", "poste", "sda", "crono"),
        "https://www.poste.it/cerca/index.html#/risultati-spedizioni/{number}",
    ),
    (("dhlexpress",), "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}"),
    (
        ("dhl", "deutschepost"),
        "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode={number}",
    ),
    (("dpd",), "https://tracking.dpd.de/status/en_US/parcel/{number}"),
    (("gls",), "https://gls-group.com/track/{number}"),
    (("ups",), "https://www.ups.com/track?tracknum={number}"),
    (("fedex",), "https://www.fedex.com/fedextrack/?trknbr={number}"),
    (
        ("hermes", "myhermes"),
        "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation#{number}",
    ),
    (
        ("laposte", "colissimo"),
        "https://www.laposte.fr/outils/suivre-vos-envois?code={number}",
    ),
    (
        ("chronopost",),
        "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={number}",
    ),
)
# What people are offered to choose from before they have to type.
SUGGESTED = (
    "Poste Italiane",
    "DHL",
    "DPD",
    "GLS",
    "UPS",
    "FedEx",
    "BRT",
    "InPost",
    "Hermes",
    "La Poste",
    "PostNL",
    "bpost",
    "Correos",
    "Die Post",
)


def tracking_link(carrier_name: str, number: str) -> str:
    """An https address, or "" for a carrier or a number that we know no page for."""
    if not (number.isascii() and number.isalnum()):
        return ""
    name = plain_word(carrier_name)
    for beginnings, page in _PAGES:
        if name.startswith(beginnings):
            return page.format(number=number)
    return ""
