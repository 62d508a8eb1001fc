"""The frame of every portal page: which brand, whose transaction, which language, which headers."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, wraps
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation.trans_real import parse_accept_lang_header

from rientro.kit import clock
from rientro.kit.errors import RientroError
from rientro.kit.money import Money
from rientro.kit.template_words import language_in, money_in
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import Brand, PortalName, PortalSettings
from rientro.models.returnable import day_of
from rientro.policy.brand_texts import LANGUAGES, filled, words_of

LANGUAGE_COOKIE = "portal-language"
View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Shopfront:
    """One request to one brand's portal."""

    brand: Brand
    settings: PortalSettings
    merchant_id: int
    zone: str
    language: str
    now: datetime

    @property
    def slug(self) -> str:
        return self.brand.slug

    @property
    def today(self) -> date:
        """The day where the merchant is."""
        return day_of(self.now, self.zone)

    @cached_property
    def languages(self) -> list[tuple[str, str]]:
        return [(code, language_in(code)) for code in spoken_by(self.brand)]

    @cached_property
    def fee(self) -> Money | None:
        settings = self.settings
        return Money(settings.fee_minor, settings.fee_currency) if settings.fee_minor else None

    @cached_property
    def texts(self) -> dict[str, str]:
        """The brand's own words in the reader's language; a key is missing where the house's words stand."""
        own = {
            key: words_of(self.brand.texts, key, self.language)
            for key in ("find_title", "find_lead", "number_hint", "number_example", "pack_note")
        }
        facts = {
            "brand": self.brand.name,
            "window_days": str(self.settings.window_days),
            "refund_days": str(self.settings.refund_within_days),
            "fee": money_in(self.fee) if self.fee else gettext("free"),
            "number_example": own["number_example"],
        }
        return {key: filled(words, facts) for key, words in own.items() if words}

    @cached_property
    def links(self) -> dict[str, str]:
        """The brand's own addresses; anything but a plain web or mail address is left out."""
        safe = ("https://", "http://", "mailto:", "tel:")
        found = {k: v for k, v in self.brand.links.items() if str(v).startswith(safe)}
        if self.brand.website.startswith(safe):
            found.setdefault("shop", self.brand.website)
        if self.brand.reply_to:
            # Pages say "write to the shop": then there has to be a way to.
            found.setdefault("contact", f"mailto:{self.brand.reply_to}")
        return found

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"portal:{name}", args=[self.slug, *args])

    def page(
        self, request: HttpRequest, template: str, status: int = 200, **context: Any
    ) -> HttpResponse:
        """``template`` with the frame's own facts around it."""
        return render(request, f"portal/{template}", {"front": self, **context}, status=status)


def portal_page(view: View) -> View:
    """``view(request, front, …)`` inside the brand's transaction and language; expected failures become a page."""
    return _page(view, wire=False)


def portal_wire_page(view: View) -> View:
    """A ``portal_page`` whose view may talk to a shop: no transaction is open, the view opens short ones itself."""
    return _page(view, wire=True)


def _page(view: View, *, wire: bool) -> View:
    around = acting_for if wire else merchant_transaction
    short = transaction.atomic if wire else nullcontext

    @wraps(view)
    def answer(request: HttpRequest, brand: str, **kwargs: Any) -> HttpResponse:
        name = PortalName.objects.select_related("merchant").filter(slug=brand).first()
        if name is None:
            raise Http404
        with around(name.merchant_id):
            with short():
                front = _open(request, name)
            with translation.override(front.language), timezone.override(front.zone):
                try:
                    response = view(request, front, **kwargs)
                except RientroError as error:
                    with short():
                        response = front.page(request, "stop.html", error.status, error=error)
        response.headers.setdefault("Cache-Control", "no-store")
        # The header is for what carries no form; pages relax it (templates/portal/base.html says why).
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return answer


def _open(request: HttpRequest, name: PortalName) -> Shopfront:
    settings = (
        PortalSettings.objects.select_related("brand")
        .filter(brand=name.brand_id, brand__archived_at=None)
        .first()
    )
    if settings is None:
        raise Http404
    return Shopfront(
        brand=settings.brand,
        settings=settings,
        merchant_id=name.merchant_id,
        zone=name.merchant.time_zone,
        language=_language(request, settings.brand),
        now=clock.now(),
    )


def spoken_by(brand: Brand) -> list[str]:
    """The brand's languages that the house speaks; English where it speaks none of them."""
    return [code for code in brand.languages if code in LANGUAGES] or ["en"]


def _language(request: HttpRequest, brand: Brand) -> str:
    """What the reader chose, else the first of their browser's that is spoken, else the brand's own."""
    offered = spoken_by(brand)
    chosen = request.COOKIES.get(LANGUAGE_COOKIE, "")
    if chosen in offered:
        return chosen
    for wanted, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        spoken = wanted.partition("-")[0]
        if spoken in offered:
            return spoken
    return brand.default_language if brand.default_language in offered else offered[0]
