"""Carriers whose parcels can be followed but whose labels are not bought here: GLS, and all of DHL by one key.

Sources: GLS Track and Trace v1 (`GET /track-and-trace-v1/tracking/simple/trackids/…`, up to ten numbers) and DHL
Shipment Tracking – Unified (`GET /track/shipments?trackingNumber=…`), as public on 2026-11-25.
"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from rientro.carriers.base import Can, Scan
from rientro.carriers.karrio import answers, statuses
from rientro.carriers.karrio.adapter import KarrioCarrier, Work
from rientro.carriers.karrio.outcomes import told_in
from rientro.carriers.karrio.transport import Exchange, Role, Route
from rientro.policy.lifecycle import CarrierState

GERMANY = "Europe/Berlin"


class Gls(KarrioCarrier):
    CODE: ClassVar[str] = "gls"
    NAME: ClassVar[str] = "GLS"
    PLUGIN: ClassVar[str] = "gls"
    CAN: ClassVar[Can] = Can.TRACK
    CREDENTIALS: ClassVar[tuple[str, ...]] = ("client_id", "client_secret")

    def routes(self) -> tuple[Route, ...]:
        host = "api-sandbox.gls-group.net" if self.test_mode else "api.gls-group.net"
        return (
            Route(Role.TOKEN, "POST", host, "/oauth2/v2/token"),
            Route(Role.QUESTION, "GET", host, "/track-and-trace-v1/tracking/simple/trackids/"),
        )

    def account(self) -> dict[str, Any]:
        return {name: self.credential(name) for name in self.CREDENTIALS}

    def knock(self, work: Work) -> Any:
        return work.gateway.settings.access_token

    def read_scans(self, exchange: Exchange, number: str) -> Sequence[Scan]:
        return list(_gls_scans(told_in(exchange.body), number))


class Dhl(KarrioCarrier):
    CODE: ClassVar[str] = "dhl"
    NAME: ClassVar[str] = "DHL tracking"
    PLUGIN: ClassVar[str] = "dhl_universal"
    CAN: ClassVar[Can] = Can.TRACK
    CREDENTIALS: ClassVar[tuple[str, ...]] = ("consumer_key",)
    HAS_TEST: ClassVar[bool] = False
    TRACK_AT_ONCE: ClassVar[int] = 5  # one question each, and few a day

    def routes(self) -> tuple[Route, ...]:
        return (Route(Role.QUESTION, "GET", "api-eu.dhl.com", "/track/shipments", whole=True),)

    def account(self) -> dict[str, Any]:
        return {"consumer_key": self.credential("consumer_key"), "consumer_secret": ""}

    def knock(self, work: Work) -> Any:
        asked = {"tracking_numbers": ["00000000000000000000"]}
        return work.karrio.sdk.Tracking.fetch(asked).from_(work.gateway).parse()

    def knows_us(self, exchange: Exchange) -> bool:
        """There is no such parcel; that it says so, it says to holders of a key only."""
        return exchange.fine or exchange.status == 404

    def read_scans(self, exchange: Exchange, number: str) -> Sequence[Scan]:
        return list(_dhl_scans(told_in(exchange.body), number))


def _gls_scans(found: dict[str, Any], number: str) -> Iterator[Scan]:
    for parcel in found.get("parcels") or []:
        if number not in (parcel.get("unitno"), parcel.get("requested")):
            continue
        events = [event for event in parcel.get("events") or [] if event.get("eventDateTime")]
        newest = max((str(event["eventDateTime"]) for event in events), default="")
        for event in events:
            told = str(event["eventDateTime"])
            code = str(event.get("code") or "")
            status = str(parcel.get("status") or "") if told == newest else ""
            yield Scan(
                tracking_number=number,
                status=_gls_state(status, code),
                occurred_at=answers.moment(told, GERMANY),
                key="",
                code=(code or status)[:60],
                description=str(event.get("description") or "")[:300],
                place=_place(event, "city", "country"),
            )


def _gls_state(status: str, code: str) -> CarrierState:
    """The parcel's own status where there is one (its newest event), else what the code says."""
    if status.upper() in statuses.GLS:
        return statuses.GLS[status.upper()]
    return statuses.state_in(statuses.GLS_EVENTS, code, code.partition(".")[0])


def _dhl_scans(found: dict[str, Any], number: str) -> Iterator[Scan]:
    for shipment in found.get("shipments") or []:
        if str(shipment.get("id")) != number:
            continue
        for event in shipment.get("events") or []:
            code = str(event.get("statusCode") or event.get("status") or "")
            address = (event.get("location") or {}).get("address") or {}
            yield Scan(
                tracking_number=number,
                status=statuses.state_in(statuses.DHL, code),
                occurred_at=answers.moment(str(event["timestamp"]), GERMANY),
                key="",
                code=code[:60],
                description=str(event.get("description") or event.get("status") or "")[:300],
                place=_place(address, "addressLocality", "countryCode"),
            )


def _place(where: dict[str, Any], *names: str) -> str:
    return ", ".join(filter(None, (str(where.get(name) or "") for name in names)))[:120]
