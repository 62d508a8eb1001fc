"""Where files of orders are fetched from by themselves, and which of them were read."""

from typing import Any

from django.db import models
from django.db.models import Q

from rientro.kit.sentences import Sentence
from rientro.models.integrations import ImportRun, Integration
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)


class FileSource(TenantModel):
    """The place that an integration's files come from.

    ``place`` is {folder}, {host, port, user, path, host_key} or {url}; ``credentials`` a sealed {password, key} or
    {user, password, bearer}. ``mark`` is what an address of the web said of its last answer.
    """

    class Kind(models.TextChoices):
        FOLDER = "folder", "Folder"
        SFTP = "sftp", "SFTP"
        HTTPS = "https", "Web address"

    class After(models.TextChoices):
        KEEP = "keep", "Leave it there"
        MOVE = "move", "Move it to done or failed"

    class State(models.TextChoices):
        OK = "ok", "Looked at"
        WAITING = "waiting", "Waits for columns"
        FAILING = "failing", "Fails"
        BROKEN = "broken", "Does not let us in"
        PAUSED = "paused", "Paused"

    merchant = merchant_key("file_sources")
    integration = TenantForeignKey(Integration, models.CASCADE, related_name="file_sources")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    place = models.JSONField(default=dict)
    credentials = models.TextField(blank=True, default="")
    pattern = models.CharField(max_length=200, blank=True, default="")
    every_min = models.PositiveIntegerField(default=60)
    at_hour = models.PositiveSmallIntegerField(null=True, blank=True)
    after = models.CharField(max_length=4, choices=After.choices, default=After.KEEP.value)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OK.value)
    failures = models.PositiveIntegerField(default=0)  # in a row
    last_error = models.CharField(max_length=400, blank=True, default="")
    error_facts = models.JSONField(default=dict)  # what ``last_error`` is filled with
    mark = models.CharField(max_length=320, blank=True, default="")
    next_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = TenantQuerySet["FileSource"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "next_at"], name="file_source_due")]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "integration"], name="one_source_each"),
            models.CheckConstraint(
                condition=Q(kind__in=["folder", "sftp", "https"]), name="file_source_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["ok", "waiting", "failing", "broken", "paused"]),
                name="file_source_state_known",
            ),
            *references("file_source", "integration", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.integration_id}"


class SourceFile(TenantModel):
    """One version of a file in such a place. The newest row of a name says what is known of it.

    It is written in the transaction that starts its run: what has a row is never read again.
    """

    class State(models.TextChoices):
        WATCHED = "watched", "Still being written"
        TAKEN = "taken", "Read"
        SAME = "same", "The same once more"
        REFUSED = "refused", "Refused"

    merchant = merchant_key("source_files")
    source = TenantForeignKey(FileSource, models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    changed_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=8, choices=State.choices)
    run = TenantForeignKey(
        ImportRun, models.CASCADE, related_name="source_files", null=True, blank=True
    )
    error = models.CharField(max_length=400, blank=True, default="")
    error_facts = models.JSONField(default=dict)
    seen_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)  # moved away, or found to be gone
    moved_to = models.CharField(max_length=300, blank=True, default="")

    objects = TenantQuerySet["SourceFile"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["merchant", "source", "name", "-id"], name="source_file_newest")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["watched", "taken", "same", "refused"]),
                name="source_file_state_known",
            ),
            *references("source_file", "source", "run", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return self.name


def kept(words: str) -> tuple[str, dict[str, Any]]:
    """A sentence as two columns: what is translated, and what fills it."""
    if isinstance(words, Sentence) and words.values:
        return words.pattern[:400], {name: str(value)[:300] for name, value in words.values.items()}
    return str(words)[:400], {}


def told(pattern: str, values: dict[str, Any]) -> str:
    """The sentence of two columns, ready to be said."""
    return Sentence(pattern, **values)
