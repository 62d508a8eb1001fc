"""Every answer is what the document promised: its status is named there, and its body fits the schema."""

from typing import Any

import jsonschema

from rientro.api import openapi


def checked(response: Any, operation_id: str) -> Any:
    """The JSON of ``response`` after comparing it with the document; None for an answer without one."""
    document = openapi.document()
    answers = _answers(document, operation_id)
    status = str(response.status_code)
    assert status in answers, f"{operation_id} never said {status}: {response.content[:300]!r}"
    content = answers[status].get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if schema is None:
        return None
    body = response.json()
    jsonschema.validate(body, {**schema, "components": document["components"]})
    return body


def _answers(document: dict[str, Any], operation_id: str) -> dict[str, Any]:
    for methods in document["paths"].values():
        for described in methods.values():
            if described["operationId"] == operation_id:
                return described["responses"]
    raise AssertionError(f"no operation {operation_id}")
