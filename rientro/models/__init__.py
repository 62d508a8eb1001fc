"""Every table of the house. Read in this order: merchants, brands, addresses, integrations, orders, returns,
parcels, tracking, money, events, webhooks."""

from rientro.models.addresses import SenderAddress
from rientro.models.brands import Brand, PortalSettings, ReturnReason
from rientro.models.carrier_invoices import (
    CarrierInvoice,
    CarrierInvoiceLine,
    InvoiceColumns,
    InvoiceFile,
)
from rientro.models.customs import CustomsPaper, ProductCustoms
from rientro.models.deliveries import Delivery, DeliveryAttempt
from rientro.models.documents import StoredDocument
from rientro.models.events import Event, FeedEntry, Mail
from rientro.models.file_sources import FileSource, SourceFile
from rientro.models.inquiries import CarrierInquiry
from rientro.models.integrations import (
    ApiKey,
    ColumnMapping,
    Counter,
    ImportRefusal,
    ImportRun,
    Integration,
)
from rientro.models.label_pool import LabelPool, LabelUpload, PoolLabel
from rientro.models.lookup import AccessCode, LookupCounter, Ticket
from rientro.models.machines import AccessToken, IdempotencyKey, RateBucket, RefusedNetwork
from rientro.models.merchants import InvoiceSeries, Member, Merchant, PortalName, Role, User
from rientro.models.money import Charge, LedgerEntry, Refund
from rientro.models.orders import Order, OrderLine, ProductPicture
from rientro.models.parcels import CarrierAccount, Label, LabelPurchase, Parcel
from rientro.models.picture_wishes import PictureWish
from rientro.models.prices import PriceList, PriceStep
from rientro.models.returns import Note, Return, ReturnItem, Withdrawal
from rientro.models.rules import ChoiceRule, ReturnRule, ShippingRule
from rientro.models.sales_invoices import SalesInvoice
from rientro.models.shop_asks import ShopAskBudget, ShopAsked
from rientro.models.shop_errands import ShopErrand
from rientro.models.shop_links import ShopLink, ShopMessage, ShopPull, ShopRefusal, ShopWalk
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
    "CarrierInvoice",
    "CarrierInvoiceLine",
    "Charge",
    "ChoiceRule",
    "ColumnMapping",
    "Counter",
    "CustomsPaper",
    "Delivery",
    "DeliveryAttempt",
    "Event",
    "EventSubscription",
    "FeedEntry",
    "FileSource",
    "IdempotencyKey",
    "ImportRefusal",
    "ImportRun",
    "InboxMessage",
    "Integration",
    "InvoiceColumns",
    "InvoiceFile",
    "InvoiceSeries",
    "Label",
    "LabelPool",
    "LabelPurchase",
    "LabelUpload",
    "LedgerEntry",
    "LookupCounter",
    "Mail",
    "Member",
    "Merchant",
    "Note",
    "Order",
    "OrderLine",
    "Parcel",
    "PictureWish",
    "PoolLabel",
    "PortalName",
    "PortalSettings",
    "PriceList",
    "PriceStep",
    "ProductCustoms",
    "ProductPicture",
    "RateBucket",
    "Refund",
    "RefusedNetwork",
    "Return",
    "ReturnItem",
    "ReturnReason",
    "ReturnRule",
    "Role",
    "SalesInvoice",
    "SenderAddress",
    "ShippingRule",
    "ShopAskBudget",
    "ShopAsked",
    "ShopErrand",
    "ShopLink",
    "ShopMessage",
    "ShopPull",
    "ShopRefusal",
    "ShopWalk",
    "SourceFile",
    "StoredDocument",
    "Ticket",
    "TrackingEvent",
    "User",
    "WebhookEndpoint",
    "Withdrawal",
]
