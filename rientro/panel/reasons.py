"""The list of reasons of a brand: words per language, who bears the cost, order, on and off."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rientro.flows.save_reasons import MOST, BadReasons, ReasonFacts, save_reasons
from rientro.kit.ids import new_code
from rientro.kit.said import said
from rientro.kit.template_words import language_in
from rientro.models import Brand, ReturnReason
from rientro.panel.choice_words import choices_in_words
from rientro.panel.doors import PanelRequest, door

BLANKS = 2


@door(act="manage")
@require_http_methods(["GET", "POST"])
def reasons(request: PanelRequest, brand_id: int) -> HttpResponse:
    brand = request.merchant.brands.filter(archived_at=None).get_or_missing(pk=brand_id)
    problem, status = "", 200
    rows = _rows(brand)
    if request.method == "POST":
        told = _read(request.POST, brand)
        try:
            save_reasons(brand=brand, reasons=told, actor=request.actor, now=request.now)
        except BadReasons as error:
            problem, status = said(error.message), 400
            rows = [_drawn(f.code, f.labels, f.active, f.asks_note, f.fault, brand) for f in told]
        else:
            messages.success(request, _("The reasons are saved."))
            return redirect("panel:reasons", brand.pk)
    rows += [_drawn("", {}, True, False, "shopper", brand) for _blank in range(BLANKS)]
    context = {
        "brand": brand,
        "rows": list(enumerate(rows)),
        "faults": choices_in_words(ReturnReason.Fault.choices),
        "problem": problem,
    }
    return render(request, "panel/reasons.html", context, status=status)


def _rows(brand: Brand) -> list[dict[str, Any]]:
    found = brand.reasons.order_by("-active", "position", "id")
    return [
        _drawn(row.code, row.labels, row.active, row.asks_note, row.fault, brand) for row in found
    ]


def _drawn(
    code: str, labels: Any, active: bool, asks_note: bool, fault: str, brand: Brand
) -> dict[str, Any]:
    return {
        "code": code,
        "labels": [
            (tongue, language_in(tongue), labels.get(tongue, "")) for tongue in brand.languages
        ],
        "active": active,
        "asks_note": asks_note,
        "fault": fault,
    }


def _read(post: QueryDict, brand: Brand) -> list[ReasonFacts]:
    """The rows of the form in the order of their places; rows without a word are not there."""
    found: list[tuple[int, int, ReasonFacts]] = []
    old = {row.code: row.labels for row in brand.reasons.all()}
    for number in range(MOST + BLANKS):
        if f"r{number}-code" not in post:
            break
        said = {
            tongue: post.get(f"r{number}-{tongue}", "").replace("\x00", "").strip()[:200]
            for tongue in brand.languages
        }
        if not any(said.values()):
            continue
        code = post[f"r{number}-code"]
        if code not in old:
            code = slugify(next(filter(None, said.values())))[:32] or new_code(6).lower()
            code = code if code not in old else f"{code}-{new_code(4).lower()}"
        place = post.get(f"r{number}-place", "")
        facts = ReasonFacts(
            code=code,
            labels=old.get(code, {}) | said,
            active=f"r{number}-active" in post,
            asks_note=f"r{number}-note" in post,
            fault=post.get(f"r{number}-fault", "shopper"),
        )
        found.append(
            (int(place) if place.isdecimal() and len(place) < 6 else number, number, facts)
        )
    return [facts for _place, _number, facts in sorted(found, key=lambda row: row[:2])]
