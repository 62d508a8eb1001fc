"""Tables that people download: no cell is a formula, and spreadsheets read them as UTF-8."""

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

GUARDED = "=+-@\t\r\n\0＝＋－＠"


def guarded(cells: Iterable[str]) -> list[str]:
    """Cells that no spreadsheet takes for a formula (OWASP, "CSV Injection")."""
    return [f"'{cell}" if cell.lstrip()[:1] in GUARDED and cell.strip() else cell for cell in cells]


def csv_rows_answer(rows: Iterable[Sequence[str]], name: str) -> HttpResponse:
    """``rows`` as a file, every cell guarded."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(guarded(row) for row in rows)
    return csv_answer(out.getvalue(), name)


def csv_answer(text: str, name: str) -> HttpResponse:
    """``text`` as a file."""
    answer = HttpResponse(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
