"""What a browser test looks at: axe, requests that leave, pictures for a human eye."""

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

SHOTS = os.environ.get("SHOTS")  # a folder: then every page that is looked at is kept there


class Eye:
    """Looks at pages; ``wrong`` collects what a reader with or without eyes would stumble over."""

    def __init__(self, page: Any, host: str) -> None:
        self.page, self.host = page, host
        self.wrong: list[str] = []
        page.on("request", self._request)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))

    def look(self, name: str) -> None:
        """Axe, sideways scrolling, and a picture."""
        self._settle()
        found = Axe().run(self.page)
        self.wrong += [
            f"{name}: {violation['id']}: {node['html'][:160]}"
            for violation in found.response["violations"]
            for node in violation["nodes"]
        ]
        wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            self.wrong.append(f"{name}: {wide} px too wide")
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)

    def _settle(self) -> None:
        self.page.wait_for_load_state("networkidle")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.host, "data:", "blob:")):
            self.wrong.append(f"a request left: {request.url}")

    def _console(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.wrong.append(f"console: {message.text}")
