"""What the panel says of Shopware before the adapter is imported."""

from rientro.shops.base import Can
from rientro.shops.known import Box, Known

ABILITIES = Can.FIND | Can.NOTE
OFFERED = {
    "shopware": Known(
        code="shopware",
        name="Shopware",
        path="rientro.shops.shopware.adapter:Shopware",
        words="Orders come from your Shopware 6; no extension is installed.",
        address=Box(
            name="url",
            label="Address of the shop",
            example="https://www.example.com",
            help="The one under which you open the Administration, without “/admin”.",
        ),
        credentials=(
            Box(name="client_id", label="Access key ID", example="SWIA…"),
            Box(name="client_secret", label="Secret access key", secret=True),
        ),
        steps=(
            "In Shopware, open Settings › System › Integrations and “Add integration”.",
            "Give it a role that may view Orders, Products and Settings, and edit Orders; or tick Administrator.",
            "Copy the Access key ID and the Secret access key before you save: the secret is shown once.",
            "Paste both here.",
        ),
        can=ABILITIES,
        poll_every_s=300,
        unconfirmed="No real Shopware was asked: what is read follows its documents and its source, and was tried "
        "against our own copy of its API. Not seen yet: orders of the B2B components, of the extension Return "
        "Management, and shops with millions of orders.",
    )
}
