"""A merchant connects a carrier: the credentials are tried, sealed, and the carrier learns our address."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings as house
from django.db import transaction
from django.urls import reverse

from rientro.carriers.base import AuthFailed, Can, Carrier, CarrierError, InvalidRequest
from rientro.carriers.known import Known
from rientro.carriers.registry import UnknownCarrier, known, missing, open_carrier
from rientro.kit.crypto import CannotUnseal, seal, unseal
from rientro.kit.errors import Kind, Missing, RientroError
from rientro.kit.ids import new_token, token_hash
from rientro.kit.sentences import Sentence
from rientro.kit.tenancy import current_merchant
from rientro.models.addresses import SenderAddress
from rientro.models.choosing import TRACKING_ONLY
from rientro.models.events import Event
from rientro.models.inquiries import CarrierInquiry, ask_worker, close_inquiry, newest_inquiry
from rientro.models.merchants import Merchant
from rientro.models.parcels import CarrierAccount

NOT_INSTALLED = Sentence("This carrier is not installed here. Ask whoever runs this installation.")
_WELL: dict[str, Any] = {
    "state": CarrierAccount.State.OK.value,
    "last_error": "",
    "paused_until": None,
    "resting": "",
}
TEST_MODE = "test_mode"  # in an account's settings, for its adapter: 0 when labels cost real money
WEBHOOK_BASE = "webhook_base"  # in an account's settings: where its carrier last learned we are


class IncompleteContract(RientroError):
    """A box of the form that must be filled in is empty; ``facts["field"]`` names it."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "incomplete_contract"


class NotInstalled(RientroError):
    """The adapter needs a library that this installation does not have; ``facts["missing"]`` names it."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "carrier_not_installed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What a person typed. An empty secret keeps the one that is sealed already.

    Without a ``service`` the first that the carrier sells in the country of the default address, else of the
    merchant, is taken.
    """

    carrier: str
    name: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    service: str = ""
    test_mode: bool = True


def connect_carrier(
    *,
    contract: Contract,
    account: CarrierAccount | None = None,
    make_default: bool = False,
    actor: str,
    now: datetime,
) -> CarrierAccount:
    """Make an account, or mend ``account``; the carrier is asked first, with no transaction open.

    Raises AuthFailed when it refuses the credentials, another CarrierError when it cannot be asked,
    UnknownCarrier, NotInstalled and IncompleteContract; nothing is written then. The first account is the default
    one. That the carrier does not take our webhook address is no failure: polling tells the same.

    A carrier that only the worker may load is asked by it: the account stands unchecked, or as it was, until then.
    """
    about = known(contract.carrier)
    if absent := missing(about.code):
        raise NotInstalled(NOT_INSTALLED, missing=absent)
    settings = _settings(about, contract) | _standing(about, contract)
    credentials = _credentials(about, contract, _kept(about, settings, account))
    tried = _Tried(contract, credentials, settings, make_default)
    if about.worker_only:
        return _propose(tried, account, actor=actor, now=now)
    carrier = open_carrier(contract.carrier, credentials, settings)
    carrier.check_credentials()
    return _adopt(tried, account, carrier, actor=actor, now=now)


def check_carrier(*, account: CarrierAccount, actor: str, now: datetime) -> CarrierAccount:
    """Try the sealed credentials again and write down what came of it. No transaction may be open.

    Where only the worker may ask, the question is posted, with whatever was typed last and never answered.
    """
    if known(account.carrier).worker_only:
        _ask_again(account, actor=actor, now=now)
        return account
    try:
        carrier = open_carrier(account.carrier, unseal(account.credentials), account.settings)
        carrier.check_credentials()
    except (CarrierError, UnknownCarrier, CannotUnseal) as error:
        _note_failure(account, error, now=now)
    else:
        _keep(account, _WELL | {"checked_at": now, "abilities": abilities_in(carrier.can)})
    return account


def try_credentials(*, inquiry: CarrierInquiry, now: datetime) -> CarrierInquiry:
    """In the worker: put a question that ``connect_carrier`` or ``check_carrier`` posted, and write down the answer.

    What was typed replaces what was kept only when the carrier takes it. Safe to repeat. No transaction may be open.
    """
    account = inquiry.account
    if inquiry.answered_at or account.deleted_at:
        return inquiry
    try:
        tried = _proposed(inquiry)
        carrier = open_carrier(account.carrier, tried.credentials, tried.settings)
        carrier.check_credentials()
        _adopt(tried, account, carrier, actor=inquiry.actor, now=now)
    except Missing:  # disconnected while its carrier was asked, and the question with it
        return inquiry
    except (CarrierError, UnknownCarrier, CannotUnseal, ImportError) as error:
        words = error.message if isinstance(error, RientroError) else NOT_INSTALLED
        fresh = not account.credentials
        if fresh or not inquiry.proposal:
            _note_failure(account, error, now=now)
        with transaction.atomic(durable=True):
            tried_it = isinstance(error, AuthFailed | InvalidRequest)
            return close_inquiry(inquiry, at=now, words=words, tried=tried_it)
    with transaction.atomic(durable=True):
        return close_inquiry(inquiry, at=now, answer={"taken": True})


