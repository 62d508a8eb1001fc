"""The form of an order file's columns and habits."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from rientro.flows.queue_import import Habits
from rientro.models import ImportRun, Merchant
from rientro.panel.countries import country_choices
from rientro.panel.file_columns import FileColumnsForm, choices_of
from rientro.panel.import_words import field_label
from rientro.policy.columns import FIELDS, GROUPS

GROUP_LABELS = {
    "order": lazy("The order"),
    "person": lazy("The person and the address"),
    "line": lazy("The items"),
}


class ColumnsForm(FileColumnsForm):
    """What an order file says of itself; where it is silent, the merchant's country and currency stand."""

    field_order = ("date_order", "decimal", "in_grams", "country", "currency", "channel")
    country = forms.ChoiceField(label=lazy("Country, where none is told"))
    channel = forms.ChoiceField(
        label=lazy("Sold, where nothing is told"),
        choices=[
            ("web", lazy("Online")),
            ("store", lazy("In a store")),
            ("phone", lazy("By phone")),
            ("marketplace", lazy("On a marketplace")),
        ],
    )

    def __init__(self, *args: Any, run: ImportRun, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(
            *args,
            headings=run.options.get("headings", []),
            mapping=run.mapping,
            fields=choices_of(
                FIELDS,
                [group for group, _label in GROUPS],
                labels=GROUP_LABELS,
                label_of=field_label,
            ),
            usual=_usual(run, merchant),
            own_currency=merchant.currency,
            **kwargs,
        )
        self.fields["country"].choices = country_choices()  # type: ignore[attr-defined]

    def habits(self) -> Habits:
        said = self.cleaned_data
        return Habits(
            date_order=said["date_order"],
            decimal=said["decimal"],
            in_grams=bool(said["in_grams"]),
            country=said["country"],
            currency=said["currency"],
            channel=said["channel"],
        )


def _usual(run: ImportRun, merchant: Merchant) -> dict[str, str]:
    told = run.options
    return {
        "date_order": told.get("date_order", "dmy"),
        "decimal": told.get("decimal", "."),
        "in_grams": "1" if told.get("in_grams") else "",
        "country": told.get("country") or merchant.country,
        "currency": told.get("currency") or merchant.currency,
        "channel": told.get("channel") or "web",
    }
