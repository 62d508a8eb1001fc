"""What the panel says of PrestaShop before the adapter is imported."""

from rientro.shops.base import Can
from rientro.shops.known import Box, Known

ABILITIES = Can.FIND | Can.COUPON | Can.NOTE
OFFERED = {
    "prestashop": Known(
        code="prestashop",
        name="PrestaShop",
        path="rientro.shops.prestashop.adapter:PrestaShop",
        words="Orders come from your PrestaShop 1.7, 8 or 9 by its webservice; no module is installed.",
        address=Box(
            name="url",
            label="Address of the shop",
            example="https://www.example.com",
            help="As shoppers type it, with the folder if the shop lies in one.",
        ),
        credentials=(
            Box(
                name="key",
                label="Webservice key",
                secret=True,
                help="In PrestaShop: Advanced Parameters › Webservice. It has 32 letters and digits.",
            ),
        ),
        settings=(
            Box(
                name="timezone",
                label="Time zone of the shop",
                required=False,
                example="Europe/Rome",
                help="As in International › Localization. Empty: PrestaShop is asked, for which the key must be "
                "allowed to read “configurations”.",
            ),
            Box(
                name="id_shop",
                label="Number of the shop",
                required=False,
                example="2",
                help="Only where one PrestaShop runs several shops (Multistore).",
            ),
        ),
        steps=(
            "In PrestaShop, open Advanced Parameters › Webservice and switch on “Enable PrestaShop’s webservice”.",
            "“Add new webservice key”, then “Generate!”.",
            "Allow View (GET) of orders, order_details, order_states, addresses, customers, countries and currencies.",
            "Better with View of order_histories, order_slip, order_carriers, order_cart_rules, states, languages, "
            "products, combinations and configurations as well.",
            "For notes on orders: View and Add of customer_threads and customer_messages. For vouchers: View and Add "
            "of cart_rules.",
            "Save, and paste the key here.",
        ),
        can=ABILITIES,
        poll_every_s=300,
        unconfirmed="No real PrestaShop was asked: what is read follows its documents and its source, and was tried "
        "against our own copy of its webservice. Not seen yet: how modules of the shop change its answers.",
    )
}
