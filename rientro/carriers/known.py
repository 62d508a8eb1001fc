"""What is said of a carrier before anything of it is imported: its form, and what a merchant should know."""

from dataclasses import dataclass
from typing import Literal

from rientro.carriers.base import Can


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One box of the form that connects an account. A ``secret`` is never shown again.

    A ``target`` says where secrets are sent: whoever changes it must type the secrets anew.
    """

    name: str
    label: str
    secret: bool = False
    target: bool = False
    required: bool = True
    default: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the panel says of a carrier before anything of it is imported."""

    code: str
    name: str
    path: str  # "package.module:Class"
    words: str = ""  # one sentence for the merchant
    credentials: tuple[Field, ...] = ()
    settings: tuple[Field, ...] = ()
    test_only: bool = False
    worker_only: bool = (
        False  # its library is large or patches the process: no web process imports it
    )
    unconfirmed: str = (
        ""  # what no sandbox of this carrier could confirm, in words for the merchant
    )
    void_days: int = 0  # how long after the purchase a label can be given back; 0: no end is known
    charged: Literal["creation", "first_scan"] = "creation"
    can: Can = (
        Can.NOTHING
    )  # at its best, as its class says; told here so that nobody has to import it
    needs: tuple[str, ...] = ()  # distributions that must be installed beside Rientro
    own_stock: bool = False  # its labels lie in the merchant's pool: it is opened with a shelf
    extra: str = ""  # which brings them: pip install "rientro[extra]"
    sells: bool = True  # False: its parcels are only followed, no label is bought from it
