"""What the columns of a carrier's invoice mean, and how six languages head them."""

from rientro.policy.columns import Field, column

_ALL = (
    column(
        "invoice_number", "Invoice number", "invoice",
        "invoice number|invoice no|invoice nr|invoice|invoice #|invoice id|document number|numero fattura|"
        "n. fattura|fattura|numero documento|rechnungsnummer|rechnung|rechnungs-nr|rechnungsnr|belegnummer|"
        "numero de facture|facture|no facture|numero de factura|factura|factuurnummer|factuur",
        needed=True,
    ),
    column(
        "line_number", "Number of the line", "invoice",
        "line|line number|line no|line id|position|pos|item|item number|riga|numero riga|n. riga|posizione|"
        "zeile|positionsnummer|posten|ligne|numero de ligne|linea|numero de linea|regel|regelnummer|row",
        hint="Without it, its place in the invoice",
    ),
    column(
        "issued_on", "Date of the invoice", "invoice",
        "invoice date|date of invoice|document date|data fattura|data documento|rechnungsdatum|belegdatum|"
        "date de facture|date facture|fecha de factura|fecha factura|factuurdatum|date|data|datum|fecha",
    ),
    column(
        "tracking_number", "Tracking number", "parcel",
        "tracking number|tracking no|tracking|tracking id|shipment number|shipment no|parcel number|waybill|awb|"
        "airwaybill|consignment|consignment number|numero di tracking|numero spedizione|numero di spedizione|"
        "lettera di vettura|ldv|sendungsnummer|sendung|paketnummer|trackingnummer|identcode|numero de suivi|"
        "numero de colis|suivi|colis|numero de seguimiento|seguimiento|numero de envio|verzendnummer|"
        "zendingnummer|barcode",
    ),
    column(
        "reference", "Our reference", "parcel",
        "reference|customer reference|your reference|shipment reference|reference 1|ref|order reference|"
        "riferimento|riferimento cliente|vostro riferimento|referenz|kundenreferenz|ihre referenz|"
        "reference client|votre reference|referencia|referencia cliente|referentie|klantreferentie",
    ),
    column(
        "amount", "Amount without tax", "money",
        "net amount|amount net|net|net charge|total net|amount|charge|price|cost|total|total charge|importo|"
        "importo netto|imponibile|netto|nettobetrag|betrag|betrag netto|preis|entgelt|montant|montant ht|"
        "total ht|prix ht|importe|importe neto|base imponible|bedrag|nettobedrag|bedrag excl btw|prijs",
        needed=True,
        hint="Below zero when money comes back",
    ),
    column(
        "currency", "Currency", "money",
        "currency|currency code|valuta|divisa|wahrung|waehrung|devise|monnaie|moneda|munt",
    ),
    column(
        "description", "What is charged", "money",
        "description|charge description|charge type|service|product|product name|type|descrizione|servizio|"
        "prodotto|voce|beschreibung|leistung|produkt|leistungsart|libelle|prestation|designation|descripcion|"
        "servicio|concepto|omschrijving|dienst|product omschrijving",
        hint="Tells surcharges apart",
    ),
    column(
        "weight", "Weight as billed", "money",
        "billed weight|chargeable weight|weight|weight kg|weight (kg)|weight g|weight (g)|peso|peso kg|"
        "peso (kg)|peso g|peso (g)|peso tassabile|peso fatturato|gewicht|gewicht kg|gewicht (kg)|gewicht g|"
        "gewicht (g)|abrechnungsgewicht|poids|poids facture|poids kg|poids (kg)|poids g|poids (g)|"
        "peso facturado",
    ),
)  # fmt: skip
INVOICE_FIELDS: dict[str, Field] = {field.code: field for field in _ALL}
INVOICE_GROUPS = ("invoice", "parcel", "money")
