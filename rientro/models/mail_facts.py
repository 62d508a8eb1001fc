"""What a mail says: its rows read, its words chosen, its two bodies rendered."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.conf import settings as django_settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from rientro.kit.errors import Kind, RientroError
from rientro.kit.money import Money
from rientro.kit.text import clean_line
from rientro.models.brand_looks import colours_of
from rientro.models.brands import Brand, PortalSettings
from rientro.models.customs import CustomsPaper
from rientro.models.events import Event, Mail
from rientro.models.label_pool import LabelPool
from rientro.models.lookup import AccessCode, Ticket, code_of, link_token_of
from rientro.models.mail_labels import codes_of, facts_of_labels, labels_told
from rientro.models.merchants import Merchant
from rientro.models.money import Refund
from rientro.models.own_parcels import own_parcel
from rientro.models.parcels import CarrierAccount, Label
from rientro.models.returnable import day_of
from rientro.models.returns import Return, ReturnItem
from rientro.policy.brand_texts import LANGUAGES, filled, words_of
from rientro.policy.promises import hand_in_by, refund_around, refund_by

TO_DESK = frozenset(
    {
        *(
            "desk",
            "lookups_paused",
            "label_failed",
            "label_unknown",
            "refund_failed",
            "refund_unknown",
            "account_broken",
            "running_low",
        ),
        "customs_wanted",
    }
)
_GAPS = re.compile(r"\n\s*\n\s*\n+")  # left by words that were not said


class NothingToSay(RientroError):
    """What the mail was about is gone: redacted, expired, voided."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "nothing_to_say"


@dataclass(frozen=True, slots=True)
class Paper:
    """A file in the mail. With ``inline`` it is a picture that the HTML body shows by that name."""

    name: str
    content: bytes
    content_type: str
    inline: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, ready to go."""

    subject: str
    text: str
    html: str
    brand_name: str
    reply_to: str
    papers: list[Paper]


def told_at(ret: Return) -> str:
    """Where the shopper of ``ret`` reads its news; "" where nobody does.

    The order's own address first: what a stranger typed must not lead the mails away from the buyer. A machine
    that announces a return may speak for itself.
    """
    if ret.order.redacted_at or not ret.trace.get("mails", True):
        return ""
    return ret.order.email or ret.from_email


def letter_of(mail: Mail) -> Letter:
    """Read what ``mail`` is about and write it in its language. Raises NothingToSay."""
    zone = Merchant.objects.values_list("time_zone", flat=True).get(pk=mail.merchant_id)
    language = mail.language if mail.language in LANGUAGES else "en"
    with translation.override(language), timezone.override(zone):
        brand, facts, papers = _about(mail, zone)
        logo = _logo(brand)
        context = {
            "brand": brand,
            "colours": _plain_names(colours_of(brand)),
            "serif": brand.font == "serif",
            "logo": logo is not None,
            "language": language,
            "footer": filled(words_of(brand.texts, "mail_footer", language), {"brand": brand.name}),
            **facts,
        }
        said = render_to_string(f"mail/{mail.kind}.txt", context)
        html = render_to_string(f"mail/{mail.kind}.html", context)
    subject, _, text = said.strip().partition("\n")
    return Letter(
        subject=subject.strip(),
        text=_GAPS.sub("\n\n", text.strip()) + "\n",
        html=html,
        brand_name=brand.name,
        reply_to=clean_line(brand.reply_to),
        papers=papers + ([logo] if logo else []),
    )


def _plain_names(colours: dict[str, str]) -> dict[str, str]:
    """``--brand-on-accent`` as ``on_accent``: templates cannot name the first."""
    return {k.removeprefix("--brand-").replace("-", "_"): v for k, v in colours.items()}


def _logo(brand: Brand) -> Paper | None:
    """In the mail itself: a picture that is fetched would tell when it was read."""
    logo = brand.logo
    if logo is None or logo.content_type not in ("image/png", "image/jpeg"):
        return None
    return Paper("logo", bytes(logo.content), logo.content_type, inline="logo")


About = tuple[Brand, dict[str, Any], list[Paper]]


def _about(mail: Mail, zone: str) -> About:
    if mail.kind == "access_code":
        return _about_code(mail)
    if mail.kind == "order_link":
        return _about_link(mail)
    if mail.kind == "lookups_paused":
        return _about_pause(mail)
    if mail.kind == "account_broken":
        return _about_account(mail)
    if mail.kind == "running_low":
        return _about_pool(mail)
    return _about_return(mail, zone)


def _about_pause(mail: Mail) -> About:
    event = Event.objects.get(pk=_number_in(mail, 1))
    brand = Brand.objects.select_related("logo").get(pk=event.facts["brand"])
    facts = {"brand_name": brand.name, "began_at": event.happened_at, "to_desk": True}
    return brand, facts, []


def _about_account(mail: Mail) -> About:
    event = Event.objects.get(pk=_number_in(mail, 1))
    account = CarrierAccount.objects.filter(
        pk=event.facts["account"], state=CarrierAccount.State.BROKEN.value, deleted_at=None
    ).first()
    if account is None:
        raise NothingToSay("The account was mended or disconnected.")
    facts = {
        "account": account,
        "said": str(event.facts.get("words", "")),
        "panel": address_in_panel("carrier", account.pk),
        "to_desk": True,
    }
    return _merchants_brand(mail), facts, []


def _about_pool(mail: Mail) -> About:
    event = Event.objects.get(pk=_number_in(mail, 1))
    pool = LabelPool.objects.select_related("account").filter(
        account=event.facts["account"], account__deleted_at=None, low_since__isnull=False
    )
    found = pool.first()
    if found is None:
        raise NothingToSay("The pool was filled again or disconnected.")
    facts = {
        "account": found.account,
        "units": int(event.facts["units"]),
        "panel": address_in_panel("pool", found.account_id),
        "to_desk": True,
    }
    return _merchants_brand(mail), facts, []


def _merchants_brand(mail: Mail) -> Brand:
    """An account is the merchant's, so its mail wears the brand that the merchant began with."""
    brand = Brand.objects.select_related("logo").filter(archived_at=None).order_by("pk").first()
    return brand or Brand(name=Merchant.objects.get(pk=mail.merchant_id).name)


