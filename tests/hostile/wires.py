"""What went over the wire, as the other end reads it, and where each field of an address stands in it."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from lxml import etree

from tests.carriers.fakes.server import Answer, FakeCarrier, Heard
from tests.hostile.addresses import MARKS, Hostile, mark

PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=False)


# What an adapter says where a carrier asks for something that nobody typed.
FILLERS = {"0000000000"}


class FakeSandbox(FakeCarrier):
    """Sells to anybody; ``tests/carriers`` has the real program."""

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {"token": "sandbox-hostile"}

    def refused(self, heard: Heard) -> None:
        return None

    def answer(self, heard: Heard) -> Answer:
        reference = heard.words["reference"]
        told = {
            "id": f"l-{len(self.heard)}",
            "reference": reference,
            "tracking_number": f"TST{len(self.heard):07d}",
            "price": {"amount": "4.90", "currency": "EUR"},
        }
        return Answer(201, told)


def leaves(heard: Heard) -> dict[str, str]:
    """Path -> text of every leaf of a JSON or XML body. Raises where no strict reader could read it."""
    if not heard.body:
        return {}
    if heard.body.lstrip()[:1] == b"<":
        return dict(_of_xml(etree.fromstring(heard.body, PARSER), ""))
    if "form" in heard.headers.get("content-type", ""):
        return {}  # a token is asked for
    return dict(_of_json(json.loads(heard.body.decode("utf-8")), ""))


def _of_json(words: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(words, dict):
        for name, value in words.items():
            yield from _of_json(value, f"{path}/{name}")
    elif isinstance(words, list):
        for at, value in enumerate(words):
            yield from _of_json(value, f"{path}/{at}")
    else:
        yield path, words if isinstance(words, str) else json.dumps(words)


def _of_xml(element: Any, path: str) -> Iterator[tuple[str, str]]:
    counted: dict[str, int] = {}
    attributes = "".join(element.attrib.values())
    assert not any(re.search(f"{letters}[0-9]{{4}}Q", attributes) for letters in MARKS.values())
    children = [child for child in element if isinstance(child.tag, str)]
    assert len(children) == len(element), "a comment or an instruction came in"
    if not children:
        yield path, element.text or ""
    for child in children:
        at = counted[child.tag] = counted.get(child.tag, -1) + 1
        yield from _of_xml(child, f"{path}/{child.tag}.{at}")


def places(told: dict[str, str], at: int) -> dict[str, list[str]]:
    """path -> the fields whose marks stand there, in their order."""
    found: dict[str, list[str]] = {}
    for path, text in told.items():
        here = [(text.index(word), name) for name in MARKS if (word := mark(name, at)) in text]
        if here:
            found[path] = [name for _, name in sorted(here)]
    return found


def bare(text: str) -> str:
    """What is left of words when spaces, invisible letters, marks, case and what a wire cannot carry are gone."""
    whole = unicodedata.normalize("NFKD", text)
    kept = (one for one in whole if unicodedata.category(one)[0] in "LN")
    return re.sub(r"\s", "", "".join(kept)).casefold()


def is_meant(said: str, hostile: Hostile, names: list[str]) -> bool:
    """Does ``said`` hold these fields and nothing else: each as it was typed, or its beginning where it was cut?"""
    if said in FILLERS and not any(bare(getattr(hostile, name)) for name in names):
        return True
    return _fits(bare(said), [bare(getattr(hostile, name)) for name in names])


def _fits(rest: str, typed: list[str]) -> bool:
    if not typed:
        return rest == ""
    first, *more = typed
    return any(
        rest.startswith(first[:cut]) and _fits(rest[cut:], more)
        for cut in range(min(len(first), len(rest)), -1, -1)
    )
