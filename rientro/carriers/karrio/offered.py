"""What the panel says of the carriers that are reached through Karrio. Nothing of Karrio is imported here."""

from rientro.carriers.base import Can
from rientro.carriers.known import Field, Known

EXTRA = "karrio"
UNSEEN = "No label was bought from this carrier yet: what is sent was checked against its public description."


def _field(name: str, label: str, help: str = "", *, secret: bool = True) -> Field:
    return Field(name=name, label=label, secret=secret, help=help)


OFFERED: dict[str, Known] = {
    "dhl_parcel_de": Known(
        code="dhl_parcel_de",
        name="DHL Paket",
        path="rientro.carriers.karrio.dhl_parcel_de:DhlParcelDe",
        words="Returns from 28 countries to Germany, with a label to print and a QR code for the shop.",
        credentials=(
            _field("username", "User name", "Of DHL's business portal.", secret=False),
            _field("password", "Password", "Of DHL's business portal."),
            _field("client_id", "API key", "Of your app at developer.dhl.com."),
            _field("client_secret", "API secret", "Of your app at developer.dhl.com."),
        ),
        settings=(
            Field(
                name="receiver_id",
                label="Receiver ID",
                required=False,
                help="The returns address at DHL. Empty: the one of the shopper's country, such as deu.",
            ),
        ),
        can=Can.LABELLESS | Can.TRACK | Can.CUSTOMS,
        charged="first_scan",
        needs=("karrio", "karrio-dhl-parcel-de"),
        extra=EXTRA,
        worker_only=True,
        unconfirmed=f"{UNSEEN} That DHL bills a return only when it is handed in, your contract must say.",
    ),
    "ups": Known(
        code="ups",
        name="UPS",
        path="rientro.carriers.karrio.ups:Ups",
        words="Return labels to print, within the European Union and within the United States.",
        credentials=(
            _field("client_id", "Client ID", "Of your app at developer.ups.com."),
            _field("client_secret", "Client secret", "Of your app at developer.ups.com."),
            _field("account_number", "Account number", "The one that pays.", secret=False),
        ),
        can=Can.CANCEL | Can.TRACK,
        void_days=1,
        charged="creation",
        needs=("karrio", "karrio-ups"),
        extra=EXTRA,
        worker_only=True,
        unconfirmed=f"{UNSEEN} UPS is said to take return labels back within a day only; your contract may say more.",
    ),
    "fedex": Known(
        code="fedex",
        name="FedEx",
        path="rientro.carriers.karrio.fedex:FedEx",
        words="Return labels to print, between countries of the European Union and within the United States.",
        credentials=(
            _field("api_key", "API key", "Of your shipping project at developer.fedex.com."),
            _field("secret_key", "Secret key", "Of the same project."),
            _field("account_number", "Account number", "The one that pays.", secret=False),
            Field(
                name="track_api_key",
                label="API key for tracking",
                secret=True,
                required=False,
                help="FedEx wants a project of its own for tracking. Empty: no tracking.",
            ),
            Field(
                name="track_secret_key",
                label="Secret key for tracking",
                secret=True,
                required=False,
            ),
        ),
        can=Can.CANCEL | Can.TRACK,
        void_days=1,
        charged="first_scan",
        needs=("karrio", "karrio-fedex"),
        extra=EXTRA,
        worker_only=True,
        unconfirmed=f"{UNSEEN} That FedEx bills a return label only when it is used, your contract must say.",
    ),
    "bpost": Known(
        code="bpost",
        name="bpost",
        path="rientro.carriers.karrio.bpost:Bpost",
        words="Returns within Belgium and from the European Union to Belgium, with a label to print.",
        credentials=(
            _field("account_id", "Account number", "Of the Shipping Manager.", secret=False),
            _field("passphrase", "Passphrase", "Of the Shipping Manager, under API."),
        ),
        can=Can.CANCEL | Can.TRACK,
        charged="first_scan",
        needs=("karrio", "karrio-bpost"),
        extra=EXTRA,
        worker_only=True,
        unconfirmed=f"{UNSEEN} bpost has no place for tests, so the first label is a real one.",
    ),
    "colissimo": Known(
        code="colissimo",
        name="Colissimo",
        path="rientro.carriers.karrio.colissimo:Colissimo",
        words="Returns within France, with a label to print.",
        credentials=(
            _field("contract_number", "Contract number", "Of the Colissimo Box.", secret=False),
            _field("password", "Password", "Of the Colissimo Box."),
            Field(
                name="laposte_api_key",
                label="La Poste key for tracking",
                secret=True,
                required=False,
                help="X-Okapi-Key of developer.laposte.fr. Empty: no tracking.",
            ),
        ),
        can=Can.TRACK | Can.VALIDATE,
        charged="first_scan",
        needs=("karrio", "karrio-colissimo"),
        extra=EXTRA,
        worker_only=True,
        unconfirmed=f"{UNSEEN} Colissimo has no place for tests, so the first label is a real one.",
    ),
    "gls": Known(
        code="gls",
        name="GLS",
        path="rientro.carriers.karrio.tracking_only:Gls",
        sells=False,
        words="Tells where parcels are. Labels are not bought through it.",
        credentials=(
            _field("client_id", "Client ID", "Of your app at dev-portal.gls-group.net."),
            _field("client_secret", "Client secret", "Of the same app."),
        ),
        can=Can.TRACK,
        needs=("karrio", "karrio-gls"),
        extra=EXTRA,
        worker_only=True,
        unconfirmed="No parcel of this carrier was followed yet: its answers are read as its public description says.",
    ),
    "dhl": Known(
        code="dhl",
        name="DHL tracking",
        path="rientro.carriers.karrio.tracking_only:Dhl",
        sells=False,
        words="Tells where parcels of any part of DHL are. Labels are not bought through it.",
        credentials=(
            _field(
                "consumer_key", "API key", "Of an app with Shipment Tracking at developer.dhl.com."
            ),
        ),
        can=Can.TRACK,
        needs=("karrio", "karrio-dhl-universal"),
        extra=EXTRA,
        worker_only=True,
        unconfirmed="No parcel of this carrier was followed yet: its answers are read as its public description says.",
    ),
}
