"""How the fake Shopify takes a GraphQL request: the real schema's subset, rights by field, costs, its own errors.

The schema (tests/shops/recordings/shopify/admin-2026-10.graphql) is a subset of the fields and whole in their arguments
and types; ``scopes.json`` says which access scope each wants and which fields are newer than a version.
"""

import json
import math
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    execute,
    get_named_type,
    is_leaf_type,
    is_object_type,
    parse,
    validate,
    visit,
)
from graphql.execution.values import get_argument_values, get_directive_values, get_variable_values
from graphql.type import get_nullable_type, is_list_type
from graphql.utilities import TypeInfo

from tests.shops.fakes.shopify.app import App
from tests.shops.fakes.shopify.view import bad

RECORDINGS = Path(__file__).parents[2] / "recordings" / "shopify"
SCOPES_PAGE = "https://shopify.dev/api/usage/access-scopes"
PROTECTED_PAGE = "https://shopify.dev/docs/apps/launch/protected-customer-data"
WANT_KEY = "2026-04"
MOST_COST = 1000
NO_KEY = "The @idempotent directive is required for this mutation but was not provided."
UNKNOWN = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")


@cache
def schema() -> GraphQLSchema:
    made = build_schema((RECORDINGS / "admin-2026-10.graphql").read_text())
    for kind in made.type_map.values():
        if hasattr(kind, "resolve_type"):
            kind.resolve_type = lambda value, *_: value["__typename"]
    return made


@cache
def rights() -> Mapping[str, Any]:
    told: Mapping[str, Any] = json.loads((RECORDINGS / "scopes.json").read_text())["answer"]
    return told


class Request:
    """One request, read and checked. Raises GraphQLError for what is refused before anything is done."""

    def __init__(self, query: str, variables: Mapping[str, Any], version: str) -> None:
        self.variables, self.version = variables, version
        self.document = parse(query)
        self.faults = [as_theirs(fault) for fault in validate(schema(), self.document)]
        self.operation = next(
            part for part in self.document.definitions if isinstance(part, OperationDefinitionNode)
        )
        if not self.faults:
            self.faults = [*self._too_new(), *self._variables()]

    def _variables(self) -> list[dict[str, Any]]:
        known = self._known()
        faults = known if isinstance(known, list) else []
        return [as_theirs(fault, "INVALID_VARIABLE") for fault in faults]

    def _too_new(self) -> list[dict[str, Any]]:
        since = rights()["since"]
        faults = []
        for kind, node in self._fields():
            if since.get(f"{kind}.{node.name.value}", "") > self.version:
                faults.append(_undefined(node.name.value, kind, None))
        return faults

    def _fields(self) -> list[tuple[str, FieldNode]]:
        found: list[tuple[str, FieldNode]] = []
        types = TypeInfo(schema())

        class Gather(Visitor):
            def enter_field(self, node: FieldNode, *_: Any) -> None:
                if parent := types.get_parent_type():
                    found.append((parent.name, node))

        visit(self.document, TypeInfoVisitor(types, Gather()))
        return found

    # What it costs

    def cost(self) -> int:
        kind = schema().get_root_type(self.operation.operation)
        mutation = 10 if self.operation.operation.value == "mutation" else 0
        return max(1, mutation + self._cost(self.operation.selection_set, kind))

    def _cost(self, selections: Any, kind: Any) -> int:
        total = 0
        for node in selections.selections if selections else ():
            if not isinstance(node, FieldNode):
                inner = self._inside(node)
                total += self._cost(inner[0], inner[1] or kind)
                continue
            field = getattr(kind, "fields", {}).get(node.name.value)
            if field is None or is_leaf_type(get_named_type(field.type)):
                continue
            inside = self._cost(node.selection_set, get_named_type(field.type))
            total += self._field_cost(node, field, inside)
        return total

    def _field_cost(self, node: FieldNode, field: Any, inside: int) -> int:
        """An object is 1, a connection 2 and its objects by their number's logarithm; edges and nodes are free."""
        if node.name.value in ("edges", "nodes", "node", "pageInfo"):
            return inside + (node.name.value in ("node", "nodes"))
        if not get_named_type(field.type).name.endswith("Connection"):
            return 1 + inside
        told = get_argument_values(field, node, self._known())
        size = told.get("first") or told.get("last") or 1
        return 2 + inside * max(1, math.ceil(math.log2(size + 1)))

    def _known(self) -> Any:
        return get_variable_values(
            schema(), self.operation.variable_definitions or (), dict(self.variables)
        )

    def _inside(self, node: Any) -> tuple[Any, Any]:
        if node.kind == "fragment_spread":
            node = next(
                part
                for part in self.document.definitions
                if getattr(getattr(part, "name", None), "value", None) == node.name.value
            )
        on = node.type_condition
        return node.selection_set, schema().get_type(on.name.value) if on else None

    # What it does

    def done(self, app: App, shop: Any) -> dict[str, Any]:
        found = execute(
            schema(),
            self.document,
            root_value=app.root(),
            context_value=(app, shop, self.version),
            variable_values=dict(self.variables),
            field_resolver=resolved,
        )
        faults = [fault.formatted for fault in found.errors or ()]
        return {"data": found.data} | ({"errors": faults} if faults else {})


