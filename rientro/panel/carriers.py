"""Settings › Carriers: contracts with their credentials, checked live, and the one that buys by default."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rientro.carriers.known import Known
from rientro.carriers.registry import codes, known
from rientro.flows.connect_carrier import (
    Contract,
    check_carrier,
    connect_carrier,
)
from rientro.flows.disconnect_carrier import disconnect_carrier, set_default_carrier
from rientro.kit.errors import RientroError
from rientro.kit.said import said
from rientro.kit.tenancy import merchant_transaction
from rientro.models import CarrierAccount
from rientro.panel.doors import PanelRequest, attempt, door
from rientro.panel.forms import PanelForm
from rientro.policy.lifecycle import PurchaseStatus


class ContractForm(PanelForm):
    """The boxes of one carrier, as its registry entry names them. A secret is never shown again."""

    name = forms.CharField(label=lazy("Name"), max_length=80)
    service = forms.CharField(
        label=lazy("Return service"),
        max_length=80,
        required=False,
        help_text=lazy("The carrier’s own word. Empty: its usual one."),
    )
    test_mode = forms.BooleanField(
        label=lazy("Test labels only"),
        help_text=lazy("They move no parcel, and say so."),
        required=False,
    )

    def __init__(self, *args: Any, about: Known, kept: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about = about
        for box in about.credentials:
            self.fields[f"credential_{box.name}"] = forms.CharField(
                label=box.label,
                max_length=500,
                required=box.required and not (kept and box.secret),
                help_text=_("Saved. Write another one to change it.") if kept else box.help,
                widget=forms.PasswordInput if box.secret else forms.TextInput,
                strip=True,
            )
        for box in about.settings:
            self.fields[f"setting_{box.name}"] = forms.CharField(
                label=box.label,
                max_length=500,
                required=box.required and not box.default,
                help_text=box.help,
                initial=box.default,
            )
        for name, field in self.fields.items():
            if name.startswith(("credential_", "setting_")):
                field.widget.attrs["class"] = "input"
                field.widget.attrs["autocomplete"] = "off"
        if about.test_only:
            self.fields.pop("test_mode")

    def boxes(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(("credential_", "setting_"))]

    def contract(self) -> Contract:
        said = self.cleaned_data
        return Contract(
            carrier=self.about.code,
            name=said["name"],
            credentials={
                box.name: said[f"credential_{box.name}"] for box in self.about.credentials
            },
            settings={box.name: said[f"setting_{box.name}"] for box in self.about.settings},
            service=said["service"],
            test_mode=self.about.test_only or said["test_mode"],
        )


@door(act="manage")
@require_safe
def carriers(request: PanelRequest) -> HttpResponse:
    rows = request.merchant.carrier_accounts.filter(deleted_at=None).order_by(
        "-is_default", "name", "id"
    )
    unknown = request.merchant.label_purchases.filter(status=PurchaseStatus.UNKNOWN.value)
    context = {
        "rows": rows,
        "offers": [known(code) for code in codes()],
        "unknown": unknown.count(),
    }
    return render(request, "panel/carriers.html", context)


@door(act="manage", wire=True)
@require_http_methods(["GET", "POST"])
def carrier_new(request: PanelRequest, code: str) -> HttpResponse:
    """Connect a carrier: what is typed is tried at once, and kept only if the carrier takes it."""
    about = known(code)
    form = ContractForm(
        request.POST or None,
        about=about,
        kept=False,
        initial={"name": about.name, "test_mode": True},
    )
    if request.method == "POST" and form.is_valid() and _connect(request, form, None):
        return redirect("panel:carriers")
    return _page(request, {"form": form, "about": about, "row": None})


@door(act="manage", wire=True)
@require_http_methods(["GET", "POST"])
def carrier(request: PanelRequest, account_id: int) -> HttpResponse:
    row = _account(request, account_id)
    about = known(row.carrier)
    start = {"name": row.name, "service": row.service, "test_mode": row.test_mode}
    start |= {
        f"setting_{box.name}": row.settings.get(box.name, box.default) for box in about.settings
    }
    form = ContractForm(request.POST or None, about=about, kept=True, initial=start)
    if request.method == "POST" and form.is_valid() and _connect(request, form, row):
        return redirect("panel:carriers")
    return _page(request, {"form": form, "about": about, "row": row})


@door(act="manage", wire=True)
@require_POST
def carrier_check(request: PanelRequest, account_id: int) -> HttpResponse:
    """Try the sealed credentials against the carrier, now."""
    row = check_carrier(account=_account(request, account_id), actor=request.actor, now=request.now)
    if row.last_error:
        messages.error(request, f"{row.name}: {row.last_error}")
    else:
        messages.success(request, _("“%s” answers and takes our credentials.") % row.name)
    return redirect("panel:carriers")


@door(act="manage")
@require_POST
def carrier_default(request: PanelRequest, account_id: int) -> HttpResponse:
    row = request.merchant.carrier_accounts.filter(deleted_at=None).get_or_missing(pk=account_id)
    attempt(
        request,
        lambda: set_default_carrier(account=row, actor=request.actor, now=request.now),
        done=_("Labels are bought with “%s” from now on.") % row.name,
    )
    return redirect("panel:carriers")


@door(act="manage")
@require_POST
def carrier_disconnect(request: PanelRequest, account_id: int) -> HttpResponse:
    row = request.merchant.carrier_accounts.filter(deleted_at=None).get_or_missing(pk=account_id)
    attempt(
        request,
        lambda: disconnect_carrier(account=row, actor=request.actor, now=request.now),
        done=_("“%s” is disconnected and its credentials are forgotten.") % row.name,
    )
    return redirect("panel:carriers")


def _account(request: PanelRequest, account_id: int) -> CarrierAccount:
    with merchant_transaction(request.merchant.pk):
        living = request.merchant.carrier_accounts.filter(deleted_at=None)
        return living.get_or_missing(pk=account_id)


def _connect(request: PanelRequest, form: ContractForm, row: CarrierAccount | None) -> bool:
    try:
        made = connect_carrier(
            contract=form.contract(), account=row, actor=request.actor, now=request.now
        )
    except RientroError as error:
        field = str(error.facts.get("field", ""))
        names = [name for name in form.fields if field and name.endswith(f"_{field}")]
        form.add_error(names[0] if names else None, said(error.message))
        return False
    messages.success(
        request, _("“%s” is connected: it answers and takes our credentials.") % made.name
    )
    return True


def _page(request: PanelRequest, context: dict[str, Any]) -> HttpResponse:
    with merchant_transaction(request.merchant.pk):
        return render(request, "panel/carrier.html", context)
