"""Keys that a shop gives out on a page of its own: off to that page, and back with what it gave."""

from dataclasses import replace

from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from rientro.flows.connect_shop import address_of
from rientro.kit.crypto import seal, unseal
from rientro.kit.errors import RientroError
from rientro.kit.ids import new_token
from rientro.kit.said import said
from rientro.models.shop_consent import Pending, ShopWish, read_state, state_of
from rientro.panel.doors import PanelRequest
from rientro.panel.shop_forms import ShopForm
from rientro.shops.known import Known
from rientro.shops.registry import shop_class


def consent_page(request: PanelRequest, form: ShopForm) -> HttpResponse | None:
    """Off to the shop's page; None, with the error in the form, where there is no such page."""
    about, nonce = form.about, new_token()
    try:
        wish = replace(form.wish(), url=address_of(about, form.wish().url))
        asked = Pending(
            merchant_id=request.merchant.pk, actor=request.actor, nonce=nonce, wish=wish
        )
        page = shop_class(about.code).consent_url(
            wish.credentials,
            {**wish.settings, "url": wish.url},
            state=state_of(asked),
            return_url=_address(request, "panel:shop_consented", about),
            callback_url=_address(request, "hooks:shop_consent", about),
        )
    except RientroError as error:
        form.add_error(form.field_of(str(error.facts.get("field", ""))), said(error.message))
        return None
    request.session[_place(nonce)] = seal(dict(wish.credentials))
    return redirect(page)


def consented(request: PanelRequest, about: Known, told: dict[str, str]) -> ShopWish | None:
    """What was typed, with the keys that the shop gave; None where it gives them by machine.

    Raises signing.BadSignature for a word that is not ours, too old, another member's or another shop's, and
    ShopError for what the shop says.
    """
    adapter = shop_class(about.code)
    if about.ways_by_machine:
        return None
    asked = read_state(told.get("state", ""), about.code)
    kept = request.session.pop(_place(asked.nonce), "")
    if asked.merchant_id != request.merchant.pk or asked.actor != request.actor or not kept:
        raise signing.BadSignature("Not asked for by this member.")
    typed, wish = unseal(kept), asked.wish
    given = adapter.consented(typed, {**wish.settings, "url": wish.url}, told)
    return replace(wish, credentials={**typed, **given})


def _place(nonce: str) -> str:
    return f"consent:{nonce}"


def _address(request: PanelRequest, name: str, about: Known) -> str:
    return request.build_absolute_uri(reverse(name, args=[about.code]))