def resolved(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """What stands behind a field, once its scopes allow it."""
    app, shop, version = info.context
    kind = get_named_type(info.return_type)
    node = kind
    if kind.name.endswith("Connection") and is_object_type(kind):
        node = get_named_type(kind.fields["nodes"].type)
    field = f"{info.parent_type.name}.{info.field_name}"
    for name in (field, node.name):
        allowed(app, name, info.field_name)
    if node.name == "Order" and not shop.protected_data:
        raise _unapproved("access the Order object")
    if info.field_name in shop.hidden_fields and info.parent_type.name in PERSONAL:
        raise _unapproved(f"use the {info.field_name} field")
    if field == "Mutation.refundCreate":
        app.key_of_request = _key(info, version)
    value = source[info.field_name]
    value = value(**arguments) if callable(value) else value
    if isinstance(value, dict) and "__typename" in value:
        allowed(app, value["__typename"], info.field_name)
    if value is None and not is_list_type(get_nullable_type(info.return_type)):
        return None
    return value


PERSONAL = ("Order", "Customer", "MailingAddress")


def allowed(app: App, name: str, field: str) -> None:
    wanted = rights()["scopes"].get(name)
    if wanted is None or app.scopes.intersection(_with_writes(wanted["any_of"])):
        return
    raise GraphQLError(
        f"Access denied for {field} field. Required access: {wanted['required']}",
        extensions={
            "code": "ACCESS_DENIED",
            "documentation": SCOPES_PAGE,
            "requiredAccess": wanted["required"],
        },
    )


def _with_writes(scopes: list[str]) -> list[str]:
    """Who may write may read."""
    return [*scopes, *(s.replace("read_", "write_", 1) for s in scopes if s.startswith("read_"))]


def _unapproved(what: str) -> GraphQLError:
    return GraphQLError(
        f"This app is not approved to {what}. See {PROTECTED_PAGE} for more details.",
        extensions={"code": "ACCESS_DENIED", "documentation": PROTECTED_PAGE},
    )


def _key(info: GraphQLResolveInfo, version: str) -> str | None:
    directive = schema().get_directive("idempotent")
    assert directive
    told = get_directive_values(directive, info.field_nodes[0], info.variable_values)
    if told is None and version >= WANT_KEY:
        raise bad(NO_KEY)
    key: str | None = told["key"] if told else None
    return key


def as_theirs(fault: GraphQLError, code: str = "") -> dict[str, Any]:
    """An error of the checking in Shopify's words, where it has its own."""
    if found := UNKNOWN.match(fault.message):
        return _undefined(found[1], found[2], fault)
    told = dict(fault.formatted)
    return told | ({"extensions": {"code": code, "value": None}} if code else {})


def _undefined(field: str, kind: str, fault: GraphQLError | None) -> dict[str, Any]:
    return {
        "message": f"Field '{field}' doesn't exist on type '{kind}'",
        "locations": dict(fault.formatted).get("locations", []) if fault else [],
        "path": ["query", field],
        "extensions": {"code": "undefinedField", "typeName": kind, "fieldName": field},
    }


def weight(value: Any) -> int:
    """What the answer comes to, by the same measure as the question."""
    if isinstance(value, list):
        inner = max((weight(part) for part in value), default=0)
        return inner * max(1, math.ceil(math.log2(len(value) + 1)))
    if isinstance(value, dict):
        return 1 + sum(weight(part) for part in value.values())
    return 0