def _about_code(mail: Mail) -> About:
    found = (
        AccessCode.objects.filter(pk=_number_in(mail, 1)).select_related("ticket__brand").first()
    )
    if found is None or found.used_at is not None:
        raise NothingToSay("The code is used or replaced.")
    return found.ticket.brand, {"code": code_of(found)}, []


def _about_link(mail: Mail) -> About:
    ticket = Ticket.objects.filter(pk=_number_in(mail, 1)).select_related("brand", "order").first()
    if ticket is None:
        raise NothingToSay("The link was used.")
    address = address_of_portal("open_mailed", ticket.brand.slug, link_token_of(ticket))
    return ticket.brand, {"address": address, "number": ticket.order.number}, []


def _number_in(mail: Mail, place: int) -> int:
    return int(mail.key.split(":")[place])


def address_in_panel(name: str, *args: Any) -> str:
    return f"{django_settings.BASE_URL}{reverse(f'panel:{name}', args=args)}"


def address_of_portal(name: str, *args: str) -> str:
    """A whole address on this installation's own host: a mail links nowhere else."""
    return f"{django_settings.BASE_URL}{reverse(f'portal:{name}', args=args)}"


# Mails about a return


def _about_return(mail: Mail, zone: str) -> About:
    ret = (
        Return.objects.select_related("order", "brand__logo", "to_address")
        .filter(mails=mail, order__redacted_at=None)
        .first()
    )
    if ret is None:
        raise NothingToSay("The order behind this return was redacted.")
    settings = PortalSettings.objects.get(brand=ret.brand)
    day = hand_in_by(
        day_of(ret.approved_at or ret.requested_at, zone), valid_days=settings.label_valid_days
    )
    facts: dict[str, Any] = {
        "ret": ret,
        "settings": settings,
        "to_desk": mail.kind in TO_DESK,
        "money_comes": mail.kind not in TO_DESK | {"rejected", "cancelled"},
        "first_name": _first_name(ret.order.name),
        "items": list(
            ReturnItem.objects.filter(ret=ret).select_related("order_line").order_by("pk")
        ),
        "refund": ret.money("refund"),
        "hand_in_by": day,
        "pack_note": _pack_note(ret.brand, settings),
        "track": address_of_portal("return", ret.brand.slug, ret.link_token),
    }
    facts["refund_on"], facts["refund_promised"] = _refund_day(ret, settings, day, zone)
    more = {"label_ready": _label_facts, "refunded": _refund_facts, "label_unknown": _doubt_facts}
    more["send_it"] = _send_facts
    more |= dict.fromkeys(("refund_failed", "refund_unknown"), _refund_alarm_facts)
    more |= dict.fromkeys(("desk", "label_failed", "customs_wanted"), _desk_facts)
    papers = more[mail.kind](mail, ret, facts) if mail.kind in more else []
    return ret.brand, facts, papers


def _pack_note(brand: Brand, settings: PortalSettings) -> str:
    words = words_of(brand.texts, "pack_note", translation.get_language() or "en")
    facts = {
        "brand": brand.name,
        "window_days": str(settings.window_days),
        "refund_days": str(settings.refund_within_days),
    }
    return filled(words, facts)


