"""Plain functions that make rows. Each takes what a test cares about and fills in the rest."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from rientro.kit.crypto import seal
from rientro.kit.postal_codes import normal_postal
from rientro.kit.tenancy import acting_for, current_merchant
from rientro.kit.text import normal_number
from rientro.models import (
    Brand,
    CarrierAccount,
    CarrierInvoice,
    CarrierInvoiceLine,
    FileSource,
    Integration,
    InvoiceFile,
    Label,
    LabelPurchase,
    LabelUpload,
    Member,
    Merchant,
    Order,
    OrderLine,
    Parcel,
    PoolLabel,
    PortalName,
    PortalSettings,
    Return,
    ReturnItem,
    ReturnReason,
    SalesInvoice,
    SenderAddress,
    ShopLink,
    ShopMessage,
    ShopRefusal,
    StoredDocument,
    User,
)

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
_next = count(1)


def make_merchant(**fields: Any) -> Merchant:
    number = next(_next)
    return Merchant.objects.create(**{"name": f"Merchant {number}", "created_at": NOW} | fields)


def make_user(email: str = "", *, password: str = "correct horse", **fields: Any) -> User:
    return User.objects.create_user(
        email or f"person{next(_next)}@example.test", password, **fields
    )


def make_member(merchant: Merchant, *, role: str = "owner", **fields: Any) -> Member:
    user = fields.pop("user", None) or make_user()
    return Member.objects.create(user=user, merchant=merchant, role=role, created_at=NOW, **fields)


def make_brand(**fields: Any) -> Brand:
    """A brand with its portal (switch of S2 on), its name in the directory and two reasons."""
    number = next(_next)
    settings = {"allow_without_outbound": True} | fields.pop("portal", {})
    values = {"name": f"Brand {number}", "slug": f"brand-{number}", "created_at": NOW} | fields
    brand = Brand.objects.create(**{"languages": ["en", "it"]} | values)
    PortalSettings.objects.create(brand=brand, **settings)
    PortalName.objects.create(slug=brand.slug, merchant_id=current_merchant(), brand_id=brand.pk)
    for position, (code, fault, words) in enumerate(
        [
            ("too-small", "shopper", {"en": "Too small", "it": "Troppo piccolo"}),
            ("faulty", "merchant", {"en": "Faulty", "it": "Difettoso"}),
        ]
    ):
        ReturnReason.objects.create(
            brand=brand, code=code, fault=fault, labels=words, position=position
        )
    return brand


def make_address(brand: Brand | None = None, **fields: Any) -> SenderAddress:
    values = {
        "label": "Milano",
        "company": "Sartoria Brina S.r.l.",
        "street": "Via Tortona",
        "house_number": "27",
        "postal_code": "20144",
        "city": "Milano",
        "state": "MI",
        "country": "IT",
        "is_default": not SenderAddress.objects.filter(is_default=True).exists(),
        "created_at": NOW,
    }
    return SenderAddress.objects.create(brand=brand, **values | fields)


def make_integration(**fields: Any) -> Integration:
    number = next(_next)
    return Integration.objects.create(**{"shop_name": f"Shop {number}", "created_at": NOW} | fields)


def make_file_source(integration: Integration | None = None, **fields: Any) -> FileSource:
    """A folder that an integration's files are fetched from."""
    values = {"kind": "folder", "place": {"folder": "orders"}, "created_at": NOW}
    return FileSource.objects.create(
        integration=integration or make_integration(system="csv"), **values | fields
    )


def make_shop_link(integration: Integration | None = None, **fields: Any) -> ShopLink:
    """A shop that is asked: its integration, its walks at rest, one refused order, one shopper who asked for data."""
    shop = integration or make_integration(system="prestashop", shop_url="http://127.0.0.1:9")
    values = {
        "credentials": seal({"key": "A" * 32}),
        "settings": {"url": "http://127.0.0.1:9"},
        "facts": {"name": "Brina Shop", "statuses": {"processing": "Processing"}},
        "webhook_base": "https://returns.example",
        "connected_at": NOW,
        "checked_at": NOW,
    }
    link = ShopLink.objects.create(integration=shop, **values | fields)
    ShopRefusal.objects.create(
        link=link,
        external_order_id="77",
        number="1077",
        reason="country: Use a two-letter country code, such as IT.",
        first_at=NOW,
        last_at=NOW,
    )
    paper = StoredDocument.objects.keep(b"{}", content_type="application/json", name="data.json")
    ShopMessage.objects.create(
        link=link,
        delivery_key="1",
        kind="data_request",
        document=paper,
        received_at=NOW,
        processed_at=NOW,
        answered_at=NOW,
    )
    return link


