"""Short words for JSON Schema, and the schemas that have a name."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]
SCHEMAS: dict[str, Schema] = {}

STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
BOOLEAN: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
DECIMAL: Schema = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
ANYTHING: Schema = {}


def named(name: str, schema: Schema) -> str:
    """Give ``schema`` a name of its own in the documents; two different ones of one name are a mistake."""
    assert SCHEMAS.setdefault(name, schema) == schema, f"two schemas are called {name}"
    return name


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def many(item: Schema | str) -> Schema:
    return {"type": "array", "items": ref(item) if isinstance(item, str) else item}


def maybe(schema: Schema | str) -> Schema:
    """Or null."""
    inner = ref(schema) if isinstance(schema, str) else schema
    if isinstance(inner.get("type"), str) and "enum" not in inner:
        return inner | {"type": [inner["type"], "null"]}
    return {"anyOf": [inner, {"type": "null"}]}


def one_of(*values: str | int) -> Schema:
    return {"enum": list(values)}


def record(needed: Mapping[str, Schema | str] | None = None, /, **more: Schema | str) -> Schema:
    """An object: ``needed`` keys are always there, the others may be. Unknown keys are allowed."""
    must = dict(needed or {})
    fields = {**must, **more}
    schema: Schema = {
        "type": "object",
        "properties": {
            name: ref(value) if isinstance(value, str) else value for name, value in fields.items()
        },
    }
    if must:
        schema["required"] = list(must)
    return schema


named(
    "V2Error",
    record(
        {
            "error": record(
                {"code": {"type": ["integer", "string"]}, "request": STRING, "message": STRING}
            )
        }
    ),
)
named(
    "V3Errors",
    record(
        {
            "errors": many(
                record(
                    {
                        "status": STRING,
                        "code": STRING,
                        "detail": STRING,
                        "source": record(pointer=STRING, parameter=STRING, header=STRING),
                    },
                    title=STRING,
                    message=STRING,
                    field=STRING,
                )
            )
        }
    ),
)
named(
    "Problem",
    record({"error": record({"code": STRING, "message": STRING, "facts": {"type": "object"}})}),
)
