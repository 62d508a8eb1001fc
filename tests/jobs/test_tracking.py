"""Tasks of tracking: found by id, done for their merchant, and posted only for those who need them."""

import pytest

from rientro.jobs import schedule
from rientro.jobs.tracking import (
    run_flag_silent,
    run_poll_tracking,
    run_process_inbox,
    run_renew_webhooks,
)
from rientro.models import CarrierAccount, InboxMessage, Parcel
from tests.jobs.test_schedule import waiting
from tests.makers import NOW, make_carrier_account
from tests.parcels import make_parcel, sealed
from tests.sandbox import customer, sandbox_process

__all__ = ["customer", "sandbox_process"]
pytestmark = pytest.mark.django_db
OLD = {"webhook_base": "https://old.example"}
HERE = {"webhook_base": "http://testserver"}


@pytest.mark.parametrize(
    ("case", "settings", "posted"),
    [("never told", {}, 1), ("told before we moved", OLD, 1), ("told", HERE, 0)],
)
def test_only_carriers_that_know_an_old_address_are_told(merchant, jobs, case, settings, posted):
    make_carrier_account(settings=settings)

    schedule.run_renew_webhooks_all(timestamp=0)

    assert len(waiting("renew_webhooks")) == posted


def test_tasks_do_their_flow(merchant, customer):
    account = make_carrier_account(
        credentials=sealed(token=customer.token), settings=customer.settings
    )
    parcel = make_parcel(account=account)
    message = InboxMessage.objects.create(
        account=account, delivery_key="d", body=b"{}", received_at=NOW
    )

    run_renew_webhooks(merchant_id=merchant.pk)
    run_poll_tracking(merchant_id=merchant.pk, account_id=account.pk)
    run_process_inbox(merchant_id=merchant.pk, message_id=message.pk)
    run_flag_silent(merchant_id=merchant.pk)

    account = CarrierAccount.objects.get(pk=account.pk)
    assert account.settings["webhook_base"] == "http://testserver"
    assert account.polled_at
    assert Parcel.objects.get(pk=parcel.pk).next_poll_at > NOW
    assert InboxMessage.objects.get(pk=message.pk).processed_at
