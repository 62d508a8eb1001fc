"""A shopper in a brand's portal: what is read and clicked, page by page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.witness import Witness

GIULIA = {
    "name": "Giulia Ferrero",
    "street": "Corso Moncalieri",
    "house_number": "14",
    "postal_code": "10131",
    "city": "Torino",
    "email": "giulia.ferrero@example.test",
}
KIRSTEN = {
    "name": "Kirsten Oldenburg",
    "street": "Steindamm",
    "house_number": "7",
    "postal_code": "20099",
    "city": "Hamburg",
    "email": "kirsten.o@example.test",
}


class Shopper:
    """Someone with an order number and a postal code."""

    def __init__(self, page: Page, url: str, eye: Witness) -> None:
        self.page, self.url, self.eye = page, url, eye
        self.on_look: Callable[[Shopper], None] = lambda shopper: None

    def look(self, name: str) -> None:
        """Axe and a picture, and whatever this journey wants to hold of every page."""
        self.eye.look(name)
        self.on_look(self)

    def visit(self, slug: str) -> None:
        self.page.goto(f"{self.url}/{slug}/")

    def find(self, number: str, proof: str) -> None:
        self.page.fill("#order", number)
        self.page.fill("#postcode", proof)
        self.page.click(".ask .primary")

    def open_order(self, slug: str, number: str, proof: str) -> None:
        self.visit(slug)
        self.look(f"find-{slug}")
        self.find(number, proof)
        self.page.wait_for_url("**/items/")

    @property
    def heading(self) -> Any:
        return self.page.get_by_role("heading", level=1)

    def pick(self, name: str, units: int = 1) -> None:
        item = self.page.locator(".item").filter(has_text=name)
        item.locator("input[name=pick]").check()
        if units > 1:
            item.locator("input[type=number]").fill(str(units))
        self.look("items")
        self.go_on("why")

    def say_why(self, reason: str) -> None:
        self.page.get_by_role("radio", name=reason).check()
        self.look("why")
        self.go_on("how")

    def by_parcel(self, address: dict[str, str] = GIULIA) -> None:
        self.page.check("#method-print")
        self.look("how")
        self.go_on("address")
        for name, value in address.items():
            self.page.fill(f"#{name}", value)
        self.look("address")
        self.go_on("check")

    def by_store(self, store: str = "") -> None:
        self.page.check("#method-store")
        if store:
            self.page.get_by_role("radio", name=store).check()
        self.look("how")
        self.go_on("check")

    def confirm(self) -> None:
        self.look("check")
        self.go_on("done")

    def go_on(self, to: str) -> None:
        self.page.click(".p-go .primary")
        self.page.wait_for_url(f"**/{to}/")

    def label(self, folder: Path, paper: str = "A4") -> bytes:
        """Wait until the page shows the label, and download it there."""
        link = self.page.locator("main").get_by_role("link", name=paper)
        expect(link).to_be_visible(timeout=30_000)
        self.look("done")
        with self.page.expect_download() as coming:
            link.click()
        coming.value.save_as(folder / "label.pdf")
        return (folder / "label.pdf").read_bytes()

    @property
    def tracking_number(self) -> str:
        return str(self.page.locator(".code-line strong").inner_text())
