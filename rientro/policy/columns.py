"""What the columns of an order file mean: the fields we read, and how six languages head them."""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rientro.kit.errors import Kind, RientroError


class ColumnsMissing(RientroError):
    """A field that every order needs has no column."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "columns_missing"


class AlreadyOnItsWay(RientroError):
    """A run is started once; the same file may be uploaded again."""

    kind: ClassVar[Kind] = "conflict"
    code: ClassVar[str] = "import_already_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Something that a column can tell. ``headings`` are compared without case, accents, spaces and signs."""

    code: str
    label: str
    group: str  # order, person, line
    needed: bool = False
    hint: str = ""
    headings: tuple[str, ...] = ()


def column(code: str, label: str, group: str, headings: str, **more: object) -> Field:
    words = tuple(dict.fromkeys(_plain(word) for word in headings.split("|")))
    return Field(code=code, label=label, group=group, headings=words, **more)  # type: ignore[arg-type]


def _plain(heading: str) -> str:
    apart = unicodedata.normalize("NFKD", heading.replace("ß", "ss")).casefold()
    return "".join(character for character in apart if character.isalnum())


_ALL = (
    column(
        "number", "Order number", "order",
        "order number|order no|order nr|order name|order|order #|order id|ordernumber|numero ordine|n. ordine|"
        "nr. ordine|num ordine|ordine|n ordine|bestellnummer|bestell-nr|bestellnr|auftragsnummer|auftragsnr|"
        "bestellung|numero de commande|n° de commande|no commande|n commande|commande|numero de pedido|"
        "n pedido|nº pedido|pedido|num pedido|bestelnummer|ordernummer|bestelling|order reference|reference|"
        "riferimento|receipt number|number|numero|nummer",
        needed=True, hint="What the shopper types",
    ),
    column(
        "external_id", "The shop's own id of the order", "order",
        "external order id|external id|order key|id ordine|id|order_id_external|bestell-id|auftrags-id|"
        "identifiant|id pedido|id commande|bestelling id",
        hint="Only if the order number is not unique",
    ),
    column(
        "ordered_on", "Date of the order", "order",
        "order date|date|created at|created|ordered at|order created|purchase date|paid at|date created|"
        "data ordine|data|data acquisto|creato il|bestelldatum|datum|auftragsdatum|kaufdatum|erstellt am|"
        "date de commande|date commande|date d'achat|fecha de pedido|fecha pedido|fecha|fecha de compra|"
        "besteldatum|orderdatum|aankoopdatum|order placed",
        needed=True,
    ),
    column(
        "fulfilled_on", "Date of dispatch", "order",
        "fulfilled at|shipped at|ship date|dispatch date|shipping date|data spedizione|spedito il|versanddatum|"
        "versendet am|date d'expedition|expedie le|fecha de envio|enviado el|verzenddatum|verzonden op",
    ),
    column(
        "delivered_on", "Date of delivery", "order",
        "delivered at|delivery date|delivered|data consegna|consegnato il|lieferdatum|zugestellt am|"
        "date de livraison|livre le|fecha de entrega|entregado el|leverdatum|bezorgd op|bezorgdatum",
    ),
    column(
        "status", "Status", "order",
        "order status|status|financial status|state of order|stato|stato ordine|bestellstatus|auftragsstatus|"
        "statut|statut commande|estado|estado del pedido|bestelstatus|cancelled|cancelled at|annullato",
        hint="A word such as “cancelled” cancels the order",
    ),
    column(
        "channel", "Where it was sold", "order",
        "channel|sales channel|source|canale|canale di vendita|vendita|kanal|verkaufskanal|vertriebskanal|"
        "canal|canal de vente|canal de venta|kanaal|verkoopkanaal|origin of sale|pos",
        hint="Online, store, phone or marketplace",
    ),
    column(
        "receipt", "Code on the till receipt", "order",
        "receipt code|receipt|receipt no|till receipt|scontrino|codice scontrino|numero scontrino|n. scontrino|"
        "kassenbon|bonnummer|bon-nr|belegnummer|ticket|ticket de caisse|numero de ticket|codigo de ticket|"
        "ticket de compra|kassabon|bon|kassabonnummer",
        hint="For sales in a store, in place of a postal code",
    ),
    column(
        "currency", "Currency", "order",
        "currency|order currency|valuta|wahrung|waehrung|devise|monnaie|moneda|divisa|munteenheid",
    ),
    column(
        "total", "Total", "order",
        "total|order total|grand total|total price|amount|totale|totale ordine|importo|importo totale|gesamt|"
        "gesamtbetrag|gesamtsumme|summe|bestellwert|montant|montant total|total commande|importe|importe total|"
        "total pedido|totaal|totaalbedrag|orderbedrag",
    ),
    column(
        "language", "Language", "order",
        "language|locale|lingua|sprache|langue|idioma|taal",
    ),
    column(
        "tags", "Tags", "order",
        "tags|tag|labels|etichette|etiketten|schlagworte|etiquettes|etiquetas|markeringen",
        hint="Several with commas between",
    ),
    column(
        "tracking_number", "Tracking number of the parcel that went out", "order",
        "tracking number|tracking|tracking no|numero di tracking|codice tracking|lettera di vettura|"
        "sendungsnummer|trackingnummer|paketnummer|numero de suivi|suivi|numero de seguimiento|seguimiento|"
        "track & trace|volgnummer|zendingsnummer",
        hint="Says that the outbound parcel is known",
    ),
    column(
        "name", "Name", "person",
        "shipping name|recipient|recipient name|delivery name|ship to name|customer name|customer|full name|"
        "name|destinatario|nome destinatario|cliente|nome e cognome|nome cliente|nominativo|empfanger|"
        "empfaenger|liefername|kunde|kundenname|destinataire|nom du client|client|nom complet|"
        "nombre completo|nombre del cliente|ontvanger|klant|klantnaam|naam|billing name|intestatario",
    ),
    column(
        "first_name", "First name", "person",
        "shipping first name|first name|firstname|given name|nome|vorname|prenom|nombre|voornaam|"
        "billing first name",
    ),
    column(
        "last_name", "Last name", "person",
        "shipping last name|last name|lastname|surname|family name|cognome|nachname|nom|nom de famille|"
        "apellido|apellidos|achternaam|billing last name",
    ),
    column(
        "company", "Company", "person",
        "shipping company|company|company name|azienda|ragione sociale|societa|firma|firmenname|unternehmen|"
        "societe|entreprise|empresa|bedrijf|bedrijfsnaam|billing company",
    ),
    column(
        "street", "Street", "person",
        "shipping street|shipping address1|shipping address 1|shipping address|delivery address|address 1|"
        "address1|address line 1|address|street|street address|indirizzo|indirizzo di consegna|"
        "indirizzo spedizione|via|strasse|str|lieferadresse|adresse|adresszeile 1|adresse de livraison|rue|"
        "adresse 1|direccion|direccion de envio|calle|direccion 1|straat|adres|afleveradres|straatnaam|"
        "billing address 1|billing address1|billing street",
    ),
    column(
        "house_number", "House number", "person",
        "shipping house number|house number|house no|street number|numero civico|civico|n. civico|hausnummer|"
        "haus-nr|hausnr|numero de rue|numero de casa|numero de calle|huisnummer|huisnr",
    ),
    column(
        "address_2", "Second line of the address", "person",
        "shipping address2|shipping address 2|address 2|address2|address line 2|indirizzo 2|scala|interno|"
        "adresszusatz|adresszeile 2|adresse 2|complement d'adresse|direccion 2|adres 2|toevoeging|"
        "billing address 2",
    ),
    column(
        "postal_code", "Postal code", "person",
        "shipping zip|shipping postcode|shipping postal code|delivery postcode|postal code|postcode|"
        "post code|zip|zip code|zipcode|cap|codice postale|c.a.p.|plz|postleitzahl|code postal|cp|"
        "codigo postal|c.p.|postcode levering|billing zip|billing postcode",
    ),
    column(
        "city", "City", "person",
        "shipping city|delivery city|city|town|place|citta|comune|localita|stadt|ort|wohnort|ville|commune|"
        "ciudad|poblacion|localidad|plaats|stad|woonplaats|billing city",
    ),
    column(
        "state", "Province or state", "person",
        "shipping province|shipping state|province|state|region|county|provincia|prov|regione|bundesland|"
        "land/region|departement|etat|estado/provincia|provincie|billing province|billing state",
    ),
    column(
        "country", "Country", "person",
        "shipping country|shipping country code|delivery country|country|country code|paese|nazione|stato estero|"
        "codice paese|land|landescode|lieferland|landercode|pays|code pays|pais|codigo de pais|landcode|"
        "billing country",
    ),
    column(
        "email", "E-mail", "person",
        "email|e-mail|mail|email address|customer email|email cliente|indirizzo email|posta elettronica|"
        "e-mail-adresse|emailadresse|kunden-email|courriel|adresse e-mail|adresse mail|correo|"
        "correo electronico|e-mailadres|billing email|contact email",
    ),
    column(
        "phone", "Phone", "person",
        "shipping phone|phone|telephone|phone number|mobile|telefono|cellulare|tel|telefon|telefonnummer|"
        "mobil|handy|telephone portable|movil|telefoon|telefoonnummer|billing phone",
    ),
    column(
        "item_name", "Item", "line",
        "lineitem name|line item name|item name|item|product name|product|product title|title|description|"
        "prodotto|nome prodotto|articolo|descrizione|descrizione articolo|artikel|artikelname|"
        "artikelbezeichnung|produkt|produktname|bezeichnung|produit|nom du produit|article|designation|"
        "producto|nombre del producto|articulo|descripcion|product naam|productnaam|artikelnaam|omschrijving",
    ),
    column(
        "sku", "SKU", "line",
        "lineitem sku|sku|item sku|product sku|article number|item number|codice articolo|codice prodotto|"
        "cod. articolo|codice|artikelnummer|artikel-nr|art-nr|artnr|artikelnr|reference produit|"
        "reference article|code article|referencia|codigo de articulo|codigo producto|artikelcode|"
        "productcode|ean|barcode|gtin",
    ),
    column(
        "quantity", "Quantity", "line",
        "lineitem quantity|line item quantity|quantity|qty|item quantity|units|pieces|quantita|qta|q.ta|pezzi|"
        "menge|anzahl|stuck|stueck|stuckzahl|quantite|qte|cantidad|cant|uds|unidades|aantal|stuks|hoeveelheid",
    ),
    column(
        "price", "Price of one", "line",
        "lineitem price|line item price|item price|unit price|price|price each|prezzo|prezzo unitario|preis|"
        "einzelpreis|stuckpreis|stueckpreis|prix|prix unitaire|precio|precio unitario|prijs|stukprijs|"
        "eenheidsprijs",
        hint="As paid, for one unit",
    ),
    column(
        "variant", "Variant", "line",
        "lineitem variant|variant|variant title|option|options|variante|taglia|taglia e colore|size|colour|"
        "color|colore|ausfuhrung|grosse|farbe|taille|couleur|talla|variatie|maat|kleur",
    ),
    column(
        "item_weight", "Weight of one", "line",
        "item weight|weight|weight kg|weight (kg)|weight g|weight (g)|grams|unit weight|peso|peso kg|peso (kg)|"
        "peso g|peso (g)|peso unitario|gewicht|gewicht kg|gewicht (kg)|gewicht g|gewicht (g)|poids|poids kg|"
        "poids (kg)|poids g|poids (g)",
    ),
    column(
        "hs_code", "HS code", "line",
        "hs code|customs code|tariff code|tariff number|codice doganale|codice hs|zolltarifnummer|"
        "code douanier|codigo arancelario|douanecode|goederencode",
    ),
    column(
        "origin_country", "Country of origin", "line",
        "country of origin|origin country|origin|made in|paese di origine|origine|ursprungsland|herkunftsland|"
        "pays d'origine|pais de origen|origen|land van herkomst|herkomst",
    ),
    column(
        "final_sale", "Cannot be returned", "line",
        "final sale|not returnable|no return|no returns|non restituibile|reso escluso|vom umtausch ausgeschlossen|"
        "keine ruckgabe|non retournable|no retornable|sin devolucion|niet retourneerbaar",
        hint="Yes or no",
    ),
    column(
        "image_url", "Picture", "line",
        "image|image url|picture|picture url|immagine|url immagine|bild|bild-url|image produit|imagen|"
        "url imagen|afbeelding",
    ),
    column(
        "line_id", "The shop's own id of the line", "line",
        "line id|lineitem id|line item id|id riga|positions-id|id ligne|id linea|regel id",
    ),
)  # fmt: skip
REASON = "Why it was refused"  # heads the last column of the file with refused rows
FIELDS: dict[str, Field] = {field.code: field for field in _ALL}
GROUPS = (("order", "The order"), ("person", "The person and the address"), ("line", "The items"))


