"""The questions that are put to Shopify, sized to stay below the thousand points of a single query."""

PAGES = (10, 4, 1)  # orders at once; fewer where the store says that the question costs too much
LINES = 5  # of an order at once; the rest is asked for by itself
MORE_LINES = 50

_MONEY = "{ presentmentMoney { amount } }"
_ADDRESS = "{ name company address1 address2 zip city provinceCode countryCodeV2 phone }"
_STOCK = "inventoryItem { harmonizedSystemCode countryCodeOfOrigin measurement { weight { value unit } } }"


def line_fields(*, stock: bool, products: bool) -> str:
    """``stock`` needs read_inventory, ``products`` read_products."""
    variant = f"variant {{ id {_STOCK if stock else ''} }}" if products else ""
    return f"""
        id title variantTitle sku quantity currentQuantity isGiftCard
        originalUnitPriceSet {_MONEY} discountAllocations {{ allocatedAmountSet {_MONEY} }}
        taxLines {{ priceSet {_MONEY} }}
        image {{ url }}
        {"product { id }" if products else ""} {variant}
    """


def order_fields(*, stock: bool, products: bool) -> str:
    lines = line_fields(stock=stock, products=products)
    return f"""
        id legacyResourceId name confirmationNumber createdAt processedAt updatedAt cancelledAt
        displayFinancialStatus displayFulfillmentStatus tags sourceName customerLocale email phone
        presentmentCurrencyCode taxesIncluded paymentGatewayNames
        totalPriceSet {_MONEY} totalShippingPriceSet {_MONEY}
        shippingAddress {_ADDRESS} billingAddress {_ADDRESS}
        fulfillments(first: 5) {{ createdAt deliveredAt status trackingInfo(first: 1) {{ number }} }}
        lineItems(first: {LINES}) {{ nodes {{ {lines} }} pageInfo {{ hasNextPage endCursor }} }}
    """


def changed(fields: str) -> str:
    return f"""query($first: Int!, $after: String, $query: String!) {{
        orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
            nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }}"""


def found(fields: str) -> str:
    return f"""query($first: Int!, $query: String!) {{
        orders(first: $first, query: $query, sortKey: ID, reverse: true) {{ nodes {{ {fields} }} }} }}"""


def by_id(fields: str) -> str:
    return f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Order {{ {fields} }} }} }}"


def more_lines(lines: str) -> str:
    return f"""query($id: ID!, $after: String) {{ order(id: $id) {{
        lineItems(first: {MORE_LINES}, after: $after) {{
            nodes {{ {lines} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"""


COUNT = "query($query: String!) { ordersCount(query: $query, limit: null) { count } }"
SHOP = """{
    shop { name currencyCode myshopifyDomain shopAddress { countryCodeV2 } }
    currentAppInstallation { accessScopes { handle } }
}"""
REFUNDS = """query($id: ID!) { order(id: $id) { refunds {
    createdAt refundLineItems(first: 100) { nodes { quantity lineItem { id } } }
} } }"""
# All of them, however many: a refund of ours that is overlooked would be paid twice.
NOTED = """query($id: ID!) { order(id: $id) { refunds {
    id note totalRefundedSet { presentmentMoney { amount currencyCode } }
} } }"""
# Needs read_locations, so it is asked only when goods go back on the shelf.
SENT_FROM = "query($id: ID!) { order(id: $id) { fulfillments(first: 5) { location { id } } } }"
SUGGESTED = """query($id: ID!) { order(id: $id) {
    presentmentCurrencyCode
    lineItems(first: 250) { nodes { id refundableQuantity } }
    suggestedRefund(suggestFullRefund: true) {
        maximumRefundableSet { presentmentMoney { amount } }
        suggestedTransactions {
            gateway parentTransaction { id }
            amountSet { presentmentMoney { amount } }
            maximumRefundableSet { presentmentMoney { amount } }
        }
    }
} }"""
# Since version 2026-04 a refund must name a key; the same key again is the same refund.
REFUND = """mutation($input: RefundInput!, $key: String!) { refundCreate(input: $input) @idempotent(key: $key) {
    refund { id totalRefundedSet { presentmentMoney { amount currencyCode } } }
    userErrors { field message }
} }"""
NOTE = "query($id: ID!) { order(id: $id) { note } }"
WRITE_NOTE = """mutation($input: OrderInput!) { orderUpdate(input: $input) {
    order { id } userErrors { field message } } }"""
HOOKS = "{ webhookSubscriptions(first: 100) { nodes { id topic uri } } }"
HOOK = """mutation($topic: WebhookSubscriptionTopic!, $hook: WebhookSubscriptionInput!) {
    webhookSubscriptionCreate(topic: $topic, webhookSubscription: $hook) {
        webhookSubscription { id } userErrors { field message } } }"""
UNHOOK = """mutation($id: ID!) { webhookSubscriptionDelete(id: $id) {
    deletedWebhookSubscriptionId userErrors { field message } } }"""
