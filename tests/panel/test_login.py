"""The pages around the login: in, out, a forgotten password, no sign-up by strangers."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from tests import makers
from tests.panel.places import place


@pytest.fixture
def person(merchant):
    user = makers.make_user("elena@example.test", password="correct horse battery")
    makers.make_member(merchant, user=user)
    return user


def text(answer):
    return answer.content.decode()


def test_a_member_logs_in_and_is_at_the_desk(client, person):
    answer = client.post(
        reverse("account_login"),
        {"login": "Elena@Example.test", "password": "correct horse battery"},
    )

    assert (answer.status_code, answer["Location"]) == (302, place("returns"))


def test_a_login_goes_back_to_the_page_that_was_asked_for(client, person):
    asked = client.get(place("orders"))
    answer = client.post(
        asked["Location"],
        {"login": person.email, "password": "correct horse battery", "next": place("orders")},
    )

    assert answer["Location"] == place("orders")


def test_a_login_leads_to_no_other_host(client, person):
    answer = client.post(
        f"{reverse('account_login')}?next=https://evil.example/",
        {
            "login": person.email,
            "password": "correct horse battery",
            "next": "https://evil.example/",
        },
    )

    assert answer["Location"] == place("returns")


@pytest.mark.parametrize(
    "typed",
    [
        {"login": "elena@example.test", "password": "wrong"},
        {"login": "nobody@example.test", "password": "correct horse battery"},
    ],
)
def test_a_wrong_login_does_not_say_which_half_was_wrong(client, person, typed):
    answer = client.post(reverse("account_login"), typed)

    assert "The email address and/or password you specified are not correct." in text(answer)


def test_logging_out_takes_a_click(client, person):
    client.force_login(person)

    asked = client.get(reverse("account_logout"))
    client.post(reverse("account_logout"))

    assert "Log out?" in text(asked)
    assert client.get(place("returns")).status_code == 302


def test_a_forgotten_password_is_reset_by_mail(client, person):
    client.post(reverse("account_reset_password"), {"email": person.email})
    link = re.search(r"https?://\S+(/accounts/\S+)", mail.outbox[0].body)
    assert link
    form = client.get(link[1], follow=True)
    address = form.redirect_chain[-1][0]

    client.post(
        address, {"password1": "new horse new battery", "password2": "new horse new battery"}
    )

    assert "Choose a new password" in text(form)
    person.refresh_from_db()
    assert person.check_password("new horse new battery")


def test_an_unknown_address_gets_the_same_answer(client, person):
    known = client.post(reverse("account_reset_password"), {"email": person.email}, follow=True)
    unknown = client.post(
        reverse("account_reset_password"), {"email": "x@example.test"}, follow=True
    )

    strip = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
    assert strip.sub("", text(known)) == strip.sub("", text(unknown))


def test_strangers_make_no_account(client, db):
    answer = client.post(
        reverse("account_signup"),
        {"email": "x@example.test", "password1": "correct horse x", "password2": "correct horse x"},
    )

    assert "Accounts are made by invitation" in text(answer)


def test_a_password_is_changed(client, person):
    client.force_login(person)

    client.post(
        reverse("account_change_password"),
        {
            "oldpassword": "correct horse battery",
            "password1": "another horse entirely",
            "password2": "another horse entirely",
        },
    )

    person.refresh_from_db()
    assert person.check_password("another horse entirely")
