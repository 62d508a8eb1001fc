"""What came of some of the orders: returns in every state that the desk has a tab for, as they went day by day."""

# ruff: noqa: E501  (a table reads by its rows)
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Want:
    """So many of this product come back, for this reason."""

    sku: str
    quantity: int = 1
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A scan of the carrier's."""

    days_ago: float
    status: str
    place: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What the warehouse found: quantity, grade, where it goes."""

    sku: str
    quantity: int = 1
    grade: str = "new"
    disposition: str = "restock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One return from its request on. Days are counted back from now; None did not happen."""

    order: str
    days_ago: float
    wants: Sequence[Want]
    name: str = ""  # of who stands at the till; else the order's own
    note: str = ""
    method: str = "print_at_home"
    refund_type: str = "money"
    approved: float | None = None  # only what waited for the desk
    rejected: float | None = None
    words: str = ""
    carrier_refuses: bool = False
    scans: Sequence[Seen] = field(default_factory=tuple)
    cancelled: float | None = None
    counted: float | None = None
    found: Sequence[Counted] = ()
    refunded: float | None = None


STORIES = (
    # Completed
    Story(order="NL-77088", days_ago=24.0, wants=[Want("TRK-HRZ-45L", 1, "changed-mind")],
          scans=[Seen(23.1, "handed_in", "Berlin-Neukölln"), Seen(22.4, "in_transit", "Börnicke"), Seen(21.3, "delivered", "Hamburg")],
          counted=20.4, found=[Counted("TRK-HRZ-45L")], refunded=20.2),
    Story(order="BR-10408", days_ago=23.2, wants=[Want("CPP-LDN-BSC", 1, "too-large", "Spalle larghe, ci vorrebbe la 44.")],
          scans=[Seen(22.5, "handed_in", "Catania"), Seen(21.1, "in_transit", "Villa San Giovanni"), Seen(19.9, "delivered", "Milano")],
          counted=19.0, found=[Counted("CPP-LDN-BSC")], refunded=18.7),
    Story(order="NL-77081", days_ago=22.0, wants=[Want("FLS-EIS-075", 2, "damaged", "Beide Deckel sind gesprungen.")],
          scans=[Seen(21.0, "handed_in", "Rotterdam"), Seen(20.2, "in_transit", "Bad Bentheim"), Seen(19.0, "delivered", "Hamburg")],
          counted=18.1, found=[Counted("FLS-EIS-075", 2, "damaged", "scrap")], refunded=18.0),
    Story(order="BR-10412", days_ago=20.1, wants=[Want("GNT-NPP-CGN", 1, "too-small"), Want("CRD-TRC-AVN", 1, "colour")], refund_type="credit",
          scans=[Seen(19.2, "handed_in", "Roma Prati"), Seen(18.6, "in_transit", "Firenze"), Seen(17.5, "delivered", "Milano")],
          counted=16.6, found=[Counted("GNT-NPP-CGN"), Counted("CRD-TRC-AVN", 1, "opened")], refunded=16.1),
    Story(order="BR-10418", days_ago=17.3, wants=[Want("PNT-FLN-GRG", 1, "not-as-pictured", "Il grigio è molto più chiaro che in foto.")],
          scans=[Seen(16.4, "handed_in", "Piacenza"), Seen(15.2, "delivered", "Milano")],
          counted=14.6, found=[Counted("PNT-FLN-GRG")], refunded=14.2),
    # Rejected and cancelled
    Story(order="NL-77140", days_ago=15.8, wants=[Want("HSJ-STV-FJG", 1, "faulty", "Der Reißverschluss hakt.")], rejected=14.9,
          words="The jacket shows a season of wear, and the zip was bent by force. We gladly repair it: write to us."),
    Story(order="BR-10405", days_ago=14.4, wants=[Want("SCP-CSH-ARD", 1, "changed-mind")], cancelled=13.9),
    Story(order="NL-77073", days_ago=12.7, wants=[Want("BST-WTZ-043", 1, "too-small")], cancelled=12.2),
    # Returned: arrived, counted, not yet paid back
    Story(order="NL-77095", days_ago=9.6, wants=[Want("SCK-MRN-3ER", 3, "too-large"), Want("HND-WND-00L", 1, "too-large")],
          scans=[Seen(8.7, "handed_in", "Kassel"), Seen(8.1, "in_transit", "Göttingen"), Seen(7.0, "delivered", "Hamburg")],
          counted=5.9, found=[Counted("SCK-MRN-3ER", 2), Counted("HND-WND-00L", 1, "opened", "second_choice")]),
    Story(order="BR-10421", days_ago=8.4, wants=[Want("GNN-PLS-BRD", 1, "too-small")],
          scans=[Seen(7.6, "handed_in", "Verona"), Seen(6.9, "in_transit", "Brescia"), Seen(5.8, "delivered", "Milano")],
          counted=2.0, found=[Counted("GNN-PLS-BRD")]),
    Story(order="BR-10425", days_ago=6.1, wants=[Want("CMC-PPL-CLS", 1, "wrong-item", "Ho ricevuto la 42 invece della 40."), Want("DLC-MRN-MAT", 1, "changed-mind")],
          scans=[Seen(5.2, "handed_in", "Genova"), Seen(4.6, "in_transit", "Alessandria"), Seen(1.3, "delivered", "Milano")]),
    Story(order="NL-77110", days_ago=5.4, wants=[Want("HSE-ZIP-050", 1, "colour")],
          scans=[Seen(4.6, "handed_in", "Salzburg"), Seen(3.8, "in_transit", "Passau"), Seen(0.3, "delivered", "Hamburg")]),
    # On their way
    Story(order="NL-77198", days_ago=9.0, wants=[Want("BST-WTZ-043", 1, "faulty", "Linke Sohle löst sich an der Spitze.")],
          scans=[Seen(7.8, "handed_in", "Hamburg-Eimsbüttel"), Seen(6.4, "in_transit", "Allermöhe")]),
    Story(order="BR-10440", days_ago=8.9, wants=[Want("GNN-PLS-BRD", 1, "too-large")], scans=[Seen(7.4, "handed_in", "Siena")]),
    Story(order="NL-77101", days_ago=6.3, wants=[Want("FUH-PLR-SLT", 1, "wrong-item")],
          scans=[Seen(5.5, "handed_in", "Schleswig"), Seen(4.9, "in_transit", "Neumünster"), Seen(0.4, "in_transit", "Allermöhe")]),
    Story(order="BR-10432", days_ago=6.0, wants=[Want("SCP-CSH-ARD", 1, "colour")],
          scans=[Seen(3.1, "handed_in", "Reggio Emilia"), Seen(1.6, "in_transit", "Piacenza")]),
    Story(order="BR-10451", days_ago=5.2, wants=[Want("CRD-TRC-AVN", 1, "too-large")],
          scans=[Seen(4.4, "handed_in", "Lausanne"), Seen(3.3, "in_transit", "Bellinzona"), Seen(1.2, "customs", "Chiasso")]),
    Story(order="NL-77122", days_ago=5.0, wants=[Want("HSJ-STV-FJG", 1), Want("FUH-PLR-SLT", 1)], approved=4.6,
          scans=[Seen(3.2, "handed_in", "Hannover"), Seen(1.4, "delayed", "Hannover")]),
    Story(order="NL-77150", days_ago=4.2, wants=[Want("TRK-HRZ-45L", 1, "not-as-pictured")], carrier_refuses=True),
    Story(order="BR-10460", days_ago=4.1, wants=[Want("SCP-CSH-TER", 1, "changed-mind")],
          scans=[Seen(3.0, "handed_in", "Firenze"), Seen(0.9, "in_transit", "Firenze")]),
    Story(order="NL-77161", days_ago=3.3, wants=[Want("FUH-PLR-SLT", 2, "too-large")], scans=[Seen(0.7, "handed_in", "Steindamm")]),
    Story(order="BR-10477", days_ago=2.4, wants=[Want("PNT-FLN-GRG", 1, "changed-mind"), Want("CMC-PPL-CLS", 1, "too-small")],
          scans=[Seen(1.2, "handed_in", "Bologna"), Seen(0.5, "in_transit", "Bologna")]),
    Story(order="NL-77231", days_ago=2.2, wants=[Want("HSJ-STV-FJG", 1, "too-small")], approved=1.9,
          scans=[Seen(1.1, "handed_in", "Bergedorf"), Seen(0.2, "in_transit", "Allermöhe")]),
    Story(order="BR-10482", days_ago=2.1, wants=[Want("DLC-MRN-MAT", 1, "faulty", "Un punto tirato sulla manica sinistra."), Want("SCP-CSH-ARD", 1, "changed-mind")],
          scans=[Seen(1.0, "handed_in", "Edicola Valentino, Torino"), Seen(0.3, "in_transit", "Novara")]),
    Story(order="BR-10446", days_ago=1.2, wants=[Want("CMC-PPL-CLS", 1, "too-small")]),
    Story(order="BRERA-4391", days_ago=0.8, wants=[Want("CMC-PPL-CLS", 1, "too-large")], method="in_store", name="Rossella Ambrosini"),
    # Waiting for the desk
    Story(order="NL-77219", days_ago=1.1, wants=[Want("ZLT-LOF-002", 1, "faulty", "Eine Naht am Schneelappen ist offen, etwa 12 cm.")],
          note="Ich brauche das Zelt am 12. Dezember: ginge ein Tausch?"),
    Story(order="NL-77215", days_ago=0.4, wants=[Want("HSJ-STV-FJG", 1, "too-large"), Want("BST-WTZ-043", 1, "too-small")]),
)  # fmt: skip
