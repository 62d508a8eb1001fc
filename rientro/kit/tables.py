"""Tables from strangers: CSV in whatever encoding and with whatever separator, and XLSX. No domain."""

import csv
import io
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from rientro.kit.errors import Kind, RientroError
from rientro.kit.sentences import Sentence

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 200_000  # without the headings
MOST_COLUMNS = 200
LONGEST_CELL = 64 * 1024
TIMEOUT_S = 90
WORKER = Path(__file__).with_name("sheet_worker.py")
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SAMPLE = 64 * 1024
WORDS = {
    "empty": Sentence("This file has no rows."),
    "too_many_bytes": Sentence(
        "This file is larger than 20 MB. Split it and bring in the parts one after the other."
    ),
    "too_many_rows": Sentence(
        "This file has more than 200,000 rows. Split it and bring in the parts."
    ),
    "too_many_columns": Sentence(
        "This file has more than 200 columns. Take out those that are not about orders."
    ),
    "too_large": Sentence(
        "This workbook unpacks to far more than it seems. Save the sheet as CSV and try again."
    ),
    "unreadable": Sentence(
        "This file cannot be read as a table. Save it as CSV or XLSX and try again."
    ),
    "old_workbook": Sentence(
        "This is a workbook of the old kind (XLS) or another program's. Save it as XLSX or CSV."
    ),
    "long_cell": Sentence(
        "A cell of this file holds more than 65,536 characters. A quotation mark may be missing."
    ),
}
csv.field_size_limit(LONGEST_CELL)


class TableRefused(RientroError):
    """The file is no table that we take; ``facts["because"]`` is a word of WORDS."""

    kind: ClassVar[Kind] = "invalid"
    code: ClassVar[str] = "table_refused"

    def __init__(self, because: str) -> None:
        super().__init__(WORDS[because], because=because)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file as text: ``headings`` made unique, rows read one by one by ``rows``."""

    kind: str  # csv, xlsx
    encoding: str
    delimiter: str
    content: bytes  # CSV; of an XLSX, what its sheet shows
    headings: tuple[str, ...]
    rows_total: int
    sheet: str = ""
    sheets: int = 1
    number_columns: tuple[int, ...] = field(default=())  # of an XLSX: kept as numbers there

    def facts(self) -> dict[str, Any]:
        """What ``reopened`` needs, as JSON."""
        return {
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "sheet": self.sheet,
            "sheets": self.sheets,
            "number_columns": list(self.number_columns),
        }


def open_table(content: bytes, *, delimiter: str = "") -> Table:
    """Read a file that somebody uploaded; by its content, whatever its name. Raises TableRefused.

    A workbook is opened by a child process with bounded memory, and only its first sheet with rows is read.
    """
    if len(content) > MOST_BYTES:
        raise TableRefused("too_many_bytes")
    if content.startswith(b"PK\x03\x04"):
        facts, text = _ask_child(content)
        return _table("xlsx", text, "utf-8", ",", **facts)
    if content.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf")):
        raise TableRefused("old_workbook")
    encoding = _encoding_of(content)
    return _table("csv", content, encoding, delimiter or _delimiter_of(content, encoding))


def rows_of(content: bytes, *, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(row number as a spreadsheet shows it, cells) of every row that is not empty. Raises TableRefused."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, errors="replace", newline="")
    reader = csv.reader(_without_nul(text), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, start=1):
            if number == 1 and len(cells) <= 2 and "".join(cells).lower().startswith("sep="):
                continue
            if any(cells) and any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error as error:
        raise TableRefused("long_cell") from error


def unique_headings(cells: Sequence[str]) -> tuple[str, ...]:
    """The first row as names of columns: trimmed, never empty, never twice."""
    seen: Counter[str] = Counter()
    names = []
    for place, cell in enumerate(cells, start=1):
        name = " ".join(cell.split())[:120] or f"Column {place}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def _table(kind: str, content: bytes, encoding: str, delimiter: str, **facts: Any) -> Table:
    headings: tuple[str, ...] = ()
    total = 0
    for _, cells in rows_of(content, encoding=encoding, delimiter=delimiter):
        if not headings:
            if len(cells) > MOST_COLUMNS:
                raise TableRefused("too_many_columns")
            headings = unique_headings(cells)
            continue
        total += 1
        if total > MOST_ROWS:
            raise TableRefused("too_many_rows")
    if not headings or not total:
        raise TableRefused("empty")
    return Table(
        kind=kind,
        encoding=encoding,
        delimiter=delimiter,
        content=content,
        headings=headings,
        rows_total=total,
        sheet=str(facts.get("sheet", "")),
        sheets=int(facts.get("sheets", 1)),
        number_columns=tuple(facts.get("number_columns", ())),
    )


def _without_nul(lines: io.TextIOWrapper) -> Iterator[str]:
    for line in lines:
        yield line.replace("\0", "") if "\0" in line else line


def _encoding_of(content: bytes) -> str:
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = content[:4000]
    if head and head.count(0) > len(head) // 4:  # UTF-16 without its mark: every other byte is zero
        return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        # What Excel writes in Western Europe; the five bytes it leaves open are shown as replacements.
        return "cp1252"
    return "utf-8"


def _delimiter_of(content: bytes, encoding: str) -> str:
    """The separator that cuts the first rows into most columns, equally in every row."""
    sample = content[:SAMPLE].decode(encoding, errors="replace")
    first = sample.lstrip("\ufeff").splitlines()[:1]
    if first and first[0].lower().startswith("sep=") and first[0][4:5] in DELIMITERS:
        return first[0][4:5]
    return max(DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    try:
        rows = [row for row in csv.reader(io.StringIO(sample), delimiter=delimiter) if row][:30]
    except csv.Error:
        return (0.0, 0)
    if len(rows) > 2 and len(sample) >= SAMPLE:
        rows = rows[:-1]  # cut in the middle
    widths = Counter(len(row) for row in rows)
    if not widths:
        return (0.0, 0)
    width, often = widths.most_common(1)[0]
    if width < 2:
        return (0.0, 0)
    evenly = often / len(rows) if len(rows[0]) == width else 0.1  # the headings must be cut alike
    return (evenly * min(width, 6), width)


def _ask_child(content: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        # -I: neither our package nor the environment of this process is within the child's reach.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(WORKER)],
            input=content,
            capture_output=True,
            timeout=TIMEOUT_S,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TableRefused("too_large") from error
    head, _, text = done.stdout.partition(b"\n")
    if done.returncode or not head:
        raise TableRefused("too_large")
    facts: dict[str, Any] = json.loads(head)
    if "refused" in facts:
        raise TableRefused(facts["refused"])
    return facts, text
