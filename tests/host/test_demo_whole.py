"""The real ``rientro demo`` on an empty folder: filled once, with the facts that people and programs need."""

import http.cookiejar
import json
import re
import urllib.parse
import urllib.request

import psycopg

from rientro.host.postgres import Cluster
from rientro.host.processes import command_of
from tests.host.houses import RunningHouse, free_port, rientro

PROMISED = {
    "url": str,
    "login": {"email": str, "password": str},
    "integrations": [{"id": int, "shop_name": str, "public_key": str, "secret_key": str}],
    "brands": [{"slug": str, "name": str, "portal_url": str}],
    "sandbox_carrier_url": str,
}


def shape(found, promised) -> bool:
    """Does ``found`` hold what is promised? More is allowed on top only."""
    if isinstance(promised, dict):
        return all(shape(found[name], kind) for name, kind in promised.items())
    if isinstance(promised, list):
        return bool(found) and all(shape(each, promised[0]) for each in found)
    return isinstance(found, promised)


def logged_in_at(facts: dict) -> str:
    """The address at which the printed login ends."""
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(jar)
    page = f"{facts['url']}/accounts/login/"
    token = re.search(
        r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.open(page).read().decode()
    )
    typed = {"csrfmiddlewaretoken": token[1], "login": facts["login"]["email"]}
    form = urllib.parse.urlencode(typed | {"password": facts["login"]["password"]}).encode()
    return browser.open(urllib.request.Request(page, form, {"Referer": page})).url


def counted(data) -> tuple[int, ...]:
    with psycopg.connect(Cluster(data / "postgres").url("superuser", "rientro")) as connection:
        asked = "SELECT (SELECT count(*) FROM rientro_order), (SELECT count(*) FROM rientro_return)"
        return connection.execute(asked).fetchone()


def test_a_demo_is_filled_once_and_tells_how_to_get_in(folder):
    data = folder / "data"
    house = RunningHouse(data, free_port(), ("demo", "--data", str(data)))
    try:
        house.wait_until(lambda: "is running" in house.words(), 300)
        facts = json.loads((data / "demo.json").read_text())
        assert shape(facts, PROMISED)
        assert set(PROMISED) <= set(facts)
        assert facts["url"] == f"http://127.0.0.1:{house.port}"
        assert len(facts["integrations"]) == len(facts["brands"]) == 2
        assert (data / "demo.json").stat().st_mode & 0o777 == 0o600
        assert facts["login"]["password"] in house.words()
        assert logged_in_at(facts).endswith("/panel/returns/")
        for brand in facts["brands"]:
            assert house.status(urllib.parse.urlsplit(brand["portal_url"]).path) == 200
        before = counted(data)
        assert before[0] == 60

        house.kill()
        house.start()
        house.wait_ready()

        assert json.loads((data / "demo.json").read_text()) == facts
        assert counted(data)[0] == 60
        assert "filling the demo" not in house.words()[house.heard :]
        assert "2026" in rientro("demo-clock", "2026-12-24", "--data", str(data), data=data).stdout
        assert "Subject:" in rientro("demo-mails", "--data", str(data), data=data).stdout
        pids = json.loads((data / "running.json").read_text())["parts"].values()
        assert house.stop() == 0
    finally:
        house.stop()
    assert [command_of(pid) for pid in pids] == ["", "", ""]
    assert not Cluster(data / "postgres").is_alive()
