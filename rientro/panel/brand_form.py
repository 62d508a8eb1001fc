"""The form of a brand: name and address of the portal, looks, words per language, links."""

from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from rientro.kit.errors import RientroError
from rientro.kit.images import MAX_BYTES, Picture, redraw
from rientro.kit.said import said
from rientro.kit.template_words import language_in
from rientro.models import Brand
from rientro.models.brands import FONTS
from rientro.panel.choice_words import choices_in_words
from rientro.panel.forms import PanelForm
from rientro.policy.brand_texts import KEYS, LONGEST, unknown_placeholders
from rientro.policy.brand_texts import LANGUAGES as SPOKEN
from rientro.policy.colours import is_colour

LOGO_EDGE = 800
COLOURS = ["accent", "paper", "surface", "ink", "head", "foot"]
LINKS = ["shop", "help", "policy", "privacy", "contact"]
CORNERS = [
    ("0", lazy("Square")),
    ("0.5", lazy("Slight")),
    ("1", lazy("House")),
    ("1.5", lazy("Soft")),
]
WEIGHTS = [("400", lazy("Light")), ("650", lazy("Strong")), ("750", lazy("Heavy"))]
LANGUAGES = [(code, language_in(code)) for code in SPOKEN]


class ColourField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=7, widget=forms.TextInput(attrs={"type": "color"}), **kwargs)

    def clean(self, value: Any) -> str:
        told = str(super().clean(value)).lower()
        if not is_colour(told):
            raise forms.ValidationError(_("Write a colour as #0b5a6e."))
        return told


