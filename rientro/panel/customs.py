"""What customs must know: products that lack it in the settings, and the items of one return that waits for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rientro.flows.fill_customs import fill_customs
from rientro.flows.save_product_customs import save_product_customs
from rientro.kit.errors import Missing
from rientro.kit.said import said
from rientro.models import CustomsPaper, Label, ProductCustoms, Return
from rientro.models.customs import goods_by_item, missing_by_item
from rientro.models.customs_wanted import MOST, lines_without_customs, products_without_customs
from rientro.panel.countries import country_choices
from rientro.panel.doors import PanelRequest, attempt, door, may
from rientro.policy.declaration import BadCustoms, CustomsTold
from rientro.policy.lifecycle import DEAD, Approval, CarrierState

NAMES = {
    "hs_code": lazy("HS code"),
    "origin_country": lazy("country of origin"),
    "weight_g": lazy("weight"),
}
PAPERS = {
    CustomsPaper.Kind.INVOICE.value: lazy("Commercial invoice"),
    CustomsPaper.Kind.CN23.value: "CN 23",
    CustomsPaper.Kind.CN22.value: "CN 22",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A product or an item as the form shows it. ``key`` is its SKU or its id."""

    key: str
    name: str
    about: str
    hs_code: str
    origin_country: str
    weight_g: str
    missing: Sequence[str] = ()
    problem: str = ""  # the field that was refused
    words: str = ""


@door(act="manage")
@require_http_methods(["GET", "POST"])
def products(request: PanelRequest) -> HttpResponse:
    """Products whose customs data is missing, or (``?show=known``) those that were filled in here."""
    known = request.GET.get("show") == "known"
    order = _order(request)
    error, status, told = None, 200, {}
    if request.method == "POST":
        told = _told(request.POST)
        try:
            changed = save_product_customs(told=told, actor=request.actor, now=request.now)
        except BadCustoms as refused:
            error, status = refused, 400
        else:
            _tell(request, len(changed))
            query = request.GET.urlencode()
            return redirect(reverse("panel:customs") + (f"?{query}" if query else ""))
    rows = _known(request) if known else _wanted(request, order)
    context = {
        "rows": [_typed(row, told.get(row.key), error) for row in rows],
        "countries": country_choices(),
        "known": known,
        "order": order,
        "more": not known and len(rows) == MOST,
        "problem": said(error.message) if error else "",
    }
    return render(request, "panel/customs.html", context, status=status)


@door()
@require_POST
def return_customs(request: PanelRequest, number: str) -> HttpResponse:
    """The items of one return: what was missing, filled in."""
    ret = request.merchant.returns.get_or_missing(number=number)
    told = {int(key): words for key, words in _told(request.POST).items() if key.isdecimal()}
    remember = "remember" in request.POST
    attempt(
        request,
        lambda: fill_customs(
            ret=ret, told=told, remember=remember, actor=request.actor, now=request.now
        ),
        done=_("Saved. The label is asked for as soon as nothing is missing."),
    )
    return redirect("panel:return", number)


def customs_form(request: PanelRequest, ret: Return) -> dict[str, Any] | None:
    """What the page of a return asks for, before or while its label waits; None when nothing is missing."""
    early = (CarrierState.NONE, CarrierState.LABEL_PENDING, CarrierState.FAILED)
    if ret.approval in DEAD or ret.carrier not in early or not ret.from_country:
        return None
    missing = missing_by_item(ret)
    if not missing:
        return None
    goods = goods_by_item(ret)
    return {
        "rows": [
            Row(
                key=str(pk),
                name=goods[pk].description,
                about=goods[pk].sku,
                hs_code=goods[pk].hs_code,
                origin_country=goods[pk].origin_country,
                weight_g=str(goods[pk].weight_g or ""),
                missing=[str(NAMES[name]) for name in lacking],
            )
            for pk, lacking in missing.items()
        ],
        "countries": country_choices(),
        "waits": ret.customs_wanted_at is not None and ret.approval == Approval.APPROVED,
        "may": may(request.member, "decide"),
    }


