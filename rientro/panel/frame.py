"""What every page of the panel shows around its own matter; asked only when it is drawn."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from rientro.models import Brand, Member
from rientro.policy.lifecycle import PurchaseStatus, Tab

COUNT_CAP = 1000


def capped_count(rows: "QuerySet[Any]") -> int:
    """How many rows, but never counting far beyond the cap: a million rows cost as much as a thousand."""
    return rows.order_by()[: COUNT_CAP + 1].count()


def capped_words(count: int) -> str:
    """ "12", or "1k+" beyond the cap."""
    return str(count) if count <= COUNT_CAP else "1k+"


class Frame:
    """The person, the merchant and the few numbers of the navigation."""

    def __init__(self, member: Member, abilities: frozenset[str]) -> None:
        self.member = member
        self.merchant = member.merchant
        self.abilities = abilities

    @property
    def may_receive(self) -> bool:
        return "receive" in self.abilities

    @property
    def may_decide(self) -> bool:
        return "decide" in self.abilities

    @property
    def may_manage(self) -> bool:
        return "manage" in self.abilities

    @cached_property
    def waiting(self) -> str:
        """Requests that wait for a person; empty when none does."""
        count = capped_count(self.merchant.returns.filter(tab=Tab.REQUESTS.value))
        return capped_words(count) if count else ""

    @cached_property
    def doubts(self) -> str:
        """Labels of which nobody knows whether they were bought, for whoever may settle them; empty when none."""
        if not self.may_manage:
            return ""
        unknown = PurchaseStatus.UNKNOWN.value
        count = capped_count(self.merchant.label_purchases.filter(status=unknown))
        return capped_words(count) if count else ""

    @cached_property
    def brands(self) -> list[Brand]:
        return list(self.merchant.brands.filter(archived_at=None).order_by("name", "id"))

    @cached_property
    def shops(self) -> int:
        return self.merchant.integrations.filter(deleted_at=None).count()

    @property
    def marks_version(self) -> str:
        """Changes with the looks of any brand, so that the stylesheet of the marks may be cached."""
        return f"{self.merchant.pk}-" + "-".join(f"{b.pk}.{b.looks_version}" for b in self.brands)

    @property
    def person(self) -> str:
        return self.member.user.get_full_name() or self.member.user.email

    @property
    def initials(self) -> str:
        words = self.person.replace("@", " ").replace(".", " ").split()
        return "".join(word[0] for word in words[:2]).upper() or "?"
