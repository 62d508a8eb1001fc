"""Sendcloud, as far as a return needs it: version 3 returns, documents, tracking, options, and version 2's parcels."""

import base64
import hashlib
import hmac
import itertools
import json
from datetime import UTC, datetime
from typing import Any, ClassVar

from tests.carriers.fakes.paper import pdf
from tests.carriers.fakes.server import Answer, FakeCarrier, Heard, Sold

PUBLIC, SECRET = "public-key", "secret-key"
USED = "External reference has already been used in another return."


class FakeSendcloud(FakeCarrier):
    """``returns`` are all that were made. ``finds`` says by which names version 2 finds their parcels."""

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {"public_key": PUBLIC, "secret_key": SECRET}
        self.returns: dict[int, dict[str, Any]] = {}
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.webhook: dict[str, Any] = {"webhook_active": False, "webhook_url": ""}
        self.finds = {"external_reference", "order_number"}
        self.cancels_at_once = False
        self.is_cancellable = True
        self.tells_price = True
        self.announces_after = 0  # how often a return is read before it has a number
        self._numbers = itertools.count(1001)

    ROUTES: ClassVar[dict[str, str]] = {
        "GET /api/v3/user/auth/metadata": "_whose",
        "POST /api/v3/shipping-options": "_options",
        "POST /api/v3/returns/validate": "_validate",
        "POST /api/v3/returns": "_make",
        "GET /api/v3/returns/{number}": "_read",
        "PATCH /api/v3/returns/{number}/cancel": "_cancel",
        "GET /api/v3/parcels/{number}/documents/label": "_paper",
        "GET /api/v3/integrations/7": "_integration",
        "PATCH /api/v3/integrations/7": "_change_integration",
        "GET /api/v2/parcels": "_find",
        "GET /api/v2/tracking/{number}": "_track",
        "GET /api/v2/parcels/{number}": "_one_parcel",
        "POST /api/v2/parcels/{number}/cancel": "_cancel_parcel",
    }

    def books(self) -> list[Sold]:
        return [
            Sold(
                reference=one["external_reference"],
                carrier_reference=f"{number}/{one['parcel_id']}",
                tracking_number=one["tracking_number"],
                price="4.90",
                currency="EUR",
                voided=one["parent_status"] == "cancelled",
            )
            for number, one in self.returns.items()
            if one["tracking_number"]
        ]

    def refused(self, heard: Heard) -> Answer | None:
        basic = base64.b64encode(f"{PUBLIC}:{SECRET}".encode()).decode()
        if heard.headers.get("authorization") == f"Basic {basic}":
            return None
        return _v2(401, "Invalid username/password.", heard)

    def unknown(self, heard: Heard) -> Answer:
        return Answer(
            404, {"errors": [{"status": "404", "code": "not_found", "detail": "Not found."}]}
        )

    def _whose(self, heard: Heard) -> Answer:
        return Answer(words={"data": {"user_id": 1, "integration_id": 7}})

    def _options(self, heard: Heard) -> Answer:
        return Answer(words={"data": OPTIONS})

    def _validate(self, heard: Heard) -> Answer:
        return self._refusal(heard.words) or Answer(words=heard.words)

    def _refusal(self, told: dict[str, Any]) -> Answer | None:
        if told["from_address"]["city"] == "Nowhere":
            source = {"pointer": "/data/attributes/from_address/city"}
            error = {"status": "400", "code": "invalid", "detail": "Nobody goes there."}
            return Answer(400, {"errors": [error | {"source": source}]})
        if told["external_reference"] in [
            one["external_reference"] for one in self.returns.values()
        ]:
            source = {"pointer": "/data/attributes/external_reference"}
            return Answer(
                400,
                {
                    "errors": [
                        {"status": "400", "code": "invalid", "detail": USED, "source": source}
                    ]
                },
            )
        return None

    def _make(self, heard: Heard) -> Answer:
        told = heard.words
        if refusal := self._refusal(told):
            return refusal
        number = next(self._numbers)
        self.returns[number] = told | {
            "parcel_id": number + 5000,
            "tracking_number": f"SC{number}NL",
            "tracking_url": f"https://track.example/{number}",
            "parent_status": "ready-to-send",
            "label_cost": {"value": 4.9, "currency": "EUR"} if self.tells_price else None,
            "shipping_option": {"code": told["ship_with"].get("shipping_option_code")},
            "status_history": [
                {
                    "carrier_update_timestamp": datetime.now(UTC).isoformat(),
                    "parent_status": "ready-to-send",
                }
            ],
            "errors": [],
        }
        if told["from_address"]["city"] == "Stubborn":
            error = {"code": "parcel_announcement_error", "detail": "Nobody knows this street."}
            self.returns[number] |= {
                "parent_status": "announcement-failed",
                "tracking_number": None,
                "errors": [error],
            }
            return Answer(201, {"return_id": number, "parcel_id": number + 5000})
        self.bought.append(told["external_reference"])
        return Answer(201, {"return_id": number, "parcel_id": number + 5000, "multi_collo_ids": []})

    def _read(self, heard: Heard, number: str) -> Answer:
        found = self.returns.get(int(number))
        if found is None:
            return Answer(404, {"errors": [{"code": "not_found", "detail": "Not found."}]})
        if self.announces_after > 0:
            self.announces_after -= 1
            return Answer(words=found | {"tracking_number": None, "parent_status": "announcing"})
        return Answer(words=found)

    def _cancel(self, heard: Heard, number: str) -> Answer:
        found = self.returns[int(number)]
        if not self.is_cancellable or found["parent_status"] == "cancelled":
            error = {"field": "returns", "code": 409, "message": "Return is not cancellable."}
            return Answer(409, {"errors": [error]})
        found["parent_status"] = "cancelled" if self.cancels_at_once else "cancelling-upstream"
        return Answer(202, {"message": "Cancellation requested successfully"})

    def _track(self, heard: Heard, number: str) -> Answer:
        if number not in self.events:
            error = b"<Error><Code>NoSuchKey</Code></Error>"
            return Answer(404, body=error, headers={"Content-Type": "application/xml"})
        return Answer(words={"parcel_id": "1", "statuses": self.events[number]})

    def _paper(self, heard: Heard, number: str) -> Answer:
        self._by_parcel(number)
        return Answer(body=pdf(), headers={"Content-Type": "application/pdf"})

    def _integration(self, heard: Heard) -> Answer:
        return Answer(words={"data": {"id": 7, "shop_name": "Shop", **self.webhook}})

    def _change_integration(self, heard: Heard) -> Answer:
        self.webhook = heard.words
        return Answer(204)

    def _find(self, heard: Heard) -> Answer:
        query = heard.query
        found = [
            self._parcel(one)
            for one in self.returns.values()
            for name in query
            if name in self.finds and one[name] == query[name][0]
        ]
        return Answer(words={"next": None, "previous": None, "parcels": found})

    def _one_parcel(self, heard: Heard, number: str) -> Answer:
        return Answer(words={"parcel": self._parcel(self._by_parcel(number))})

    def _cancel_parcel(self, heard: Heard, number: str) -> Answer:
        self._by_parcel(number)["parent_status"] = "cancelled"
        return Answer(words={"status": "cancelled", "message": "Parcel has been cancelled"})

    def _by_parcel(self, number: str) -> dict[str, Any]:
        return next(one for one in self.returns.values() if one["parcel_id"] == int(number))

    def _parcel(self, found: dict[str, Any]) -> dict[str, Any]:
        status = {"cancelled": (2000, "Cancelled"), "announcement-failed": (1002, "Failed")}
        number, message = status.get(found["parent_status"], (1000, "Ready to send"))
        return {
            "id": found["parcel_id"],
            "tracking_number": found["tracking_number"],
            "external_reference": found["external_reference"],
            "order_number": found["order_number"],
            "status": {"id": number, "message": message},
            "is_return": True,
        }


