"""What every form of the panel has in common: our classes on the controls, one space less, no NUL."""

from typing import Any

from django import forms

CLASSES: list[tuple[type[forms.Widget], str]] = [
    (forms.CheckboxSelectMultiple, "tick"),
    (forms.RadioSelect, "tick"),
    (forms.CheckboxInput, "switch"),
    (forms.Select, "select"),
    (forms.Textarea, "area"),
    (forms.ClearableFileInput, "file"),
    (forms.widgets.Input, "input"),
]


class PanelForm(forms.Form):
    """Errors stand under their field, in our words; the browser's own bubbles stay away."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            known = next((name for kind, name in CLASSES if isinstance(field.widget, kind)), "")
            own = field.widget.attrs.get("class", "")
            field.widget.attrs["class"] = f"{known} {own}".strip()
            if isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["role"] = "switch"
