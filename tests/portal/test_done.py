"""The last page promises mails to those orders only that have an address for them."""

import re

import pytest

from tests.makers import make_brand, make_carrier_account, make_order
from tests.portal import walk

pytestmark = pytest.mark.django_db
PROMISES = re.compile(
    r"We (also )?mail it|we mail the label|We write when|You get a mail|News goes"
)


@pytest.mark.parametrize("review", ["none", "all"])
@pytest.mark.parametrize(("email", "promised"), [("giulia@example.test", True), ("", False)])
def test_mails_are_promised_to_those_who_get_them(client, merchant, email, promised, review):
    make_carrier_account()
    brand = make_brand(slug="brina", portal={"review": review})
    order = make_order(brand, email=email, email_norm=email)
    walk.up_to_check(client, order, address=walk.TYPED | {"email": email})
    walk.confirm(client, order)

    done = client.get("/brina/done/").content.decode()

    assert bool(PROMISES.search(done)) is promised
    assert ("has no e-mail address" in done) is not promised
