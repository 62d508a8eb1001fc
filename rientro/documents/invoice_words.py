"""The words of an invoice and of a credit note, by language; English where a language is not here."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "invoice": "Invoice",
        "credit_note": "Credit note",
        "number": "Number",
        "date": "Date",
        "period": "Period of supply",
        "from": "From",
        "to": "To",
        "vat_number": "VAT no.",
        "description": "Description",
        "quantity": "Quantity",
        "net": "Net",
        "imports": "Orders imported, free of charge",
        "labels": "Return labels",
        "credits": "Return labels cancelled and credited",
        "correction": "Correction of invoice",
        "tax": "VAT",
        "rate": "VAT rate",
        "taxable": "Taxable amount",
        "tax_amount": "VAT amount",
        "total": "Total to pay",
        "credited": "Total credited",
        "reverse_charge": (
            "Reverse charge: the recipient is liable for the VAT (Articles 44 and 196, Directive 2006/112/EC)."
        ),
        "outside": "Not subject to VAT: the place of supply is the recipient’s (Article 44, Directive 2006/112/EC).",
        "corrects": "This credit note corrects invoice",
        "of": "of",
        "reason": "Reason",
        "each": "The labels of this invoice",
        "what": "What",
        "return": "Return",
        "tracking": "Tracking number",
        "amount": "Amount",
        "label": "Label",
        "credit": "Credit",
    },
    "it": {
        "invoice": "Fattura",
        "credit_note": "Nota di credito",
        "number": "Numero",
        "date": "Data",
        "period": "Periodo di competenza",
        "from": "Cedente o prestatore",
        "to": "Cessionario o committente",
        "vat_number": "P. IVA",
        "description": "Descrizione",
        "quantity": "Quantità",
        "net": "Imponibile",
        "imports": "Ordini importati, gratuiti",
        "labels": "Etichette di reso",
        "credits": "Etichette di reso annullate e accreditate",
        "correction": "Rettifica della fattura",
        "tax": "IVA",
        "rate": "Aliquota IVA",
        "taxable": "Imponibile",
        "tax_amount": "Imposta",
        "total": "Totale da pagare",
        "credited": "Totale accreditato",
        "reverse_charge": (
            "Inversione contabile: l’IVA è dovuta dal committente (art. 7-ter DPR 633/1972; artt. 44 e 196 "
            "direttiva 2006/112/CE)."
        ),
        "outside": (
            "Operazione non soggetta: luogo della prestazione presso il committente (art. 7-ter DPR 633/1972; "
            "art. 44 direttiva 2006/112/CE)."
        ),
        "corrects": "Questa nota di credito rettifica la fattura",
        "of": "del",
        "reason": "Motivo",
        "each": "Le etichette di questa fattura",
        "what": "Voce",
        "return": "Reso",
        "tracking": "Numero di spedizione",
        "amount": "Importo",
        "label": "Etichetta",
        "credit": "Accredito",
    },
}


def words_for_invoice(language: str) -> tuple[str, Mapping[str, str]]:
    """The language that is really used, and its words."""
    short = language.replace("_", "-").split("-")[0].lower()
    return (short, WORDS[short]) if short in WORDS else ("en", WORDS["en"])
