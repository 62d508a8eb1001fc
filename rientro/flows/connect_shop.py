"""A merchant connects a shop: what is typed is tried against the shop, and kept only when the shop takes it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction

from rientro.kit import http
from rientro.kit.crypto import seal, unseal
from rientro.kit.errors import Kind, RientroError
from rientro.kit.queue import post
from rientro.kit.sentences import Sentence
from rientro.kit.tenancy import current_merchant
from rientro.kit.text import clean_line
from rientro.models.events import Event
from rientro.models.integrations import Integration
from rientro.models.merchants import Merchant
from rientro.models.shop_consent import ShopWish
from rientro.models.shop_health import living, wake
from rientro.models.shop_links import ShopLink, ShopWalk
from rientro.models.shop_walking import begin_walks
from rientro.shops.base import Facts
from rientro.shops.known import Known
from rientro.shops.registry import known, open_shop, shop_class

MOST_DAYS = 730


class IncompleteShop(RientroError):
    """A box is empty or wrong; ``facts["field"]`` names it."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "incomplete_shop"


class ShopTaken(RientroError):
    """This shop is connected already; twice connected, each of its orders would be two."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "shop_taken"


def connect_shop(
    *, wish: ShopWish, link: ShopLink | None = None, actor: str, now: datetime
) -> ShopLink:
    """Try ``wish`` at the shop, then keep it: a new integration, or other keys for ``link``.

    Reading begins at once, by the worker: new orders from now, earlier ones ``days`` back. Raises IncompleteShop,
    ShopTaken and ShopError with the shop's own words; nothing is kept then. No transaction may be open.
    """
    about = known(wish.system)
    url = address_of(about, wish.url)
    settings = _settings(about, wish) | {"url": url}
    credentials = _credentials(about, wish, _kept(link, url))
    if not 0 <= wish.days <= MOST_DAYS:
        raise IncompleteShop(
            Sentence("From 0 to %(most)s days.", most=MOST_DAYS), field="backfill_days"
        )
    with transaction.atomic(durable=True):
        _stop_if_taken(wish.system, url, link)
    facts = open_shop(wish.system, credentials, settings).check()
    return _write(wish, link, credentials, settings, facts, actor=actor, now=now)


def check_shop(*, link: ShopLink, now: datetime) -> Facts:
    """Try the keys that are kept. Raises ShopError; its words are kept at the link. No transaction may be open."""
    with transaction.atomic(durable=True):
        integration = Integration.objects.get(pk=link.integration_id)
    try:
        facts = open_shop(integration.system, unseal(link.credentials), link.settings).check()
    except RientroError as error:
        _keep(link, {"last_error": error.message[:300], "checked_at": now})
        raise
    _keep(link, {"facts": facts_told(facts), "checked_at": now, "last_error": "", "failures": 0})
    with transaction.atomic(durable=True):
        Integration.objects.filter(pk=integration.pk).update(failing_since=None)
        awake = ShopLink.objects.filter(pk=link.pk).exclude(state=ShopLink.State.PAUSED.value)
        if awake.update(state=ShopLink.State.OK.value):
            wake(link, at=now)
        post("register_shop_webhooks", merchant_id=link.merchant_id, link_id=link.pk)
    return facts


def address_of(about: Known, typed: str) -> str:
    """The shop's address, whole and without a slash at its end. Raises IncompleteShop."""
    url = clean_line(typed, 500).strip().rstrip("/")
    if not url:
        raise IncompleteShop(
            Sentence("%(label)s is missing.", label=Sentence(about.address.label)), field="url"
        )
    tidy = getattr(shop_class(about.code), "clean_url", None)  # some shops are known by a bare name
    url = tidy(url) if tidy else url
    if "://" not in url:
        url = f"https://{url}"
    problem = http.problem(url, allow_private=http.are_private_targets_open())
    if problem:
        raise IncompleteShop(problem, field="url")
    return url


