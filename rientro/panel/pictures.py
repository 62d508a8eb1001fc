"""Pictures of products for the desk: one question for all lines of a page."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from rientro.models import Merchant, OrderLine
from rientro.panel.doors import PanelRequest, door


def picture_ids(merchant: Merchant, lines: Iterable[OrderLine]) -> dict[tuple[int, str], int]:
    """(integration, SKU) -> document of its picture, for the lines given; their orders must be loaded."""
    wanted = {(line.order.integration_id, line.sku) for line in lines if line.sku}
    if not wanted:
        return {}
    rows = merchant.product_pictures.filter(
        integration_id__in={integration for integration, _ in wanted},
        sku__in={sku for _, sku in wanted},
    )
    found = {(row.integration_id, row.sku): row.picture_id for row in rows}
    return {key: found[key] for key in wanted & found.keys()}


def show_pictures(merchant: Merchant, lines: Iterable[OrderLine]) -> None:
    """Give every line a ``picture_id``: a document, or None."""
    lines = list(lines)
    found = picture_ids(merchant, lines)
    for line in lines:
        line.picture_id = found.get((line.order.integration_id, line.sku))  # type: ignore[attr-defined]


@door()
@require_safe
def picture(request: PanelRequest, document_id: int) -> HttpResponse:
    """A picture that we keep: of a product or a brand. The bytes of a document never change."""
    document = request.merchant.documents.get_or_missing(
        pk=document_id, content_type__startswith="image/"
    )
    answer = HttpResponse(bytes(document.content), content_type=document.content_type)
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
