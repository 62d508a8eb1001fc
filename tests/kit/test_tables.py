"""Files from strangers: encodings, separators, workbooks, and what is no table at all."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rientro.kit.tables import TableRefused, open_table, rows_of, unique_headings


def rows(table):
    return list(rows_of(table.content, encoding=table.encoding, delimiter=table.delimiter))


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        ("a,b\nü,2\n".encode(), "utf-8", ","),
        ("a;b\nü;2\n".encode("utf-8-sig"), "utf-8-sig", ";"),
        ("a\tb\nü\t2\n".encode("utf-16"), "utf-16", "\t"),
        ("a|b\nü|2\n".encode("utf-16-le"), "utf-16-le", "|"),
        ("a,b\nü,2\n".encode("utf-16-be"), "utf-16-be", ","),
        ("a;b\nü;2\n".encode("cp1252"), "cp1252", ";"),
    ],
)
def test_encoding_and_separator_are_found(content, encoding, delimiter):
    table = open_table(content)

    assert (table.encoding, table.delimiter, table.headings) == (encoding, delimiter, ("a", "b"))
    assert rows(table)[1] == (2, ["ü", "2"])


@pytest.mark.parametrize(
    ("case", "text", "delimiter"),
    [
        ("commas in German amounts", "a;b\n1,5;2,5\n3,5;4,5\n", ";"),
        ("semicolons in quotes", 'a,b\n"x;y;z",2\n"x;y",3\n', ","),
        ("Excel's own word", "sep=|\na|b\n1|2,3,4,5\n", "|"),
        ("one column", "order\n1\n2\n", ","),
    ],
)
def test_the_separator_is_the_one_that_cuts_evenly(case, text, delimiter):
    assert open_table(text.encode()).delimiter == delimiter, case


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    table = open_table(b'a,b\n\n1,"two\nlines"\n , \n3,4\n')

    assert rows(table) == [(1, ["a", "b"]), (3, ["1", "two\nlines"]), (5, ["3", "4"])]
    assert table.rows_total == 2


def test_headings_are_never_empty_and_never_twice():
    assert unique_headings(["a", " a  ", "", "b  c"]) == ("a", "a (2)", "Column 3", "b c")


def test_a_workbook_shows_what_its_first_sheet_with_rows_shows():
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Orders")
    sheet.append(["Order", "Zip", "When", "Price", "Paid", "Sum"])
    sheet.append(["007", 184, date(2026, 11, 10), 46.5, True, "=1+1"])
    sheet.append(["008", "00184", datetime(2026, 11, 10, 9, 30), 46.0, None, None])
    out = io.BytesIO()
    book.save(out)

    table = open_table(out.getvalue())

    assert (table.kind, table.sheet, table.sheets) == ("xlsx", "Orders", 2)
    assert table.number_columns == (1, 3)
    assert [cells for _, cells in rows(table)][1:] == [
        ["007", "184", "2026-11-10", "46.5", "true", ""],
        ["008", "00184", "2026-11-10T09:30:00", "46", "", ""],
    ]


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(7):
            file.writestr(f"xl/{number}.xml", b"0" * (100 * 1024 * 1024))
    return out.getvalue()


@pytest.mark.parametrize(
    ("case", "content", "because"),
    [
        ("nothing", b"", "empty"),
        ("spaces", b" \n , \n", "empty"),
        ("headings alone", b"a,b\n", "empty"),
        ("an old workbook", b"\xd0\xcf\x11\xe0" + b"0" * 100, "old_workbook"),
        ("a PDF", b"%PDF-1.4", "old_workbook"),
        ("half a zip", b"PK\x03\x04" + b"0" * 100, "unreadable"),
        ("many columns", b",".join([b"a"] * 201) + b"\n1\n", "too_many_columns"),
        ("a long cell", b"a,b\n" + b"x" * 70_000 + b",1\n", "long_cell"),
        ("an open quotation", b'a,b\n"' + b"x\n" * 40_000, "long_cell"),
        ("too many rows", b"a,b\n" + b"1,2\n" * 200_001, "too_many_rows"),
        ("21 MB", b"a,b\n" + b"1,2\n" * 5_300_000, "too_many_bytes"),
    ],
)
def test_what_is_no_table_says_why(case, content, because):
    with pytest.raises(TableRefused) as caught:
        open_table(content)

    assert caught.value.facts["because"] == because, case


def test_a_zip_bomb_is_not_unpacked():
    with pytest.raises(TableRefused) as caught:
        open_table(bomb())

    assert caught.value.facts["because"] == "too_large"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400).filter(lambda content: not content.startswith(b"PK\x03\x04")))
def test_no_bytes_break_the_reader(content):
    try:
        table = open_table(content)
    except TableRefused:
        return
    assert len(rows(table)) == table.rows_total + 1
