"""The words of the family survive their way through a JSON column."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rientro.carriers.base import (
    Address,
    Customs,
    CustomsItem,
    LabelFormat,
    LabelRequest,
    ParcelSize,
)

texts = st.text(max_size=8)
numbers = st.integers(0, 10**6)
addresses = st.builds(
    Address,
    **dict.fromkeys(
        ["name", "street", "city", "country", "company", "house_number", "postal_code"], texts
    ),
)
sizes = st.builds(ParcelSize, weight_g=numbers, length_mm=numbers, width_mm=numbers)
items = st.builds(
    CustomsItem, description=texts, quantity=numbers, value_minor=numbers, weight_g=numbers
)
customs = st.builds(
    Customs, currency=texts, items=st.lists(items, max_size=3).map(tuple), invoice_number=texts
)
requests = st.builds(
    LabelRequest,
    reference=texts,
    sender=addresses,
    receiver=addresses,
    parcel=sizes,
    service=texts,
    want=st.sampled_from(LabelFormat),
    labelless=st.booleans(),
    description=texts,
    customs=st.none() | customs,
)


@given(requests)
def test_a_request_comes_back_as_it_was_stored(request):
    stored = json.loads(json.dumps(request.to_json()))

    assert LabelRequest.from_json(stored) == request


def test_a_shape_of_another_time_is_not_guessed_at():
    with pytest.raises((TypeError, KeyError)):
        LabelRequest.from_json({"reference": "R-1"})
