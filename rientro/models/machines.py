"""What machines may do, how often, and what they were answered: tokens, limits, idempotency."""

from django.db import models
from django.db.models import Q

from rientro.models.integrations import ApiKey
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)


class AccessToken(TenantModel):
    """An OAuth2 token that a key was exchanged for. ``rt_<merchant>_<random>``; only its hash is kept."""

    merchant = merchant_key("access_tokens")
    key = TenantForeignKey(ApiKey, models.CASCADE, related_name="access_tokens")
    token_hash = models.BinaryField()
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = TenantQuerySet["AccessToken"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "expires_at"], name="access_token_expiry")]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "token_hash"], name="access_token_once"),
            *references("access_token", "key", on_delete="CASCADE"),
        ]

    def __str__(self) -> str:
        return f"token {self.pk}"


class RateBucket(TenantModel):
    """Two token buckets of one key and kind of call: the minute's and the burst's. Unlogged: a crash refills."""

    merchant = merchant_key("rate_buckets")
    subject = models.CharField(max_length=80)  # key:<id>:read, key:<id>:write
    minute_left = models.FloatField()
    burst_left = models.FloatField()
    seen_at = models.DateTimeField()

    objects = TenantQuerySet["RateBucket"].as_manager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "subject"], name="rate_bucket_once"),
        ]

    def __str__(self) -> str:
        return self.subject


class RefusedNetwork(models.Model):
    """A network that sent keys which were none, and how many more it may send. Nobody's: no key, no merchant."""

    network = models.CharField(max_length=50, primary_key=True)  # 203.0.113.0/24, 2001:db8::/64
    tries_left = models.FloatField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["seen_at"], name="refused_network_age")]

    def __str__(self) -> str:
        return self.network


class IdempotencyKey(TenantModel):
    """A POST that its sender may repeat: what was asked, and, once it is done, what was answered."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"

    merchant = merchant_key("idempotency_keys")
    subject = models.CharField(max_length=40)  # key:<id>: whose word it is
    key = models.CharField(max_length=255)
    request_hash = models.BinaryField()  # of method, path and body
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING.value)
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True, default="")
    body = models.BinaryField(default=bytes)
    created_at = models.DateTimeField()
    locked_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = TenantQuerySet["IdempotencyKey"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "expires_at"], name="idempotency_expiry")]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "subject", "key"], name="idempotency_key_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(status__isnull=False), name="done_has_an_answer"
            ),
        ]

    def __str__(self) -> str:
        return self.key
