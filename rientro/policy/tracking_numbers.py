"""A tracking number as people type, paste and scan it, brought into the one form in which it is compared.

Carriers' numbers are Latin letters and digits (UPU S10: 13, UPS 1Z: 18, SSCC: 18, DHL: 10 to 39); what stands
between them on paper is there for the eye.
"""

import unicodedata

from rientro.kit.sentences import Sentence
from rientro.kit.text import latin_digits

SHORTEST, LONGEST = 6, 40
LONGEST_TYPED = 200
BETWEEN = frozenset(" -./_:")
SILENT = ("Cc", "Cf", "Mn", "Zs", "Zl", "Zp", "Pd")
NO_NUMBER = Sentence("Write the tracking number.")
BAD_NUMBER = Sentence(
    "This does not look like a tracking number: 6 to 40 letters and digits, as on the label or the receipt."
)


def normal_tracking(typed: str) -> str:
    """``" rr 4731-2482 9 it"`` as ``"RR473124829IT"``: capitals, Latin digits, nothing between.

    Characters that no number has stay, so that ``tracking_problem`` sees them. Its own normal form.
    """
    folded = unicodedata.normalize("NFKC", typed[:LONGEST_TYPED])
    kept = "".join(
        character
        for character in latin_digits(folded).upper()
        if character not in BETWEEN and unicodedata.category(character) not in SILENT
    )
    return unicodedata.normalize("NFKC", kept)


def tracking_problem(number: str) -> Sentence | None:
    """What is wrong with a number in its normal form; None when nothing is."""
    if not number:
        return NO_NUMBER
    plain = number.isascii() and number.isalnum()
    # Words without a digit, and things without enough of them, are answers to another question.
    if not plain or not SHORTEST <= len(number) <= LONGEST or sum(map(str.isdigit, number)) < 4:
        return BAD_NUMBER
    return None
