"""The timeline has words for everything that can happen, in every language of the panel."""

import pytest
from django.utils import translation

from rientro.flows.deliver_event import KINDS, SEND_IT
from rientro.panel.event_phrases import MAILS, PHRASES
from rientro.panel.event_words import said
from rientro.policy.event_names import EVENTS


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