def event(slug: str, at: str, words: str = "") -> dict[str, str]:
    """One status of a parcel's history."""
    return {
        "carrier_update_timestamp": at,
        "parcel_status_history_id": "8",
        "parent_status": slug,
        "carrier_code": "postnl",
        "carrier_message": words,
    }


def webhook(status: tuple[int, str], number: str, at_ms: int) -> bytes:
    """The bytes of a ``parcel_status_changed``."""
    told = {
        "action": "parcel_status_changed",
        "timestamp": at_ms + 1500,
        "carrier_status_change_timestamp": at_ms,
        "parcel": {
            "id": 6001,
            "tracking_number": number,
            "status": {"id": status[0], "message": status[1]},
        },
    }
    return json.dumps(told).encode()


def signed(body: bytes, key: str = SECRET) -> dict[str, str]:
    return {"sendcloud-signature": hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}


def _v2(status: int, message: str, heard: Heard) -> Answer:
    error = {"code": status, "request": heard.path.lstrip("/"), "message": message}
    return Answer(status, {"error": error})


OPTIONS = [
    {
        "code": "postnl:standard/return",
        "name": "PostNL Return",
        "carrier": {"code": "postnl", "name": "PostNL"},
        "product": {"code": "postnl:standard", "name": "PostNL Standard"},
        "weight": {
            "min": {"value": "0.001", "unit": "kg"},
            "max": {"value": "23.001", "unit": "kg"},
        },
        "contract": {"id": 517, "client_id": "1", "carrier_code": "postnl", "name": "Sendcloud"},
        "charging_type": "first_scan",
        "quotes": [
            {
                "weight": {},
                "lead_time": 48,
                "price": {"breakdown": [], "total": {"value": "6.15", "currency": "EUR"}},
            }
        ],
    },
    {
        "code": "dpd:return/return",
        "name": "DPD Return",
        "carrier": {"code": "dpd", "name": "DPD"},
        "product": {"code": "dpd:return", "name": "DPD Return"},
        "weight": {
            "min": {"value": "1", "unit": "g"},
            "max": {"value": "20000", "unit": "g"},
        },
        "contract": {"id": 9, "client_id": "1", "carrier_code": "dpd", "name": "Own contract"},
        "charging_type": "label_creation",
        "quotes": [
            {
                "weight": {},
                "lead_time": None,
                "price": {"breakdown": [], "total": {"value": "5.20", "currency": "EUR"}},
            }
        ],
    },
]
