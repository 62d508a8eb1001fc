import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rientro.kit import clock
from rientro.kit.ids import CODE_ALPHABET, new_code, new_token, token_hash, uuid7


def test_tokens_are_long_and_never_the_same():
    tokens = {new_token() for _ in range(1000)}

    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {43}


def test_only_the_hash_of_a_token_is_kept():
    token = new_token()

    assert len(token_hash(token)) == 32
    assert token_hash(token) == token_hash(token)
    assert token.encode() not in token_hash(token)


@given(length=st.integers(1, 20))
def test_a_code_has_no_letter_that_can_be_misread(length):
    code = new_code(length)

    assert len(code) == length
    assert set(code) <= set(CODE_ALPHABET)
    assert not set(CODE_ALPHABET) & set("01OILAEU")


def test_version_seven_numbers_sort_by_time():
    made = [uuid7() for _ in range(100)]

    stamps = [value.int >> 80 for value in made]
    assert stamps == sorted(stamps)
    assert {value.version for value in made} == {7}
    assert {value.variant for value in made} == {"specified in RFC 4122"}
    assert len(set(made)) == 100


def test_the_clock_is_the_machines_without_a_demo(monkeypatch):
    monkeypatch.delenv("RIENTRO_CLOCK_FILE", raising=False)

    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.now().tzinfo is not None


def test_a_demo_moves_the_clock_and_back(monkeypatch, tmp_path):
    file = tmp_path / "clock"
    monkeypatch.setenv("RIENTRO_CLOCK_FILE", str(file))

    assert clock.offset_s() == 0.0
    file.write_text(json.dumps(86_400))
    ahead = clock.now() - datetime.now(UTC)
    file.write_text("not a number at all")

    assert timedelta(hours=23, minutes=59) < ahead < timedelta(days=1, minutes=1)
    assert clock.offset_s() == 0.0
