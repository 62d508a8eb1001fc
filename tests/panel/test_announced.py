"""A return that a machine told without asking for its label waits at the desk like any other."""

import pytest

from rientro.flows.announce_return import announce_return
from rientro.models import LabelPurchase, Return
from rientro.policy.announcements import AnnouncedReturn
from rientro.policy.sender import FromAddress
from tests import makers
from tests.panel.places import place

pytestmark = pytest.mark.django_db


def test_the_desk_sees_it_and_approving_buys_its_label(owner, house):
    sender = FromAddress(
        name="Ada Conti", street="Via Po 1", city="Torino", postal_code="10123", country="IT"
    )
    ret = announce_return(
        integration=makers.make_integration(),
        wish=AnnouncedReturn(sender=sender, to=None, asks_label=False),
        actor="key:1",
        now=makers.NOW,
    )

    listed = owner.get(f"{place('returns')}?tab=requests")
    page = owner.get(place("return", ret.number))
    owner.post(f"{place('return', ret.number)}approve/")

    assert ret.number in listed.content.decode()
    assert "Ada Conti" in page.content.decode()
    assert Return.objects.get(pk=ret.pk).approval == "approved"
    assert LabelPurchase.objects.get(parcel__ret=ret).parcel == ret.parcels.get()
