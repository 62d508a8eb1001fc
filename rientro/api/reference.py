"""/api/docs and /api/openapi.json: what the API does, made from the operations themselves."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rientro.api import openapi
from rientro.api.door import json_response


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    return json_response(openapi.document())


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """One page for people, without a script and without a request to anybody else."""
    return render(request, "api/docs.html", {"groups": _groups(), "schemas": _schemas()})


def _groups() -> list[dict[str, Any]]:
    """Operations by version and tag, in the order of their addresses."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    paths = openapi.document()["paths"]
    for path, method, family, operation in openapi.operations():
        described = paths[path][method.lower()]
        groups.setdefault((family, operation.tag), []).append(
            {
                "path": path,
                "method": method,
                "id": operation.id,
                "summary": described["summary"],
                "about": described.get("description", ""),
                "parameters": described["parameters"],
                "body": _body(described),
                "answers": [
                    {"status": status, "words": answer["description"], "schema": _schema_of(answer)}
                    for status, answer in described["responses"].items()
                ],
            }
        )
    return [
        {"family": family, "tag": tag, "operations": found}
        for (family, tag), found in sorted(groups.items())
    ]


def _body(described: dict[str, Any]) -> Any:
    content = described.get("requestBody", {}).get("content", {})
    return next((told["schema"] for told in content.values()), None)


def _schema_of(answer: dict[str, Any]) -> Any:
    content = answer.get("content", {})
    return content.get("application/json", {}).get("schema") or " ".join(content)


def _schemas() -> list[tuple[str, Any]]:
    return sorted(openapi.document()["components"]["schemas"].items())