def make_order(
    brand: Brand | None = None, *, lines: list[dict[str, Any]] | None = None, **fields: Any
) -> Order:
    """An order of 2026-11-10, delivered on the 14th, to Turin; one line of two unless ``lines`` says else."""
    brand = brand or make_brand()
    address = fields.pop("sender_address", None) or brand.addresses.first() or make_address(brand)
    number = fields.pop("number", None) or f"BR-{10_000 + next(_next)}"
    values = {
        "integration": fields.pop("integration", None) or make_integration(),
        "external_order_id": number,
        "number": number,
        "number_norm": normal_number(number),
        "name": "Giulia Ferrero",
        "street": "Corso Moncalieri",
        "house_number": "14",
        "postal_code": "10131",
        "postal_norm": normal_postal(
            fields.get("postal_code", "10131"), fields.get("country", "IT")
        ),
        "city": "Torino",
        "state": "TO",
        "country": "IT",
        "email": "giulia.ferrero@example.test",
        "email_norm": "giulia.ferrero@example.test",
        "phone": "+39 011 5550101",
        "language": "it",
        "currency": "EUR",
        "total_minor": 22180,
        "ordered_at": datetime(2026, 11, 10, 9, 0, tzinfo=UTC),
        "fulfilled_at": datetime(2026, 11, 11, 9, 0, tzinfo=UTC),
        "delivered_at": datetime(2026, 11, 14, 9, 0, tzinfo=UTC),
        "sender_address": address,
        "brand": brand,
        "created_at": NOW,
        "updated_at": NOW,
    }
    order = Order.objects.create(**values | fields)
    for line in lines if lines is not None else [{}]:
        make_line(order, **line)
    return order


def make_line(order: Order, **fields: Any) -> OrderLine:
    number = next(_next)
    values = {
        "line_key": f"line-{number}",
        "position": number % 30_000,
        "sku": f"SKU-{number}",
        "name": "Merino scarf",
        "variant": "Moss · one size",
        "quantity": 2,
        "price_minor": 4600,
        "weight_g": 300,
        "hs_code": "6117.10",
        "origin_country": "IT",
    }
    return OrderLine.objects.create(order=order, **values | fields)


def make_return(order: Order | None = None, *, quantity: int = 1, **fields: Any) -> Return:
    """A return of the order's first line, written straight into the tables; no flow has seen it."""
    order = order or make_order()
    line = order.lines.order_by("position", "id").first()
    assert line is not None
    number = next(_next)
    values = {
        "number": f"R-{20_000 + number}",
        "brand": order.brand,
        "to_address": order.sender_address,
        "approval": "approved",
        "carrier": "label_pending",
        "currency": order.currency,
        "value_minor": line.price_minor * quantity,
        "refund_minor": line.price_minor * quantity,
        "from_name": order.name,
        "from_street": order.street,
        "from_house_number": order.house_number,
        "from_postal_code": order.postal_code,
        "from_city": order.city,
        "from_state": order.state,
        "from_country": order.country,
        "from_email": order.email,
        "language": "en",
        "actor": "shopper",
        "requested_at": NOW,
        "approved_at": NOW,
    }
    ret = Return.objects.create(order=order, **values | fields)
    ReturnItem.objects.create(
        ret=ret,
        order_line=line,
        quantity=quantity,
        price_minor=line.price_minor,
        reason_label="Too small",
    )
    line.returned_quantity += quantity
    line.save(update_fields=["returned_quantity"])
    return ret


def make_carrier_account(**fields: Any) -> CarrierAccount:
    values = {
        "carrier": "sandbox",
        "name": "Sandbox carrier",
        "service": "sandbox_return",
        "is_default": not CarrierAccount.objects.filter(is_default=True).exists(),
        "state": "ok",
        "created_at": NOW,
    }
    return CarrierAccount.objects.create(**values | fields)


def in_merchant(merchant: Merchant) -> Any:
    """``with in_merchant(other):`` make rows of another merchant."""
    return acting_for(merchant.pk)


def make_own_account(**fields: Any) -> CarrierAccount:
    """An account of own labels; its pool is filled by ``make_pool_labels``."""
    values = {"carrier": "prepaid", "name": "Own labels", "service": "", "test_mode": False}
    return make_carrier_account(**values | fields)


