"""A shopper's steps through the portal, as plain functions: no script runs here."""

from typing import Any

from django.test import Client

from rientro.models import Order

TYPED = {
    "name": "Giulia Ferrero",
    "street": "Corso Moncalieri",
    "house_number": "14",
    "postal_code": "10131",
    "city": "Torino",
    "state": "TO",
}


def look_up(client: Client, slug: str, number: str, proof: str, **extra: Any) -> Any:
    typed = {"order": number, "postcode": proof} | extra.pop("also", {})
    return client.post(f"/{slug}/", typed, **extra)


def find(client: Client, order: Order, proof: str = "10131") -> None:
    response = look_up(client, order.brand.slug, order.number, proof)
    assert response.status_code == 302, response.content.decode()


def pick(client: Client, order: Order, units: dict[int, int] | None = None) -> Any:
    """Choose units of lines (one of the first line when nothing is said)."""
    chosen = units or {order.lines.order_by("position").first().pk: 1}
    typed: dict[str, Any] = {"pick": list(chosen)}
    typed |= {f"units-{pk}": quantity for pk, quantity in chosen.items()}
    return client.post(f"/{order.brand.slug}/items/", typed)


def up_to_check(
    client: Client,
    order: Order,
    *,
    units: dict[int, int] | None = None,
    reason: str = "too-small",
    address: dict[str, str] | None = None,
    proof: str = "10131",
) -> Any:
    """From the look-up to the page that asks for consent; returns that page."""
    slug = order.brand.slug
    find(client, order, proof)
    assert pick(client, order, units).status_code == 302
    said = client.post(f"/{slug}/why/", {"reason": reason, "note": "", "same": "1"})
    assert said.status_code == 302, said.content.decode()
    how = client.post(f"/{slug}/how/", {"method": "print_at_home", "refund": "money"})
    assert how["Location"] == f"/{slug}/address/", how.content.decode()
    told = client.post(f"/{slug}/address/", address or TYPED)
    assert told.status_code == 302, told.content.decode()
    return client.get(f"/{slug}/check/")


def confirm(client: Client, order: Order) -> Any:
    """Send the form of the page that asks for consent."""
    page = client.get(f"/{order.brand.slug}/check/")
    return client.post(f"/{order.brand.slug}/check/", agreement(page))


def agreement(page: Any) -> dict[str, Any]:
    """What the form of that page carries."""
    return {"nonce": page.context["nonce"], "agreed": page.context["quote"].refund.minor}