def papers_of(label: Label | None) -> list[tuple[str, str]]:
    """(kind, name) of each customs paper that was drawn with ``label``."""
    if label is None or label.voided_at:
        return []
    kept = {paper.kind for paper in label.customs_papers.all()}
    return [(kind, str(PAPERS[kind])) for kind in PAPERS if kind in kept]


@door()
@require_safe
def paper(request: PanelRequest, number: str) -> HttpResponse:
    """A customs paper of the return: ``?kind=`` commercial_invoice, cn23 or cn22."""
    papers = request.merchant.customs_papers.filter(
        label__parcel__ret__number=number,
        label__voided_at=None,
        kind=request.GET.get("kind", ""),
    )
    found = papers.select_related("document").order_by("-label__bought_at", "-pk").first()
    if found is None or found.kind not in PAPERS:
        raise Missing(_("This paper is not there."))
    answer = HttpResponse(bytes(found.document.content), content_type=found.document.content_type)
    name = f"{number}-{found.kind.replace('_', '-')}.pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def wanted_on(request: PanelRequest, order: Any) -> int:
    """How many lines of ``order`` lack something that its return would need."""
    return 0 if order.redacted_at or order.cancelled_at else len(lines_without_customs(order))


def _order(request: PanelRequest) -> Any:
    """The order whose products alone are asked for, when the address names one."""
    number = request.GET.get("order", "")
    if not number.isdecimal() or len(number) > 18:
        return None
    return request.merchant.orders.filter(pk=int(number)).first()


def _wanted(request: PanelRequest, order: Any) -> list[Row]:
    found = products_without_customs(now=request.now)
    if order is not None:
        lacking = lines_without_customs(order)
        skus = set(order.lines.filter(pk__in=lacking).values_list("sku", flat=True))
        found = [product for product in found if product.sku in skus]
    return [
        Row(
            key=product.sku,
            name=product.name,
            about=" · ".join(
                (product.sku, ngettext("%d order", "%d orders", product.orders) % product.orders)
            ),
            hs_code=product.hs_code,
            origin_country=product.origin_country,
            weight_g=str(product.weight_g or ""),
            missing=[str(NAMES[name]) for name in product.missing],
        )
        for product in found
    ]


def _known(request: PanelRequest) -> list[Row]:
    rows: Iterable[ProductCustoms] = request.merchant.product_customs.order_by("-saved_at", "sku")
    return [
        Row(
            key=row.sku,
            name=row.sku,
            about="",
            hs_code=row.hs_code,
            origin_country=row.origin_country,
            weight_g=str(row.weight_g or ""),
        )
        for row in list(rows[:MOST])  # type: ignore[index]
    ]


def _told(post: QueryDict) -> dict[str, CustomsTold]:
    """The rows of the form: each says its key, and three fields by its place."""
    return {
        key: CustomsTold(
            hs_code=post.get(f"r{at}-hs_code", ""),
            origin_country=post.get(f"r{at}-origin_country", ""),
            weight_g=post.get(f"r{at}-weight_g", ""),
        )
        for at, key in enumerate(post.getlist("key")[:MOST])
    }


def _typed(row: Row, told: CustomsTold | None, error: BadCustoms | None) -> Row:
    """``row`` with what was just typed, and what is wrong with it."""
    if told is None:
        return row
    mine = error is not None and error.facts.get("item") == row.key
    return Row(
        key=row.key,
        name=row.name,
        about=row.about,
        hs_code=told.hs_code,
        origin_country=told.origin_country,
        weight_g=told.weight_g,
        missing=row.missing,
        problem=str(error.facts["field"]) if error and mine else "",
        words=said(error.message) if error and mine else "",
    )


def _tell(request: PanelRequest, changed: int) -> None:
    if not changed:
        messages.warning(request, _("Nothing was filled in."))
        return
    words: Mapping[str, int] = {"n": changed}
    messages.success(
        request,
        ngettext(
            "%(n)d product saved. Returns that waited for it go on.",
            "%(n)d products saved. Returns that waited for them go on.",
            changed,
        )
        % words,
    )
