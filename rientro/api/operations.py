"""Every operation of the API with what can be said about it: the documents and the tests read this one list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.http import HttpResponse

Handler = Callable[..., HttpResponse]
Auth = Literal["key", "portal", "none"]
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One part of the query. ``schema`` is JSON Schema."""

    name: str
    about: str = ""
    needed: bool = False
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A handler and its description.

    ``answers`` is {status: schema}; a string names one of ``describe.SCHEMAS``, a media type such as
    ``application/pdf`` means bytes, None means no body. The refusals that any operation of its kind can give
    (401, 403, 429 …) are added by ``api.openapi``. ``scope`` is what a key or token needs; ``costs`` marks an
    operation that may buy a label, whose idempotency keys are remembered for 30 days. ``media`` is what the body
    is sent as.
    """

    run: Handler
    id: str
    tag: str
    about: str
    scope: str
    auth: Auth
    answers: Mapping[int, str | Schema | None]
    query: tuple[Param, ...]
    body: str | Schema | None
    media: str
    parts: Mapping[str, Mapping[str, Any]]
    costs: bool


def operation(
    id: str,
    tag: str,
    *,
    answers: Mapping[int, str | Schema | None],
    scope: str = "",
    auth: Auth = "key",
    query: tuple[Param, ...] = (),
    body: str | Schema | None = None,
    media: str = "application/json",
    parts: Mapping[str, Mapping[str, Any]] | None = None,
    costs: bool = False,
) -> Callable[[Handler], Operation]:
    """Describe a handler; its docstring is what the documents say of it."""

    def described(run: Handler) -> Operation:
        return Operation(
            run=run,
            id=id,
            tag=tag,
            about=(run.__doc__ or "").strip(),
            scope=scope,
            auth=auth,
            answers=answers,
            query=query,
            body=body,
            media=media,
            parts=parts or {},
            costs=costs,
        )

    return described
