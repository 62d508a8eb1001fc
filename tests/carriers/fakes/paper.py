"""The paper of a fake carrier: one small true PDF."""

import io
from functools import cache

import pikepdf


@cache
def pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as paper:
        paper.add_blank_page(page_size=(298, 420))
        paper.save(out, deterministic_id=True)
    return out.getvalue()
