"""Does a parcel from here to there pass a customs border?"""

# The customs territory of the Union as countries (Regulation 952/2013, art. 4), with Monaco.
# Territories outside it that share a country code (Canary Islands, Livigno …) are not told apart here.
UNION = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
        *("IE", "IT", "LT", "LU", "LV", "MC", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)
# Pairs that share a customs territory without being of the Union.
TOGETHER = (frozenset({"CH", "LI"}), frozenset({"GB", "IM"}))


def crosses_customs(origin: str, destination: str) -> bool:
    """True when goods from ``origin`` to ``destination`` (alpha-2) need a declaration."""
    if origin == destination or (origin in UNION and destination in UNION):
        return False
    return not any({origin, destination} <= area for area in TOGETHER)
