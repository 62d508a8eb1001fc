"""Settings of one merchant change one at a time: exactly one default, one order of rules, no code twice."""

from rientro.kit.tenancy import current_merchant
from rientro.models.merchants import Merchant


def hold_settings() -> None:
    """Wait for whoever changes this merchant's settings now; held until the transaction ends.

    Orders and returns go on meanwhile: a reference to the merchant does not wait for this lock.
    """
    Merchant.objects.select_for_update(no_key=True).get(pk=current_merchant())
