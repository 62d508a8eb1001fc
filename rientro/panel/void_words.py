"""Until when a label can be given back, beside each label of a return."""

from datetime import datetime

from rientro.carriers.registry import void_window
from rientro.models import Return


def show_windows(ret: Return, *, now: datetime) -> None:
    """Give every label of ``ret`` (of panel.return_page.return_of) its ``window`` (policy.void_windows)."""
    for parcel in ret.parcels.all():
        accounts = {purchase.pk: purchase.account for purchase in parcel.purchases.all()}
        for label in parcel.labels.all():
            account = accounts[label.purchase_id]
            label.window = void_window(  # type: ignore[attr-defined]
                account.carrier, account.settings, bought_at=label.bought_at, now=now
            )
