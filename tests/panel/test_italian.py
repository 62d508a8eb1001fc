"""What flows refuse is said in the language of the member who asked."""

import pytest

from rientro.models import Return, User
from tests.panel.places import place


def text(answer):
    return answer.content.decode()


@pytest.fixture(autouse=True)
def italian(owner, house):
    User.objects.update(language="it")


@pytest.mark.parametrize(
    ("name", "form", "words"),
    [
        ("return_refund", {"amount": "9999", "kind": "money"}, "Si possono ancora rimborsare"),
        ("return_reject", {"words": ""}, "Scrivi una frase che dica al cliente il perché."),
        ("return_retry", {}, "Questo reso non aspetta una nuova etichetta."),
    ],
)
def test_a_step_that_is_refused_says_why_in_italian(owner, house, name, form, words):
    answer = owner.post(place(name, house.ret.number), form, follow=True)

    assert words in text(answer)


def test_a_rule_without_sense_is_refused_in_italian(owner, house):
    form = {
        "c0-property": "destination_country",
        "c0-operator": "is",
        "c0-value": "",
        "act": "save",
    }

    page = text(owner.post(place("rule_new"), form))

    assert "Condizione 1: di’ con che cosa si confronta paese di consegna." in page
    assert "Scegli uno dei tuoi indirizzi." in page


def test_the_carriers_problem_is_said_in_italian_and_its_own_words_stay(owner, house):
    known = "The label was given back. Ask for a new one when it is needed."
    Return.objects.filter(pk=house.ret.pk).update(carrier="failed", carrier_problem=known)
    ours = text(owner.get(place("return", house.ret.number)))
    Return.objects.filter(pk=house.ret.pk).update(carrier_problem="PLZ fehlt.")
    theirs = text(owner.get(place("return", house.ret.number)))

    assert "L’etichetta è stata restituita." in ours
    assert "PLZ fehlt." in theirs
