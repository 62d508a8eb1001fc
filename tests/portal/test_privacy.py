"""Nobody who has proven no more than two details is shown a name, a street, an e-mail or a phone (A6)."""

import re

import pytest

from rientro.flows.prove_identity import ask_code
from rientro.kit import clock
from rientro.models import AccessCode, Mail, Return, Ticket
from rientro.models.documents import StoredDocument
from rientro.models.lookup import code_of, link_token_of
from tests.makers import make_brand, make_carrier_account, make_order, make_return
from tests.portal import walk
from tests.portal.papers import make_label

pytestmark = pytest.mark.django_db

CANARIES = {
    "name": "Zebedea Kanarienvogel",
    "company": "Canary Holdings 77",
    "street": "Via dei Canarini Segreti",
    "house_number": "4711b",
    "address_2": "Scala Q interno 99",
    "city": "Canaropoli",
    "email": "zebedea.kanarien@secret.example",
    "email_norm": "zebedea.kanarien@secret.example",
    "phone": "+39 055 987654321",
}
SEEN = re.compile(
    "zebedea|kanarien|canary holdings|canarini|4711b|scala q|canaropoli|987654321", re.IGNORECASE
)


@pytest.fixture
def order(merchant):
    make_carrier_account()
    return make_order(make_brand(slug="brina", portal={"in_store": True}), number="A-1", **CANARIES)


def everything(response) -> str:
    return f"{response.status_code} {dict(response.headers)} {response.content.decode()} {response.cookies}"


def test_no_page_of_the_way_shows_what_we_know(client, order):
    typed = {"name": "A", "street": "B", "house_number": "1", "postal_code": "10131", "city": "C"}
    seen = [client.get("/brina/"), walk.look_up(client, "brina", "A-1", "99999")]
    seen += [walk.look_up(client, "brina", "A-1", "10131")]
    seen += [client.get(f"/brina/{page}/") for page in ("items", "why", "how", "address", "code")]
    seen += [walk.pick(client, order), client.get("/brina/why/")]
    seen += [client.post("/brina/why/", {"reason": "too-small"}), client.get("/brina/how/")]
    seen += [client.post("/brina/how/", {"method": "print_at_home", "refund": "money"})]
    seen += [client.get("/brina/address/"), client.post("/brina/address/", {})]
    seen += [client.post("/brina/code/send/"), client.get("/brina/code/")]
    seen += [client.post("/brina/code/", {"code": "WRONGONE"})]
    seen += [client.post("/brina/address/", typed), client.get("/brina/check/")]
    seen += [walk.confirm(client, order), client.get("/brina/done/"), client.get("/brina/items/")]
    token = Return.objects.get().link_token
    seen += [client.get(f"/brina/r/{token}/"), client.get(f"/brina/r/{token}/cancel/")]

    assert [SEEN.search(everything(page)) for page in seen if SEEN.search(everything(page))] == []
    assert Return.objects.get().from_name == "A"


def test_a_stranger_with_both_details_cannot_open_an_earlier_return(client, new_client, order):
    walk.up_to_check(client, order)
    walk.confirm(client, order)
    token = Return.objects.get().link_token
    other = new_client()

    walk.find(other, order)
    page = other.get("/brina/items/").content.decode()

    assert "R-10001" in page
    assert token not in page
    assert token in client.get("/brina/items/").content.decode()
    assert other.get("/brina/done/")["Location"] == "/brina/items/"


def test_the_mailed_code_shows_the_address_and_the_earlier_returns(client, order, jobs):
    make_return(order)
    walk.find(client, order)
    walk.pick(client, order)
    client.post("/brina/why/", {"reason": "-"})
    client.post("/brina/how/", {"method": "print_at_home", "refund": "money"})

    client.post("/brina/code/send/")
    code = code_of(AccessCode.objects.get())
    answer = client.post("/brina/code/", {"code": f" {code[:4].lower()}-{code[4:]} "})

    assert answer["Location"] == "/brina/address/"
    assert "Via dei Canarini Segreti" in client.get("/brina/address/").content.decode()
    assert Return.objects.get().link_token in client.get("/brina/items/").content.decode()


def test_asking_for_a_code_looks_the_same_without_an_e_mail(client, new_client, merchant, order):
    bare = make_order(order.brand, number="A-2", email="", email_norm="")
    answers = []
    for each in (order, bare):
        visitor = new_client()
        walk.find(visitor, each)
        sent = visitor.post("/brina/code/send/")
        page = visitor.get("/brina/code/").content.decode()
        answers.append((sent.status_code, sent["Location"], re.sub(r'value="[^"]{64}"', "", page)))

    assert answers[0] == answers[1]
    assert Mail.objects.count() == 1


