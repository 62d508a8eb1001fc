"""The lock files: exact, hashed, complete, and without an address of any registry."""

import re
import tomllib

import pytest

from rientro.carriers.karrio import library
from tests.environment import ROOT

FILES = ["requirements.txt", "requirements-karrio.txt", "requirements-dev.txt"]


def locked(name: str) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", (ROOT / name).read_text(), re.MULTILINE)
    return {canonical(package): version for package, version in found}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(*groups: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"]]
    for group in groups:
        lines += project["optional-dependencies"][group]
    return {canonical(re.split(r"[\[<>=~!; ]", line)[0]) for line in lines}


@pytest.mark.parametrize("name", FILES)
def test_no_address_stands_in_a_lock_file(name):
    text = (ROOT / name).read_text()

    assert not re.search(r"https?:|file://|--index|--find-links|--trusted", text)


@pytest.mark.parametrize("name", FILES)
def test_every_package_is_locked_by_hash(name):
    blocks = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / name).read_text())

    assert [block[:60] for block in blocks if "==" in block and "--hash=sha256:" not in block] == []


def test_every_package_of_the_project_is_locked():
    assert wanted() - set(locked("requirements.txt")) == set()
    assert wanted("karrio") - set(locked("requirements-karrio.txt")) == set()
    assert wanted("dev", "karrio") - set(locked("requirements-dev.txt")) == set()


def test_tests_run_on_the_versions_that_are_shipped():
    tested = locked("requirements-dev.txt")

    for name in ("requirements.txt", "requirements-karrio.txt"):
        shipped = locked(name)
        assert {package: tested.get(package) for package in shipped} == shipped


def test_the_library_of_carriers_and_its_connectors_go_in_step():
    versions = {
        version for name, version in locked("requirements-karrio.txt").items() if "karrio" in name
    }

    assert versions == {library.VERSION}


def test_a_house_without_real_carriers_has_nothing_of_their_library():
    assert not [name for name in locked("requirements.txt") if "karrio" in name or name == "loguru"]
