"""What the two shops sell: names, prices, weights, and how each thing is drawn."""

# ruff: noqa: E501  (a table reads by its rows)
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """``shape`` is a drawing in ``shapes/``, ``colours`` are its inks."""

    sku: str
    name: str
    variant: str
    price_minor: int
    weight_g: int
    shape: str
    colours: Mapping[str, str]
    hs_code: str
    origin: str = "IT"
    final_sale: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)


def _inks(ground: str, main: str, deep: str, light: str, line: str, mark: str) -> dict[str, str]:
    return {
        "ground": ground,
        "main": main,
        "deep": deep,
        "light": light,
        "line": line,
        "mark": mark,
        "dark": line,
    }


BRICK = _inks("#e9dfd0", "#9c4a38", "#8a3f2f", "#b5644f", "#7b3528", "#e8c9a8")
PINE = _inks("#e3e2d4", "#4c6350", "#3f5443", "#6d846f", "#33463a", "#d9cfae")
SLATE = _inks("#e6dbd6", "#5d6e79", "#4d5c66", "#6f818c", "#394750", "#c9b39a")
CLAY = _inks("#ece0d3", "#b7694a", "#a1583c", "#cb8566", "#7d4029", "#f0d8bd")
OAT = _inks("#dfe0d8", "#d8c7a6", "#c7b48f", "#e6dabf", "#b39b72", "#6b5434")
OLIVE = _inks("#e4e0d2", "#6c7a5c", "#5c694e", "#7f8e6d", "#83926f", "#d6ccb2")
SKY = _inks("#e7e3d8", "#b9cdd8", "#a3bac7", "#cfdee6", "#7f9aaa", "#f4efe4")
ASH = _inks("#e6e1d8", "#77756f", "#65635e", "#8d8b84", "#504e4a", "#d8d2c4")
FOREST = _inks("#e2e0d2", "#38503f", "#2d4133", "#4c6653", "#22332a", "#c9a86a")
WINE = _inks("#eadfda", "#6d2f3c", "#5b2531", "#854552", "#481c27", "#d7b98b")
TAN = _inks("#e8e0d4", "#a9764a", "#93643c", "#bf8d62", "#754d2c", "#f1dfc4")

FJORD = _inks("#dbe5dd", "#1e6b4e", "#15513b", "#2f8462", "#0b2f23", "#d9e84a")
EMBER = _inks("#dfe6e6", "#c1582b", "#a34620", "#d97443", "#6d2c12", "#2b2b27")
NUT = _inks("#e9e3d6", "#7a5b3a", "#4f3a24", "#8f6e4a", "#5c4329", "#e5c77a") | {"dark": "#26261f"}
NIGHT = _inks("#e6e4dc", "#33414d", "#27333d", "#45555f", "#5b6c7a", "#d9e84a")
MOSS = _inks("#dfe5dc", "#7d8f3f", "#66762f", "#95a755", "#4e5b22", "#f0f2d8")
GLACIER = _inks("#e2e8ea", "#6fa3b5", "#548a9d", "#8fbdcc", "#3b6b7c", "#f2f7f8")
SIGNAL = _inks("#e5e6e0", "#d9a52b", "#bd8b1a", "#e8bd55", "#8f660c", "#2b2b27")

