"""Places of files in a real browser: set up in three ways, a server's key, and every outcome of a file."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rientro.flows.look_at_source import look_at_source
from rientro.kit import clock
from rientro.kit.tenancy import acting_for, merchant_transaction
from rientro.models import FileSource, SourceFile
from tests import makers
from tests.browser import DESK, NARROW, PHONE
from tests.flows.test_run_import import HEADINGS, SCARF
from tests.panel.places import place
from tests.panel.test_browser import let_in
from tests.portal.seen import Eye
from tests.sftp_server import PASSWORD, USER, sftp_server

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("RIENTRO_ALLOW_PRIVATE_TARGETS", "1")
    settings.IMPORT_DIR = str(tmp_path)
    merchant = makers.make_merchant(name="Sartoria Brina")
    member = makers.make_member(merchant, role="admin", user=makers.make_user(password=None))
    folder = tmp_path / str(merchant.pk)
    folder.mkdir()
    with merchant_transaction(merchant.pk):
        makers.make_address(makers.make_brand())
        shop = makers.make_integration(system="csv", shop_name="Bottega Brina, i file")
    return merchant, member, folder, shop


def put(folder: Path, name: str) -> None:
    (folder / name).write_text(f"{HEADINGS}\n{SCARF}")
    moment = clock.now().timestamp() - 600
    os.utime(folder / name, (moment, moment))


def outcomes(source: FileSource) -> None:
    """A file of every kind, the worst names first."""
    now = clock.now()
    rows = [
        ("same", "export_ordini_completo_con_un_nome_molto_lungo_2026-11-25_0930.csv", ""),
        ("watched", "orders-today.csv", ""),
        (
            "refused",
            "foto.xlsx",
            "This file cannot be read as a table. Save it as CSV or XLSX and try again.",
        ),
    ]
    for state, name, error in rows:
        SourceFile.objects.create(
            source=source,
            name=name,
            size=123_456,
            state=state,
            error=error,
            seen_at=now,
            moved_to="done/x.csv" if state == "same" else "",
        )


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK, NARROW], ids=["phone", "desk", "narrow"])
def test_every_page_of_a_place_is_sound(live_server, new_page, desk, size, scheme, language):
    merchant, member, folder, shop = desk
    member.user.language = language
    member.user.save()
    page = new_page(size, color_scheme=scheme)
    let_in(page, member, live_server.url)
    eye, name = Eye(page, live_server.url), f"files-{size['width']}-{scheme}-{language}"
    page.goto(live_server.url + place("integration", shop.pk))
    eye.look(f"{name}-none")
    for kind in ("folder", "https"):
        page.goto(live_server.url + place("source_edit", shop.pk, kind))
        eye.look(f"{name}-{kind}")

    put(folder, "orders-1.csv")
    with sftp_server(folder) as server:
        page.goto(live_server.url + place("source_edit", shop.pk, "sftp"))
        page.fill("[name=host]", "127.0.0.1")
        page.fill("[name=port]", str(server.port))
        page.fill("[name=user]", USER)
        page.fill("[name=password]", PASSWORD)
        page.click(".save button")
        page.wait_for_selector("[name=agree]")
        eye.look(f"{name}-sftp-key")
        assert server.fingerprint in page.content()
        page.check("[name=agree]")
        page.click(".save button")
        page.wait_for_url(f"**{place('integration', shop.pk)}")
        with acting_for(merchant.pk):
            with merchant_transaction(merchant.pk):
                source = FileSource.objects.get()
            look_at_source(source=source, now=clock.now() + timedelta(minutes=1))
    with merchant_transaction(merchant.pk):
        outcomes(source)
    page.goto(live_server.url + place("integration", shop.pk))
    eye.look(f"{name}-all")

    assert eye.wrong == []
