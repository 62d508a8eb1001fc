"""Orders › Import a file, as a member meets it."""

import csv
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from rientro.kit.tenancy import acting_for
from rientro.models import ImportRefusal, ImportRun, Order, OrderLine
from tests import makers

HEADINGS = "Order,Date,Name,Postal code,City,Country,E-mail,Item,SKU,Qty,Price"
SCARF = "BR-1,2026-11-10,Giulia Ferrero,10131,Torino,IT,g@example.test,Scarf,SC-1,2,46.00"


def as_csv(*rows):
    return "\n".join([HEADINGS, *rows]).encode()


def as_xlsx(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def shop(merchant):
    makers.make_address(makers.make_brand())
    return makers.make_integration(shop_name="Boutique", system="csv")


@pytest.fixture
def desk(client, merchant):
    """A member of the returns desk, logged in."""
    member = makers.make_member(merchant, role="desk")
    client.force_login(member.user)
    return client


def upload(client, shop, content, name="orders.csv"):
    return client.post(
        reverse("panel:import_upload"),
        {"integration": shop.pk, "file": SimpleUploadedFile(name, content)},
    )


def columns_of(client, shop, content, name="orders.csv"):
    response = upload(client, shop, content, name)
    run = ImportRun.objects.order_by("-pk").first()
    assert response.url == reverse("panel:import_columns", args=[run.public_id]), response
    return run, client.get(response.url)


def choices(page, **changes):
    """What the form holds as it was shown, with ``changes``."""
    form = page.context["form"]
    return {name: form[name].value() or "" for name in form.fields} | changes


def text(response):
    return " ".join(response.content.decode().split())


def test_from_the_file_to_the_orders(desk, shop, jobs):
    run, page = columns_of(desk, shop, as_csv(SCARF))
    assert "Giulia Ferrero" in text(page)
    assert "All can be read" in text(page)

    started = desk.post(page.request["PATH_INFO"], choices(page, do="start"))
    waiting = desk.get(started.url)
    jobs.run()
    done = desk.get(started.url)

    assert started.url == reverse("panel:import_run", args=[run.public_id])
    assert 'hx-trigger="every 1s"' in text(waiting)
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in text(waiting)
    assert "All of it is in" in text(done)
    assert "hx-trigger" not in text(done)
    assert Order.objects.get().number == "BR-1"


def test_the_same_file_again_says_that_nothing_is_new(desk, shop, jobs):
    for _ in range(2):
        run, page = columns_of(desk, shop, as_csv(SCARF))
        desk.post(page.request["PATH_INFO"], choices(page, do="start"))
        jobs.run()

    assert "Nothing was new in this file" in text(
        desk.get(reverse("panel:import_run", args=[run.public_id]))
    )


def test_the_moving_part_comes_alone_to_htmx(desk, shop):
    run, page = columns_of(desk, shop, as_csv(SCARF))
    desk.post(page.request["PATH_INFO"], choices(page, do="start"))

    part = desk.get(
        reverse("panel:import_run", args=[run.public_id]), headers={"hx-request": "true"}
    )

    assert text(part).startswith('<div id="run"')
    assert "<html" not in text(part)


def test_a_preview_marks_what_would_be_refused_and_writes_nothing(desk, shop):
    bad = SCARF.replace("BR-1", "BR-2").replace(",2,46.00", ",none,46.00")
    odd = SCARF.replace("BR-1", "BR-3").replace("10131", "184")

    _, page = columns_of(desk, shop, as_csv(SCARF, bad, odd))

    assert "1 would be refused" in text(page)
    assert "“none” is no number of pieces." in text(page)
    assert "A leading zero was missing: read as 00184." in text(page)
    assert Order.objects.count() == 0


def test_another_choice_of_columns_is_kept_and_read_again(desk, shop):
    run, page = columns_of(desk, shop, as_csv(SCARF))
    place = run.options["headings"].index("SKU")

    response = desk.post(
        page.request["PATH_INFO"],
        choices(page, do="preview", country="DE", **{f"column-{place}": ""}),
    )
    again = desk.get(response.url)

    run.refresh_from_db()
    assert response.url == page.request["PATH_INFO"]
    assert "sku" not in run.mapping
    assert run.options["country"] == "DE"
    assert again.context["form"]["country"].value() == "DE"


def test_two_columns_cannot_be_the_same_thing(desk, shop):
    _, page = columns_of(desk, shop, as_csv(SCARF))

    response = desk.post(
        page.request["PATH_INFO"], choices(page, do="start", **{"column-0": "sku"})
    )

    assert response.status_code == 200
    assert "“Order” is taken for the same thing" in text(response)


def test_a_file_without_an_order_number_cannot_start(desk, shop, jobs):
    _, page = columns_of(desk, shop, as_csv(SCARF))

    response = desk.post(page.request["PATH_INFO"], choices(page, do="start", **{"column-0": ""}))

    assert "Say which column holds: Order number." in text(response)
    assert jobs.names() == []


def test_refused_rows_come_back_with_reasons_and_without_formulas(desk, shop, jobs):
    bad = (
        '"=HYPERLINK(""http://evil"")",soon,@x,10131,Torino,IT,+a@example.test,-Scarf,SC-1,2,46.00'
    )
    run, page = columns_of(desk, shop, as_csv(SCARF, bad))
    desk.post(page.request["PATH_INFO"], choices(page, do="start"))
    jobs.run()

    response = desk.get(reverse("panel:import_refused", args=[run.public_id]))

    assert response["Content-Disposition"] == 'attachment; filename="refused-rows.csv"'
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0] == [*HEADINGS.split(","), "Why it was refused"]
    assert rows[1][0] == '\'=HYPERLINK("http://evil")'
    assert [cell[:1] for cell in (rows[1][2], rows[1][6], rows[1][7])] == ["'", "'", "'"]
    assert rows[1][-1] == "Row 3: “soon” cannot be read as a date."


