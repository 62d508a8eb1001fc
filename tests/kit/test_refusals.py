"""What a carrier says when it refuses, in each shape that is known here, and in none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.kit.refusals import Refusal, refusal_in


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            b'{"error": {"code": 400, "request": "api/v2/x", "message": "No."}}',
            Refusal("400", "No."),
        ),
        (
            b'{"error": {"code": "A.B", "message": "Bad.", "errors": [{"field": "zip", "message": "is blank"}]}}',
            Refusal("A.B", "Bad. zip: is blank", ("zip",)),
        ),
        (
            b'{"error": {"code": "A.B", "message": "Bad.", "errors": ["one", "two"]}}',
            Refusal("A.B", "Bad. one two"),
        ),
        (
            b'{"errors": [{"code": "invalid", "detail": "Nobody.", "source": {"pointer": "/data/city"}}]}',
            Refusal("invalid", "city: Nobody.", ("city",)),
        ),
        (
            b'{"errors": [{"field": "returns", "code": 409, "message": "Not now."}]}',
            Refusal("409", "returns: Not now.", ("returns",)),
        ),
        (b'{"detail": "No parcel."}', Refusal("", "No parcel.")),
        (b'{"errors": []}', Refusal()),
        (b'{"errors": [null, 7]}', Refusal("", "7")),
        (b'{"error": null}', Refusal()),
        (b"<Error><Code>NoSuchKey</Code></Error>", Refusal()),
        (b"", Refusal()),
        (b"{}", Refusal()),
        (b'{"error": {"co', Refusal(cut=True)),
        (b"[" * 100_000, Refusal()),
    ],
)
def test_each_shape(body, said):
    assert refusal_in(body) == said


def test_long_words_are_cut_and_nul_left_out():
    body = b'{"error": {"code": "' + b"c" * 99 + b'", "message": "\\u0000' + b"w" * 999 + b'"}}'

    found = refusal_in(body)

    assert (len(found.code), len(found.words)) == (60, 300)
    assert "\0" not in found.words


@given(st.binary(max_size=200))
def test_no_bytes_break_it(body):
    refusal_in(body)


NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["error", "errors", "detail", "message"]),
        NESTED
        | st.lists(
            st.dictionaries(
                st.sampled_from(["code", "detail", "message", "field", "source", "errors"]), NESTED
            ),
            max_size=3,
        )
        | st.dictionaries(st.sampled_from(["code", "message", "errors"]), NESTED),
    )
)
def test_no_shape_breaks_it(found):

    said = refusal_in(json.dumps(found).encode())

    assert len(said.words) <= 300