@dataclass(frozen=True, slots=True)
class _Tried:
    """What the carrier is asked with, and what is kept when it agrees."""

    contract: Contract
    credentials: Mapping[str, Any]
    settings: Mapping[str, str]
    make_default: bool = False

    def sealed(self) -> str:
        told = self.contract
        words = {"name": told.name, "service": told.service, "test_mode": told.test_mode}
        return seal(
            words
            | {"credentials": dict(self.credentials), "settings": dict(self.settings)}
            | {"make_default": self.make_default}
        )


def _proposed(inquiry: CarrierInquiry) -> _Tried:
    """What was typed last; without it, what is kept."""
    account = inquiry.account
    told = unseal(inquiry.proposal)
    contract = Contract(
        carrier=account.carrier,
        name=told.get("name", account.name),
        service=told.get("service", account.service),
        test_mode=told.get("test_mode", account.test_mode),
    )
    # Never what is kept at a place that was only typed, whatever a carrier's form leaves optional.
    kept = told["credentials"] if told else unseal(account.credentials)
    settings = told["settings"] if told else account.settings
    return _Tried(contract, kept, settings, bool(told.get("make_default")))


@transaction.atomic(durable=True)
def _propose(
    tried: _Tried, account: CarrierAccount | None, *, actor: str, now: datetime
) -> CarrierAccount:
    """Keep what was typed, sealed, and let the worker ask; a new account stands there unchecked meanwhile."""
    contract = tried.contract
    row = account or CarrierAccount.objects.create(
        carrier=contract.carrier,
        name=contract.name.strip()[:80] or known(contract.carrier).name,
        settings=dict(tried.settings),
        service=contract.service.strip()[:80],
        test_mode=contract.test_mode,
        created_at=now,
    )
    ask_worker(row, CarrierInquiry.Kind.CHECK, actor=actor, at=now, proposal=tried.sealed())
    return row


@transaction.atomic(durable=True)
def _ask_again(account: CarrierAccount, *, actor: str, now: datetime) -> None:
    ask_worker(
        account,
        CarrierInquiry.Kind.CHECK,
        actor=actor,
        at=now,
        proposal=_open_proposal(account),
    )


def _open_proposal(account: CarrierAccount) -> str:
    """What was typed for this account and has not been tried yet; empty when there is nothing."""
    last = newest_inquiry(account, CarrierInquiry.Kind.CHECK)
    return last.proposal if last else ""


def _adopt(
    tried: _Tried,
    account: CarrierAccount | None,
    carrier: Carrier,
    *,
    actor: str,
    now: datetime,
) -> CarrierAccount:
    """The carrier agreed: keep the contract, and tell the carrier our address."""
    contract = tried.contract
    if not contract.service.strip():
        contract = replace(contract, service=_usual_service(carrier))
    row = _write(replace(tried, contract=contract), account, carrier.can, actor=actor, now=now)
    _introduce(carrier, row, dict(tried.credentials))
    return row


def _note_failure(account: CarrierAccount, error: Exception, *, now: datetime) -> None:
    """Refused credentials break an account; a carrier that cannot be asked only leaves words."""
    words = error.message if isinstance(error, RientroError) else NOT_INSTALLED
    changes: dict[str, Any] = {"last_error": words[:300], "checked_at": now}
    if isinstance(error, AuthFailed):
        changes["state"] = CarrierAccount.State.BROKEN.value
    _keep(account, changes)


def abilities_in(can: Can) -> list[str]:
    """The flags of ``can`` as an account keeps them."""
    return sorted(str(flag.name).lower() for flag in Can if flag in can)


def _kept(
    about: Known, settings: Mapping[str, str], account: CarrierAccount | None
) -> dict[str, Any]:
    """The sealed credentials, unless they would now be sent to another place than before."""
    if account is None:
        return {}
    kept = unseal(account.credentials)
    if not kept:
        with transaction.atomic(durable=True):
            kept = unseal(_open_proposal(account)).get("credentials", {})
    moved = [
        box.name
        for box in about.settings
        if box.target and settings.get(box.name) != account.settings.get(box.name)
    ]
    return {} if moved else kept