SARTORIA = [
    Product(sku="DLC-MRN-MAT", name="Dolcevita in lana merino extrafine", variant="Mattone · taglia M", price_minor=14800, weight_g=420, shape="rollneck", colours=BRICK, hs_code="611011"),
    Product(sku="DLC-MRN-PIN", name="Dolcevita in lana merino extrafine", variant="Verde pino · taglia L", price_minor=14800, weight_g=430, shape="rollneck", colours=PINE, hs_code="611011"),
    Product(sku="SCP-CSH-ARD", name="Sciarpa in cashmere a coste", variant="Ardesia · 180 × 35 cm", price_minor=9600, weight_g=210, shape="scarf", colours=SLATE, hs_code="611710"),
    Product(sku="SCP-CSH-TER", name="Sciarpa in cashmere a coste", variant="Terracotta · 180 × 35 cm", price_minor=9600, weight_g=210, shape="scarf", colours=CLAY, hs_code="611710"),
    Product(sku="CRD-TRC-AVN", name="Cardigan a trecce lavorato a mano", variant="Avena · taglia L", price_minor=21900, weight_g=780, shape="cardigan", colours=OAT, hs_code="611011"),
    Product(sku="BRT-INZ-OLV", name="Berretto con iniziali ricamate", variant="Oliva · taglia unica", price_minor=4600, weight_g=90, shape="beanie", colours=OLIVE, hs_code="650500", final_sale=True, properties={"Iniziali": "G. F."}),
    Product(sku="CMC-PPL-CLS", name="Camicia in popeline, collo italiano", variant="Celeste · 40", price_minor=8900, weight_g=240, shape="shirt", colours=SKY, hs_code="620520"),
    Product(sku="PNT-FLN-GRG", name="Pantaloni in flanella con doppia pince", variant="Grigio cenere · 48", price_minor=16500, weight_g=560, shape="trousers", colours=ASH, hs_code="620341"),
    Product(sku="CPP-LDN-BSC", name="Cappotto doppiopetto in loden", variant="Verde bosco · 46", price_minor=48900, weight_g=1650, shape="coat", colours=FOREST, hs_code="620211"),
    Product(sku="GNN-PLS-BRD", name="Gonna plissettata in lana vergine", variant="Bordeaux · 42", price_minor=13200, weight_g=480, shape="skirt", colours=WINE, hs_code="620451"),
    Product(sku="GNT-NPP-CGN", name="Guanti in nappa foderati in cashmere", variant="Cognac · 8½", price_minor=7400, weight_g=130, shape="gloves", colours=TAN, hs_code="420329"),
]  # fmt: skip

NORDLICHT = [
    Product(sku="HSJ-STV-FJG", name="Dreilagen-Hardshelljacke „Sturmvogel“", variant="Fjordgrün · L", price_minor=34900, weight_g=640, shape="hardshell", colours=FJORD, hs_code="620293", origin="PT"),
    Product(sku="FUH-PLR-SLT", name="Merinowolle-Funktionsunterhemd „Polarlicht“ langärmlig", variant="Schiefer · M", price_minor=7990, weight_g=220, shape="baselayer", colours=NIGHT, hs_code="610990", origin="LT"),
    Product(sku="TRK-HRZ-45L", name="Trekkingrucksack „Harz“ 45 l", variant="Glut · Einheitsgröße", price_minor=18900, weight_g=1420, shape="pack", colours=EMBER, hs_code="420292", origin="VN"),
    Product(sku="BST-WTZ-043", name="Bergstiefel „Watzmann“ wiederbesohlbar", variant="Nussbraun · EU 43", price_minor=23900, weight_g=1480, shape="boot", colours=NUT, hs_code="640319", origin="RO"),
    Product(sku="ZLT-LOF-002", name="Zweipersonen-Leichtgewichtszelt „Lofoten“ mit Schneelappen", variant="Moos", price_minor=42900, weight_g=2400, shape="tent", colours=MOSS, hs_code="630622", origin="VN"),
    Product(sku="ISO-KIR-183", name="Selbstaufblasende Thermo-Isomatte „Kiruna“", variant="Gletscher · 183 × 51 cm", price_minor=8495, weight_g=690, shape="mat", colours=GLACIER, hs_code="630640", origin="CN"),
    Product(sku="FLS-EIS-075", name="Edelstahl-Isolierflasche „Eisbär“ 0,75 l", variant="Fjordgrün", price_minor=3490, weight_g=380, shape="flask", colours=FJORD, hs_code="961700", origin="CN"),
    Product(sku="HND-WND-00L", name="Winddichte Fleecehandschuhe „Nordkap“", variant="Nacht · L", price_minor=3990, weight_g=95, shape="gloves", colours=NIGHT, hs_code="611693", origin="LT"),
    Product(sku="SCK-MRN-3ER", name="Merino-Trekkingsocken, Dreierpack", variant="Signalgelb · 39–42", price_minor=2990, weight_g=180, shape="socks", colours=SIGNAL, hs_code="611594", origin="IT"),
    Product(sku="HSE-ZIP-050", name="Abzipp-Trekkinghose „Vierjahreszeiten“", variant="Moos · 50", price_minor=11990, weight_g=450, shape="trousers", colours=MOSS, hs_code="620343", origin="VN"),
]  # fmt: skip

PRODUCTS = {product.sku: product for product in (*SARTORIA, *NORDLICHT)}
