"""A purchase through the real flow while the line is broken, and what three books say afterwards."""

import os
from contextlib import contextmanager
from datetime import datetime, timedelta

from rientro.flows.buy_label import AccountOnHold, NotNow, buy_label
from rientro.flows.settle_purchase import NotBought, WasBought, settle_purchase
from rientro.host.fault_proxy.wire import port_of_nobody
from rientro.kit.money import Money
from rientro.models import CarrierAccount, Event, Label, LabelPurchase, LedgerEntry, Order, Return
from rientro.models.ledger import balances, owed_to_carrier, set_aside
from rientro.models.purchasing import intend_label
from tests.faults.rows import Row
from tests.faults.world import Sold, World
from tests.makers import (
    NOW,
    make_address,
    make_brand,
    make_carrier_account,
    make_order,
    make_return,
)
from tests.parcels import sealed

SHORT_S = (
    "0.25"  # the deadline where the carrier is silent: nothing but our own patience is waited for
)
LONG_S = "10"
PLACES = ("refused", "dns", "tls", "plain")


def account_at(world: World) -> CarrierAccount:
    return make_carrier_account(
        carrier=world.code,
        service=world.service,
        credentials=sealed(**world.credentials),
        settings=world.settings,
        is_default=True,
    )


def order_at(world: World) -> Order:
    """An order whose goods come back from where this carrier fetches them to where it brings them."""
    there, here = world.sender, world.receiver
    address = make_address(
        company=here.company, street=here.street, house_number=here.house_number,
        postal_code=here.postal_code, city=here.city, state=here.state, country=here.country,
    )  # fmt: skip
    return make_order(
        make_brand(), lines=[{"quantity": 1000}], sender_address=address,
        street=there.street, house_number=there.house_number, postal_code=there.postal_code,
        city=there.city, state=there.state, country=there.country,
    )  # fmt: skip


def purchase_at() -> LabelPurchase:
    ret = make_return(Order.objects.first())
    purchase = intend_label(ret, at=NOW)
    assert purchase is not None
    return purchase


@contextmanager
def deadline(seconds: str):
    before = os.environ.get("RIENTRO_CARRIER_DEADLINE_S")
    os.environ["RIENTRO_CARRIER_DEADLINE_S"] = seconds
    try:
        yield
    finally:
        if before is None:
            del os.environ["RIENTRO_CARRIER_DEADLINE_S"]
        else:
            os.environ["RIENTRO_CARRIER_DEADLINE_S"] = before


def place(world: World, fault: str, strangers_tls: str) -> str:
    """An address at which this carrier cannot be met."""
    return {
        "refused": f"http://127.0.0.1:{port_of_nobody()}",
        "dns": "http://carrier.invalid",
        "tls": strangers_tls,
        "plain": world.proxy.url.replace("http://", "https://"),
    }[fault]


class Attempt:
    """One purchase, one fault, one seed."""

    def __init__(self, world: World, row: Row, seed: int, strangers_tls: str) -> None:
        self.world, self.row, self.strangers_tls = world, row, strangers_tls
        world.proxy.begin(seed)
        self.fault, self.words = row.variant(seed)
        once = row.outcome == "sold" and world.refuses_repeats
        self.times = 1 if once else row.times(seed)
        self.account = CarrierAccount.objects.get()
        self.purchase = purchase_at()
        self.now: datetime = NOW
        self.errors: list[Exception] = []
        self.told_in_part = False

    def run(self) -> None:
        if self.fault in PLACES:
            self._at_another_place()
        elif self.fault == "slam":
            self.world.proxy.slams = self.times
        else:
            method, path = self.world.buying
            self.world.proxy.play(
                self.fault, method=method, path=path, times=self.times, **self.words
            )
        for _ in range(8):
            # The deadline is short only where it is what ends the fault.
            broken = self.row.slow and len(self.errors) < self.times
            with deadline(str(self.world.short_s) if broken else LONG_S):
                if self._try():
                    return
        raise AssertionError("The purchase does not come to an end.")

    def _try(self) -> bool:
        """One try of the queue. True when the purchase is over."""
        CarrierAccount.objects.update(paused_until=None)
        try:
            buy_label(purchase=self.row_now(), now=self.now)
        except NotNow as error:
            self.errors.append(error)
            self.now += timedelta(seconds=int(error.facts["retry_after_s"]) + 1)
            return False
        except AccountOnHold as error:
            self.errors.append(error)
            self._key_again()
            return False
        return True

    def _key_again(self) -> None:
        """A second job finds the account on hold and asks nothing; then somebody enters new credentials."""
        asked = self.world.posts()
        for _ in range(2):
            try:
                buy_label(purchase=self.row_now(), now=self.now)
            except AccountOnHold:
                continue
            raise AssertionError("An account that is broken was asked.")
        assert self.world.posts() == asked
        assert CarrierAccount.objects.get(pk=self.account.pk).state == "broken"
        CarrierAccount.objects.update(state="ok")

    def _at_another_place(self) -> None:
        self._move(place(self.world, self.fault, self.strangers_tls))
        for _ in range(self.times):
            assert not self._try()
        self._move(self.world.proxy.url)

    def _move(self, url: str) -> None:
        if self.world.lead:
            self.world.lead(url)
        else:
            CarrierAccount.objects.update(settings=self.world.settings_at(url))

    # What came of it

    def row_now(self) -> LabelPurchase:
        return LabelPurchase.objects.get(pk=self.purchase.pk)

    def ret(self) -> Return:
        return Return.objects.get(pk=self.purchase.parcel.ret_id)

    def events(self, name: str) -> list[Event]:
        return list(Event.objects.filter(name=name, ret=self.ret()))

    def sold(self) -> list[Sold]:
        return [sold for sold in self.world.books() if sold.reference == self.purchase.reference]

    def label(self) -> Label | None:
        return Label.objects.filter(purchase=self.purchase).first()

    def posted(self) -> list[LedgerEntry]:
        return list(
            LedgerEntry.objects.filter(
                subject=f"label:{self.purchase.reference}", state=LedgerEntry.State.POSTED.value
            )
        )


def settle_by_hand(attempt: Attempt) -> None:
    """What a person does with an unknown purchase: reads the carrier's own list, and says what is there."""
    found = attempt.sold()
    outcome: WasBought | NotBought = NotBought()
    if found:
        outcome = WasBought(
            tracking_number=found[0].tracking_number,
            price=None if found[0].minor is None else Money(found[0].minor, found[0].currency),
            carrier_reference=found[0].carrier_reference,
        )
    settle_purchase(purchase=attempt.row_now(), outcome=outcome, actor="member:1", now=attempt.now)


def books_agree(world: World, account: CarrierAccount) -> None:
    """Ours, the ledger's and the carrier's: the same labels, and the same money to the cent."""
    theirs = {world.name_of(sold.carrier_reference): sold for sold in world.books()}
    labels = Label.objects.filter(purchase__account=account)
    ours = {world.name_of(label.carrier_reference): label for label in labels}
    assert sorted(ours) == sorted(theirs)
    assert {name: bool(label.voided_at) for name, label in ours.items()} == {
        name: sold.voided for name, sold in theirs.items()
    }
    owed: dict[str, int] = {}
    for name, label in ours.items():
        if label.charged_at and not label.voided_at:
            owed[theirs[name].currency] = owed.get(theirs[name].currency, 0) + (
                theirs[name].minor or 0
            )
    assert {name: sum_ for name, sum_ in owed_to_carrier(account).items() if sum_} == owed
    assert sum(balances().values()) == 0
    if all(label.charged_at for label in ours.values()):
        assert set_aside() == {}