def test_the_mended_file_goes_in_with_the_remembered_columns(desk, shop, jobs):
    run, page = columns_of(desk, shop, as_csv(SCARF.replace("2026-11-10", "soon")))
    desk.post(page.request["PATH_INFO"], choices(page, do="start", channel="store"))
    jobs.run()
    refused = desk.get(reverse("panel:import_refused", args=[run.public_id])).content

    run, page = columns_of(desk, shop, refused.replace(b"soon", b"2026-11-10", 1))
    desk.post(page.request["PATH_INFO"], choices(page, do="start"))
    jobs.run()

    assert "The columns are read as last time." in text(page)
    assert Order.objects.get().channel == "store"


def test_a_workbook_is_read_without_losing_its_zeros(desk, shop, jobs):
    content = as_xlsx(
        ["Order", "Date", "Postal code", "Country", "Item", "SKU", "Qty", "Price"],
        ["0017", "2026-11-10", "00184", "IT", "Scarf", "007", 2, 46.5],
        [4006381333931, "2026-11-11", 184, "IT", "=1+1", 12, 1, "=2*3"],
    )

    run, page = columns_of(desk, shop, content, "till.xlsx")
    desk.post(page.request["PATH_INFO"], choices(page, do="start"))
    jobs.run()

    run.refresh_from_db()
    assert run.source == "xlsx"
    assert "Postal code: the workbook keeps this column as numbers" in text(page)
    assert sorted(Order.objects.values_list("number", "postal_code")) == [
        ("0017", "00184"),
        ("4006381333931", "00184"),
    ]
    # Formulas are never worked out: the workbook was saved without their results.
    assert sorted(OrderLine.objects.values_list("sku", "name", "price_minor")) == [
        ("007", "Scarf", 4650),
        ("12", "12", 0),
    ]


