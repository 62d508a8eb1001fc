"""A merchant connects a carrier: the credentials are tried, sealed, and the carrier learns our address."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings as house
from django.db import transaction
from django.urls import reverse

from rientro.carriers.base import AuthFailed, Can, Carrier, CarrierError
from rientro.carriers.registry import Known, UnknownCarrier, known, open_carrier
from rientro.kit.crypto import CannotUnseal, seal, unseal
from rientro.kit.errors import Kind, RientroError
from rientro.kit.ids import new_token, token_hash
from rientro.kit.sentences import Sentence
from rientro.kit.tenancy import current_merchant
from rientro.models.addresses import SenderAddress
from rientro.models.events import Event
from rientro.models.merchants import Merchant
from rientro.models.parcels import CarrierAccount

WEBHOOK_BASE = "webhook_base"  # in an account's settings: where its carrier last learned we are


class IncompleteContract(RientroError):
    """A box of the form that must be filled in is empty; ``facts["field"]`` names it."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "incomplete_contract"


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
    UnknownCarrier and IncompleteContract; nothing is written then. The first account is the default one.
    That the carrier does not take our webhook address is no failure: polling tells the same.
    """
    about = known(contract.carrier)
    settings = _settings(about, contract)
    credentials = _credentials(about, contract, _kept(about, settings, account))
    carrier = open_carrier(contract.carrier, credentials, settings)
    carrier.check_credentials()
    if not contract.service.strip():
        contract = replace(contract, service=_usual_service(carrier))
    account = _write(
        contract, account, credentials, settings, make_default=make_default, actor=actor, now=now
    )
    _introduce(carrier, account, credentials)
    return account


def _kept(
    about: Known, settings: Mapping[str, str], account: CarrierAccount | None
) -> dict[str, Any]:
    """The sealed credentials, unless they would now be sent to another place than before."""
    if account is None:
        return {}
    moved = [
        box.name
        for box in about.settings
        if box.target and settings.get(box.name) != account.settings.get(box.name)
    ]
    return {} if moved else unseal(account.credentials)


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
    chosen = {}
    for box in about.settings:
        value = str(contract.settings.get(box.name, "")).strip() or box.default
        if value:
            chosen[box.name] = value
        elif box.required:
            raise IncompleteContract(
                Sentence("%(label)s is missing.", label=Sentence(box.label)), field=box.name
            )
    return chosen


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
    contract: Contract,
    account: CarrierAccount | None,
    credentials: Mapping[str, Any],
    settings: Mapping[str, str],
    *,
    make_default: bool,
    actor: str,
    now: datetime,
) -> CarrierAccount:
    first = not CarrierAccount.objects.filter(is_default=True, deleted_at=None).exists()
    word = "carrier.account_mended" if account else "carrier.account_connected"
    row = account or CarrierAccount(carrier=contract.carrier, created_at=now)
    row.name = contract.name.strip()[:80] or known(contract.carrier).name
    row.credentials = seal(credentials)
    row.settings = {**row.settings, **settings}
    row.service = contract.service.strip()[:80]
    row.test_mode = contract.test_mode
    row.state = CarrierAccount.State.OK.value
    row.last_error = ""
    row.checked_at = now
    row.paused_until = None
    if make_default or first:
        _clear_default()
        row.is_default = True
    row.save()
    Event.record(word, actor=actor, at=now, account=row.pk, carrier=row.carrier, called=row.name)
    return row


def _clear_default() -> None:
    CarrierAccount.objects.filter(is_default=True).update(is_default=False)


# The webhook


def _introduce(carrier: Carrier, account: CarrierAccount, credentials: dict[str, Any]) -> None:
    """Give the account an address of its own and tell the carrier, if it can be told."""
    register = getattr(carrier, "register_webhook", None)
    settings = {**account.settings, WEBHOOK_BASE: house.BASE_URL}
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
    for name, value in changes.items():
        setattr(account, name, value)
    account.save(update_fields=list(changes))


# Smaller steps on an account


@transaction.atomic
def set_default_carrier(*, account: CarrierAccount, actor: str, now: datetime) -> CarrierAccount:
    """Buy with ``account`` from now on, unless a rule says otherwise."""
    account = CarrierAccount.objects.locked().get_or_missing(pk=account.pk, deleted_at=None)
    if not account.is_default:
        _clear_default()
        account.is_default = True
        account.save(update_fields=["is_default"])
        Event.record("carrier.account_default", actor=actor, at=now, account=account.pk)
    return account


@transaction.atomic
def disconnect_carrier(*, account: CarrierAccount, actor: str, now: datetime) -> CarrierAccount:
    """Forget the credentials of ``account`` and buy with it no more; its labels and books stay."""
    account = CarrierAccount.objects.locked().get_or_missing(pk=account.pk, deleted_at=None)
    account.credentials = ""
    account.webhook_token_hash = b""
    account.is_default = False
    account.deleted_at = now
    account.save(update_fields=["credentials", "webhook_token_hash", "is_default", "deleted_at"])
    Event.record("carrier.account_disconnected", actor=actor, at=now, account=account.pk)
    return account


def check_carrier(*, account: CarrierAccount, now: datetime) -> CarrierAccount:
    """Try the sealed credentials again and write down what came of it. No transaction may be open."""
    try:
        open_carrier(
            account.carrier, unseal(account.credentials), account.settings
        ).check_credentials()
    except AuthFailed as error:
        _keep(account, {"state": "broken", "last_error": error.message[:300], "checked_at": now})
    except CarrierError as error:
        _keep(account, {"last_error": error.message[:300], "checked_at": now})
    else:
        _keep(
            account,
            {"state": "ok", "last_error": "", "checked_at": now, "paused_until": None},
        )
    return account