class BrandForm(PanelForm):
    name = forms.CharField(label=lazy("Name"), max_length=120)
    slug = forms.SlugField(
        label=lazy("Portal address"),
        max_length=60,
        help_text=lazy("Letters, digits and dashes. Changing it breaks links that shoppers have."),
    )
    tagline = forms.CharField(label=lazy("Line under the name"), max_length=80, required=False)
    logo = forms.FileField(
        label=lazy("Logo"),
        required=False,
        help_text=lazy("PNG, JPEG or WebP, at most 5 MB. On portal, mails and labels."),
    )
    drop_logo = forms.BooleanField(label=lazy("Take the logo away"), required=False)
    colour_accent = ColourField(label=lazy("Accent"))
    colour_paper = ColourField(label=lazy("Background"))
    colour_surface = ColourField(label=lazy("Cards"))
    colour_ink = ColourField(label=lazy("Text"))
    colour_head = ColourField(label=lazy("Header"))
    colour_foot = ColourField(label=lazy("Footer"))
    font = forms.ChoiceField(label=lazy("Headings"), choices=partial(choices_in_words, FONTS))
    heading_weight = forms.ChoiceField(label=lazy("Weight of headings"), choices=WEIGHTS)
    roundness = forms.ChoiceField(label=lazy("Corners"), choices=CORNERS, widget=forms.RadioSelect)
    languages = forms.MultipleChoiceField(
        label=lazy("Languages"), choices=LANGUAGES, widget=forms.CheckboxSelectMultiple
    )
    default_language = forms.ChoiceField(label=lazy("Language to begin with"), choices=LANGUAGES)
    website = forms.URLField(label=lazy("Website"), required=False, assume_scheme="https")
    reply_to = forms.EmailField(label=lazy("Answers to mails go to"), required=False)
    legal_line = forms.CharField(label=lazy("Legal line"), max_length=240, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for link, label in _link_labels():
            self.fields[f"link_{link}"] = forms.CharField(
                label=label, max_length=300, required=False
            )
        for code, _name in LANGUAGES:
            for key in KEYS:
                self.fields[f"text_{code}_{key}"] = forms.CharField(
                    label=_(KEYS[key]), max_length=LONGEST, required=False, strip=True
                )
        for name, field in self.fields.items():
            if name.startswith(("link_", "text_")):
                field.widget.attrs["class"] = "input"
        self.fields["drop_logo"].widget.attrs["class"] = "tick"
        self.fields["drop_logo"].widget.attrs.pop("role", None)
        self.fields["logo"].widget.attrs["accept"] = "image/png,image/jpeg,image/webp,image/gif"
        self.picture: Picture | None = None

    def texts_of(self) -> list[tuple[str, list[forms.BoundField]]]:
        """(language, its fields), for the template."""
        return [(name, [self[f"text_{code}_{key}"] for key in KEYS]) for code, name in LANGUAGES]

    def links_of(self) -> list[forms.BoundField]:
        return [self[f"link_{link}"] for link in LINKS]

    def colours_of(self) -> list[forms.BoundField]:
        return [self[f"colour_{name}"] for name in COLOURS]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("default_language") not in said.get("languages", []):
            self.add_error("default_language", _("Choose one of the languages above."))
        for name, value in list(said.items()):
            if name.startswith("link_") and value and not _is_link(value):
                self.add_error(name, _("Enter an address that begins with https://"))
            if name.startswith("text_") and (odd := unknown_placeholders(str(value or ""))):
                self.add_error(name, _("Nobody fills in {{ %s }}.") % odd[0])
        return said

    def clean_logo(self) -> Any:
        """A picture is drawn anew by a child process; what is no picture is refused in its words."""
        upload = self.cleaned_data.get("logo")
        if isinstance(upload, UploadedFile):
            if (upload.size or 0) > MAX_BYTES:
                raise forms.ValidationError(_("This file is larger than 5 MB."))
            try:
                self.picture = redraw(upload.read(), max_edge=LOGO_EDGE, png=True)
            except RientroError as error:
                raise forms.ValidationError(said(error.message)) from error
        return upload

    def fields_of(self) -> dict[str, Any]:
        """What save_brand writes."""
        said = self.cleaned_data
        plain = ["name", "slug", "tagline", "website", "reply_to", "legal_line", "font"]
        plain += ["languages", "default_language", "roundness", *(f"colour_{c}" for c in COLOURS)]
        texts = {
            code: {key: said[f"text_{code}_{key}"] for key in KEYS if said[f"text_{code}_{key}"]}
            for code, _name in LANGUAGES
        }
        return {name: said[name] for name in plain} | {
            "heading_weight": int(said["heading_weight"]),
            "links": {link: said[f"link_{link}"] for link in LINKS if said[f"link_{link}"]},
            "texts": {code: words for code, words in texts.items() if words},
        }


def start_of(brand: Brand) -> dict[str, Any]:
    """The form as the brand stands; values between the choices take the nearest."""
    start: dict[str, Any] = {
        name: getattr(brand, name)
        for name in ("name", "slug", "tagline", "website", "reply_to", "legal_line", "font")
    }
    start |= {f"colour_{name}": getattr(brand, f"colour_{name}") for name in COLOURS}
    start |= {"languages": brand.languages, "default_language": brand.default_language}
    start["roundness"] = _nearest(float(brand.roundness), CORNERS)
    start["heading_weight"] = _nearest(float(brand.heading_weight), WEIGHTS)
    start |= {f"link_{link}": brand.links.get(link, "") for link in LINKS}
    for code, _name in LANGUAGES:
        for key in KEYS:
            start[f"text_{code}_{key}"] = brand.texts.get(code, {}).get(key, "")
    return start


def drafted(post: Any, brand: Brand | None) -> Brand:
    """A brand that is not saved, as the form stands now; what cannot be used keeps its old value."""
    made = Brand(name=_("Your brand"), slug="brand")
    for name in ("tagline", "name", *(f"colour_{c}" for c in COLOURS), "font", "logo_id", "texts"):
        if brand is not None:
            setattr(made, name, getattr(brand, name))
    if brand is not None:
        made.heading_weight, made.roundness = brand.heading_weight, brand.roundness
        made.default_language, made.slug = brand.default_language, brand.slug
    for name in COLOURS:
        told = str(post.get(f"colour_{name}", "")).lower()
        if is_colour(told):
            setattr(made, f"colour_{name}", told)
    made.name = str(post.get("name", "")).strip()[:120] or made.name
    made.tagline = str(post.get("tagline", made.tagline)).strip()[:80]
    if post.get("font") in dict(FONTS):
        made.font = post["font"]
    if post.get("heading_weight") in dict(WEIGHTS):
        made.heading_weight = int(post["heading_weight"])
    if post.get("roundness") in dict(CORNERS):
        made.roundness = Decimal(post["roundness"])
    if post.get("default_language") in dict(LANGUAGES):
        made.default_language = post["default_language"]
    if any(name.startswith("text_") for name in post):
        code = made.default_language
        made.texts = {
            code: {key: str(post.get(f"text_{code}_{key}", ""))[:LONGEST] for key in KEYS}
        }
    return made


def looks_query(brand: Brand) -> str:
    """The looks of a draft as a query string, for the stylesheet of its preview."""
    facts = {name: getattr(brand, f"colour_{name}") for name in COLOURS}
    facts |= {
        "font": brand.font,
        "weight": str(brand.heading_weight),
        "round": str(brand.roundness),
    }
    return urlencode(facts)


def _nearest(value: float, choices: list[tuple[str, Any]]) -> str:
    return min((told for told, _name in choices), key=lambda told: abs(float(told) - value))


def _is_link(text: str) -> bool:
    if text.startswith("mailto:"):
        return "@" in text
    return urlsplit(text).scheme in ("http", "https") and bool(urlsplit(text).netloc)


def _link_labels() -> list[tuple[str, str]]:
    said = {
        "shop": _("Shop"),
        "help": _("Help"),
        "policy": _("Return policy"),
        "privacy": _("Privacy"),
        "contact": _("Contact"),
    }
    return [(link, said[link]) for link in LINKS]
