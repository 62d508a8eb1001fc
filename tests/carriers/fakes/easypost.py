"""EasyPost, as far as a return needs it: shipments in two steps, refunds, trackers, webhooks."""

import base64
import itertools
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from tests.carriers.fakes.paper import pdf
from tests.carriers.fakes.server import Answer, FakeCarrier, Heard, Sold

KEY = "EZTK-fake"
RATES = (
    ("USPS", "Priority", "7.47", 2, "easypost"),
    ("USPS", "GroundAdvantage", "5.93", 3, "easypost"),
    ("UPS", "Ground", "9.10", 4, "carrier"),
    ("UspsReturns", "GroundAdvantageReturn", "6.40", 3, "easypost"),
)


class FakeEasyPost(FakeCarrier):
    """``shipments`` are all that were made, the paid ones too; ``buys`` counts requests to buy that arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {"api_key": KEY, "webhook_secret": "sécret"}
        self.shipments: dict[str, dict[str, Any]] = {}
        self.trackers: dict[str, list[dict[str, Any]]] = {}
        self.webhooks: dict[str, dict[str, Any]] = {}
        self.buys = 0
        self.refund_says = "submitted"
        self.buy_says: tuple[int, str, str] | None = (
            None  # status, code, message: instead of selling
        )
        self.finds_references = True
        self._numbers = itertools.count(1)

    ROUTES: ClassVar[dict[str, str]] = {
        "GET /paper/{name}": "_pdf",
        "GET /v2/shipments": "_list",
        "POST /v2/shipments": "_make",
        "GET /v2/shipments/{name}": "_read",
        "POST /v2/shipments/{name}/rerate": "_read",
        "POST /v2/shipments/{name}/buy": "_buy",
        "GET /v2/shipments/{name}/label": "_paper",
        "POST /v2/shipments/{name}/refund": "_refund",
        "POST /v2/trackers/batch": "_track",
        "GET /v2/webhooks": "_hooks",
        "POST /v2/webhooks": "_hook",
        "DELETE /v2/webhooks/{name}": "_unhook",
        "GET /v2/carrier_accounts": "_carrier_accounts",
        "GET /v2/metadata/carriers": "_metadata",
    }

    def books(self) -> list[Sold]:
        return [
            Sold(
                reference=one["reference"],
                carrier_reference=name,
                tracking_number=one["tracking_code"],
                price=str(sum(Decimal(fee["amount"]) for fee in one["fees"])),
                currency="USD",
                voided=one["refund_status"] == "refunded",
            )
            for name, one in self.shipments.items()
            if one["selected_rate"]
        ]

    def refused(self, heard: Heard) -> Answer | None:
        basic = base64.b64encode(f"{KEY}:".encode()).decode()
        if heard.headers.get("authorization") == f"Basic {basic}" or "/paper/" in heard.path:
            return None
        return _no(401, "APIKEY.INACTIVE", "This api key is no longer active.")

    def unknown(self, heard: Heard) -> Answer:
        return _no(404, "NOT_FOUND", "The requested resource could not be found.")

    def _pdf(self, heard: Heard, name: str) -> Answer:
        return Answer(body=pdf(), headers={"Content-Type": "application/pdf"})

    def _list(self, heard: Heard) -> Answer:
        return Answer(words={"shipments": [], "has_more": False})

    def _carrier_accounts(self, heard: Heard) -> Answer:
        return Answer(words=[{"id": "ca_1", "type": "UspsAccount", "readable": "USPS"}])

    def _metadata(self, heard: Heard) -> Answer:
        return Answer(words=METADATA)

    def _make(self, heard: Heard) -> Answer:
        wish = heard.words["shipment"]
        if not wish.get("parcel", {}).get("weight"):
            return _no(422, "PARAMETER.REQUIRED", "Missing required parameter.", "parcel")
        number = next(self._numbers)
        name = f"shp_{number:032x}"
        made = {
            "id": name,
            "object": "Shipment",
            "mode": "test",
            "created_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "reference": wish.get("reference"),
            "is_return": wish.get("is_return", False),
            "from_address": wish["from_address"],
            "to_address": wish["to_address"],
            "messages": [],
            "rates": [] if wish["to_address"].get("city") == "Nowhere" else _rates(name, number),
            "selected_rate": None,
            "postage_label": None,
            "tracking_code": None,
            "refund_status": None,
            "fees": [],
        }
        if not made["rates"]:
            made["messages"] = [
                {"carrier": "USPS", "type": "rate_error", "message": "Nobody goes to Nowhere."}
            ]
        self.shipments[name] = made
        return Answer(201, made)

    def _named(self, name: str) -> dict[str, Any] | None:
        found = self.shipments.get(name)
        if found is None and self.finds_references:
            named = [one for one in self.shipments.values() if one["reference"] == name]
            found = named[-1] if named else None
        return found

    def _read(self, heard: Heard, name: str) -> Answer:
        found = self._named(name)
        return self.unknown(heard) if found is None else Answer(words=found)

    def _buy(self, heard: Heard, name: str) -> Answer:
        self.buys += 1
        found = self._named(name)
        if found is None:
            return self.unknown(heard)
        if self.buy_says:
            return _no(*self.buy_says)
        if found["selected_rate"]:
            return _no(422, "SHIPMENT.POSTAGE.EXISTS", "Postage already exists for this shipment.")
        wanted = heard.words["rate"]["id"]
        chosen = next((one for one in found["rates"] if one["id"] == wanted), None)
        if chosen is None:
            return _no(422, "SHIPMENT.MISSING_RATE", "The rate is no longer valid.")
        self.sell(found, chosen, at=f"http://{heard.headers['host']}")
        return Answer(words=found)

    def sell(self, found: dict[str, Any], chosen: dict[str, Any], at: str = "") -> None:
        """The carrier's side of a purchase; its paper lies ``at`` the address by which we were reached."""
        number = int(found["id"][4:], 16)
        found |= {
            "selected_rate": chosen,
            "tracking_code": f"94001001054422{number:08d}",
            "postage_label": {
                "label_file_type": "application/pdf",
                "label_url": f"{at or self.url}/paper/{number}.pdf",
                "label_pdf_url": None,
            },
            "fees": [
                {"type": "LabelFee", "amount": "0.05000", "charged": True},
                {"type": "PostageFee", "amount": f"{chosen['rate']}000", "charged": True},
            ],
        }
        self.bought.append(found["reference"])

    def _paper(self, heard: Heard, name: str) -> Answer:
        found = self._named(name)
        if found is None or not found["postage_label"]:
            return self.unknown(heard)
        paper = found["postage_label"] | {"label_pdf_url": found["postage_label"]["label_url"]}
        return Answer(words=found | {"postage_label": paper})

    def _refund(self, heard: Heard, name: str) -> Answer:
        found = self._named(name)
        if found is None:
            return self.unknown(heard)
        found["refund_status"] = self.refund_says
        return Answer(words=found)

    def _track(self, heard: Heard) -> Answer:
        found = [
            {"object": "Tracker", "tracking_code": number, "tracking_details": details}
            for number, details in self.trackers.items()
            if number in heard.words["tracking_codes"]
        ]
        return Answer(words={"trackers": found, "has_more": False})

    def _hooks(self, heard: Heard) -> Answer:
        told = [{"id": name, "url": one["url"]} for name, one in self.webhooks.items()]
        return Answer(words={"webhooks": told})

    def _hook(self, heard: Heard) -> Answer:
        name = f"hook_{next(self._numbers)}"
        self.webhooks[name] = {"id": name, **heard.words["webhook"]}
        return Answer(201, {"id": name, "url": heard.words["webhook"]["url"]})

    def _unhook(self, heard: Heard, name: str) -> Answer:
        self.webhooks.pop(name, None)
        return Answer(words={})


