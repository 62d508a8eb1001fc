"""The child that opens an uploaded workbook: run as a script, with one library and bounded memory.

stdin: the file. stdout: one JSON line {sheet, sheets, rows, number_columns, date_columns}, then the first sheet
with rows as CSV in UTF-8. Formulas are not evaluated: what the workbook last showed is read.
"""

import csv
import datetime
import io
import json
import resource
import sys
import zipfile
from typing import Any

MEMORY_BYTES = 2048 * 1024 * 1024
CPU_SECONDS = 60
UNPACKED_BYTES = 600 * 1024 * 1024
MOST_ENTRIES = 2000
MOST_ROWS = 200_001  # with the headings
MOST_COLUMNS = 200
LONGEST_CELL = 64 * 1024


class Refused(Exception):
    """The workbook is not taken; the word says why."""


def main() -> None:
    content = sys.stdin.buffer.read()
    try:
        _look_at_zip(content)
        from python_calamine import CalamineWorkbook  # before the limits: importing opens files

        _limit()
        facts, text = _read(CalamineWorkbook, content)
    except Refused as refusal:
        facts, text = {"refused": str(refusal)}, ""
    except MemoryError:
        facts, text = {"refused": "too_large"}, ""
    except Exception:  # a parser of strangers' files may fail in any way it likes
        facts, text = {"refused": "unreadable"}, ""
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + text.encode("utf-8", "replace"))


def _look_at_zip(content: bytes) -> None:
    """A workbook is a zip: what it claims to unpack to is known before anything is unpacked."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError) as error:
        raise Refused("unreadable") from error
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > UNPACKED_BYTES:
        raise Refused("too_large")


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(workbook: Any, content: bytes) -> tuple[dict[str, Any], str]:
    book = workbook.from_filelike(io.BytesIO(content))
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.height:
            return _as_csv(book.sheet_names, name, sheet)
    raise Refused("empty")


def _as_csv(names: list[str], name: str, sheet: Any) -> tuple[dict[str, Any], str]:
    if sheet.total_height > MOST_ROWS:
        raise Refused("too_many_rows")
    if sheet.total_width > MOST_COLUMNS:
        raise Refused("too_many_columns")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    numbers: set[int] = set()
    dates: set[int] = set()
    rows = 0
    for row in sheet.to_python(skip_empty_area=False):
        writer.writerow([_word(value, column, numbers, dates) for column, value in enumerate(row)])
        rows += 1
    facts = {
        "sheet": name,
        "sheets": len(names),
        "rows": rows,
        "number_columns": sorted(numbers),
        "date_columns": sorted(dates),
    }
    return facts, out.getvalue()


def _word(value: Any, column: int, numbers: set[int], dates: set[int]) -> str:
    if isinstance(value, str):
        return value[:LONGEST_CELL]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        numbers.add(column)
        whole = isinstance(value, int) or (value.is_integer() and abs(value) < 1e16)
        return str(int(value)) if whole else repr(value)
    if isinstance(value, datetime.datetime | datetime.date):
        dates.add(column)
        return value.isoformat()
    return "" if value is None else str(value)


if __name__ == "__main__":
    main()
