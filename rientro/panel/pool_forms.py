"""The forms of the pool of own labels: what all labels of an upload have in common, and how the pool is kept."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from rientro.kit.money import decimals_of
from rientro.models import LabelPool, Merchant
from rientro.panel.countries import country_choices
from rientro.panel.forms import PanelForm
from rientro.policy.own_label_rows import HEAVIEST_G, LabelFacts

MOST_FILES = 500


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class UploadForm(PanelForm):
    """Where the table says nothing, these hold for every label."""

    numbers = forms.CharField(
        label=lazy("Tracking numbers"),
        required=False,
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=lazy(
            "One a line, in the order of the pages. Leave it empty if you upload a table."
        ),
    )
    carrier = forms.CharField(
        label=lazy("Carrier"),
        max_length=60,
        required=False,
        help_text=lazy("As shoppers know it: they read where to hand the parcel in."),
    )
    expires_on = forms.DateField(
        label=lazy("Good until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    origin = forms.ChoiceField(label=lazy("From"), required=False)
    destination = forms.ChoiceField(label=lazy("To"), required=False)
    max_weight_kg = forms.DecimalField(
        label=lazy("Heaviest parcel (kg)"),
        required=False,
        min_value=0,
        max_value=HEAVIEST_G // 1000,
        max_digits=6,
        decimal_places=3,
    )
    price = forms.DecimalField(
        label=lazy("Price of each"),
        required=False,
        min_value=0,
        max_value=10_000,
        max_digits=8,
        decimal_places=3,
        help_text=lazy("What the label cost you. Empty: it is not charged."),
    )

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = merchant.currency
        anywhere = [("", _("Any country")), *country_choices()]
        self.fields["origin"].choices = anywhere  # type: ignore[attr-defined]
        self.fields["destination"].choices = anywhere  # type: ignore[attr-defined]
        self.fields["price"].label = _("Price of each (%(currency)s)") % {
            "currency": merchant.currency
        }

    def facts(self) -> LabelFacts:
        said = self.cleaned_data
        minor = (said["price"] or 0) * 10 ** decimals_of(self.currency)
        return LabelFacts(
            carrier=said["carrier"].strip(),
            expires_on=said["expires_on"],
            origin=said["origin"],
            destination=said["destination"],
            max_weight_g=int((said["max_weight_kg"] or 0) * 1000),
            price_minor=int(minor),
            currency=self.currency,
        )


class PoolForm(PanelForm):
    warn_below = forms.IntegerField(
        label=lazy("Warn when fewer than … are left"),
        min_value=0,
        max_value=100_000,
        help_text=lazy("By mail to whoever may manage carriers, and here. 0: never."),
    )
    given_back = forms.ChoiceField(
        label=lazy("A label of a return that was cancelled"),
        widget=forms.RadioSelect,
        choices=[
            (
                LabelPool.GivenBack.RETIRE.value,
                lazy(
                    "is set aside: you decide about each, because the shopper may have printed it"
                ),
            ),
            (LabelPool.GivenBack.REUSE.value, lazy("goes back into the pool for the next return")),
        ],
    )
