"""How a place of files is doing and what came of each file, in the reader's words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from rientro.flows.save_source import Seen
from rientro.kit.said import said
from rientro.models import FileSource, ImportRun, Integration, SourceFile
from rientro.models.file_sources import told
from rientro.panel.file_source_form import RHYTHMS
from rientro.panel.shop_words import Health
from rientro.policy.file_schedule import DAY_MIN

KINDS = [
    ("folder", lazy("A folder"), lazy("Your own folder on the machine that Rientro runs on.")),
    ("sftp", lazy("An SFTP server"), lazy("Yours or your supplier’s, by password or key.")),
    ("https", lazy("An address of the web"), lazy("One file, such as a published sheet.")),
]
BADGES = {
    FileSource.State.OK.value: ("ok", lazy("Looked at")),
    FileSource.State.WAITING.value: ("warn", lazy("Waits for you")),
    FileSource.State.FAILING.value: ("warn", lazy("Fails")),
    FileSource.State.BROKEN.value: ("bad", lazy("Does not let us in")),
    FileSource.State.PAUSED.value: ("", lazy("Paused")),
}
MOST_FILES = 20
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file of the list. ``run`` and ``waits`` say where its link leads."""

    name: str
    at: datetime
    size: int
    tone: str
    word: str
    words: str = ""
    run: ImportRun | None = None
    waits: bool = False
    moved_to: str = ""


def source_facts(row: Integration) -> dict[str, object]:
    """What an integration's page says of the place that its files come from; nothing for shops and the API."""
    if row.system != "csv":
        return {}
    source = row.file_sources.first()
    if source is None:
        return {"kinds": KINDS}
    lines = list(lines_of(source))
    return {
        "source": source,
        "source_health": health_of(source),
        "source_trouble": trouble_of(source),
        "source_where": where_words(source),
        "source_rhythm": rhythm_words(source),
        "source_files": lines,
        "source_waits": next(
            (each.run.public_id for each in lines if each.waits and each.run), None
        ),
        "kinds": KINDS,
    }


def health_of(source: FileSource) -> Health:
    tone, word = BADGES[source.state]
    sentences = {
        FileSource.State.WAITING.value: _(
            "Say once what its columns mean. Files with the same headings then come in by themselves."
        ),
        FileSource.State.FAILING.value: _("It is tried again by itself, and mends itself."),
        FileSource.State.BROKEN.value: _(
            "Until that is mended no file comes in. It is tried again every hour."
        ),
        FileSource.State.PAUSED.value: _("Nothing is looked at until you go on."),
    }
    return Health(source.state, tone, str(word), sentences.get(source.state, ""))


def trouble_of(source: FileSource) -> str:
    return said(told(source.last_error, source.error_facts)) if source.last_error else ""


def where_words(source: FileSource) -> str:
    place = source.place
    if source.kind == FileSource.Kind.SFTP.value:
        return f"{place.get('user')}@{place.get('host')}:{place.get('port')} {place.get('path') or ''}".strip()
    if source.kind == FileSource.Kind.HTTPS.value:
        return str(place.get("url", ""))
    return str(place.get("folder") or "") or _("your own folder")


def rhythm_words(source: FileSource) -> str:
    words = str(dict(RHYTHMS).get(source.every_min, ""))
    if source.every_min == DAY_MIN:
        return _("%(often)s, at %(hour)s") % {
            "often": words,
            "hour": f"{source.at_hour or 0:02}:00",
        }
    return words


def lines_of(source: FileSource) -> Iterator[FileLine]:
    rows = source.files.select_related("run").order_by("-pk")[:MOST_FILES]
    for row in rows:
        tone, word, words = _outcome(row)
        waits = row.run is not None and row.run.status == ImportRun.Status.PREVIEW.value
        yield FileLine(
            name=row.name,
            at=row.seen_at,
            size=row.size,
            tone=tone,
            word=word,
            words=words,
            run=row.run,
            waits=waits,
            moved_to=row.moved_to,
        )


def _outcome(row: SourceFile) -> tuple[str, str, str]:
    """(tone, badge, sentence)"""
    if row.state == SourceFile.State.WATCHED.value:
        return "", _("Still being written"), ""
    if row.state == SourceFile.State.REFUSED.value:
        return "bad", _("Refused"), said(told(row.error, row.error_facts))
    if row.state == SourceFile.State.SAME.value:
        return "", _("The same once more"), ""
    run = row.run
    if run is None:
        return "ok", _("Read"), ""
    if run.status == ImportRun.Status.PREVIEW.value:
        return "warn", _("Waits for its columns"), ""
    if run.status == ImportRun.Status.FAILED.value:
        return "bad", _("Stopped"), said(run.error)
    if run.status != ImportRun.Status.DONE.value:
        return "info", _("On its way in"), ""
    return ("warn" if run.rows_refused else "ok"), _("Read"), _taken(run)


def _taken(run: ImportRun) -> str:
    orders = run.orders_created + run.orders_updated + run.orders_unchanged
    words = ngettext("%(n)s order", "%(n)s orders", orders) % {"n": orders}
    if run.rows_refused:
        refused = ngettext("%(n)s row refused", "%(n)s rows refused", run.rows_refused)
        words += ", " + refused % {"n": run.rows_refused}
    return words


def seen_words(seen: Seen) -> str:
    """What a look found."""
    if not seen.wanted:
        words = _("The place opens, and no file of such a name lies there now.")
    else:
        names = ", ".join(f"“{each.name}”" for each in seen.wanted[:MOST_NAMED])
        count = len(seen.wanted)
        words = ngettext(
            "The place opens: %(n)s file lies there, %(names)s.",
            "The place opens: %(n)s files lie there, such as %(names)s.",
            count,
        ) % {"n": count, "names": names}
    if seen.others:
        others = ngettext(
            "%(n)s other has another name and is left alone.",
            "%(n)s others have other names and are left alone.",
            seen.others,
        )
        words += " " + others % {"n": seen.others}
    return words
