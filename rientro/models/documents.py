"""Bytes that we keep: labels, logos, pictures, uploads. Content-addressed, in the database (ADR 0005)."""

import hashlib
from typing import Any

from django.db import connection, models

from rientro.kit.tenancy import current_merchant
from rientro.models.tenants import TenantModel, TenantQuerySet, merchant_key

PDF = "application/pdf"
KEEP = """
    INSERT INTO rientro_storeddocument
        (merchant_id, sha256, content_type, name, size, content, created_at)
    VALUES (%s, %s, %s, %s, %s, %s, now())
    ON CONFLICT (merchant_id, sha256, content_type) DO NOTHING RETURNING id, created_at
"""
UNREAD = "application/octet-stream"  # the type of what strangers sent and nobody has looked at


class StoredDocumentQuerySet(TenantQuerySet["StoredDocument"]):
    def keep(self, content: bytes, *, content_type: str, name: str = "") -> "StoredDocument":
        """Store ``content`` once; the same bytes again are the same row."""
        row = self.model(
            merchant_id=current_merchant(),
            sha256=hashlib.sha256(content).hexdigest(),
            content_type=content_type,
            name=name[:200],
            size=len(content),
            content=content,
        )
        told: list[Any] = [row.merchant_id, row.sha256, content_type, row.name, row.size, content]
        with connection.cursor() as cursor:
            cursor.execute(KEEP, told)
            new = cursor.fetchone()
        if new is None:  # somebody has kept the same bytes before
            return self.get(sha256=row.sha256, content_type=content_type)
        row.pk, row.created_at = new
        row._state.adding, row._state.db = False, self.db
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