@pytest.mark.parametrize(
    ("case", "content", "words"),
    [
        ("nothing", b"", "no rows"),
        ("headings alone", b"a,b\n", "no rows"),
        ("a PDF", b"%PDF-1.7 x", "Save it as XLSX or CSV"),
        ("a broken workbook", b"PK\x03\x04 nothing", "cannot be read as a table"),
        ("too many columns", (",".join("a" * 300) + "\n1\n").encode(), "more than 200 columns"),
        ("an endless quotation", b'a,b\n"' + b"x" * 70_000, "A quotation mark may be missing"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(desk, shop, case, content, words):
    response = upload(desk, shop, content)
    page = desk.get(response.url)

    assert words in text(page), case
    assert ImportRun.objects.count() == 0


def test_a_file_that_is_too_large_is_not_even_read(desk, shop):
    response = desk.post(reverse("panel:import_upload"), {}, headers={"content-length": "30000000"})

    assert response.url == reverse("panel:imports")
    assert "larger than 20 MB" in text(desk.get(response.url))


def test_without_a_file_the_page_asks_for_one(desk, shop):
    response = desk.post(reverse("panel:import_upload"), {"integration": shop.pk})

    assert "Choose a file first." in text(desk.get(response.url))


def test_without_a_shop_the_page_says_what_to_do(desk, merchant):
    assert "First name the shop" in text(desk.get(reverse("panel:imports")))


def test_the_template_is_a_file_that_goes_in(desk, shop, jobs):
    template = desk.get(reverse("panel:import_template")).content
    _, page = columns_of(desk, shop, template)

    desk.post(page.request["PATH_INFO"], choices(page, do="start"))
    jobs.run()

    assert sorted(Order.objects.values_list("number", "channel", "receipt_norm")) == [
        ("1001", "web", ""),
        ("1002", "store", "rc0017"),
    ]
    assert ImportRefusal.objects.count() == 0


def test_the_list_costs_no_more_statements_for_three_files(
    desk, shop, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for _ in range(3):
        upload(desk, shop, as_csv(SCARF))
        desk.get(reverse("panel:imports"))
        with CaptureQueriesContext(connection) as asked:
            desk.get(reverse("panel:imports"))
        counts.append(len(asked))

    assert counts[0] == counts[2]


def test_a_form_from_another_site_is_refused(merchant, shop):
    from tests.conftest import StrangersClient

    strict = StrangersClient(enforce_csrf_checks=True)
    strict.force_login(makers.make_member(merchant).user)

    response = upload(strict, shop, as_csv(SCARF))

    assert response.status_code == 403
    assert ImportRun.objects.count() == 0


# --- strangers


PAGES = ["panel:import_run", "panel:import_columns", "panel:import_refused"]


@pytest.mark.parametrize("name", PAGES)
def test_a_strangers_run_is_not_there(new_client, desk, shop, name):
    run, _ = columns_of(desk, shop, as_csv(SCARF))
    other = makers.make_merchant()
    with acting_for(other.pk):
        stranger = new_client()
        stranger.force_login(makers.make_member(other).user)

    assert stranger.get(reverse(name, args=[run.public_id])).status_code == 404
    assert stranger.post(reverse("panel:import_columns", args=[run.public_id])).status_code == 404


def test_nobody_uploads_into_a_strangers_shop(new_client, shop):
    other = makers.make_merchant()
    with acting_for(other.pk):
        stranger = new_client()
        stranger.force_login(makers.make_member(other).user)

    assert upload(stranger, shop, as_csv(SCARF)).status_code == 404
    assert ImportRun.objects.count() == 0


@pytest.mark.parametrize("role", ["warehouse", "read_only"])
def test_who_may_only_look_uploads_nothing(new_client, merchant, shop, role):
    looker = new_client()
    looker.force_login(makers.make_member(merchant, role=role).user)

    assert looker.get(reverse("panel:imports")).status_code == 200
    assert upload(looker, shop, as_csv(SCARF)).status_code == 403
    assert ImportRun.objects.count() == 0


@pytest.mark.parametrize("name", ["panel:imports", "panel:import_template"])
def test_nobody_comes_in_without_logging_in(client, db, name):
    response = client.get(reverse(name))

    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("account_login"))
