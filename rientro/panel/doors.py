"""The doors of the panel: who is asking, for which merchant, may they, and what a refusal looks like."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, ClassVar, cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from rientro.kit import clock
from rientro.kit.errors import Kind, RientroError
from rientro.kit.said import said
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Member, Merchant
from rientro.panel.frame import Frame
from rientro.policy.abilities import ABILITIES, Ability

View = Callable[..., HttpResponse]

MERCHANT_CHOICE = "merchant_id"  # in the session: for whom a person of several merchants works
SAFE = ("GET", "HEAD", "OPTIONS")


class NotYours(RientroError):
    """The member's role does not allow this."""

    kind: ClassVar[Kind] = "forbidden"
    code: ClassVar[str] = "role_forbids"


class PanelRequest(HttpRequest):
    """A request after a door has let it in."""

    merchant: Merchant
    member: Member
    actor: str
    now: datetime
    frame: Frame


def door(
    *, look: Ability = "look", act: Ability = "decide", wire: bool = False
) -> Callable[[View], View]:
    """Let a member in: GET needs the ability ``look``, everything else needs ``act``.

    The view runs inside the merchant's transaction, with ``request.merchant``, ``.member``, ``.actor``,
    ``.now`` and ``.frame``, in the reader's language and the merchant's time zone. ``wire=True`` is for views
    that talk to a carrier or a shop: the tenant is set, no transaction is open, and the view opens short
    ones itself. A RientroError becomes a page with its status.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        @login_required
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            member = _member(request)
            if member is None:
                return redirect("panel:merchants")
            guest = _introduce(request, member)
            with _surroundings(member):
                return _answer(view, guest, args, kwargs, look if _reads(request) else act, wire)

        return asked

    return wrap


def may(member: Member, ability: Ability) -> bool:
    """Does this member's role allow it?"""
    return ability in ABILITIES.get(member.role, frozenset())


def attempt(request: PanelRequest, step: Callable[[], object], *, done: str) -> bool:
    """Take one step of a flow and tell the person what came of it; on a refusal nothing is written."""
    try:
        with transaction.atomic():
            step()
    except RientroError as error:
        messages.error(request, said(error.message))
        return False
    messages.success(request, done)
    return True


def _member(request: HttpRequest) -> Member | None:
    """The membership this session acts under: the chosen one, else the only one."""
    memberships: list[Member] = list(request.user.memberships.select_related("merchant", "user"))  # type: ignore[union-attr]
    chosen = request.session.get(MERCHANT_CHOICE)
    for membership in memberships:
        if membership.merchant_id == chosen:
            return membership
    return memberships[0] if len(memberships) == 1 else None


def _introduce(request: HttpRequest, member: Member) -> PanelRequest:
    guest = cast(PanelRequest, request)
    guest.GET, guest.POST = _storable(request.GET), _storable(request.POST)  # type: ignore[assignment]
    guest.member = member
    guest.merchant = member.merchant
    guest.actor = f"member:{member.pk}"
    guest.now = clock.now()
    guest.frame = Frame(member, ABILITIES.get(member.role, frozenset()))
    return guest


def _storable(typed: QueryDict) -> QueryDict:
    """Without the one character that PostgreSQL cannot even be asked about, so that no view has to think of it."""
    if not any("\0" in text for name, texts in typed.lists() for text in (name, *texts)):
        return typed
    kept = QueryDict(mutable=True)
    for name, texts in typed.lists():
        kept.setlist(name.replace("\0", ""), [text.replace("\0", "") for text in texts])
    return kept


@contextmanager
def _surroundings(member: Member) -> Iterator[None]:
    language = member.user.language or member.merchant.language
    with translation.override(language), timezone.override(ZoneInfo(member.merchant.time_zone)):
        yield


def _reads(request: HttpRequest) -> bool:
    return request.method in SAFE


def _answer(
    view: View,
    request: PanelRequest,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    ability: Ability,
    wire: bool,
) -> HttpResponse:
    around = acting_for if wire else merchant_transaction
    try:
        if not may(request.member, ability):
            raise NotYours(
                _("Your role does not allow this. Ask an owner or an admin of this account.")
            )
        if any("\0" in part for part in kwargs.values() if isinstance(part, str)):
            raise Http404
        with around(request.merchant.pk):
            answer = view(request, *args, **kwargs)
    except RientroError as error:
        answer = _refusal(request, error)
    answer.headers.setdefault("Cache-Control", "private, no-cache")
    return answer


def _refusal(request: PanelRequest, error: RientroError) -> HttpResponse:
    with merchant_transaction(request.merchant.pk):
        return render(request, "panel/refusal.html", {"error": error}, status=error.status)
