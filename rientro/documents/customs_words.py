"""The words of customs papers: English first, and beside it the language of the brand.

The numbers and names of the boxes are those of the UPU forms CN 22 and CN 23, which are in English and French.
"""

from collections.abc import Mapping

SECOND = ("it", "de", "fr", "es")
# key -> English, Italian, German, French, Spanish
_TABLE: tuple[tuple[str, str, str, str, str, str], ...] = (
    (
        "invoice",
        "Commercial invoice",
        "Fattura commerciale",
        "Handelsrechnung",
        "Facture commerciale",
        "Factura comercial",
    ),
    (
        "declaration",
        "Customs declaration",
        "Dichiarazione doganale",
        "Zollinhaltserklärung",
        "Déclaration en douane",
        "Declaración de aduana",
    ),
    (
        "opened",
        "May be opened officially",
        "Può essere aperto d’ufficio",
        "Darf amtlich geöffnet werden",
        "Peut être ouvert d’office",
        "Puede abrirse de oficio",
    ),
    (
        "returned",
        "Returned goods",
        "Merce resa",
        "Rückwaren",
        "Retour de marchandise",
        "Mercancía devuelta",
    ),
    (
        "no_sale",
        "No commercial sale",
        "Nessuna vendita commerciale",
        "Kein Verkauf",
        "Pas de vente commerciale",
        "Sin venta comercial",
    ),
    (
        "reason",
        "Reason for export",
        "Motivo dell’esportazione",
        "Grund der Ausfuhr",
        "Motif de l’exportation",
        "Motivo de la exportación",
    ),
    (
        "sender",
        "From (sender, exporter)",
        "Mittente, esportatore",
        "Absender, Ausführer",
        "Expéditeur, exportateur",
        "Remitente, exportador",
    ),
    (
        "receiver",
        "To (receiver, importer)",
        "Destinatario, importatore",
        "Empfänger, Einführer",
        "Destinataire, importateur",
        "Destinatario, importador",
    ),
    ("from", "From", "Da", "Von", "De", "De"),
    ("to", "To", "A", "An", "À", "Para"),
    ("vat", "VAT number", "Partita IVA", "USt-IdNr.", "Numéro de TVA", "N.º de IVA"),
    ("eori", "EORI number", "Codice EORI", "EORI-Nummer", "Numéro EORI", "N.º EORI"),
    ("number", "Invoice no.", "Fattura n.", "Rechnungsnr.", "Facture n°", "Factura n.º"),
    ("date", "Date", "Data", "Datum", "Date", "Fecha"),
    (
        "original",
        "Original invoice or order",
        "Fattura o ordine originale",
        "Ursprüngliche Rechnung oder Bestellung",
        "Facture ou commande d’origine",
        "Factura o pedido original",
    ),
    (
        "tracking",
        "Tracking number",
        "Numero di spedizione",
        "Sendungsnummer",
        "Numéro de suivi",
        "Número de seguimiento",
    ),
    ("carrier", "Carrier", "Corriere", "Versanddienst", "Transporteur", "Transportista"),
    ("item_no", "No. of item", "N. dell’invio", "Sendungsnummer", "N° de l’envoi", "N.º del envío"),
    (
        "description",
        "Detailed description of contents",
        "Descrizione dettagliata del contenuto",
        "Genaue Inhaltsbeschreibung",
        "Description détaillée du contenu",
        "Descripción detallada del contenido",
    ),
    ("quantity", "Quantity", "Quantità", "Menge", "Quantité", "Cantidad"),
    (
        "unit_weight",
        "Net weight each (kg)",
        "Peso netto unitario (kg)",
        "Nettogewicht je Stück (kg)",
        "Poids net unitaire (kg)",
        "Peso neto unitario (kg)",
    ),
    (
        "net_weight",
        "Net weight (kg)",
        "Peso netto (kg)",
        "Nettogewicht (kg)",
        "Poids net (kg)",
        "Peso neto (kg)",
    ),
    (
        "unit_value",
        "Value each",
        "Valore unitario",
        "Wert je Stück",
        "Valeur unitaire",
        "Valor unitario",
    ),
    ("value", "Value", "Valore", "Wert", "Valeur", "Valor"),
    (
        "hs",
        "HS tariff number",
        "Codice SA",
        "HS-Zolltarifnr.",
        "N° tarifaire SH",
        "N.º tarifario SA",
    ),
    (
        "origin",
        "Country of origin",
        "Paese d’origine",
        "Ursprungsland",
        "Pays d’origine",
        "País de origen",
    ),
    (
        "total_net",
        "Total net weight (kg)",
        "Peso netto totale (kg)",
        "Nettogewicht gesamt (kg)",
        "Poids net total (kg)",
        "Peso neto total (kg)",
    ),
    (
        "total_gross",
        "Total gross weight (kg)",
        "Peso lordo totale (kg)",
        "Bruttogewicht gesamt (kg)",
        "Poids brut total (kg)",
        "Peso bruto total (kg)",
    ),
    ("total_value", "Total value", "Valore totale", "Gesamtwert", "Valeur totale", "Valor total"),
    (
        "category",
        "Category of item",
        "Categoria dell’invio",
        "Art der Sendung",
        "Catégorie de l’envoi",
        "Categoría del envío",
    ),
    ("gift", "Gift", "Regalo", "Geschenk", "Cadeau", "Regalo"),
    ("documents", "Documents", "Documenti", "Dokumente", "Documents", "Documentos"),
    (
        "sale",
        "Sale of goods",
        "Vendita di merci",
        "Warenverkauf",
        "Vente de marchandises",
        "Venta de mercancías",
    ),
    (
        "sample",
        "Commercial sample",
        "Campione commerciale",
        "Warenmuster",
        "Échantillon commercial",
        "Muestra comercial",
    ),
    ("other", "Other", "Altro", "Sonstiges", "Autre", "Otros"),
    ("explanation", "Explanation", "Spiegazione", "Erläuterung", "Explication", "Explicación"),
    ("comments", "Comments", "Osservazioni", "Bemerkungen", "Observations", "Observaciones"),
    ("invoice_box", "Invoice no.", "Fattura n.", "Rechnung Nr.", "Facture n°", "Factura n.º"),
    (
        "importer_ref",
        "Importer’s reference (VAT, EORI)",
        "Riferimento dell’importatore (IVA, EORI)",
        "Referenz des Einführers (USt, EORI)",
        "Référence de l’importateur (TVA, EORI)",
        "Referencia del importador (IVA, EORI)",
    ),
    (
        "importer_contact",
        "Importer’s telephone, e-mail",
        "Telefono, e-mail dell’importatore",
        "Telefon, E-Mail des Einführers",
        "Téléphone, e-mail de l’importateur",
        "Teléfono, correo del importador",
    ),
    (
        "signature",
        "Date and sender’s signature",
        "Data e firma del mittente",
        "Datum und Unterschrift des Absenders",
        "Date et signature de l’expéditeur",
        "Fecha y firma del remitente",
    ),
    (
        "certify",
        "I certify that the particulars given in this customs declaration are correct and that this item does not "
        "contain any dangerous article or articles prohibited by legislation or by postal or customs regulations.",
        "Certifico che i dati di questa dichiarazione sono esatti e che l’invio non contiene oggetti pericolosi o "
        "vietati dalla legge o dai regolamenti postali o doganali.",
        "Ich bestätige, dass die Angaben richtig sind und die Sendung keine gefährlichen oder durch Gesetz, Post- "
        "oder Zollvorschriften verbotenen Gegenstände enthält.",
        "Je certifie que les renseignements donnés sont exacts et que cet envoi ne contient aucun objet dangereux "
        "ou interdit par la législation ou la réglementation postale ou douanière.",
        "Certifico que los datos son exactos y que este envío no contiene ningún objeto peligroso o prohibido por "
        "la legislación o por la reglamentación postal o aduanera.",
    ),
    (
        "because",
        "The goods go back to the seller who delivered them. This invoice sells nothing; its values are for customs "
        "only.",
        "La merce torna al venditore che l’ha fornita. Questa fattura non vende nulla; i valori servono solo alla "
        "dogana.",
        "Die Waren gehen an den Verkäufer zurück, der sie geliefert hat. Diese Rechnung verkauft nichts; die Werte "
        "dienen nur dem Zoll.",
        "Les marchandises retournent au vendeur qui les a livrées. Cette facture ne vend rien ; les valeurs ne "
        "servent qu’à la douane.",
        "La mercancía vuelve al vendedor que la entregó. Esta factura no vende nada; los valores son solo para la "
        "aduana.",
    ),
)
# What an importer may ask for where the goods come home: the area they enter -> its rule.
RELIEF: Mapping[str, str] = {
    "EU": "Returned goods: Regulation (EU) 952/2013, art. 203",
    "XI": "Returned goods: Regulation (EU) 952/2013, art. 203",
    "CH": "Returned domestic goods (Rückwaren): Customs Act SR 631.0, art. 10",
    "GB": "Returned goods relief",
}


def customs_words(language: str, *, postal: bool = False) -> tuple[str, dict[str, tuple[str, str]]]:
    """The second language, and each word in English and in it; "" where it is English that is wanted.

    ``postal`` forms have French beside English where no other language is asked for.
    """
    short = language.replace("_", "-").split("-")[0].lower()
    if short not in SECOND:
        short = "fr" if postal else ""
    at = SECOND.index(short) + 2 if short else 0
    return short or "en", {row[0]: (row[1], row[at] if at else "") for row in _TABLE}
