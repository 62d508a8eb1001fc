"""Bodies that nobody means, at every operation that takes one: each is refused in words, none breaks anything."""

import gzip
import json

import pytest

from tests.api.examples import BODIES
from tests.api.world import descriptions, sandbox_process, world

__all__ = ["sandbox_process", "world"]
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
DEEP = 20_000
HOSTILE: dict[str, tuple[bytes, str]] = {
    "NUL": (rb'{"a": "x\u0000y"}', JSON),
    "NUL in a name": (rb'{"a\u0000": 1}', JSON),
    "a raw NUL": (b'{"a": "\0"}', JSON),
    "a lone surrogate": (rb'{"a": "\ud800"}', JSON),
    "a surrogate the wrong way round": (rb'{"a": "\udc00\ud800"}', JSON),
    "a huge whole number": (b'{"a": ' + b"9" * 400 + b"}", JSON),
    "a whole number past 64 bits": (b'{"a": 9223372036854775808}', JSON),
    "a huge exponent": (b'{"a": 1e400}', JSON),
    "a tiny exponent": (b'{"a": 1e-400}', JSON),
    "lists 20,000 deep": (b"[" * DEEP + b"]" * DEEP, JSON),
    "objects 20,000 deep": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, JSON),
    "lists that never close": (b"[" * DEEP, JSON),
    "NaN": (b'{"a": NaN}', JSON),
    "Infinity": (b'{"a": -Infinity}', JSON),
    "nothing": (b"", JSON),
    "blanks": (b"  \n", JSON),
    "not UTF-8": (b'{"a": "\xff\xfe"}', JSON),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), JSON),
    "half an object": (b'{"a": ', JSON),
    "two objects": (b"{}{}", JSON),
    "a number alone": (b"7", JSON),
    "a string alone": (b'"x"', JSON),
    "null": (b"null", JSON),
    "plain text": (b"hello", "text/plain"),
    "XML": (b"<a/>", "application/xml"),
    "a multipart that is none": (b"hello", "multipart/form-data"),
    "a multipart of 13 MB": (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
        + b"x" * 13 * 1024 * 1024
        + b"\r\n--x--\r\n",
        "multipart/form-data; boundary=x",
    ),
    "a multipart cut short": (b"--x\r\nContent-Disp", "multipart/form-data; boundary=x"),
    "compressed": (gzip.compress(b"{}"), JSON),
    "10 MB": (b'{"a": "' + b"x" * 10 * 1024 * 1024 + b'"}', JSON),
    "a form with a NUL": (b"a=%00", FORM),
    "a form of a thousand fields": (b"&".join(b"a%d=1" % n for n in range(1000)), FORM),
}
ODD = {
    "NUL": "\0",
    "a lone surrogate": "\ud800",
    "a number past 64 bits": -(2**64),
    "lists": [[[[]]]],
    "a long word": "A" * 100_000,
}
TAKING = sorted(name for name, (_, _, told) in descriptions().items() if "requestBody" in told)


def send(world, name, body, kind, **headers):
    path, method, told = descriptions()[name]
    if told["security"] == [{"portal": []}]:
        headers["authorization"] = world.look_up()
    more = {"content_type": kind, "headers": headers}
    return world.ask(method.upper(), world.path(path), body, **more)


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_body_is_refused_in_words(case, world):
    body, kind = HOSTILE[case]
    headers = {"idempotency-key": case}
    if case == "compressed":
        headers["content-encoding"] = "gzip"
    wrong = {}

    for name in TAKING:
        answer = send(world, name, body, kind, **headers)
        if not (400 <= answer.status_code < 500 and words_of(answer)):
            wrong[name] = (answer.status_code, answer.content[:200])

    assert wrong == {}


def words_of(answer):
    told = answer.json()
    if "errors" in told:
        return told["errors"][0]["detail"]
    error = told["error"]
    return told["error_description"] if isinstance(error, str) else error["message"]


@pytest.mark.parametrize("case", ODD)
def test_a_hostile_value_in_a_good_body_breaks_nothing(case, world):
    """Each field of each operation's own example in turn."""
    value = ODD[case]
    wrong = {}

    for name in TAKING:
        if "multipart" in next(iter(descriptions()[name][2]["requestBody"]["content"])):
            continue
        for body, where in spoiled(BODIES[name](world) if name in BODIES else {}, value):
            answer = send(world, name, json.dumps(body).encode(), JSON)
            if answer.status_code >= 500:
                wrong[f"{name} {where}"] = answer.status_code

    assert wrong == {}


def spoiled(body, value):
    """Copies of ``body`` with one field of its first object, or of an object in that, replaced."""
    text = json.dumps(body)
    first = body[0] if isinstance(body, list) else body
    for key, inner in first.items():
        for below in [None, *(inner if isinstance(inner, dict) else ())]:
            changed = json.loads(text)
            place = changed[0] if isinstance(changed, list) else changed
            if below is None:
                place[key] = value
            else:
                place[key][below] = value
            yield changed, f"{key}.{below or ''}"


def test_of_a_name_that_comes_twice_the_last_counts(world):
    """As JSON parsers do; nothing in front of us decides by the first."""
    path = world.path("/api/v2/integrations/{integration_id}")

    answer = world.ask("PATCH", path, b'{"shop_name": "first", "shop_name": "last"}')

    assert answer.json()["shop_name"] == "last"
