"""Merchants and logins made by the operator, and a secret key that changes."""

import pytest

from rientro.host import people
from rientro.host.keys import reseal_everything
from rientro.kit import crypto
from rientro.kit.tenancy import merchant_transaction
from rientro.models import CarrierAccount, Member, Merchant, User
from tests import makers

GOOD = "a-long-enough-word"


@pytest.mark.django_db
def test_a_merchant_comes_with_its_owner():
    said = people.create_merchant(people.Facts("Sartoria Brina", country="it"), "Anna@x.test", GOOD)

    member = Member.objects.get()
    assert (member.role, member.user.email) == ("owner", "anna@x.test")
    assert (member.merchant.name, member.merchant.country) == ("Sartoria Brina", "IT")
    assert member.user.check_password(GOOD)
    assert "anna@x.test is its owner" in said


@pytest.mark.django_db
def test_an_existing_login_keeps_its_password_and_owns_both():
    people.create_merchant(people.Facts("One"), "anna@x.test", GOOD)

    people.create_merchant(people.Facts("Two"), "anna@x.test", "another-long-word")

    user = User.objects.get()
    assert user.check_password(GOOD)
    assert user.memberships.count() == 2


@pytest.mark.django_db
def test_a_login_gets_a_new_password_and_a_role():
    merchant = makers.make_merchant()
    people.create_login("eva@x.test", GOOD, None, "admin")

    said = people.create_login("eva@x.test", "another-long-word", merchant.pk, "desk")

    assert User.objects.get().check_password("another-long-word")
    assert Member.objects.get().role == "desk"
    assert merchant.name in said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("email", "password", "merchant", "role", "words"),
    [
        ("eva@x.test", "123", None, "admin", "too short"),
        ("eva", GOOD, None, "admin", "valid email"),
        ("eva@x.test", GOOD, 999, "admin", "no merchant 999"),
        ("eva@x.test", GOOD, 0, "king", "no role"),
    ],
)
def test_what_cannot_be_is_said_in_words(email, password, merchant, role, words):
    if merchant == 0:
        merchant = makers.make_merchant().pk

    with pytest.raises(people.PeopleError, match=words):
        people.create_login(email, password, merchant, role)

    assert not User.objects.exists()
    assert not Member.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_credentials_are_sealed_anew_under_the_newest_key(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "old" * 12, []
    account = {}
    for _ in range(2):
        merchant = makers.make_merchant()
        with merchant_transaction(merchant.pk):
            made = makers.make_carrier_account(credentials=crypto.seal({"token": str(merchant.pk)}))
            account[merchant.pk] = made.pk
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 12, ["old" * 12]

    said = reseal_everything()

    assert said.startswith("2 sealed values")
    settings.SECRET_KEY_FALLBACKS = []
    for merchant_id, pk in account.items():
        with merchant_transaction(merchant_id):
            token = CarrierAccount.objects.get(pk=pk).credentials
        assert crypto.unseal(token) == {"token": str(merchant_id)}


@pytest.mark.django_db(transaction=True)
def test_what_no_key_opens_is_named_and_left_alone(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "lost" * 12, []
    merchant = makers.make_merchant()
    with merchant_transaction(merchant.pk):
        made = makers.make_carrier_account(credentials=crypto.seal({"token": "t"}))
    settings.SECRET_KEY = "new" * 12

    said = reseal_everything()

    assert f"carrier account {made.pk} of merchant {merchant.pk}" in said
    assert Merchant.objects.count() == 1
