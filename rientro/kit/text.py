"""Text that people type, brought into the one form in which it is compared and stored."""

import unicodedata

LONGEST_NUMBER = 200
# Every dash and minus that keyboards, word processors and shops produce (Unicode category Pd is not all of them).
_OTHER_DASHES = "\u2212\u00ad\u02d7\u2043\u207b\u208b\u30fc\uff70"
_SILENT = {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Zs", "Zl", "Zp", "Pd"}
_ASCII_SILENT = dict.fromkeys([*range(0x20), 0x7F, ord(" "), ord("-"), ord("#")])


def normal_number(typed: str) -> str:
    """An order number as look-ups compare it: ``" #NL–000 123 "`` and ``"nl000123"`` are one.

    Case, spaces, dashes, ``#``, accents and invisible characters do not count, digits of every script are
    the Latin ones; leading zeros stay. At most LONGEST_NUMBER characters; "" where nothing is left. The
    result is its own normal form.
    """
    if typed.isascii():  # nearly always, and ten times as fast to the same result
        return typed[: LONGEST_NUMBER * 4].lower().translate(_ASCII_SILENT)[:LONGEST_NUMBER]
    # A number has no business being longer; the cut bounds the work before anything else is done.
    folded = unicodedata.normalize("NFKC", typed[: LONGEST_NUMBER * 4]).casefold()
    apart = unicodedata.normalize("NFKD", folded)
    kept = (_plain(character) for character in apart)
    joined = unicodedata.normalize("NFKC", "".join(kept)).casefold()
    return joined[:LONGEST_NUMBER]


def normal_email(typed: str) -> str:
    """A mail address as it is compared: trimmed, NFKC, lower case. Nothing else: dots and plus signs count."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()[:254]


def clean_line(typed: str, longest: int = 200) -> str:
    """One line of words for people: control and invisible characters out, runs of space made one, trimmed."""
    if not typed:
        return ""
    if len(typed) <= longest and typed.isprintable():  # nearly always: nothing to take out
        whole = typed if typed.isascii() else unicodedata.normalize("NFC", typed)
        if "  " in whole or whole[0] == " " or whole[-1] == " ":
            whole = " ".join(whole.split())
        return whole[:longest].rstrip()
    kept = "".join(
        " " if unicodedata.category(character) in ("Cc", "Zs", "Zl", "Zp") else character
        for character in unicodedata.normalize("NFC", typed[: longest * 4])
        if unicodedata.category(character) not in ("Cs", "Cf") or character in "\u200c\u200d"
    )
    return " ".join(kept.split())[:longest].rstrip()


def latin_digits(typed: str) -> str:
    """The same text with decimal digits of every script written 0 to 9."""
    return "".join(_digit(character) for character in typed)


def _plain(character: str) -> str:
    if character == "#" or character in _OTHER_DASHES:
        return ""
    if unicodedata.category(character) in _SILENT:
        return ""
    return _digit(character)


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
