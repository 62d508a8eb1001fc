"""/control and /: what the carrier's own people do - scan parcels, break things, look.

No token guards this door; it listens on this machine only, and refuses what another web page sends.
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from rientro.host.sandbox_carrier.api import ABILITIES, Api, label_out, label_paper
from rientro.host.sandbox_carrier.faults import Fault, Faults
from rientro.host.sandbox_carrier.page import STYLE, labels_page
from rientro.host.sandbox_carrier.store import Row
from rientro.host.sandbox_carrier.wire import Answer, Refusal, Request, said
from rientro.kit import clock

# status -> (words, side of the parcel whose city is the usual place)
STATUSES = {
    "handed_in": ("Handed in at a parcel shop", "from"),
    "in_transit": ("On its way", "from"),
    "customs": ("At customs", "to"),
    "delayed": ("Delayed", "from"),
    "exception": ("Damaged or address not found", "to"),
    "delivered": ("Delivered", "to"),
    "back_to_sender": ("Returned to the sender", "from"),
    "lost": ("Declared lost", "from"),
}
# The platform's words are understood as well.
SYNONYMS = {"at_customs": "customs", "returned_to_sender": "back_to_sender"}


class Control:
    def __init__(self, api: Api, faults: Faults) -> None:
        self.api = api
        self.store = api.store
        self.faults = faults

    def answer(self, request: Request) -> Answer:
        """Whatever is not /v1. Raises Refusal."""
        match (request.method, request.path):
            case ("GET", "/"):
                return self._page(request)
            case ("GET", "/style.css"):
                return Answer(body=STYLE.encode(), content_type="text/css; charset=utf-8")
            case ("GET", "/health"):
                return said({"labels": self.store.count()})
            case ("GET", "/control/labels"):
                found = self.store.recent(request.param("q"), 1000)
                return said({"labels": [_seen(label) for label in found]})
            case ("GET", "/control/paper"):
                return self._paper(request.param("number"))
            case ("GET", "/control/deliveries"):
                return said({"deliveries": self.store.deliveries()})
            case ("GET", "/control/faults"):
                return said({"faults": [asdict(fault) for fault in self.faults.waiting()]})
            case ("POST", path) if path.startswith("/control/"):
                refuse_strangers(request)
                return self._change(path.removeprefix("/control/"), request)
        raise Refusal(404, "not_found", "There is nothing here.")

    def _change(self, what: str, request: Request) -> Answer:
        words = request.words()
        match what:
            case "scan":
                scan = self._scan(words)
                if request.is_form:
                    back = urlencode({"q": words["q"]}) if words.get("q") else ""
                    return Answer(status=303, headers={"Location": f"/?{back}".rstrip("?")})
                return said(scan, 201)
            case "faults":
                self.faults.add(Fault.of(words))
                return said({"faults": [asdict(fault) for fault in self.faults.waiting()]}, 201)
            case "faults/clear":
                self.faults.clear()
                return Answer(status=204)
            case "abilities":
                return said({"abilities": self._abilities(words)})
        raise Refusal(404, "not_found", "There is nothing here.")

    def _scan(self, words: dict[str, Any]) -> Row:
        status = SYNONYMS.get(str(words.get("status")), str(words.get("status")))
        if status not in STATUSES:
            raise Refusal(422, "unknown_status", f"Statuses are: {', '.join(STATUSES)}.", "status")
        text, side = STATUSES[status]
        number = str(words.get("tracking_number", "")).strip().upper()
        place = str(words.get("place") or "")[:120] or self._usual_place(number, side)
        return self.store.scan(
            tracking_number=number, code=status.upper(), text=text, place=place, at=_moment(words)
        )

    def _usual_place(self, number: str, side: str) -> str:
        label = self.store.newest(number)
        return str(json.loads(label["request"])[side]["city"]) if label else ""

    def _abilities(self, words: dict[str, Any]) -> list[str]:
        token = str(words.pop("token", ""))
        for name, on in words.items():
            if name not in ABILITIES:
                raise Refusal(
                    422, "unknown_ability", f"Abilities are: {', '.join(ABILITIES)}.", name
                )
            self.api.switch(name, token, on=bool(on))
        return [name for name in ABILITIES if self.api.offers(name, token)]

    def _page(self, request: Request) -> Answer:
        search = request.param("q")[:80]
        page = labels_page(self.store.recent(search), search, self.store.count())
        return Answer(body=page.encode(), content_type="text/html; charset=utf-8")

    def _paper(self, number: str) -> Answer:
        label = self.store.newest(number)
        if label is None:
            raise Refusal(404, "not_found", "No label has this tracking number.")
        return Answer(body=label_paper(label), content_type="application/pdf")


def refuse_strangers(request: Request) -> None:
    """Raise Refusal when a page from elsewhere makes a browser post here."""
    origin, host = request.headers.get("origin", ""), request.headers.get("host", "")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Refusal(403, "stranger", "Only this carrier's own page may do that.")
    if origin and urlsplit(origin).netloc != host:
        raise Refusal(403, "stranger", "Only this carrier's own page may do that.")


def _moment(words: dict[str, Any]) -> datetime:
    given = str(words.get("at") or "")
    if not given:
        return clock.now()
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise Refusal(422, "bad_time", "“at” is an ISO 8601 time.", "at") from error
    if moment.tzinfo is None:
        raise Refusal(422, "bad_time", "“at” needs a time zone.", "at")
    return moment


def _seen(label: Row) -> dict[str, Any]:
    return label_out(label) | {"account": label["account"], "request": json.loads(label["request"])}
