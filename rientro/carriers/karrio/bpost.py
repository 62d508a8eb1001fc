"""bpost: bpack Easy Retour within Belgium, bpack World Easy Return from the Union to Belgium.

Source: bpost Shipping Manager web services, orders version 5 and labels version 3, as public on 2026-11-25. An order is
created, then its label is asked for by our reference. bpost has no place for tests.
"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar
from xml.etree.ElementTree import Element

from rientro.carriers.base import (
    AuthFailed,
    BoughtLabel,
    Can,
    LabelFormat,
    LabelRequest,
    Scan,
    Unsupported,
)
from rientro.carriers.karrio import answers, statuses
from rientro.carriers.karrio.adapter import PLAIN, KarrioCarrier, Offer, Work, plain
from rientro.carriers.karrio.outcomes import failure
from rientro.carriers.karrio.transport import Call, Exchange, Role, Route
from rientro.kit.ids import new_token
from rientro.kit.money import Money
from rientro.policy.customs import MEMBERS as EU

HOST, TRACKING_HOST = "shm-rest.bpost.cloud", "api.parcel.bpost.cloud"
LABEL = "application/vnd.bpost.shm-label-pdf-v3+XML"
BE = frozenset({"BE"})


class Bpost(KarrioCarrier):
    CODE: ClassVar[str] = "bpost"
    NAME: ClassVar[str] = "bpost"
    PLUGIN: ClassVar[str] = "bpost"
    CAN: ClassVar[Can] = Can.CANCEL | Can.TRACK
    CREDENTIALS: ClassVar[tuple[str, ...]] = ("account_id", "passphrase")
    HAS_TEST: ClassVar[bool] = False
    OFFERS: ClassVar[tuple[Offer, ...]] = (
        Offer(
            code="bpack_easy_retour",
            name="bpack Easy Retour",
            origins=BE,
            destinations=BE,
            max_weight_g=30_000,
        ),
        Offer(
            code="bpack_world_easy_return",
            name="bpack World Easy Return",
            origins=EU - BE,
            destinations=BE,
            max_weight_g=30_000,
        ),
    )

    def __init__(self, credentials: dict[str, Any], settings: dict[str, Any]) -> None:
        super().__init__(credentials, settings)
        if (
            not self.credential("account_id").isascii()
            or not self.credential("account_id").isdigit()
        ):
            raise AuthFailed("The account number of bpost has digits only.")
        self._orders = f"/services/shm/{self.credential('account_id')}/orders/"

    def routes(self) -> tuple[Route, ...]:
        return (
            Route(Role.PURCHASE, "POST", HOST, self._orders, whole=True),
            Route(Role.VOID, "POST", HOST, self._orders),
            Route(Role.QUESTION, "GET", HOST, self._orders),
            Route(Role.QUESTION, "GET", TRACKING_HOST, "/services/trackedmail/item/"),
        )

    def account(self) -> dict[str, Any]:
        # Karrio refuses every origin but this country; a return begins wherever the shopper is.
        return {name: self.credential(name) for name in self.CREDENTIALS} | {
            "account_country_code": ""
        }

    def options(self, request: LabelRequest) -> dict[str, Any]:
        return {"label_type": "PDF_A6"}

    def knock(self, work: Work) -> Any:
        return self._get(work, f"{self._orders}{new_token()[:20]}", "application/xml")

    def knows_us(self, exchange: Exchange) -> bool:
        """There is no such order; that it says so, it says to its customers only."""
        return exchange.fine or exchange.status == 404

    def answer_of(self, call: Call) -> Exchange | None:
        """The order is the purchase; the number stands on its label, which is asked for next."""
        order, label = call.last(Role.PURCHASE), call.last(Role.QUESTION)
        return label if order and order.fine and label and label.fine else order

    def read_label(self, request: LabelRequest, exchange: Exchange) -> BoughtLabel:
        label = _label(exchange.body)
        number = _text(label, "barcode")
        if not PLAIN.match(number):
            raise LookupError("No number that could be asked about.")
        return BoughtLabel(
            carrier_reference=request.reference,
            tracking_number=number,
            price=Money(0, "EUR"),
            priced=False,
            document=answers.paper(_text(label, "bytes")),
            facts={"own_paper": True, "service_name": self.offer_name(request.service)},
        )

    def fetch_document(
        self, carrier_reference: str, want: LabelFormat = LabelFormat.PDF
    ) -> bytes | None:
        if want is not LabelFormat.PDF:
            raise Unsupported("The label of this carrier comes as PDF only.")
        with self._work() as work:
            self._get(work, f"{self._orders}{plain(carrier_reference)}/labels/A6", LABEL)
        exchange = work.call.last(Role.QUESTION)
        if exchange is None or not exchange.fine:
            raise failure(exchange, "", work.tokens, acts=False)
        return answers.paper(_text(_label(exchange.body), "bytes"))

    def is_voided(self, exchange: Exchange) -> bool:
        return b"xception" not in exchange.body

    def read_scans(self, exchange: Exchange, number: str) -> Sequence[Scan]:
        if f"/item/{number}/" not in exchange.path:
            return []
        return list(_scans(answers.xml_of(exchange.body), number))

    def _get(self, work: Work, path: str, accept: str) -> Any:
        return work.karrio.lib.request(
            url=f"https://{HOST}{path}",
            method="GET",
            headers={
                "Accept": accept,
                "Authorization": f"Basic {work.gateway.settings.authorization}",
            },
        )


def _label(body: bytes) -> Element:
    """The first label that has a barcode. Raises LookupError and ValueError."""
    for found in answers.xml_of(body).iter():
        if _name(found) == "label" and _text(found, "barcode"):
            return found
    raise LookupError("No label in it.")


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(element: Element, name: str) -> str:
    found = (inner.text for inner in element if _name(inner) == name)
    return (next(found, "") or "").strip()


def _scans(root: Element, number: str) -> Iterator[Scan]:
    for state in root.iter():
        if _name(state) != "stateInfo":
            continue
        code = _text(state, "stateCode").upper()
        yield Scan(
            tracking_number=number,
            status=statuses.state_in(statuses.BPOST, code, code[:2], code[:1]),
            occurred_at=answers.moment(_text(state, "time"), "Europe/Brussels"),
            key="",
            code=code[:60],
            description=_text(state, "stateDescription")[:300],
        )