def make_pool_labels(account: CarrierAccount, count: int = 1, **fields: Any) -> list[PoolLabel]:
    """Free labels with papers of their own, from one upload."""
    upload = LabelUpload.objects.create(
        account=account, file_name="labels.pdf", actor="member:1", created_at=NOW
    )
    made = []
    for place in range(1, count + 1):
        number = f"OWN{next(_next):08d}"
        values = {
            "place": place,
            "source": f"labels.pdf, page {place}",
            "carrier_name": "Poste Italiane",
            "tracking_number": number,
            "paper": StoredDocument.objects.keep(
                f"%PDF-1.4 {number}".encode(), content_type="application/pdf"
            ),
            "price_minor": 590,
            "state": "free",
            "created_at": NOW,
        }
        made.append(PoolLabel.objects.create(account=account, upload=upload, **values | fields))
    return made


def make_label(ret: Return, account: CarrierAccount, **fields: Any) -> Label:
    """A label bought for a parcel of ``ret``, written straight into the tables: no charge, no ledger."""
    number = next(_next)
    parcel = Parcel.objects.create(
        ret=ret, position=90 + number % 900, weight_g=600, created_at=NOW, status="label_ready"
    )
    purchase = LabelPurchase.objects.create(
        parcel=parcel,
        account=account,
        reference=f"{ret.number}-{number}",
        status="bought",
        quoted_minor=490,
        asked_at=NOW,
        settled_at=NOW,
        created_at=NOW,
    )
    values = {
        "carrier_reference": f"ref-{number}",
        "tracking_number": f"TST{number:08d}",
        "price_minor": 490,
        "currency": "EUR",
        "bought_at": NOW,
    }
    return Label.objects.create(parcel=parcel, purchase=purchase, **values | fields)


def make_invoice_line(
    account: CarrierAccount, label: Label | None, **fields: Any
) -> CarrierInvoiceLine:
    """An open line of a new invoice: 30 cents more than the label cost."""
    number = next(_next)
    invoice = CarrierInvoice.objects.create(
        account=account,
        number=f"F-{number}",
        currency="EUR",
        issued_on=NOW.date(),
        imported_at=NOW,
    )
    values = {
        "line_key": "1",
        "position": 0,
        "tracking_number": label.tracking_number if label else "NOBODYS",
        "amount_minor": 520,
        "purchase_id": label.purchase_id if label else None,
        "match": "price" if label else "unknown",
        "purchase_minor": 490 if label else None,
        "ledger_minor": 490 if label else None,
        "expected_minor": 490 if label else 0,
        "difference_minor": 30 if label else 520,
        "state": "open",
        "created_at": NOW,
    }
    return CarrierInvoiceLine.objects.create(invoice=invoice, **values | fields)


def make_invoice_file(account: CarrierAccount, **fields: Any) -> InvoiceFile:
    values = {
        "file_name": "december.csv",
        "options": {"headings": ["Invoice", "Amount"], "delimiter": ","},
        "mapping": {"invoice_number": "Invoice", "amount": "Amount"},
        "status": "done",
        "rows_total": 2,
        "rows_new": 1,
        "rows_refused": 1,
        "refused": [[3, ["F-1", "many"], "“many” is no amount."]],
        "actor": "member:1",
        "created_at": NOW,
    }
    return InvoiceFile.objects.create(account=account, **values | fields)


def make_sales_invoice(**fields: Any) -> SalesInvoice:
    """An invoice of an agency of its own to the current merchant: one label at 5.95, reverse charge."""
    number = next(_next)
    issuer = make_merchant(name=f"Agency {number}")
    party = {"name": "Agenzia Resi S.r.l.", "lines": ["Via Po 1"], "country": "IT"}
    facts = {
        "issuer": party | {"vat_number": "IT01234567890"},
        "recipient": party | {"name": "Resi GmbH", "country": "DE", "vat_number": "DE123456789"},
        "rows": [{"what": "labels", "quantity": 1, "net_minor": 595}],
        "tax": {"why": "reverse_charge", "percent": "0"},
        "lines": [],
        "issued_on": "2026-12-01",
    }
    values = {
        "issuer": issuer,
        "kind": "invoice",
        "number": f"AR-2026-{number:04d}",
        "year": 2026,
        "serial": number,
        "month": date(2025, 1, 1),
        "attempt": number,
        "currency": "EUR",
        "net_minor": 595,
        "tax_minor": 0,
        "total_minor": 595,
        "facts": facts,
        "actor": "member:1",
        "issued_at": NOW,
    }
    return SalesInvoice.objects.create(**values | fields)
