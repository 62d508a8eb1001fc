"""Bytes that we keep: labels, logos, pictures, uploads. Content-addressed, in the database (ADR 0005)."""

import hashlib

from django.db import models

from rientro.models.tenants import TenantModel, TenantQuerySet, merchant_key

PDF = "application/pdf"
UNREAD = "application/octet-stream"  # the type of what strangers sent and nobody has looked at


class StoredDocumentQuerySet(TenantQuerySet["StoredDocument"]):
    def keep(self, content: bytes, *, content_type: str, name: str = "") -> "StoredDocument":
        """Store ``content`` once; the same bytes again are the same row."""
        digest = hashlib.sha256(content).hexdigest()
        row, _ = self.get_or_create(
            sha256=digest,
            content_type=content_type,
            defaults={"content": content, "size": len(content), "name": name[:200]},
        )
        return row


class StoredDocument(TenantModel):
    """One file. ``content`` is deferred by nobody on lists: ask for it by id only."""

    merchant = merchant_key("documents")
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=100)
    name = models.CharField(max_length=200, blank=True, default="")
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = StoredDocumentQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "sha256", "content_type"], name="document_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.sha256[:12]
