"""Notes of the desk: kept with the return, seen by the team, never by the shopper."""

import pytest

from rientro.flows.add_note import LONGEST, add_note
from rientro.models import ApiKey, Note
from tests.makers import NOW
from tests.panel.places import place


def text(answer):
    return answer.content.decode()


def write(client, house, words):
    return client.post(place("return_note", house.ret.number), {"words": words}, follow=True)


def test_a_note_stands_on_the_page_of_its_return(owner, house):
    answer = write(owner, house, "Box was <b>wet</b>\nAsk Anna")

    page = text(answer)
    assert "The note is kept." in page
    assert "Box was &lt;b&gt;wet&lt;/b&gt;<br>Ask Anna" in page
    note = Note.objects.get()
    assert (note.ret_id, note.actor[:7]) == (house.ret.pk, "member:")


@pytest.mark.parametrize("words", ["", "   ", "\0", "x" * (LONGEST + 1)])
def test_a_note_without_words_or_with_too_many_is_told_and_not_kept(owner, house, words):
    answer = write(owner, house, words)

    assert answer.status_code == 200
    assert "The note is kept." not in text(answer)
    assert Note.objects.count() == 0


def test_a_machines_note_is_told_by_the_name_of_its_key(owner, house):
    key = ApiKey.objects.create(
        integration=house.shop, name="Scanner", public_key="rk_1_x", created_at=NOW
    )
    add_note(ret=house.ret, words="Shelf 7", actor=f"key:{key.pk}", now=NOW)
    add_note(ret=house.ret, words="Shelf 8", actor=f"key:{key.pk}", now=NOW)

    page = text(owner.get(place("return", house.ret.number)))

    assert "API key Scanner" in page
    assert page.index("Shelf 8") < page.index("Shelf 7")


def test_the_shopper_never_reads_it(owner, house, new_client):
    write(owner, house, "Smells of smoke")

    page = new_client().get(f"/{house.brand.slug}/r/{house.ret.link_token}/")

    assert page.status_code == 200
    assert "smoke" not in text(page)


def test_who_may_only_look_reads_notes_and_writes_none(house, as_role):
    add_note(ret=house.ret, words="Shelf 7", actor="member:1", now=NOW)

    page = text(as_role("read_only").get(place("return", house.ret.number)))

    assert "Shelf 7" in page
    assert 'id="note"' not in page


def test_a_key_of_every_shop_is_made_by_a_tick(owner, house):
    for ticked in ({}, {"every_shop": "on"}):
        owner.post(place("key_new", house.shop.pk), {"name": "Warehouse"} | ticked)

    assert [key.every_shop for key in ApiKey.objects.order_by("pk")] == [False, True]
    page = text(owner.get(place("integration", house.shop.pk)))
    assert page.count("all shops") == 1
