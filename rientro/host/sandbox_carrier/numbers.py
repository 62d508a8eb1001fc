"""Numbers of this carrier: `TST` + ten characters + a check character.

Three letters in front cannot be mistaken for a post's number (UPU S10: two letters, nine digits, two
letters). The check character is Luhn's, over an alphabet without vowels and look-alikes.
"""

import secrets

PREFIX = "TST"
LENGTH = 10
DIGITS = 4
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}


def new_tracking_number() -> str:
    """46 random bits and a check character; the store refuses the one in 10^13 that came before.

    Four digits at least, as every carrier's number has: a shopper who types it is asked for no less.
    """
    middle = ""
    while sum(map(str.isdigit, middle)) < DIGITS:
        middle = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{PREFIX}{middle}{check_character(middle)}"


def is_tracking_number(text: str) -> bool:
    """Is ``text`` one of ours, without a slip of the finger?"""
    middle, check = text[len(PREFIX) : -1], text[-1:]
    if not text.startswith(PREFIX) or len(middle) != LENGTH or not set(middle) <= set(ALPHABET):
        return False
    return check == check_character(middle)


def check_character(middle: str) -> str:
    """Luhn mod N: catches every wrong character and nearly every swap of neighbours."""
    base, total = len(ALPHABET), 0
    for place, letter in enumerate(reversed(middle)):
        doubled = _VALUE[letter] * (2 if place % 2 == 0 else 1)
        total += doubled // base + doubled % base
    return ALPHABET[-total % base]