def test_five_misses_end_a_code(client, order):
    walk.find(client, order)
    client.post("/brina/code/send/")
    code = code_of(AccessCode.objects.get())

    misses = [client.post("/brina/code/", {"code": f"WRONG{n}"}).status_code for n in range(5)]
    late = client.post("/brina/code/", {"code": code})

    assert misses == [400] * 5
    assert late.status_code == 400
    assert Ticket.objects.get().level == 1


def test_a_code_works_once_and_for_its_own_ticket_only(client, new_client, order):
    other = new_client()
    walk.find(client, order)
    walk.find(other, order)
    client.post("/brina/code/send/")
    code = code_of(AccessCode.objects.get())

    stolen = other.post("/brina/code/", {"code": code})
    mine = client.post("/brina/code/", {"code": code})
    again = client.post("/brina/code/", {"code": code})

    assert (stolen.status_code, mine.status_code, again.status_code) == (400, 302, 400)


def test_the_sixth_code_of_a_day_is_not_sent(client, order):
    walk.find(client, order)

    answers = [client.post("/brina/code/send/").status_code for _ in range(6)]

    assert answers == [302] * 5 + [429]
    assert Mail.objects.count() == 5


def test_neither_table_nor_queue_holds_the_code(client, order, jobs):
    walk.find(client, order)
    ticket = Ticket.objects.get()

    ask_code(ticket=ticket, network="test", now=clock.now())

    code = AccessCode.objects.get()
    letters = code_of(code)
    assert letters.encode() not in bytes(code.code_hash)
    assert [args for _, _, args in jobs._waiting() if letters in str(args)] == []


# A link by mail


def test_a_shopper_locked_out_by_a_guesser_opens_the_order_from_the_mail(
    client, new_client, order, jobs, mailoutbox
):
    guesser = new_client()
    for n in range(11):
        walk.look_up(guesser, "brina", "A-1", f"2{n:04}", REMOTE_ADDR=f"10.1.{n}.1")
    assert walk.look_up(client, "brina", "A-1", "10131").status_code == 429

    client.post("/brina/link/", {"order": "A-1", "email": "Zebedea.Kanarien@secret.example"})
    jobs.run()
    address = re.search(r"/brina/link/[\w-]+/", mailoutbox[0].body)[0]
    peeked = client.get(address)
    opened = client.post(address)

    assert peeked.status_code == 200
    assert opened["Location"] == "/brina/items/"
    assert client.get("/brina/items/").status_code == 200
    assert Ticket.objects.get().level == 2
    assert client.post(address).status_code == 404


def test_asking_for_a_link_tells_nothing(client, order):
    wrong = client.post("/brina/link/", {"order": "A-1", "email": "someone@else.example"})
    right = client.post("/brina/link/", {"order": "A-1", "email": CANARIES["email"]})

    def plain(response):
        return re.sub(r'value="[^"]{64}"', "", response.content.decode())

    assert (wrong.status_code, plain(wrong)) == (right.status_code, plain(right))
    assert Mail.objects.count() == 1


def test_a_mailed_link_is_no_ticket_before_it_is_opened(client, order):
    client.post("/brina/link/", {"order": "A-1", "email": CANARIES["email"]})
    waiting = Ticket.objects.get()

    client.cookies["ticket-brina"] = link_token_of(waiting)

    assert client.get("/brina/items/")["Location"] == "/brina/?again"


# The label of a return carries an address: only whoever holds the return's link gets it


def test_the_label_comes_as_a_file_that_runs_nothing(client, order):
    ret = make_return(order, carrier="label_ready")
    make_label(ret)

    answer = client.get(f"/brina/r/{ret.link_token}/label?format=a6")

    assert answer.content == b"%PDF-1.7 paper"
    assert answer["Content-Disposition"] == f'attachment; filename="{ret.number}-a6.pdf"'
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "no-store"


def test_a_label_has_no_address_among_the_pictures(client, order):
    ret = make_return(order, carrier="label_ready")
    label = make_label(ret)
    paper = StoredDocument.objects.get(pk=label.pdf_a4_id)

    answer = client.get(f"/brina/picture/{paper.pk}-{paper.sha256[:8]}")

    assert answer.status_code == 404


def test_a_return_of_another_brand_has_no_page_here(client, order):
    ret = make_return(order, carrier="label_ready")
    make_brand(slug="other")

    pages = [
        client.get(f"/other/r/{ret.link_token}/{rest}").status_code
        for rest in ("", "label", "cancel/")
    ]

    assert pages == [404, 404, 404]
    assert client.post(f"/other/r/{ret.link_token}/cancel/").status_code == 404
