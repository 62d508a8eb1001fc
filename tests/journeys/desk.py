"""A member at the panel: pages are opened by their links, forms are filled by their labels."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.journeys.stage import PASSWORD, Keys, Stage
from tests.journeys.witness import Witness

expect.set_options(timeout=15_000)


class Desk:
    """What one person does at the panel."""

    def __init__(self, page: Page, stage: Stage, eye: Witness) -> None:
        self.page, self.stage, self.eye = page, stage, eye

    def log_in(self, member: Any) -> None:
        self.page.goto(f"{self.stage.url}/")
        self.field("E-mail").or_(self.field("Email")).fill(member.user.email)
        self.field("Password").fill(PASSWORD)
        self.eye.look("login")
        self.press("Log in")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Returns")
        self.eye.look("first-day")

    # Moving about

    def go(self, where: str) -> None:
        """Follow a link of the main navigation."""
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name=where).click()

    def look_until(self, where: str, row: Any) -> None:
        """Go and look again until ``row`` is there: the carrier's news takes a moment."""
        for _ in range(20):
            self.go(where)
            self.page.wait_for_load_state()
            if row.count():
                return
            self.page.wait_for_timeout(1000)
        expect(row).to_be_visible()

    def settings(self, where: str) -> None:
        self.go("Settings")
        nav = self.page.get_by_role("navigation", name="Settings")
        nav.get_by_role("link", name=where, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def field(self, label: str) -> Locator:
        return self.page.locator("main").get_by_label(label, exact=True)

    def fill(self, **values: str) -> None:
        """By the form's own names, where labels carry a word more."""
        for name, value in values.items():
            box = self.page.locator(f"main [name={name}]")
            if box.evaluate("node => node.tagName") == "SELECT":
                box.select_option(value)
            else:
                box.fill(value)

    def press(self, name: str) -> None:
        self.page.locator("main").get_by_role("button", name=name).first.click()

    def open(self, name: str) -> None:
        self.page.locator("main").get_by_role("link", name=name).first.click()

    def told(self, words: str) -> None:
        expect(self.page.locator("main").get_by_text(words).first).to_be_visible()

    # Setting up

    def connect_carrier(self) -> None:
        self.settings("Carriers")
        self.open("Connect")
        self.field("Access token").fill(self.stage.customer.token)
        self.fill(setting_url=self.stage.customer.url)
        self.eye.look("carrier")
        self.press("Try and save")
        self.told("it answers and takes our credentials")
        self.eye.look("carriers")

    def make_brand(self, name: str, slug: str, logo: Path | None = None, **words: str) -> None:
        self.settings("Brands")
        self.open("Make your brand" if self.page.locator(".empty").count() else "New brand")
        self.fill(name=name, slug=slug, **words)
        if logo:
            self.field("Logo").set_input_files(logo)
        self.page.get_by_label("Italiano").check()
        self.page.get_by_label("English").check()
        self.press("Publish")
        self.told("Published.")
        self.eye.look(f"brand-{slug}")

    def make_address(self, label: str, brand: str, **fields: str) -> None:
        """The brand is chosen under Miscellaneous."""
        self.settings("Addresses")
        first = self.page.locator(".empty").count()
        self.open("Write the first address" if first else "New address")
        fields = {"country": "IT", "company": f"{brand} S.r.l."} | fields
        is_store = fields.pop("is_store", "")
        self.fill(label=label, **fields)
        group = self.page.get_by_role("group", name="Miscellaneous")
        group.get_by_label("Brand", exact=True).select_option(label=brand)
        if is_store:
            group.get_by_role("switch", name="Shoppers may return here in person").check()
        self.eye.look(f"address-{label}")
        self.press("Save address")
        expect(self.page.locator("main").get_by_role("row", name=label)).to_contain_text(brand)

    def make_shop(self, name: str, system: str = "api") -> None:
        self.settings("Integrations")
        first = self.page.locator(".empty").count()
        self.open("Connect a shop" if first else "New integration")
        self.field("Name of the shop").fill(name)
        self.field("Orders come by").select_option(system)
        self.press("Connect")
        self.told(f"“{name}” is connected")
        self.eye.look("integration")

    def make_key(self) -> Keys:
        """On the page of an integration."""
        self.page.get_by_label("Name of the new key").fill("Warehouse script")
        self.press("Make a key")
        read = {
            label: self.field(label).input_value()
            for label in (
                "Base address",
                "Integration id",
                "Public key (user name)",
                "Secret key (password)",
            )
        }
        self.eye.look("key")
        self.open("I have copied it")
        return Keys(*read.values())

    def write_rule(self, shop: str, address: str) -> None:
        """If integration is ``shop``, then ship with ``address``: chosen word by word."""
        self.settings("Shipping rules")
        self.open("Write a rule" if self.page.locator(".empty").count() else "New rule")
        self._choose("With which one", shop)
        self._choose("Which address", address)
        self.eye.look("rule")
        self.press("Add rule")
        self.told("The rule is saved.")
        self.eye.look("rules")

    def _choose(self, slot: str, word: str) -> None:
        """The sentence is drawn anew after each word, once the page's script is there."""
        self.page.wait_for_load_state("load")
        with self.page.expect_response("**/shipping-rules/try/"):
            self.page.get_by_label(slot).select_option(label=word)
        self.page.wait_for_load_state("networkidle")

    def switch_returns_on(self, brand: str) -> None:
        """S2: the switch in front, and Save."""
        self.settings("Returns portal")
        if self.page.get_by_role("link", name=brand).count():
            self.open(brand)
        switch = self.page.get_by_role("switch", name="Allow returns without an outbound shipment")
        expect(switch).not_to_be_checked()
        self.eye.look("portal-off")
        switch.check()
        self.press("Save")
        self.told("Saved.")
        expect(switch).to_be_checked()
        self.eye.look("portal-on")

    # Orders

    def import_file(self, shop: str, file: Path, rows: int) -> None:
        self.go("Orders")
        self.settings("Integrations")
        row = self.page.get_by_role("row", name=shop)
        row.get_by_role("link", name="Import a file").click()
        self.page.set_input_files("#file", file)
        self.eye.look("import-file")
        self.press("Upload and look at it")
        self.told("All can be read")
        self.eye.look("import-columns")
        self.press(f"Import {rows} row")
        self.told("All of it is in")
        self.eye.look("import-done")

    # Returns

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    def search(self, words: str) -> None:
        self.page.get_by_role("searchbox").first.fill(words)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def find(self, words: str, link: str) -> None:
        """Search, and open the first of the found that is called so; a whole number opens its page at once."""
        self.search(words)
        self.eye.look("found")
        if "/search/" in self.page.url:
            self.open(link)

    def receive(self, grade: str) -> None:
        """On the page of a return: all units are here."""
        self.open("Receive items")
        self.page.locator("main select[name$=grade]").select_option(label=grade)
        self.eye.look("receive")
        self.press("Save the count")
        expect(self.page.locator("main")).to_contain_text(grade)
        self.eye.look("received")

    def pay_back(self) -> None:
        """On the page of a return: the amount that is proposed."""
        self.eye.look("refund")
        self.press("Paid back")
        expect(self.page.locator("h1 .badge")).to_have_text("Refunded")
        self.eye.look("refunded")
