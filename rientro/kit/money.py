"""Money as whole minor units. Floats never touch an amount in this house."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

# ISO 4217 (list one, 2026-01): currencies whose minor unit is not a hundredth.
DECIMALS = {
    **dict.fromkeys(
        ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND"], 0
    ),
    **dict.fromkeys(["VUV", "XAF", "XOF", "XPF"], 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}
LARGEST_MINOR = 10**15  # far inside a 64-bit integer, so that sums stay inside as well


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """``minor`` is cents, pence, or whole yen; ``currency`` is an ISO 4217 code."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, amount: str | int | Decimal, currency: str) -> "Money":
        """Read a decimal such as "4.95".

        Raises ValueError for what is no number, has more decimals than the currency, or is beyond
        ``LARGEST_MINOR``.
        """
        try:
            exact = Decimal(amount)
        except InvalidOperation as error:
            raise ValueError(f"{amount!r} is not an amount") from error
        if not exact.is_finite() or abs(exact.adjusted()) > 20:
            raise ValueError(f"{amount!r} is not an amount")
        minor = exact.scaleb(decimals_of(currency))
        if minor != int(minor):
            raise ValueError(f"{amount} {currency} is finer than the currency allows")
        if abs(minor) > LARGEST_MINOR:
            raise ValueError(f"{amount} {currency} is too large")
        return cls(int(minor), currency)

    def decimal(self) -> Decimal:
        """The amount in whole units, with the currency's own number of decimals."""
        return Decimal(self.minor).scaleb(-decimals_of(self.currency))

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __mul__(self, units: int) -> "Money":
        return Money(self.minor * units, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.decimal()} {self.currency}"

    def _same(self, other: "Money") -> None:
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {other.currency} with {self.currency}")


def decimals_of(currency: str) -> int:
    """How many decimals ``currency`` is written with."""
    return DECIMALS.get(currency, 2)


def rounded(amount: Decimal, currency: str) -> Money:
    """``amount`` in whole units, rounded half up to the currency's minor unit."""
    step = Decimal(1).scaleb(-decimals_of(currency))
    return Money.parse(amount.quantize(step, ROUND_HALF_UP), currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Sum of ``amounts``, zero of ``currency`` when there are none."""
    result = Money(0, currency)
    for amount in amounts:
        result += amount
    return result
