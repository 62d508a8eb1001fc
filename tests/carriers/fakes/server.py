"""What the fakes of carriers share beside the server: the labels they have sold."""

from dataclasses import dataclass

from tests.fake_server import Answer, FakeServer, Heard, running

__all__ = ["Answer", "FakeCarrier", "Heard", "Sold", "running"]


@dataclass(frozen=True)
class Sold:
    """A label in the carrier's own books; ``price`` is a decimal, as it bills."""

    reference: str
    carrier_reference: str
    tracking_number: str
    price: str
    currency: str
    voided: bool


class FakeCarrier(FakeServer):
    def __init__(self) -> None:
        super().__init__()
        self.bought: list[str] = []  # our reference of each label that was sold, in their order

    def books(self) -> list[Sold]:
        """Every label that was sold, the voided ones too."""
        raise NotImplementedError
