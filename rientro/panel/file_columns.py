"""The part of a form that says what each column of a file means and how the file writes things."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from rientro.panel.forms import PanelForm

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
Choices = Sequence[tuple[Any, Any]]


class Grouped(Protocol):
    """What is asked here of a field that a column may be taken for."""

    @property
    def group(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column of the file beside the field that it is taken for."""

    heading: str
    samples: list[str]
    field: forms.BoundField


class FileColumnsForm(PanelForm):
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
    currency = forms.ChoiceField(label=lazy("Currency, where none is told"))

    def __init__(
        self,
        *args: Any,
        headings: Sequence[str],
        mapping: Mapping[str, str],
        fields: Choices,
        usual: Mapping[str, str],
        own_currency: str = "EUR",
        **kwargs: Any,
    ) -> None:
        """``mapping`` is {our field: their heading}, ``usual`` the habits; two currencies are offered first."""
        self.headings = list(headings)
        field_of = {heading: code for code, heading in mapping.items()}
        initial = {f"column-{n}": field_of.get(h, "") for n, h in enumerate(self.headings)}
        super().__init__(*args, initial=initial | dict(usual), **kwargs)
        currencies = dict.fromkeys([usual["currency"], own_currency, *CURRENCIES])
        self.fields["currency"].choices = [(code, code) for code in currencies]  # type: ignore[attr-defined]
        for place, heading in enumerate(self.headings):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=heading,
                choices=fields,
                required=False,
                widget=forms.Select(attrs={"class": "select"}),
            )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        seen: dict[str, int] = {}
        for place in range(len(self.headings)):
            code = told.get(f"column-{place}")
            if code and code in seen:
                words = _("“%(first)s” is taken for the same thing. Leave one of them out.")
                self.add_error(f"column-{place}", words % {"first": self.headings[seen[code]]})
            elif code:
                seen[code] = place
        return told

    def mapping(self) -> dict[str, str]:
        """{our field: their heading}"""
        return {
            code: heading
            for place, heading in enumerate(self.headings)
            if (code := self.cleaned_data.get(f"column-{place}"))
        }

    def rows(self, samples: Mapping[str, list[str]]) -> list[ColumnRow]:
        return [
            ColumnRow(heading, samples.get(heading, []), self[f"column-{place}"])
            for place, heading in enumerate(self.headings)
        ]


def choices_of(
    fields: Mapping[str, Grouped],
    groups: Iterable[str],
    *,
    labels: Mapping[str, Any],
    label_of: Callable[[str], Any],
) -> Choices:
    """The fields under the names of their groups, after "Leave out"."""
    return [
        ("", _("Leave out")),
        *(
            (
                labels[group],
                [(code, label_of(code)) for code, known in fields.items() if known.group == group],
            )
            for group in groups
        ),
    ]
