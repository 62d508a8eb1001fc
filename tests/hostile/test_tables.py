"""Downloads: no cell is a formula, every cell says what was meant, no row is torn."""

import csv
import io

import pytest

from rientro.panel.csv_answer import GUARDED, csv_rows_answer
from tests.hostile.addresses import addresses, storable

ALL = [storable(one) for one in addresses()]


@pytest.mark.parametrize("at", range(0, 1000, 250))
def test_a_table_comes_back_cell_by_cell_and_computes_nothing(at):
    rows = [list(one.parts().values()) for one in ALL[at : at + 250]]

    body = csv_rows_answer(rows, "x.csv").content.decode("utf-8-sig")
    back = list(csv.reader(io.StringIO(body, newline="")))

    assert len(back) == len(rows)
    for row, told in zip(rows, back, strict=True):
        assert len(told) == len(row)
        for cell, said in zip(row, told, strict=True):
            assert said in (cell, f"'{cell}")
            assert said.lstrip()[:1] not in GUARDED or not said.strip()
