"""What the panel says of EasyPost before the adapter is imported."""

from rientro.carriers.base import Can
from rientro.carriers.known import Field, Known

OFFICIAL = "https://api.easypost.com"
ABILITIES = (
    Can.QUOTE
    | Can.CANCEL
    | Can.TRACK
    | Can.WEBHOOK
    | Can.CUSTOMS
    | Can.PAY_ON_SCAN
    | Can.FIND_BY_REFERENCE
)
OFFERED = {
    "easypost": Known(
        code="easypost",
        name="EasyPost",
        path="rientro.carriers.easypost.adapter:EasyPost",
        words="Buys return labels of USPS, UPS, FedEx and others; some are paid only when the parcel travels.",
        credentials=(
            Field(
                name="api_key",
                label="API key",
                secret=True,
                help="A key that begins with EZTK is for tests and costs nothing, EZAK buys.",
            ),
            Field(
                name="webhook_secret",
                label="Webhook secret",
                secret=True,
                required=False,
                help="Filled in by itself when EasyPost accepts our address.",
            ),
        ),
        settings=(
            Field(
                name="carrier_accounts",
                label="Carrier accounts",
                required=False,
                help="To buy from these only, by comma, such as ca_1a2b. Empty: from all of your account.",
            ),
            Field(
                name="customs_signer",
                label="Who signs customs forms",
                required=False,
                help="A person's name. Needed for parcels that cross a customs border.",
            ),
            Field(
                name="url",
                label="Address of EasyPost",
                target=True,
                required=False,
                default=OFFICIAL,
                help="Leave it as it is. Another one is taken for tests on this machine only.",
            ),
        ),
        unconfirmed="No label was bought from EasyPost by us, not even with a test key: what is sent follows its "
        "documentation and its own recorded answers. Not seen yet: which shipment it names where two have one "
        "reference, pay-on-use returns of USPS and what they cost, and customs forms of returned goods.",
        void_days=30,
        can=ABILITIES,
    )
}
