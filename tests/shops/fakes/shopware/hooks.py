"""Webhooks and privileges of the fake Shopware: what an integration may, and the addresses that it had written down."""

import json

from tests.fake_server import Answer, Heard
from tests.shops.fakes.shopware import rows
from tests.shops.fakes.shopware.books import uuid
from tests.shops.fakes.shopware.doors import blank_error, gone, told_in
from tests.shops.fakes.shopware.keeper import Keeper
from tests.shops.fakes.shopware.search import Refused

TWICE = (
    "An exception occurred while executing a query: SQLSTATE[23000]: Integrity constraint violation: 1062 "
    "Duplicate entry for key 'webhook.uniq.webhook.name'"
)


class Hooks(Keeper):
    def __init__(self) -> None:
        super().__init__()
        self.granted: set[str] | None = None  # privileges of its role; None is an administrator

    def needs(self, *privileges: str) -> None:
        missing = sorted(set(privileges) - self.granted) if self.granted is not None else []
        if missing:
            detail = json.dumps({"message": "Missing privilege", "missingPrivileges": missing})
            raise Refused(403, "FRAMEWORK__MISSING_PRIVILEGE_ERROR", detail, {})

    # Webhooks

    def _webhook_made(self, heard: Heard) -> Answer:
        self.needs("webhook:create")
        words = told_in(heard)
        blank = [name for name in ("name", "eventName", "url") if not words.get(name)]
        taken = [
            one
            for one in self.webhooks.values()
            if one["name"] == words.get("name") and one["id"] != words.get("id")
        ]
        if blank:
            return Answer(400, {"errors": [blank_error(name) for name in blank]})
        if taken:
            raise Refused(500, "0", TWICE, {})
        key = words.get("id") or uuid("webhook", self.told_count, len(self.webhooks), words["name"])
        self.webhooks[key] = {
            "id": key,
            "name": words["name"],
            "eventName": words["eventName"],
            "url": words["url"],
            "onlyLiveVersion": bool(words.get("onlyLiveVersion", False)),
            "errorCount": 0,
            "active": bool(words.get("active", True)),
            "appId": None,
            "createdAt": rows.time(self.now),
            "updatedAt": None,
            "apiAlias": "webhook",
        }
        return Answer(204, headers={"Location": f"{self.url}/api/webhook/{key}"})

    def _webhook_patched(self, heard: Heard, key: str) -> Answer:
        self.needs("webhook:update")
        if key not in self.webhooks:
            raise gone("webhook", key)
        self.webhooks[key] |= {
            name: value for name, value in told_in(heard).items() if name in self.webhooks[key]
        }
        return Answer(204)

    def _webhook_gone(self, _: Heard, key: str) -> Answer:
        self.needs("webhook:delete")
        if key not in self.webhooks:
            raise gone("webhook", key)
        del self.webhooks[key]
        return Answer(204)