def _settings(about: Known, wish: ShopWish) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for box in about.settings:
        value = str(wish.settings.get(box.name, "")).strip() or box.default
        if value:
            chosen[box.name] = value
        elif box.required:
            raise IncompleteShop(
                Sentence("%(label)s is missing.", label=Sentence(box.label)), field=box.name
            )
    return chosen


def _kept(link: ShopLink | None, url: str) -> dict[str, Any]:
    """The sealed keys, unless they would now be sent to another place than before."""
    if link is None or link.settings.get("url") != url:
        return {}
    return dict(unseal(link.credentials))


def _credentials(about: Known, wish: ShopWish, before: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, over what was kept."""
    kept = dict(before)
    for box in about.credentials:
        typed = str(wish.credentials.get(box.name, "")).strip()
        if typed:
            kept[box.name] = typed
        elif box.required and not kept.get(box.name):
            raise IncompleteShop(
                Sentence("%(label)s is missing.", label=Sentence(box.label)), field=box.name
            )
    return kept


def _stop_if_taken(system: str, url: str, link: ShopLink | None) -> None:
    living = ShopLink.objects.filter(
        integration__system=system, integration__deleted_at=None, settings__url=url
    )
    if link is not None:
        living = living.exclude(pk=link.pk)
    if living.exists():
        raise ShopTaken("This shop is connected already.", field="url")


@transaction.atomic(durable=True)
def _write(
    wish: ShopWish,
    link: ShopLink | None,
    credentials: Mapping[str, Any],
    settings: Mapping[str, str],
    facts: Facts,
    *,
    actor: str,
    now: datetime,
) -> ShopLink:
    Merchant.objects.select_for_update(no_key=True).get(pk=current_merchant())
    _stop_if_taken(wish.system, settings["url"], link)  # by somebody who was quicker
    row = _standing(link) or _new(wish, settings["url"], facts, actor=actor, now=now)
    row.credentials = seal(credentials)
    row.settings = {**row.settings, **settings}
    row.facts = facts_told(facts)
    row.checked_at = now
    row.last_error, row.failures, row.rest_until = "", 0, None
    if row.state != ShopLink.State.PAUSED.value:
        row.state = ShopLink.State.OK.value
    row.save()
    healed = {"failing_since": None, "shop_url": settings["url"]}
    Integration.objects.filter(pk=row.integration_id).update(**healed)
    if link is not None:
        Event.record(
            "integration.changed",
            actor=actor,
            at=now,
            integration=row.integration_id,
            fields=["credentials"],
        )
        wake(row, at=now)
    post("register_shop_webhooks", merchant_id=row.merchant_id, link_id=row.pk)
    for walk in ShopWalk.objects.filter(link=row, next_at__lte=now):
        post("walk_shop", merchant_id=row.merchant_id, walk_id=walk.pk)
    return row


def _standing(link: ShopLink | None) -> ShopLink | None:
    if link is None:
        return None
    living(link.integration_id)
    return ShopLink.objects.locked().get_or_missing(pk=link.pk, integration__deleted_at=None)


def _new(wish: ShopWish, url: str, facts: Facts, *, actor: str, now: datetime) -> ShopLink:
    name = clean_line(wish.shop_name, 250) or clean_line(facts.name, 250) or url
    integration = Integration.objects.create(
        shop_name=name, system=wish.system, shop_url=url, created_at=now
    )
    Event.record("integration.created", actor=actor, at=now, integration=integration.pk)
    link = ShopLink.objects.create(integration=integration, connected_at=now)
    begin_walks(link, days=wish.days, at=now)
    return link


def facts_told(facts: Facts) -> dict[str, Any]:
    """``facts`` as a link keeps them."""
    return {
        "name": facts.name[:250],
        "version": facts.version[:40],
        "currency": facts.currency[:3],
        "cautions": [str(words)[:300] for words in facts.cautions],
        "statuses": {str(word)[:120]: str(name)[:120] for word, name in facts.statuses.items()},
    }


@transaction.atomic(durable=True)
def _keep(link: ShopLink, changes: Mapping[str, Any]) -> None:
    ShopLink.objects.filter(pk=link.pk).update(**changes)
