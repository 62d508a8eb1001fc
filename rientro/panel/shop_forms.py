"""The forms of a shop's connection: its keys in the shop's own words, and which orders come in."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from rientro.flows.connect_shop import MOST_DAYS
from rientro.models import ShopLink
from rientro.models.shop_consent import ShopWish
from rientro.panel.forms import PanelForm
from rientro.panel.shop_words import CHANNELS, MEANINGS
from rientro.policy.shop_filters import Filters
from rientro.shops.known import Box, Known

DAYS = 60
MOST_STATUSES = 40


class ShopForm(PanelForm):
    """The boxes of one shop system, as its registry entry names them. A secret is never shown again."""

    shop_name = forms.CharField(
        label=lazy("Name of the shop"),
        max_length=250,
        required=False,
        help_text=lazy("As your team calls it: shipping rules name it. Empty: as the shop says."),
    )
    backfill_days = forms.IntegerField(
        label=lazy("Read orders of the last … days"),
        min_value=0,
        max_value=MOST_DAYS,
        initial=DAYS,
        help_text=lazy("At least as long as shoppers may return. More can be read later."),
    )

    def __init__(self, *args: Any, about: Known, kept: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about = about
        self.fields["url"] = _box(about.address, kept=False, fallback="")
        for box in about.credentials:
            self.fields[f"credential_{box.name}"] = _box(box, kept=kept and box.secret)
        for box in about.settings:
            self.fields[f"setting_{box.name}"] = _box(box, kept=False)
        if kept:
            self.fields.pop("shop_name")
            self.fields.pop("backfill_days")

    def boxes(self) -> list[forms.BoundField]:
        """The address, the keys and the settings, in that order."""
        names = ["url", *(n for n in self.fields if n.startswith(("credential_", "setting_")))]
        return [self[name] for name in names]

    def wish(self) -> ShopWish:
        said = self.cleaned_data
        days = said.get("backfill_days")
        return ShopWish(
            system=self.about.code,
            url=said["url"],
            shop_name=said.get("shop_name", ""),
            credentials={
                box.name: said[f"credential_{box.name}"] for box in self.about.credentials
            },
            settings={box.name: said[f"setting_{box.name}"] for box in self.about.settings},
            days=DAYS if days is None else days,
        )

    def field_of(self, name: str) -> str | None:
        """The field that an error of the flow speaks of."""
        for candidate in (name, f"credential_{name}", f"setting_{name}"):
            if candidate in self.fields:
                return candidate
        return None


def _box(box: Box, *, kept: bool, fallback: str | None = None) -> forms.CharField:
    help_text = _("Saved. Write another one to change it.") if kept else ""
    if not help_text and box.help:
        help_text = _(box.help)
    return forms.CharField(
        label=_(box.label),
        max_length=4000,
        required=box.required and not box.default and not kept,
        initial=box.default if fallback is None else fallback,
        help_text=help_text,
        widget=(forms.PasswordInput if box.secret else forms.TextInput)(
            attrs={"class": "input", "autocomplete": "off", "placeholder": box.example}
        ),
    )


class ShopFilterForm(PanelForm):
    """Which orders enter, and what the shop's status words mean."""

    statuses = forms.MultipleChoiceField(
        label=lazy("Statuses"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=lazy("None ticked: whatever its status."),
    )
    tags = forms.CharField(
        label=lazy("Tags"),
        required=False,
        max_length=2000,
        help_text=lazy("By comma; one of them is enough. Empty: with any tag or none."),
    )
    channels = forms.MultipleChoiceField(
        label=lazy("Channels"),
        required=False,
        choices=CHANNELS,
        widget=forms.CheckboxSelectMultiple,
        help_text=lazy("None ticked: from everywhere."),
    )
    countries = forms.CharField(
        label=lazy("Countries"),
        required=False,
        max_length=800,
        help_text=lazy("Two letters for each country, by comma: IT, DE. Empty: to everywhere."),
    )

    def __init__(self, *args: Any, link: ShopLink, **kwargs: Any) -> None:
        told = Filters.of(link.filters)
        start = {
            "statuses": list(told.statuses),
            "tags": ", ".join(told.tags),
            "channels": list(told.channels),
            "countries": ", ".join(told.countries),
        }
        start |= {f"means_{n}": link.status_map.get(word, "") for n, word in _numbered(link)}
        super().__init__(*args, initial=start, **kwargs)
        self.link = link
        names = statuses_of(link)
        self.fields["statuses"].choices = list(names.items())  # type: ignore[attr-defined]
        for number, word in _numbered(link):
            self.fields[f"means_{number}"] = forms.ChoiceField(
                label=names[word],
                choices=MEANINGS,
                required=False,
                widget=forms.Select(attrs={"class": "select"}),
            )

    def meanings(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("means_")]

    def clean_countries(self) -> list[str]:
        words = _split(self.cleaned_data["countries"].replace(";", ",").upper())
        if any(len(word) != 2 or not word.isalpha() for word in words):
            raise forms.ValidationError(_("Use a two-letter country code, such as IT."))
        return words

    def filters(self) -> dict[str, list[str]]:
        said = self.cleaned_data
        return {
            "statuses": said["statuses"],
            "tags": _split(said["tags"]),
            "channels": said["channels"],
            "countries": said["countries"],
        }

    def status_map(self) -> dict[str, str]:
        said = self.cleaned_data
        return {word: said[f"means_{number}"] for number, word in _numbered(self.link)}


def statuses_of(link: ShopLink) -> dict[str, str]:
    """{the shop's word: how its admin reads}, with the words that were chosen before and are told no more."""
    told = link.facts.get("statuses")
    names = {str(word): str(name) or str(word) for word, name in dict(told or {}).items()}
    before = [*Filters.of(link.filters).statuses, *link.status_map]
    return dict(
        [*names.items(), *((word, word) for word in before if word not in names)][:MOST_STATUSES]
    )


def _numbered(link: ShopLink) -> list[tuple[int, str]]:
    return list(enumerate(statuses_of(link)))


def _split(typed: str) -> list[str]:
    return [word.strip() for word in typed.split(",") if word.strip()]
