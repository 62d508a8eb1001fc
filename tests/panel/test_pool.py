"""Settings › Carriers › own labels, as a member meets it: upload, look, put into the pool, and look after it."""

import io
import zipfile

import pikepdf
import pytest
import typst
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from rientro.models import Event, LabelUpload, PoolLabel, StoredDocument
from rientro.models.pool_shelf import Shelf, pool_of
from tests import makers
from tests.makers import NOW

LANE = {"origin": "IT", "destination": "IT", "weight_g": 300}


def pdf(*words):
    pages = "#pagebreak()\n".join(f"Label {word}\n" for word in words)
    text = f"#set page(width: 105mm, height: 148mm)\n{pages}"
    return typst.compile(text.encode(), format="pdf")


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def account(merchant):
    return makers.make_own_account()


@pytest.fixture
def owner(client, merchant):
    client.force_login(makers.make_member(merchant, role="admin").user)
    return client


def upload(client, account, *files, **fields):
    return client.post(
        reverse("panel:pool_upload", args=[account.pk]),
        {"files": [SimpleUploadedFile(name, content) for name, content in files], **fields},
    )


def look(account):
    made = LabelUpload.objects.order_by("-pk").first()
    return made, reverse("panel:pool_look", args=[account.pk, made.pk])


def text(response):
    return " ".join(response.content.decode().split())


def numbers(**where):
    return list(
        PoolLabel.objects.filter(**where).order_by("pk").values_list("tracking_number", flat=True)
    )


def test_from_the_files_to_the_pool(owner, account):
    table = b"Tracking number;Price;Valid until;To\n" + b"".join(
        b"RR4731248%d;4,90;31.12.2026;IT\n".replace(b"%d", number) for number in (b"29IT", b"30IT")
    )
    sent = upload(
        owner, account, ("labels.pdf", pdf(1, 2)), ("numbers.csv", table), carrier="Poste"
    )
    _made, address = look(account)
    page = owner.get(address)

    assert sent.url == address
    assert "All are right" in text(page)
    assert page.content.count(b'<img src="/panel/pictures/') == 2
    assert numbers(state="free") == []
    done = owner.post(address, {"do": "fill"})
    assert done.url == reverse("panel:pool", args=[account.pk])
    one, two = PoolLabel.objects.order_by("place")
    assert [one.tracking_number, two.tracking_number] == ["RR473124829IT", "RR473124830IT"]
    assert (one.carrier_name, one.price_minor, one.currency, str(one.expires_on)) == (
        "Poste",
        490,
        "EUR",
        "2026-12-31",
    )
    assert (one.destination_country, one.state, one.source) == ("IT", "free", "labels.pdf#1")
    assert Event.objects.get(name="pool.filled").facts["units"] == 2
    assert "RR473124829IT" in text(owner.get(done.url))


def test_a_zip_of_pdfs_named_by_their_numbers(owner, account):
    files = zipped(**{"out/3SABCD1234567.pdf": pdf(1), "3SABCD1234568.pdf": pdf(2)})

    upload(owner, account, ("labels.zip", files))
    owner.post(look(account)[1], {"do": "fill"})

    assert sorted(numbers(state="free")) == ["3SABCD1234567", "3SABCD1234568"]


def test_nothing_is_lost_on_a_bad_row_and_each_says_what_is_wrong(owner, account):
    makers.make_pool_labels(account, 1, tracking_number="RR000000009IT")
    upload(
        owner,
        account,
        ("labels.pdf", pdf(1, 2, 3, 4, 5)),
        numbers="RR000000001IT\nrr 000-000 002 it\nRR000000002IT\nRR000000009IT",
    )
    made, address = look(account)

    page = text(owner.get(address))

    assert "4 to be mended" in page
    assert "Another label of this upload has the same number." in page
    assert "A label with this number is in the pool already." in page
    assert "Write the tracking number." in page
    assert "1 labels have no row in the table." in page
    again = owner.post(address, {"do": "fill"})
    assert again.url == address
    assert numbers(upload=made, state="free") == ["RR000000001IT"]
    drafts = list(PoolLabel.objects.filter(upload=made, state="draft").order_by("place"))
    typed = {f"number_{drafts[0].pk}": "RR000000003IT", f"number_{drafts[1].pk}": "RR000000002IT"}
    typed |= {f"number_{drafts[2].pk}": "RR000000004IT", f"out_{drafts[3].pk}": "1"}
    owner.post(address, typed | {"do": "fill"})
    assert sorted(numbers(upload=made, state="free")) == [f"RR00000000{n}IT" for n in range(1, 5)]
    assert not PoolLabel.objects.filter(state="draft").exists()


def test_the_same_paper_twice_is_refused(owner, account):
    for number in ("RR000000001IT", "RR000000002IT"):
        upload(owner, account, ("labels.pdf", pdf(1)), numbers=number)
        owner.post(look(account)[1], {"do": "fill"})

    assert numbers(state="free") == ["RR000000001IT"]
    assert "This very label is in the pool already" in text(owner.get(look(account)[1]))


def test_what_was_not_wanted_is_deleted_with_its_files(owner, account):
    upload(owner, account, ("labels.pdf", pdf(1, 2)))
    assert StoredDocument.objects.count() == 4

    owner.post(look(account)[1], {"do": "drop"})

    assert (PoolLabel.objects.count(), StoredDocument.objects.count()) == (0, 0)


def hostile(change, **save):
    made = pikepdf.new()
    made.add_blank_page(page_size=(298, 420))
    change(made)
    out = io.BytesIO()
    made.save(out, **save)
    return out.getvalue()


