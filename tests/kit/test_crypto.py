import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.kit.crypto import CannotUnseal, reseal, seal, unseal

WORDS = st.dictionaries(st.text(max_size=20), st.text(max_size=50), max_size=5)


@given(facts=WORDS)
def test_what_was_sealed_is_what_is_opened(facts):
    assert unseal(seal(facts)) == facts


def test_a_sealed_secret_cannot_be_read_and_is_new_each_time(settings):
    token = seal({"token": "carrier-secret"})

    assert "carrier-secret" not in token
    assert token != seal({"token": "carrier-secret"})


def test_nothing_sealed_is_nothing():
    assert unseal("") == {}
    assert reseal("") == ""


def test_a_changed_token_does_not_open():
    token = seal({"token": "x"})
    broken = token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:]

    with pytest.raises(CannotUnseal):
        unseal(broken)


def test_a_key_of_another_house_does_not_open(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "one" * 20, []
    token = seal({"token": "x"})
    settings.SECRET_KEY = "two" * 20

    with pytest.raises(CannotUnseal, match="another secret key"):
        unseal(token)


def test_an_old_key_still_opens_until_everything_is_sealed_anew(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "old" * 20, []
    token = seal({"token": "x"})
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, ["old" * 20]
    again = reseal(token)
    settings.SECRET_KEY_FALLBACKS = []

    assert unseal(again) == {"token": "x"}
    with pytest.raises(CannotUnseal):
        unseal(token)
