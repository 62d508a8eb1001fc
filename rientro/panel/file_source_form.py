"""The form of a place that files of orders are fetched from: a folder, an SFTP server or an address of the web."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from rientro.flows.save_source import SourceWish
from rientro.models import FileSource
from rientro.panel.forms import PanelForm
from rientro.policy.file_schedule import DAY_MIN

RHYTHMS = [
    (15, lazy("every 15 minutes")),
    (30, lazy("every 30 minutes")),
    (60, lazy("every hour")),
    (120, lazy("every 2 hours")),
    (360, lazy("every 6 hours")),
    (DAY_MIN, lazy("once a day")),
]
AFTER = [
    (FileSource.After.KEEP.value, lazy("leave it there and remember it")),
    (FileSource.After.MOVE.value, lazy("move it to the folder “done”, or to “failed”")),
]
HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]
PORT = 22
SECRETS = ("password", "key", "bearer")


class FileSourceForm(PanelForm):
    """What every place has; the subclasses say where it is."""

    PLACE: tuple[str, ...] = ()
    pattern = forms.CharField(
        label=lazy("File names"),
        max_length=200,
        required=False,
        help_text=lazy("Such as orders-*.csv; several by comma. Empty: every file."),
        widget=forms.TextInput(attrs={"placeholder": "*.csv, *.xlsx"}),
    )
    every_min = forms.TypedChoiceField(
        label=lazy("Look"), choices=RHYTHMS, coerce=int, initial=60, required=True
    )
    at_hour = forms.TypedChoiceField(
        label=lazy("At"),
        choices=HOURS,
        coerce=int,
        initial=6,
        help_text=lazy("Counts where we look once a day."),
    )
    after = forms.ChoiceField(
        label=lazy("A file that was read"), choices=AFTER, initial=FileSource.After.KEEP.value
    )

    def __init__(self, *args: Any, kind: str, before: FileSource | None, **kwargs: Any) -> None:
        start: dict[str, Any] = {}
        if before is not None and before.kind == kind:
            start = {**before.place, "pattern": before.pattern, "every_min": before.every_min}
            start |= {"at_hour": before.at_hour or 0, "after": before.after}
        super().__init__(*args, initial=start, **kwargs)
        self.kind, self.before = kind, before
        for name in SECRETS:
            if name in self.fields and start:
                self.fields[name].help_text = _("Saved. Write another one to change it.")

    def place(self) -> list[forms.BoundField]:
        return [self[name] for name in self.PLACE]

    def habits(self) -> list[forms.BoundField]:
        names = [
            name for name in ("pattern", "every_min", "at_hour", "after") if name in self.fields
        ]
        return [self[name] for name in names]

    def wish(self) -> SourceWish:
        said = self.cleaned_data
        daily = said["every_min"] == DAY_MIN
        return SourceWish(
            kind=self.kind,
            place=self.where(),
            credentials={name: said[name] for name in ("user", *SECRETS) if self.is_secret(name)},
            pattern=said["pattern"],
            every_min=said["every_min"],
            at_hour=said["at_hour"] if daily else None,
            after=said.get("after") or FileSource.After.KEEP.value,
        )

    def is_secret(self, name: str) -> bool:
        return bool(self.cleaned_data.get(name))

    def where(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.PLACE if name not in SECRETS}


class FolderForm(FileSourceForm):
    PLACE = ("folder",)
    folder = forms.CharField(
        label=lazy("Folder"),
        max_length=300,
        required=False,
        help_text=lazy(
            "Below your own folder on this installation. Empty: your own folder itself."
        ),
    )


class SftpForm(FileSourceForm):
    """``host_key`` is the key that somebody agreed to; a new one counts only with a tick."""

    PLACE = ("host", "port", "user", "path", "password", "key")
    host = forms.CharField(label=lazy("Server"), max_length=250)
    port = forms.IntegerField(
        label=lazy("Port"), initial=PORT, min_value=1, max_value=65_535, required=False
    )
    user = forms.CharField(label=lazy("User"), max_length=200)
    path = forms.CharField(
        label=lazy("Folder"),
        max_length=500,
        required=False,
        help_text=lazy("As the server shows it. Empty: where you are when you have entered."),
    )
    password = forms.CharField(
        label=lazy("Password"),
        max_length=400,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    key = forms.CharField(
        label=lazy("Or a private key"),
        max_length=8000,
        required=False,
        help_text=lazy("In OpenSSH or PEM form, without a passphrase; a PEM’s may stand above."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )
    host_key = forms.CharField(required=False, max_length=8000, widget=forms.HiddenInput)
    agree = forms.BooleanField(
        required=False,
        label=lazy("Yes, this is the server’s key"),
        widget=forms.CheckboxInput(attrs={"class": "tick"}),
    )

    def clean_port(self) -> int:
        return self.cleaned_data.get("port") or PORT

    def is_secret(self, name: str) -> bool:
        return name != "user" and super().is_secret(name)

    def where(self) -> dict[str, Any]:
        return {**super().where(), "host_key": self._agreed()}

    def _agreed(self) -> str:
        said = self.cleaned_data
        if said["agree"] and said["host_key"]:
            return str(said["host_key"])
        kept = self.before.place if self.before is not None else {}
        same = (kept.get("host"), kept.get("port")) == (said["host"], said["port"])
        return str(kept.get("host_key", "")) if same else ""

    def keep_typed(self) -> None:
        """Until the key is agreed to nothing is kept: what was typed stands there again."""
        self.fields["password"].widget.render_value = True


class WebForm(FileSourceForm):
    PLACE = ("url", "user", "password", "bearer")
    after = None  # type: ignore[assignment]  # a file of the web stays where it is
    url = forms.CharField(
        label=lazy("Address of the file"),
        max_length=1500,
        help_text=lazy("Begins with https://. A published sheet will do, as CSV."),
    )
    user = forms.CharField(label=lazy("User"), max_length=200, required=False)
    password = forms.CharField(
        label=lazy("Password"),
        max_length=400,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    bearer = forms.CharField(
        label=lazy("Or a bearer token"),
        max_length=4000,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def where(self) -> dict[str, Any]:
        return {"url": self.cleaned_data["url"]}


FORMS: dict[str, type[FileSourceForm]] = {"folder": FolderForm, "sftp": SftpForm, "https": WebForm}
