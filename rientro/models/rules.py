"""Rules that merchants write: about orders as they come in, about returns, and about who carries them."""

from typing import ClassVar

from django.db import models

from rientro.models.brands import Brand
from rientro.models.tenants import (
    TenantForeignKey,
    TenantModel,
    TenantQuerySet,
    merchant_key,
    references,
)


class ShippingRule(TenantModel):
    """Runs when an order is imported: if integration is x then ship with address y.

    ``conditions`` is [{property, operator, compare_to}], ``actions`` is [{identifier, value}]; the words are
    policy.shipping_rules'. ``invalid_because`` says in words what a deleted thing broke; such a rule rests.
    """

    FAMILY: ClassVar[str] = "shipping"

    merchant = merchant_key("shipping_rules")
    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField()
    active = models.BooleanField(default=True)
    match_all = models.BooleanField(default=True)
    conditions = models.JSONField(default=list)
    actions = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    invalid_because = models.CharField(max_length=240, blank=True, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = TenantQuerySet["ShippingRule"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "position", "id"], name="shipping_rule_order")]

    def __str__(self) -> str:
        return self.name


class ReturnRule(TenantModel):
    """Decides fee, method, refusal or review of a return; same shapes as a shipping rule."""

    FAMILY: ClassVar[str] = "return"

    merchant = merchant_key("return_rules")
    brand = TenantForeignKey(Brand, models.CASCADE, related_name="return_rules", null=True)
    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField()
    active = models.BooleanField(default=True)
    match_all = models.BooleanField(default=True)
    conditions = models.JSONField(default=list)
    actions = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    invalid_because = models.CharField(max_length=240, blank=True, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = TenantQuerySet["ReturnRule"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "position", "id"], name="return_rule_order")]
        constraints = [*references("return_rule", "brand", on_delete="CASCADE")]

    def __str__(self) -> str:
        return self.name


class ChoiceRule(TenantModel):
    """Says which contract buys a return's label, and as which service; same shapes as a shipping rule."""

    FAMILY: ClassVar[str] = "carrier"

    merchant = merchant_key("choice_rules")
    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField()
    active = models.BooleanField(default=True)
    match_all = models.BooleanField(default=True)
    conditions = models.JSONField(default=list)
    actions = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    invalid_because = models.CharField(max_length=240, blank=True, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = TenantQuerySet["ChoiceRule"].as_manager()

    class Meta:
        base_manager_name = "objects"
        indexes = [models.Index(fields=["merchant", "position", "id"], name="choice_rule_order")]

    def __str__(self) -> str:
        return self.name


AnyRule = ShippingRule | ReturnRule | ChoiceRule
