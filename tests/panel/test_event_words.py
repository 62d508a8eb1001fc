"""The timeline has words for everything that can happen, in every language of the panel."""

import pytest
from django.utils import translation

from rientro.flows.deliver_event import KINDS, SEND_IT
from rientro.models import Event, Merchant
from rientro.models.purchase_outcomes import DUPLICATE
from rientro.panel.event_phrases import MAILS, PHRASES
from rientro.panel.event_words import said, timeline
from rientro.policy.event_names import EVENTS
from tests.makers import NOW


def in_language(language, name, facts=None):
    with translation.override(language):
        return said(name, facts or {})


def test_every_event_has_words_of_its_own():
    assert set(PHRASES) == set(EVENTS)
    assert set(MAILS) == {*KINDS.values(), SEND_IT}


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_every_event_is_said_in_english_and_in_italian(name):
    english, italian = in_language("en", name), in_language("it", name)

    assert english
    assert italian
    assert english != italian
    assert "_" not in english + italian


def test_a_mail_is_called_by_its_name():
    facts = {"kind": "label_ready"}

    assert in_language("en", "return.mail_sent", facts) == "Mail “label ready” sent"
    assert in_language("it", "return.mail_sent", facts) == "E-mail «etichetta pronta» inviata"


def words_in_italian(name, words):
    event = Event(name=name, facts={"words": words}, actor="carrier:sandbox", happened_at=NOW)
    with translation.override("it"):
        return timeline(Merchant(), [event])[0].words


def test_why_there_is_no_label_is_said_in_the_language_of_the_reader():
    assert words_in_italian("return.label_failed", str(DUPLICATE)).startswith("Il corriere ha dato")
    assert words_in_italian("return.label_failed", "No such street.") == "No such street."


def test_what_a_person_wrote_is_left_as_it_is():
    assert words_in_italian("return.rejected", "Approved") == "Approved"
