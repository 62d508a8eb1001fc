"""What the panel says of WooCommerce before the adapter is imported."""

from rientro.shops.base import Can
from rientro.shops.known import Box, Known

ABILITIES = Can.WEBHOOK | Can.FIND | Can.REFUND | Can.RESTOCK | Can.COUPON | Can.NOTE | Can.CONSENT
OFFERED = {
    "woocommerce": Known(
        code="woocommerce",
        name="WooCommerce",
        path="rientro.shops.woocommerce.adapter:WooCommerce",
        words="Orders come from your WordPress shop by its REST API; no plug-in is installed.",
        address=Box(
            name="url",
            label="Address of the shop",
            example="https://www.example.com",
            help="The WordPress address, with the folder if WordPress lies in one.",
        ),
        credentials=(
            Box(
                name="consumer_key",
                label="Consumer key",
                secret=True,
                help="It begins with ck_.",
            ),
            Box(
                name="consumer_secret",
                label="Consumer secret",
                secret=True,
                help="It begins with cs_.",
            ),
        ),
        steps=(
            "In WordPress, open WooCommerce › Settings › Advanced › REST API and press “Add key”.",
            "Choose a user who may manage the shop, and “Read/Write” as permissions.",
            "Press “Generate API key” and paste both words here: WooCommerce shows them once.",
        ),
        can=ABILITIES,
        ways="both",
        ways_by_machine=True,
        unconfirmed="No real WooCommerce was asked: what is read follows its documents and its source, and was tried "
        "against our own copy of its API. Not seen yet: how plug-ins of the shop change its answers.",
    )
}
