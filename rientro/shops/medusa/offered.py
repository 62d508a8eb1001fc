"""What the panel says of Medusa before the adapter is imported."""

from rientro.shops.base import Can
from rientro.shops.known import Box, Known

ABILITIES = Can.FIND | Can.REFUND | Can.RESTOCK | Can.COUPON | Can.NOTE
OFFERED = {
    "medusa": Known(
        code="medusa",
        name="Medusa",
        path="rientro.shops.medusa.adapter:Medusa",
        words="Orders come from your Medusa 2 by its Admin API; no plug-in is installed.",
        address=Box(
            name="url",
            label="Address of the backend",
            example="https://api.example.com",
            help="Where Medusa’s server answers, not the storefront: the address of the admin without “/app”.",
        ),
        credentials=(
            Box(
                name="secret_key",
                label="Secret API key",
                secret=True,
                help="It begins with sk_. A publishable key (pk_) will not do.",
            ),
        ),
        settings=(
            Box(
                name="till_channel",
                label="Sales channel of the till",
                required=False,
                example="Point of sale",
                help="Orders of this sales channel count as bought in the store.",
            ),
        ),
        steps=(
            "In Medusa’s admin, open Settings › Secret API Keys and press “Create”.",
            "Copy the key: Medusa shows it once.",
            "Paste it here.",
        ),
        can=ABILITIES,
        poll_every_s=120,
        unconfirmed="Tried against a real Medusa 2.21 with its own test payments. Not seen yet: payments of Stripe or "
        "PayPal, several payments of one order, exchanges and claims.",
    )
}
