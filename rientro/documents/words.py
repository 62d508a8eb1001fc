"""The words that labels and slips are printed with, by language; English where a language is not here."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "return": "Return",
        "from": "From",
        "to": "To",
        "parcel": "Parcel",
        "order": "Order",
        "test": "Not valid for carriage",
        "keep": "Your return in three steps",
        "step_1": "Pack it",
        "step_1_more": (
            "Put the items and the slip below into a sturdy box. Remove or cover old labels."
        ),
        "step_2": "Stick the label on",
        "step_2_more": (
            "Cut along the line. Tape the label flat on the largest side; leave the bars free."
        ),
        "step_3": "Hand it in",
        "step_3_more": "Take it to {carrier} and keep the receipt until your refund has arrived.",
        "step_3_until": (
            "Take it to {carrier} by {date} and keep the receipt until your refund has arrived."
        ),
        "slip": "Packing slip",
        "slip_hint": "Put this part into the parcel, so that we know what is yours.",
        "item": "Item",
        "sku": "Article no.",
        "quantity": "Quantity",
        "date": "Date",
        "cut": "Cut here",
        "tracking": "Tracking number",
        "until": "Hand in by",
        "own_step_1": "Pack it",
        "own_step_1_more": (
            "Put the items and the slip below into a sturdy box. Remove or cover old labels."
        ),
        "own_step_2": "Address it",
        "own_step_2_more": (
            "Cut out the address and stick it on, or write it on the parcel with the number "
            "of the return."
        ),
        "own_step_3": "Send it with proof",
        "own_step_3_more": (
            "Choose a carrier that gives you a tracking number, and keep the receipt until "
            "your refund has arrived."
        ),
        "own_step_3_until": (
            "Choose a carrier that gives you a tracking number, send it by {date}, and keep "
            "the receipt until your refund has arrived."
        ),
        "own_postage": "No postage is paid with this sheet: buy a label of your own.",
    },
    "it": {
        "return": "Reso",
        "from": "Da",
        "to": "A",
        "parcel": "Pacco",
        "order": "Ordine",
        "test": "Non valida per la spedizione",
        "keep": "Il tuo reso in tre passi",
        "step_1": "Prepara il pacco",
        "step_1_more": (
            "Metti gli articoli e la distinta qui sotto in una scatola "
            "robusta. Togli o copri le vecchie etichette."
        ),
        "step_2": "Incolla l’etichetta",
        "step_2_more": (
            "Ritaglia lungo la linea. Fissala ben tesa sul lato più "
            "grande, senza coprire il codice a barre."
        ),
        "step_3": "Consegnalo",
        "step_3_more": "Portalo a {carrier} e tieni la ricevuta finché non arriva il rimborso.",
        "step_3_until": (
            "Portalo a {carrier} entro il giorno {date} e tieni la ricevuta finché non arriva "
            "il rimborso."
        ),
        "slip": "Distinta del reso",
        "slip_hint": "Metti questa parte nel pacco: così sappiamo che è tuo.",
        "item": "Articolo",
        "sku": "Codice",
        "quantity": "Quantità",
        "date": "Data",
        "cut": "Ritaglia qui",
        "tracking": "Numero di spedizione",
        "until": "Da consegnare entro",
        "own_step_1": "Prepara il pacco",
        "own_step_1_more": (
            "Metti gli articoli e la distinta qui sotto in una scatola robusta. Togli o copri "
            "le vecchie etichette."
        ),
        "own_step_2": "Scrivi l’indirizzo",
        "own_step_2_more": (
            "Ritaglia l’indirizzo e incollalo, oppure scrivilo sul pacco insieme al numero "
            "del reso."
        ),
        "own_step_3": "Spedisci con tracciamento",
        "own_step_3_more": (
            "Scegli un corriere che ti dia un numero di spedizione e tieni la ricevuta finché "
            "non arriva il rimborso."
        ),
        "own_step_3_until": (
            "Scegli un corriere che ti dia un numero di spedizione, spedisci entro il {date} "
            "e tieni la ricevuta finché non arriva il rimborso."
        ),
        "own_postage": "Questo foglio non è affrancato: acquista tu l’etichetta di spedizione.",
    },
    "de": {
        "return": "Retoure",
        "from": "Von",
        "to": "An",
        "parcel": "Paket",
        "order": "Bestellung",
        "test": "Nicht zur Beförderung gültig",
        "keep": "In drei Schritten zurück",
        "step_1": "Verpacken",
        "step_1_more": (
            "Legen Sie die Artikel und den Abschnitt unten in einen "
            "stabilen Karton. Alte Aufkleber bitte entfernen."
        ),
        "step_2": "Etikett aufkleben",
        "step_2_more": (
            "An der Linie ausschneiden und glatt auf die größte Seite "
            "kleben. Der Strichcode bleibt frei."
        ),
        "step_3": "Abgeben",
        "step_3_more": (
            "Geben Sie das Paket bei {carrier} ab und heben Sie den "
            "Beleg auf, bis die Erstattung da ist."
        ),
        "step_3_until": (
            "Geben Sie das Paket bis {date} bei {carrier} ab und heben Sie "
            "den Beleg auf, bis die Erstattung da ist."
        ),
        "slip": "Rücksendeschein",
        "slip_hint": "Bitte diesen Teil ins Paket legen, damit wir es Ihnen zuordnen können.",
        "item": "Artikel",
        "sku": "Artikelnr.",
        "quantity": "Menge",
        "date": "Datum",
        "cut": "Hier schneiden",
        "tracking": "Sendungsnummer",
        "until": "Abgeben bis",
        "own_step_1": "Verpacken",
        "own_step_1_more": (
            "Legen Sie die Artikel und den Abschnitt unten in einen stabilen Karton. Alte "
            "Aufkleber bitte entfernen."
        ),
        "own_step_2": "Adressieren",
        "own_step_2_more": (
            "Schneiden Sie die Adresse aus und kleben Sie sie auf, oder schreiben Sie sie mit "
            "der Nummer der Retoure auf das Paket."
        ),
        "own_step_3": "Mit Nachweis versenden",
        "own_step_3_more": (
            "Wählen Sie einen Versand mit Sendungsnummer und heben Sie den Beleg auf, bis die "
            "Erstattung da ist."
        ),
        "own_step_3_until": (
            "Wählen Sie einen Versand mit Sendungsnummer, geben Sie das Paket bis {date} ab "
            "und heben Sie den Beleg auf, bis die Erstattung da ist."
        ),
        "own_postage": (
            "Dieses Blatt ist nicht frankiert: Bitte kaufen Sie selbst eine Paketmarke."
        ),
    },
    "fr": {
        "return": "Retour",
        "from": "De",
        "to": "À",
        "parcel": "Colis",
        "order": "Commande",
        "test": "Non valable pour l’expédition",
        "keep": "Votre retour en trois étapes",
        "step_1": "Préparez le colis",
        "step_1_more": (
            "Mettez les articles et le bordereau ci-dessous dans un carton "
            "solide. Retirez les anciennes étiquettes."
        ),
        "step_2": "Collez l’étiquette",
        "step_2_more": (
            "Découpez le long de la ligne. Collez-la bien à plat sur la plus "
            "grande face, sans couvrir le code-barres."
        ),
        "step_3": "Déposez-le",
        "step_3_more": "Déposez-le chez {carrier} et gardez le reçu jusqu’au remboursement.",
        "step_3_until": (
            "Déposez-le chez {carrier} avant le {date} et gardez le reçu jusqu’au remboursement."
        ),
        "slip": "Bordereau de retour",
        "slip_hint": "Glissez cette partie dans le colis : nous saurons ainsi qu’il est à vous.",
        "item": "Article",
        "sku": "Référence",
        "quantity": "Quantité",
        "date": "Date",
        "cut": "Découpez ici",
        "tracking": "Numéro de suivi",
        "until": "À déposer avant",
        "own_step_1": "Préparez le colis",
        "own_step_1_more": (
            "Mettez les articles et le bordereau ci-dessous dans un carton solide. Retirez "
            "les anciennes étiquettes."
        ),
        "own_step_2": "Écrivez l’adresse",
        "own_step_2_more": (
            "Découpez l’adresse et collez-la, ou écrivez-la sur le colis avec le numéro du retour."
        ),
        "own_step_3": "Envoyez avec suivi",
        "own_step_3_more": (
            "Choisissez un transporteur qui donne un numéro de suivi et gardez le reçu "
            "jusqu’au remboursement."
        ),
        "own_step_3_until": (
            "Choisissez un transporteur qui donne un numéro de suivi, envoyez avant le {date} "
            "et gardez le reçu jusqu’au remboursement."
        ),
        "own_postage": "Cette feuille n’est pas affranchie : achetez vous-même l’étiquette.",
    },
    "es": {
        "return": "Devolución",
        "from": "De",
        "to": "Para",
        "parcel": "Paquete",
        "order": "Pedido",
        "test": "No válida para el transporte",
        "keep": "Tu devolución en tres pasos",
        "step_1": "Prepara el paquete",
        "step_1_more": (
            "Pon los artículos y el albarán de abajo en una caja "
            "resistente. Quita las etiquetas antiguas."
        ),
        "step_2": "Pega la etiqueta",
        "step_2_more": (
            "Recorta por la línea. Pégala bien lisa en el lado más "
            "grande, sin tapar el código de barras."
        ),
        "step_3": "Entrégalo",
        "step_3_more": "Llévalo a {carrier} y guarda el recibo hasta que llegue el reembolso.",
        "step_3_until": (
            "Llévalo a {carrier} antes del {date} y guarda el recibo hasta que llegue el reembolso."
        ),
        "slip": "Albarán de devolución",
        "slip_hint": "Pon esta parte dentro del paquete para que sepamos que es tuyo.",
        "item": "Artículo",
        "sku": "Referencia",
        "quantity": "Cantidad",
        "date": "Fecha",
        "cut": "Recorta aquí",
        "tracking": "Número de seguimiento",
        "until": "Entregar antes de",
        "own_step_1": "Prepara el paquete",
        "own_step_1_more": (
            "Pon los artículos y el albarán de abajo en una caja resistente. Quita las "
            "etiquetas antiguas."
        ),
        "own_step_2": "Escribe la dirección",
        "own_step_2_more": (
            "Recorta la dirección y pégala, o escríbela en el paquete junto al número de la "
            "devolución."
        ),
        "own_step_3": "Envíalo con seguimiento",
        "own_step_3_more": (
            "Elige un transportista que te dé un número de seguimiento y guarda el recibo "
            "hasta que llegue el reembolso."
        ),
        "own_step_3_until": (
            "Elige un transportista que te dé un número de seguimiento, envíalo antes del "
            "{date} y guarda el recibo hasta que llegue el reembolso."
        ),
        "own_postage": "Esta hoja no está franqueada: compra tú la etiqueta.",
    },
}


def words_for(language: str) -> tuple[str, Mapping[str, str]]:
    """The language that is really used, and its words: ``it-CH`` reads Italian, an "
    "unknown one English."""
    short = language.replace("_", "-").split("-")[0].lower()
    return (short, WORDS[short]) if short in WORDS else ("en", WORDS["en"])
