"""The form that says what each column of a file means and how the file writes things."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from rientro.flows.queue_import import Habits
from rientro.models import ImportRun, Merchant
from rientro.panel.countries import country_choices
from rientro.panel.forms import PanelForm
from rientro.panel.import_words import field_label
from rientro.policy.columns import FIELDS, GROUPS

GROUP_LABELS = {
    "order": lazy("The order"),
    "person": lazy("The person and the address"),
    "line": lazy("The items"),
}
CURRENCIES = (
    "EUR",
    "CHF",
    "GBP",
    "USD",
    "PLN",
    "CZK",
    "SEK",
    "DKK",
    "NOK",
    "HUF",
    "RON",
    "BGN",
    "CAD",
)


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column of the file beside the field that it is taken for."""

    heading: str
    samples: list[str]
    field: forms.BoundField


class ColumnsForm(PanelForm):
    """A choice per column, and the habits of the file. Columns are called by their place: headings are free text."""

    date_order = forms.ChoiceField(
        label=lazy("Dates are written"),
        choices=[("dmy", lazy("Day first: 24.11.2026")), ("mdy", lazy("Month first: 11/24/2026"))],
        help_text=lazy("2026-11-24 is understood either way."),
    )
    decimal = forms.ChoiceField(
        label=lazy("Amounts are written"),
        choices=[(",", lazy("1.234,50")), (".", lazy("1,234.50"))],
    )
    in_grams = forms.ChoiceField(
        label=lazy("Weights are in"),
        choices=[("", lazy("Kilograms")), ("1", lazy("Grams"))],
        required=False,
    )
    country = forms.ChoiceField(label=lazy("Country, where none is told"))
    currency = forms.ChoiceField(label=lazy("Currency, where none is told"))
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
        self.headings: list[str] = run.options.get("headings", [])
        initial = _initial(run, merchant)
        super().__init__(*args, initial=initial, **kwargs)
        currencies = list(dict.fromkeys([initial["currency"], merchant.currency, *CURRENCIES]))
        self.fields["currency"].choices = [(code, code) for code in currencies]  # type: ignore[attr-defined]
        self.fields["country"].choices = country_choices()  # type: ignore[attr-defined]
        for place, heading in enumerate(self.headings):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=heading,
                choices=_choices(),
                required=False,
                widget=forms.Select(attrs={"class": "select"}),
            )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        seen: dict[str, int] = {}
        for place in range(len(self.headings)):
            code = said.get(f"column-{place}")
            if code and code in seen:
                words = _("“%(first)s” is taken for the same thing. Leave one of them out.")
                self.add_error(f"column-{place}", words % {"first": self.headings[seen[code]]})
            elif code:
                seen[code] = place
        return said

    def mapping(self) -> dict[str, str]:
        """{our field: their heading}"""
        return {
            code: heading
            for place, heading in enumerate(self.headings)
            if (code := self.cleaned_data.get(f"column-{place}"))
        }

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

    def rows(self, samples: Mapping[str, list[str]]) -> list[ColumnRow]:
        return [
            ColumnRow(heading, samples.get(heading, []), self[f"column-{place}"])
            for place, heading in enumerate(self.headings)
        ]


def _initial(run: ImportRun, merchant: Merchant) -> dict[str, Any]:
    told = run.options
    field_of = {heading: code for code, heading in run.mapping.items()}
    columns = {
        f"column-{place}": field_of.get(heading, "")
        for place, heading in enumerate(told.get("headings", []))
    }
    return columns | {
        "date_order": told.get("date_order", "dmy"),
        "decimal": told.get("decimal", "."),
        "in_grams": "1" if told.get("in_grams") else "",
        "country": told.get("country") or merchant.country,
        "currency": told.get("currency") or merchant.currency,
        "channel": told.get("channel") or "web",
    }


def _choices() -> list[tuple[Any, Any]]:
    groups: list[tuple[Any, Any]] = [
        (
            GROUP_LABELS[group],
            [(code, field_label(code)) for code, known in FIELDS.items() if known.group == group],
        )
        for group, _label in GROUPS
    ]
    return [("", _("Leave out")), *groups]