def detail(status: str, at: str, message: str, *, more: str = "unknown", city: str = "") -> Any:
    """One entry of a tracker's history."""
    return {
        "object": "TrackingDetail",
        "message": message,
        "description": "",
        "status": status,
        "status_detail": more,
        "datetime": at,
        "source": "USPS",
        "carrier_code": "",
        "tracking_location": {"city": city or None, "state": None, "country": None, "zip": None},
    }


def _rates(shipment: str, number: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"rate_{number}_{place}",
            "object": "Rate",
            "carrier": carrier,
            "service": service,
            "rate": rate,
            "currency": "USD",
            "delivery_days": days,
            "billing_type": billing,
            "shipment_id": shipment,
            "carrier_account_id": "ca_1",
        }
        for place, (carrier, service, rate, days, billing) in enumerate(RATES)
    ]


def _no(status: int, code: str, message: str, field: str = "") -> Answer:
    errors = [{"field": field, "message": "cannot be blank"}] if field else []
    return Answer(status, {"error": {"code": code, "message": message, "errors": errors}})


METADATA = {
    "carriers": [
        {
            "name": "usps",
            "human_readable": "USPS",
            "service_levels": [
                {"name": "GroundAdvantage", "human_readable": None, "max_weight": 1120.0},
                {"name": "Priority", "human_readable": "Priority Mail", "max_weight": 1120.0},
                {"name": "PriorityMailInternational", "human_readable": None, "max_weight": None},
            ],
        }
    ]
}
