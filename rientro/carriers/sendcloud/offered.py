"""What the panel says of Sendcloud before the adapter is imported."""

from rientro.carriers.base import Can
from rientro.carriers.known import Field, Known

OFFICIAL = "https://panel.sendcloud.sc"
ABILITIES = (
    Can.QUOTE
    | Can.CANCEL
    | Can.TRACK
    | Can.WEBHOOK
    | Can.CUSTOMS
    | Can.IDEMPOTENCY_KEY
    | Can.VALIDATE
)
OFFERED = {
    "sendcloud": Known(
        code="sendcloud",
        name="Sendcloud",
        path="rientro.carriers.sendcloud.adapter:Sendcloud",
        words="Buys return labels under your Sendcloud contract, from every carrier that it offers you.",
        credentials=(
            Field(
                name="public_key",
                label="Public key",
                help="In Sendcloud: Settings › Integrations › your API integration.",
            ),
            Field(name="secret_key", label="Secret key", secret=True),
            Field(
                name="webhook_key",
                label="Webhook signature key",
                secret=True,
                required=False,
                help="Only where Sendcloud shows one of its own; else webhooks are signed with the secret key.",
            ),
        ),
        settings=(
            Field(
                name="brand_id",
                label="Brand number",
                required=False,
                help="The Sendcloud brand that returns belong to. Empty: the usual one of your account.",
            ),
            Field(
                name="url",
                label="Address of Sendcloud",
                target=True,
                required=False,
                default=OFFICIAL,
                help="Leave it as it is. Another one is taken for tests on this machine only.",
            ),
        ),
        unconfirmed="Sendcloud has no sandbox, and no label was bought from it for real: what is sent follows its "
        "published documents and was tried against our own copy of its API. Not seen yet: that a second "
        "request with the same reference is always refused, that a return can be found by its reference, "
        "and prices in another form than an amount with a currency.",
        void_days=42,
        can=ABILITIES,
    )
}