def with_script(made):
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def with_file(made):
    made.attachments["x.exe"] = b"MZ"


@pytest.mark.parametrize(
    ("case", "content", "words"),
    [
        ("a script", hostile(with_script), "holds a script or a form"),
        ("a hidden file", hostile(with_file), "has other files hidden in it"),
        (
            "a lock",
            hostile(lambda made: None, encryption=pikepdf.Encryption(owner="o", user="u")),
            "is locked",
        ),
        ("no PDF", b"MZ not a pdf", "is no PDF, ZIP, CSV or XLSX"),
        ("a broken one", b"%PDF-1.7 nonsense", "cannot be read"),
        ("a bomb", zipped(**{f"{n}.pdf": b"0" * 9_000_000 for n in range(10)}), "unpacks to more"),
    ],
)
def test_hostile_files_are_refused_with_advice(owner, account, case, content, words):
    name = "x.zip" if case == "a bomb" else "x.pdf"
    refused = owner.get(upload(owner, account, (name, content)).url)

    assert words in text(refused)
    assert LabelUpload.objects.count() == 0


def test_a_good_file_beside_a_bad_one_is_kept_and_the_bad_one_named(owner, account):
    upload(owner, account, ("RR000000001IT.pdf", pdf(1)), ("bad.pdf", hostile(with_script)))

    page = text(owner.get(look(account)[1]))

    assert "“bad.pdf” holds a script" in page
    assert "All are right" in page


def test_numbers_are_not_counted_off_past_a_label_that_is_missing(owner, account):
    files = [("a.pdf", hostile(with_script)), ("b.pdf", pdf(2)), ("c.pdf", pdf(3))]
    upload(owner, account, *files, numbers="RR000000001IT\nRR000000002IT\nRR000000003IT")

    page = text(owner.get(look(account)[1]))

    assert "so the numbers cannot be counted off" in page
    assert "2 to be mended" in page
    assert numbers() == ["", ""]


def test_words_in_names_and_cells_stay_words(owner, account):
    name = "<b>x.pdf"
    upload(owner, account, (name, pdf(1)), numbers="<script>alert(1)</script>")
    page = owner.get(look(account)[1]).content.decode()

    assert "<b>x" not in page
    assert "<script>alert" not in page.lower()
    assert "&lt;b&gt;x" in page


def test_a_label_is_set_aside_and_put_back(owner, account):
    (label,) = makers.make_pool_labels(account, 1)
    address = reverse("panel:pool_label", args=[account.pk, label.pk])

    owner.post(address, {"do": "aside"})
    label.refresh_from_db()
    assert label.state == "retired"
    owner.post(address, {"do": "back"})
    label.refresh_from_db()
    assert label.state == "free"


def test_a_used_label_is_not_set_aside(owner, account):
    (label,) = makers.make_pool_labels(account, 1)
    Shelf(account, now=NOW).take(reference="R-1-x", **LANE)

    said = owner.post(reverse("panel:pool_label", args=[account.pk, label.pk]), {}, follow=True)

    label.refresh_from_db()
    assert label.state == "taken"
    assert "This label changed meanwhile" in text(said)


def test_the_used_ones_as_a_table_without_formulas(owner, account):
    makers.make_pool_labels(account, 1, carrier_name="=cmd()", tracking_number="RR000000001IT")
    Shelf(account, now=NOW).take(reference="R-1-x", **LANE)

    answer = owner.get(reverse("panel:pool_used", args=[account.pk]))

    row = answer.content.decode("utf-8-sig").splitlines()[1]
    assert row.startswith("RR000000001IT,'=cmd(),5.90,EUR,")


def test_how_the_pool_is_kept(owner, account):
    makers.make_pool_labels(account, 1)
    address = reverse("panel:pool", args=[account.pk])

    owner.post(address, {"warn_below": "5", "given_back": "reuse"})

    pool = pool_of(account)
    assert (pool.warn_below, pool.given_back) == (5, "reuse")
    assert pool.low_since is not None
    page = text(owner.get(address))
    assert "1 label is left" in page
    assert Event.objects.filter(name="pool.running_low").count() == 1


def test_whoever_may_manage_reads_by_mail_that_few_are_left(owner, account, jobs, mailoutbox):
    owner.post(
        reverse("panel:pool", args=[account.pk]), {"warn_below": "5", "given_back": "retire"}
    )
    jobs.run()

    (mail,) = mailoutbox
    assert mail.subject == "Own labels: 0 labels are left"
    assert reverse("panel:pool", args=[account.pk]) in mail.body


def test_the_paper_is_for_managers_alone(client, merchant, account):
    (label,) = makers.make_pool_labels(account, 1)
    client.force_login(makers.make_member(merchant, role="desk").user)

    assert client.get(reverse("panel:pool", args=[account.pk])).status_code == 200
    paper = client.get(reverse("panel:pool_paper", args=[account.pk, label.pk]))
    assert paper.status_code == 403


def test_a_carrier_that_sells_has_no_pool(owner, merchant):
    other = makers.make_carrier_account()

    assert owner.get(reverse("panel:pool", args=[other.pk])).status_code == 404


def test_connecting_leads_to_the_pool(owner, merchant):
    address = reverse("panel:carrier_new", args=["prepaid"])
    page = text(owner.get(address))
    assert "Credentials" not in page

    made = owner.post(address, {"name": "Labels of the post"})

    account = merchant.carrier_accounts.get(carrier="prepaid")
    assert made.url == reverse("panel:pool", args=[account.pk])
    assert (account.test_mode, account.name) == (False, "Labels of the post")
