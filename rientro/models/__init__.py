"""Every table of the house. Read in this order: merchants, brands, addresses, integrations, orders, returns,
parcels, tracking, money, events, webhooks."""

from rientro.models.addresses import SenderAddress
from rientro.models.brands import Brand, PortalSettings, ReturnReason
from rientro.models.deliveries import Delivery, DeliveryAttempt
from rientro.models.documents import StoredDocument
from rientro.models.events import Event, FeedEntry, Mail
from rientro.models.inquiries import CarrierInquiry
from rientro.models.integrations import (
    ApiKey,
    ColumnMapping,
    Counter,
    ImportRefusal,
    ImportRun,
    Integration,
)
from rientro.models.lookup import AccessCode, LookupCounter, Ticket
from rientro.models.machines import AccessToken, IdempotencyKey, RateBucket, RefusedNetwork
from rientro.models.merchants import Member, Merchant, PortalName, Role, User
from rientro.models.money import Charge, LedgerEntry, Refund
from rientro.models.orders import Order, OrderLine, ProductPicture
from rientro.models.parcels import CarrierAccount, Label, LabelPurchase, Parcel
from rientro.models.returns import Note, Return, ReturnItem, Withdrawal
from rientro.models.rules import ChoiceRule, ReturnRule, ShippingRule
from rientro.models.subscriptions import EventSubscription
from rientro.models.tracking import InboxMessage, TrackingEvent
from rientro.models.webhooks import WebhookEndpoint

__all__ = [
    "AccessCode",
    "AccessToken",
    "ApiKey",
    "Brand",
    "CarrierAccount",
    "CarrierInquiry",
    "Charge",
    "ChoiceRule",
    "ColumnMapping",
    "Counter",
    "Delivery",
    "DeliveryAttempt",
    "Event",
    "EventSubscription",
    "FeedEntry",
    "IdempotencyKey",
    "ImportRefusal",
    "ImportRun",
    "InboxMessage",
    "Integration",
    "Label",
    "LabelPurchase",
    "LedgerEntry",
    "LookupCounter",
    "Mail",
    "Member",
    "Merchant",
    "Note",
    "Order",
    "OrderLine",
    "Parcel",
    "PortalName",
    "PortalSettings",
    "ProductPicture",
    "RateBucket",
    "Refund",
    "RefusedNetwork",
    "Return",
    "ReturnItem",
    "ReturnReason",
    "ReturnRule",
    "Role",
    "SenderAddress",
    "ShippingRule",
    "StoredDocument",
    "Ticket",
    "TrackingEvent",
    "User",
    "WebhookEndpoint",
    "Withdrawal",
]
