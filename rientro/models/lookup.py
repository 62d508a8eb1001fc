"""What a shopper has proven, for how long, and how often somebody has guessed."""

import base64
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from rientro.kit.ids import CODE_ALPHABET, new_token, token_hash
from rientro.models.brands import Brand
from rientro.models.orders import Order
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)

IDLE = timedelta(minutes=30)
LIFE = timedelta(hours=2)
LINK_LIFE = timedelta(minutes=15)
CODE_LIFE = timedelta(minutes=15)
CODE_MISSES = 5


class TicketQuerySet(TenantQuerySet["Ticket"]):
    def alive(self, now: datetime) -> "TicketQuerySet":
        """Neither too old nor left lying, and to an order that still knows its shopper."""
        return self.filter(
            expires_at__gt=now, seen_at__gt=now - IDLE, order__redacted_at__isnull=True
        )


class Ticket(TenantModel):
    """A shopper's short pass to one order. Only the hash of its token is kept.

    ``level`` 1: number and postal code were right. 2: a mailed code as well. ``opened_returns`` are the
    returns made with this very ticket; ``draft`` is what was typed so far, so that Back keeps it.
    """

    merchant = merchant_key("tickets")
    token_hash = models.BinaryField()
    brand = TenantForeignKey(Brand, models.CASCADE, related_name="+")
    order = TenantForeignKey(Order, models.CASCADE, related_name="tickets")
    level = models.PositiveSmallIntegerField(default=1)
    language = models.CharField(max_length=8, default="en")
    draft = models.JSONField(default=dict)
    opened_returns = ArrayField(models.BigIntegerField(), default=list, blank=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = TicketQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["merchant", "expires_at"], name="ticket_expiry"),
            models.Index(fields=["merchant", "order"], name="ticket_of_order"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "token_hash"], name="ticket_token_once"),
            *references("ticket", "brand", "order", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return f"ticket {self.pk}"

    # Factories

    @classmethod
    def issue(
        cls,
        *,
        order: Order,
        brand: Brand,
        level: int,
        language: str,
        now: datetime,
        **draft: Any,
    ) -> tuple["Ticket", str]:
        """A new ticket and its token; the token is kept nowhere."""
        token = new_token()
        ticket = cls.objects.create(
            token_hash=token_hash(token),
            brand=brand,
            order=order,
            level=level,
            language=language,
            draft=draft,
            created_at=now,
            seen_at=now,
            expires_at=now + LIFE,
        )
        return ticket, token

    @classmethod
    def issue_link(cls, *, order: Order, brand: Brand, language: str, now: datetime) -> "Ticket":
        """A ticket of level 2 that waits to be opened from a mail; ``link_token_of`` gives its token."""
        nonce = new_token()
        return cls.objects.create(
            token_hash=token_hash(_derived_token(nonce)),
            brand=brand,
            order=order,
            level=2,
            language=language,
            draft={"link": nonce},
            created_at=now,
            seen_at=now,
            expires_at=now + LINK_LIFE,
        )


def link_token_of(ticket: Ticket) -> str:
    """The token of a ticket that goes out by mail: derived when the mail is written, so it lies nowhere."""
    return _derived_token(str(ticket.draft["link"]))


def _derived_token(nonce: str) -> str:
    digest = salted_hmac("rientro.lookup.link", nonce, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class AccessCode(TenantModel):
    """A code mailed to the order's own address: proof that the reader of that mail is asking."""

    merchant = merchant_key("access_codes")
    ticket = TenantForeignKey(Ticket, models.CASCADE, related_name="codes")
    code_hash = models.BinaryField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    misses = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet["AccessCode"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "ticket", "-id"], name="code_of_ticket")]
        constraints = [*references("access_code", "ticket", on_delete="CASCADE")]

    def __str__(self) -> str:
        return f"code {self.pk}"

    # Factories

    @classmethod
    def issue(cls, ticket: Ticket, *, now: datetime) -> "AccessCode":
        """A new code for ``ticket``; ``code_of`` gives its letters. Older ones are forgotten."""
        cls.objects.filter(ticket=ticket, used_at=None).update(used_at=now)
        code = cls(ticket=ticket, created_at=now, expires_at=now + CODE_LIFE)
        code.code_hash = token_hash(code_of(code))
        code.save()
        return code


def code_of(code: AccessCode) -> str:
    """Its 8 letters: derived when the mail is written, so that neither a table nor the queue holds them."""
    said = f"{code.ticket_id}:{code.created_at.isoformat()}"
    digest = salted_hmac("rientro.lookup.code", said, algorithm="sha256").digest()
    number = int.from_bytes(digest)
    letters = []
    for _ in range(8):
        number, at = divmod(number, len(CODE_ALPHABET))
        letters.append(CODE_ALPHABET[at])
    return "".join(letters)


class LookupCounter(TenantModel):
    """Failed look-ups in one window of time. ``key`` is a hash or a network, never an order number."""

    merchant = merchant_key("lookup_counters")
    scope = models.CharField(max_length=16)  # order, network, merchant, code_mail …
    key = models.CharField(max_length=80)
    window_s = models.PositiveIntegerField()
    window_start = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    objects = TenantQuerySet["LookupCounter"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "window_start"], name="counter_window")]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "scope", "key", "window_s", "window_start"],
                name="lookup_counter_once",
            ),
            models.CheckConstraint(condition=Q(window_s__gt=0), name="lookup_window_has_length"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.count}"
