"""Merchants and logins, made by the operator."""

import getpass
import sys
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from rientro.kit import clock
from rientro.models import Member, Merchant, User
from rientro.models.merchants import Role


class PeopleError(RuntimeError):
    """The login cannot be made; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a merchant is made of."""

    name: str
    country: str = "IT"
    currency: str = "EUR"
    time_zone: str = "Europe/Rome"
    language: str = "en"


def ask_password() -> str:
    """From the terminal, or from the first line of standard input in a script."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("The same again: "):
        raise PeopleError("The two passwords differ.")
    return first


@transaction.atomic
def create_merchant(facts: Facts, email: str, password: str) -> str:
    """A merchant with its first member, the owner. An existing login keeps its password."""
    merchant = Merchant.objects.create(
        name=facts.name,
        country=facts.country.upper(),
        currency=facts.currency.upper(),
        time_zone=facts.time_zone,
        language=facts.language,
        created_at=clock.now(),
    )
    user = User.objects.filter(email=email.strip().lower()).first() or _new_user(email, password)
    _join(user, merchant, Role.OWNER.value)
    return f"Merchant {merchant.pk} ({merchant.name}) is there; {user.email} is its owner."


@transaction.atomic
def create_login(email: str, password: str, merchant_id: int | None, role: str) -> str:
    """A login, or a new password for an existing one; with a merchant, also a membership."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        user = _new_user(email, password)
    else:
        _check(email, password)
        user.set_password(password)
        user.save(update_fields=["password"])
    if merchant_id is None:
        return f"{user.email} can log in."
    merchant = Merchant.objects.filter(pk=merchant_id).first()
    if merchant is None:
        raise PeopleError(f"There is no merchant {merchant_id}.")
    if role not in Role.values:
        raise PeopleError(f"{role!r} is no role; roles are {', '.join(Role.values)}.")
    _join(user, merchant, role)
    return f"{user.email} can log in and acts for {merchant.name} ({role})."


def _new_user(email: str, password: str) -> User:
    _check(email, password)
    return User.objects.create_user(email, password)


def _check(email: str, password: str) -> None:
    try:
        validate_email(email.strip())
        validate_password(password)
    except ValidationError as error:
        raise PeopleError(" ".join(error.messages)) from error


def _join(user: User, merchant: Merchant, role: str) -> None:
    Member.objects.update_or_create(
        user=user,
        merchant=merchant,
        defaults={"role": role},
        create_defaults={"role": role, "created_at": clock.now()},
    )
