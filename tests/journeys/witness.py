"""Whoever walks through pages here sees what must never happen: errors, strangers' addresses, poor access."""

import re
from typing import Any

from tests.portal.seen import Eye


class Witness(Eye):
    """An eye that also hears servers fail and pieces of pages go missing. Pictures are numbered as seen."""

    def __init__(self, page: Any, host: str, journey: str, *, scripted: bool = True) -> None:
        super().__init__(page, host)
        self.scripted = scripted
        self.journey, self.seen = re.sub(r"\W+", "-", journey)[:40], 0
        page.on("response", self._response)
        page.on("requestfailed", self._failed)

    def look(self, name: str) -> None:
        self.seen += 1
        if self.scripted:  # axe is a script itself, and would never come back
            super().look(f"{self.journey}-{self.seen:02}-{name}")

    def _settle(self) -> None:
        """Half a second of silence, a hundred times, is a minute: scripts have run when the page is loaded."""
        self.page.wait_for_load_state("load")

    def _response(self, response: Any) -> None:
        kind = response.request.resource_type
        if response.status >= 500 or (response.status >= 400 and kind not in ("document", "fetch")):
            self.wrong.append(f"{response.status}: {response.url}")

    def _failed(self, request: Any) -> None:
        # A download and a page that is left behind end as "aborted".
        if "ERR_ABORTED" not in (request.failure or ""):
            self.wrong.append(f"{request.failure}: {request.url}")