def _first_name(name: str) -> str:
    """How to greet, from the shop's own record: never from what somebody typed into a form."""
    first = name.split(" ")[0].strip()
    return first if first.isalpha() and 1 < len(first) <= 30 else ""


def _refund_day(
    ret: Return, settings: PortalSettings, day: date | None, zone: str
) -> tuple[date, bool]:
    within = settings.refund_within_days
    if ret.delivered_at:
        return refund_by(day_of(ret.delivered_at, zone), within_days=within), True
    start = day or day_of(ret.approved_at or ret.requested_at, zone)
    return refund_around(start, within_days=within), False


def _label_facts(mail: Mail, ret: Return, facts: dict[str, Any]) -> list[Paper]:
    labels = labels_told(ret)
    if not labels:
        raise NothingToSay("The label was voided.")
    facts |= facts_of_labels(ret, labels)
    days = [day for day in (facts["expires_on"], facts["hand_in_by"]) if day]
    facts["hand_in_by"] = ret.pickup_on or min(days, default=None)
    facts["reviewed"] = Event.objects.filter(
        ret=ret, name="return.requested", facts__review=True
    ).exists()
    facts["download"] = address_of_portal("label", ret.brand.slug, ret.link_token) + "?format=a4"
    sheets = _customs_sheets(ret)
    facts["customs"] = bool(sheets)
    return [*_label_papers(ret, labels), *_codes(ret, labels), *sheets]


def _label_papers(ret: Return, labels: list[Label]) -> list[Paper]:
    """The labels to print; none of a parcel that goes by its code."""
    printed = [
        (place, label.pdf_a4)
        for place, label in enumerate(labels, start=1)
        if label.pdf_a4 and not (label.code_id or label.code_link)
    ]
    return [
        Paper(
            f"{ret.number}-label{'' if len(labels) == 1 else f'-{place}'}.pdf",
            bytes(stored.content),
            stored.content_type,
        )
        for place, stored in printed
    ]


def _codes(ret: Return, labels: list[Label]) -> list[Paper]:
    """Each code: a picture stands in the mail itself, a PDF is attached."""
    return [
        Paper(
            f"{ret.number}-code-{place}.pdf",
            bytes(stored.content),
            stored.content_type,
            inline=f"code-{place}" if stored.content_type.startswith("image/") else "",
        )
        for place, stored in codes_of(labels)
    ]


def _customs_sheets(ret: Return) -> list[Paper]:
    """What goes outside each parcel that crosses a customs border."""
    kept = CustomsPaper.objects.filter(
        label__parcel__ret=ret,
        label__void=Label.Void.NONE.value,
        kind=CustomsPaper.Kind.ALL.value,
    )
    rows = list(kept.select_related("document").order_by("label__parcel__position"))
    return [
        Paper(
            f"{ret.number}-customs{'' if len(rows) == 1 else f'-{at}'}.pdf",
            bytes(row.document.content),
            row.document.content_type,
        )
        for at, row in enumerate(rows, start=1)
    ]


def _send_facts(mail: Mail, ret: Return, facts: dict[str, Any]) -> list[Paper]:
    parcel = own_parcel(ret)
    facts["slip"] = address_of_portal("slip", ret.brand.slug, ret.link_token)
    facts["number"] = parcel.tracking_number if parcel else ""
    return []


def _refund_facts(mail: Mail, ret: Return, facts: dict[str, Any]) -> list[Paper]:
    event = Event.objects.filter(pk=_number_in(mail, 2)).first()
    minor = int(event.facts.get("amount_minor", ret.refund_minor)) if event else ret.refund_minor
    facts["paid"] = facts["refund"] = Money(minor, ret.currency)
    facts["kind"] = event.facts.get("kind", ret.refund_type) if event else ret.refund_type
    # The code is money: it stands in no event, which webhooks carry about.
    refund = Refund.objects.filter(ret=ret, pk=event.facts.get("refund")).first() if event else None
    facts["code"] = refund.code if refund else ""
    return []


def _desk_facts(mail: Mail, ret: Return, facts: dict[str, Any]) -> list[Paper]:
    facts["panel"] = address_in_panel("return", ret.number)
    return []


def _refund_alarm_facts(mail: Mail, ret: Return, facts: dict[str, Any]) -> list[Paper]:
    event = Event.objects.filter(pk=_number_in(mail, 1)).first()
    told = event.facts if event else {}
    facts["paid"] = Money(int(told.get("amount_minor", ret.refund_minor)), ret.currency)
    facts["words"] = str(told.get("words", ""))
    return _desk_facts(mail, ret, facts)


def _doubt_facts(mail: Mail, ret: Return, facts: dict[str, Any]) -> list[Paper]:
    facts["panel"] = address_in_panel("purchase", _number_in(mail, 1))
    return []
