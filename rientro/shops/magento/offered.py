"""What the panel says of Magento before the adapter is imported."""

from rientro.shops.base import Can
from rientro.shops.known import Box, Known

ABILITIES = Can.FIND | Can.REFUND | Can.RESTOCK | Can.NOTE
OFFERED = {
    "magento": Known(
        code="magento",
        name="Magento",
        path="rientro.shops.magento.adapter:Magento",
        words="Orders come from your Magento 2 or Adobe Commerce; no module is installed.",
        address=Box(
            name="url",
            label="Address of the shop",
            example="https://www.example.com",
            help="As shoppers type it, with the folder if the shop lies in one.",
        ),
        credentials=(
            Box(name="consumer_key", label="Consumer Key", required=False),
            Box(name="consumer_secret", label="Consumer Secret", secret=True, required=False),
            Box(
                name="access_token",
                label="Access Token",
                secret=True,
                help="Alone it is taken only where the shop allows it: Stores › Configuration › Services › OAuth › "
                "“Allow OAuth Access Tokens to be used as standalone Bearer tokens”. With the other three it always "
                "works.",
            ),
            Box(
                name="access_token_secret", label="Access Token Secret", secret=True, required=False
            ),
        ),
        settings=(
            Box(
                name="hs_code_attribute",
                label="Attribute of the HS code",
                required=False,
                example="hs_code",
                help="The code of the product attribute in which you keep the customs tariff number, if you have one.",
            ),
        ),
        steps=(
            "In Magento, open System › Extensions › Integrations and “Add New Integration”.",
            "Under API, choose “Custom” and allow Sales › Operations › Orders › Actions (View, Credit Memos, Comment).",
            "Allow Invoices, Shipments and Credit Memos under Sales › Operations as well, Catalog › Inventory › "
            "Products, and Stores › Settings › All Stores.",
            "“Save & Activate”, then “Allow”.",
            "Paste the four values here: Consumer Key, Consumer Secret, Access Token, Access Token Secret.",
        ),
        can=ABILITIES,
        poll_every_s=300,
        unconfirmed="No real Magento was asked: what is read follows its documents and its source, and was tried "
        "against our own copy of its API. Not seen yet: refunds through a payment gateway, bundles with a fixed price, "
        "and how extensions of the shop change its answers.",
    )
}
