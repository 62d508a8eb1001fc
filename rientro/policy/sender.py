"""Where a returned parcel starts: what was typed, cleaned and checked."""

from dataclasses import dataclass, fields
from typing import ClassVar

from rientro.kit.errors import Kind, RientroError
from rientro.kit.postal_codes import problem
from rientro.kit.text import clean_line

NEEDED = ("name", "street", "city")
# As the columns of Return have it; what is not named here may have 200 letters.
LONGEST = {
    "house_number": 40,
    "postal_code": 40,
    "city": 120,
    "state": 80,
    "email": 254,
    "phone": 60,
}


class BadAddress(RientroError):
    """The parcel has no address to start from; ``facts`` names the field."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "bad_address"


@dataclass(frozen=True, slots=True, kw_only=True)
class FromAddress:
    """Where the parcel starts. ``proof`` says how we know: typed, or code (the order's own, by mailed code)."""

    name: str = ""
    company: str = ""
    street: str = ""
    house_number: str = ""
    address_2: str = ""
    postal_code: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    email: str = ""
    phone: str = ""
    proof: str = "typed"


def checked(sender: FromAddress, *, country: str, is_posted: bool) -> FromAddress:
    """The address on single clean lines, cut to what can be kept.

    A parcel (``is_posted``) needs a whole address in ``country``, where the order went: raises BadAddress.
    """
    plain = {
        f.name: clean_line(getattr(sender, f.name), LONGEST.get(f.name, 200))
        for f in fields(sender)
    }
    plain["country"] = plain["country"].upper() or country
    cleaned = FromAddress(**plain)
    if not is_posted:
        return cleaned
    for field in NEEDED:
        if not plain[field]:
            raise BadAddress("The parcel needs a whole address to start from.", field=field)
    if cleaned.country != country:
        raise BadAddress("The parcel starts in the country it was sent to.", field="country")
    wrong = problem(cleaned.postal_code, cleaned.country)
    if wrong:
        raise BadAddress(wrong, field="postal_code")
    return cleaned
