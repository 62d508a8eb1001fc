"""A member's own things: for whom they work, in which language, light or dark."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_safe

from rientro.panel.doors import MERCHANT_CHOICE, PanelRequest, door
from rientro.panel.forms import PanelForm
from rientro.policy.colours import is_colour

THEME_COOKIE = "rientro_theme"
THEMES = [("", lazy("As the system")), ("light", lazy("Light")), ("dark", lazy("Dark"))]
YEAR_S = 365 * 24 * 3600


class AccountForm(PanelForm):
    first_name = forms.CharField(label=lazy("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=lazy("Last name"), max_length=150, required=False)
    language = forms.ChoiceField(label=lazy("Language of the panel"), choices=settings.LANGUAGES)
    theme = forms.ChoiceField(label=lazy("Appearance"), choices=THEMES, required=False)


@door(act="look")
@require_http_methods(["GET", "POST"])
def account(request: PanelRequest) -> HttpResponse:
    """The person's own page; the appearance is this browser's, everything else the person's."""
    user = request.member.user
    start: dict[str, Any] = {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "language": user.language,
        "theme": request.COOKIES.get(THEME_COOKIE, ""),
    }
    form = AccountForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        for name in ("first_name", "last_name", "language"):
            setattr(user, name, form.cleaned_data[name])
        user.save(update_fields=["first_name", "last_name", "language"])
        with override(user.language):
            messages.success(request, _("Saved."))
        answer = redirect("panel:account")
        answer.set_cookie(
            THEME_COOKIE,
            form.cleaned_data["theme"],
            max_age=YEAR_S,
            samesite="Lax",
            secure=request.is_secure(),
        )
        return answer
    others = user.memberships.exclude(pk=request.member.pk).exists()
    return render(request, "panel/account.html", {"form": form, "others": others})


@login_required
@require_http_methods(["GET", "POST"])
def merchants(request: HttpRequest) -> HttpResponse:
    """For whom do you work today? Asked of people who work for several; told to those who work for nobody."""
    memberships = list(
        request.user.memberships.select_related("merchant").order_by("merchant__name", "pk")  # type: ignore[union-attr]
    )
    if request.method == "POST":
        chosen = request.POST.get("merchant", "")
        for membership in memberships:
            if str(membership.merchant_id) == chosen:
                request.session[MERCHANT_CHOICE] = membership.merchant_id
                return redirect("panel:returns")
    return render(request, "panel/merchants.html", {"memberships": memberships})


@door()
@require_safe
def marks(request: PanelRequest) -> HttpResponse:
    """One colour per brand, as a stylesheet: the policy of the house knows no inline style."""
    rules = [
        f".bm-{brand.pk} {{ --dot: {brand.colour_accent}; }}"
        for brand in request.merchant.brands.all()
        if is_colour(brand.colour_accent)
    ]
    sheet = "@layer pages {\n" + "\n".join(rules) + "\n}\n"
    answer = HttpResponse(sheet, content_type="text/css; charset=utf-8")
    if request.GET.get("v") == request.frame.marks_version:
        answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer
