"""A sentence is English for machines and tables, and the reader's language at the door."""

import copy
import json
import pickle

import pytest
from django.utils import translation

from rientro.kit.said import said
from rientro.kit.sentences import Sentence


def test_a_sentence_is_a_string_like_any_other():
    sentence = Sentence("At most %(left)s can still go back.", left="€4.90")

    assert sentence == "At most €4.90 can still go back."
    assert json.loads(json.dumps({"words": sentence})) == {"words": str(sentence)}
    assert Sentence("100 % wool") == "100 % wool"


@pytest.mark.parametrize("through", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_a_copy_knows_what_it_was_made_of(through):
    sentence = through(Sentence("At most %(left)s can still go back.", left="100 %"))

    with translation.override("it"):
        assert said(sentence) == "Si possono ancora rimborsare al massimo 100 %."


def test_a_sentence_in_a_sentence_is_said_as_well():
    inner = Sentence("write a number such as 3.")

    with translation.override("it"):
        assert (
            said(Sentence("Condition %(place)s: %(wrong)s", place=2, wrong=inner))
            == "Condizione 2: scrivi un numero come 3."
        )


def test_a_carriers_own_words_stay_as_they_are():
    with translation.override("it"):
        assert said("Sendung nicht möglich: 100 %") == "Sendung nicht möglich: 100 %"
        assert said("") == ""
        assert said("This return is closed.") == "Questo reso è chiuso."