def guess(headings: Sequence[str]) -> dict[str, str]:
    """{field: heading} of a file of orders, as far as the headings speak for themselves."""
    plain = {_plain(heading): heading for heading in reversed(headings)}
    found: dict[str, str] = {}
    if "name" in plain and "lineitemname" in plain:  # Shopify calls the order's number its name
        found["number"] = plain.pop("name")
        plain.pop("id", None)
    found |= matching(
        {code: field for code, field in FIELDS.items() if code not in found}, list(plain.values())
    )
    if "name" in found and {"first_name", "last_name"} <= found.keys():
        del found["first_name"], found["last_name"]
    return found


def matching(fields: Mapping[str, Field], headings: Sequence[str]) -> dict[str, str]:
    """{field: heading} for ``fields`` in their order; each heading at most once."""
    plain = {_plain(heading): heading for heading in reversed(headings)}
    found: dict[str, str] = {}
    for code, field in fields.items():
        hit = next((word for word in field.headings if word in plain), None)
        if hit is not None:
            found[code] = plain.pop(hit)
    return found


def signature(headings: Sequence[str]) -> str:
    """The same for two files of the same kind: what a remembered mapping hangs on."""
    theirs = [
        _plain(heading) for heading in headings if heading != REASON
    ]  # our own column is not theirs
    return hashlib.sha256("\x1f".join(theirs).encode()).hexdigest()


def missing(mapping: Mapping[str, str], fields: Mapping[str, Field] | None = None) -> list[str]:
    """Labels of the fields (of orders, unless others are given) that must have a column and have none."""
    known = FIELDS if fields is None else fields
    return [field.label for field in known.values() if field.needed and field.code not in mapping]


def tells_grams(heading: str) -> bool:
    """Does a column of weights say that it holds grams?"""
    word = heading.casefold()
    return (
        "kg" not in word and any(mark in word for mark in ("(g)", "gram", "grammi", "gramm", "[g]"))
    ) or word.endswith((" g", "_g"))
