"""What the panel says of Shopify before the adapter is imported."""

from rientro.shops.base import Can
from rientro.shops.known import Box, Known

ABILITIES = (
    Can.WEBHOOK
    | Can.FIND
    | Can.REFUND
    | Can.RESTOCK
    | Can.STORE_CREDIT
    | Can.NOTE
    | Can.CONSENT
    | Can.PRIVACY
)
OFFERED = {
    "shopify": Known(
        code="shopify",
        name="Shopify",
        path="rientro.shops.shopify.adapter:Shopify",
        words="Orders come from your Shopify store by an app of your own; nothing is bought or installed.",
        address=Box(
            name="url",
            label="Address of the store",
            example="my-store.myshopify.com",
            help="The one that ends in .myshopify.com, not the domain that shoppers know.",
        ),
        credentials=(
            Box(
                name="client_id",
                label="Client ID",
                required=False,
                help="Of your app in the Dev Dashboard. Leave it empty if you have an access token.",
            ),
            Box(
                name="client_secret",
                label="Client secret",
                secret=True,
                help="Of an older custom app: its API secret key. What Shopify tells us is signed with it.",
            ),
            Box(
                name="access_token",
                label="Admin API access token",
                secret=True,
                required=False,
                help="Only for an older custom app; it begins with shpat_. Leave it empty with a client ID.",
            ),
        ),
        steps=(
            "In the Shopify Dev Dashboard, create an app and give it these Admin API scopes: read_orders, "
            "write_orders, read_products, read_inventory, read_locations.",
            "Add read_all_orders if shoppers may return later than 60 days after their order, and "
            "write_store_credit_account_transactions if you give store credit.",
            "Install the app in your store, then paste its client ID and secret here.",
        ),
        can=ABILITIES,
        ways="both",
        unconfirmed="No real store was asked: every query was checked against Shopify’s published schema and tried "
        "against our own copy of its API.",
    )
}