def _credentials(about: Known, contract: Contract, before: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, over what was kept."""
    kept = dict(before)
    for box in about.credentials:
        typed = str(contract.credentials.get(box.name, "")).strip()
        if typed:
            kept[box.name] = typed
        elif box.required and not kept.get(box.name):
            raise IncompleteContract(
                Sentence("%(label)s is missing.", label=Sentence(box.label)), field=box.name
            )
    return kept


def _settings(about: Known, contract: Contract) -> dict[str, str]:
    # An adapter is told nothing but its settings: whether labels cost money is one of them.
    chosen = {} if about.test_only else {TEST_MODE: "1" if contract.test_mode else "0"}
    for box in about.settings:
        value = str(contract.settings.get(box.name, "")).strip() or box.default
        if value:
            chosen[box.name] = value
        elif box.required:
            raise IncompleteContract(
                Sentence("%(label)s is missing.", label=Sentence(box.label)), field=box.name
            )
    return chosen


def _standing(about: Known, contract: Contract) -> dict[str, str]:
    """What adapters and the choice read beside the boxes of the form: test labels or real ones, and labels at all."""
    told = {"test_mode": "1" if contract.test_mode else "0"}
    return told if about.sells else told | {TRACKING_ONLY: "1"}


def _usual_service(carrier: Carrier) -> str:
    """Empty when the carrier sells nothing there: buying will say so."""
    with transaction.atomic(durable=True):
        home = SenderAddress.objects.default_or_none()
        # People connect a carrier before they write down an address, too.
        country = home.country if home else Merchant.objects.get(pk=current_merchant()).country
    offered = carrier.services(country, country)
    return offered[0].code if offered else ""


@transaction.atomic(durable=True)
def _write(
    tried: _Tried, account: CarrierAccount | None, can: Can, *, actor: str, now: datetime
) -> CarrierAccount:
    contract = tried.contract
    sells = TRACKING_ONLY not in tried.settings
    first = sells and not CarrierAccount.objects.filter(is_default=True, deleted_at=None).exists()
    row = _standing_row(account) or CarrierAccount(carrier=contract.carrier, created_at=now)
    mended = bool(row.credentials)
    row.name = contract.name.strip()[:80] or known(contract.carrier).name
    row.credentials = seal(tried.credentials)
    row.settings = {**row.settings, **tried.settings}
    row.service = contract.service.strip()[:80]
    row.test_mode = contract.test_mode
    row.abilities = abilities_in(can)
    row.checked_at = now
    for name, value in _WELL.items():
        setattr(row, name, value)
    if first or (sells and tried.make_default):
        CarrierAccount.objects.filter(is_default=True).update(is_default=False)
        row.is_default = True
    row.save()
    word = "carrier.account_mended" if mended else "carrier.account_connected"
    Event.record(word, actor=actor, at=now, account=row.pk, carrier=row.carrier, called=row.name)
    return row


def _standing_row(account: CarrierAccount | None) -> CarrierAccount | None:
    """``account`` as it stands now: it may have been changed or disconnected while its carrier was asked."""
    if account is None:
        return None
    return CarrierAccount.objects.locked().get_or_missing(pk=account.pk, deleted_at=None)


# The webhook


def _introduce(carrier: Carrier, account: CarrierAccount, credentials: dict[str, Any]) -> None:
    """Give the account an address of its own and tell the carrier, if it can be told."""
    register = getattr(carrier, "register_webhook", None)
    settings = {WEBHOOK_BASE: house.BASE_URL}
    if register is None or Can.WEBHOOK not in carrier.can:
        _keep(account, {"settings": settings})  # nobody to tell: as good as told
        return
    token = f"{account.merchant_id}-{account.pk}-{new_token()}"
    # Known to us before the carrier knows it: its first webhook may be quicker than its answer.
    _keep(account, {"webhook_token_hash": token_hash(token)})
    try:
        secrets = register(webhook_url(account.carrier, token))
    except CarrierError:
        return
    _keep(account, {"credentials": seal({**credentials, **secrets}), "settings": settings})


def renew_webhooks(*, now: datetime) -> int:
    """Give carriers our new address where this installation has moved; says how many took it.

    No transaction may be open. A carrier that cannot be reached is told the next time.
    """
    renewed = 0
    for account in _left_behind():
        try:
            credentials = unseal(account.credentials)
            carrier = open_carrier(account.carrier, credentials, account.settings)
        except (CarrierError, UnknownCarrier, CannotUnseal):
            continue
        _introduce(carrier, account, credentials)
        renewed += account.settings.get(WEBHOOK_BASE) == house.BASE_URL
    return renewed


@transaction.atomic(durable=True)
def _left_behind() -> list[CarrierAccount]:
    """Working accounts whose carrier knows us by another address, or was never reached with one."""
    working = CarrierAccount.objects.filter(deleted_at=None, state=CarrierAccount.State.OK.value)
    return [row for row in working if row.settings.get(WEBHOOK_BASE) != house.BASE_URL]


def webhook_url(carrier: str, token: str) -> str:
    """Where a carrier posts its news of one account."""
    return f"{house.BASE_URL}{reverse('hooks:carrier', args=[carrier, token])}"


@transaction.atomic(durable=True)
def _keep(account: CarrierAccount, changes: Mapping[str, Any]) -> None:
    """``settings`` are added to those that stand. What was disconnected meanwhile has forgotten its credentials."""
    row = CarrierAccount.objects.locked().filter(pk=account.pk, deleted_at=None).first()
    if row is None:
        return
    for name, value in changes.items():
        now_so = {**row.settings, **value} if name == "settings" else value
        setattr(row, name, now_so)
        setattr(account, name, now_so)
    row.save(update_fields=list(changes))
