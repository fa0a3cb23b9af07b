# SPDX-License-Identifier: GPL-3.0-or-later
"""Validates an object against a CustomResourceDefinition, as an API server would that refuses unknown fields.

Structural schemas only: type, properties, additionalProperties, items, required, enum, pattern, format,
length, count and number limits, nullable, x-kubernetes-int-or-string, x-kubernetes-preserve-unknown-fields,
and the list types set and map. CEL rules (x-kubernetes-validations) are not evaluated. A keyword that is not
known here is an error, so that nothing is passed over in silence.
"""
import re

PASSED_OVER = {"description", "default", "title", "example", "x-kubernetes-validations"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}
FORMATS = {
    "int32": lambda v: -(2**31) <= v < 2**31,
    "int64": lambda v: -(2**63) <= v < 2**63,
    "date-time": lambda v: re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", v),
    "uri": lambda v: re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", v),
}


class Invalid(Exception):
    pass


def fail(path, text):
    raise Invalid(f"{path or '.'}: {text}")


def check_type(schema, value, path):
    if schema.get("x-kubernetes-int-or-string"):
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            fail(path, "expected an integer or a string")
        return
    kind = schema.get("type")
    if kind is None:
        return
    if not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        fail(path, f"expected {kind}, found {type(value).__name__} {value!r}")


def check_object(schema, value, path):
    properties = schema.get("properties", {})
    extra = schema.get("additionalProperties")
    for name in schema.get("required", []):
        if name not in value:
            fail(path, f"{name} is missing")
    for name, member in value.items():
        if not isinstance(name, str):
            fail(path, f"the key {name!r} is no string")
        below = f"{path}.{name}"
        if name in properties:
            validate(properties[name], member, below)
        elif isinstance(extra, dict):
            validate(extra, member, below)
        elif not extra and not schema.get("x-kubernetes-preserve-unknown-fields"):
            fail(below, "unknown field")


def check_array(schema, value, path):
    if "items" in schema:
        for i, item in enumerate(value):
            validate(schema["items"], item, f"{path}[{i}]")
    kind = schema.get("x-kubernetes-list-type", "atomic")
    keys = [repr(v) for v in value]
    if kind == "map":
        keys = [repr([item.get(k) for k in schema["x-kubernetes-list-map-keys"]]) for item in value]
    if kind in ("set", "map") and len(set(keys)) != len(keys):
        fail(path, "the same item twice")
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        fail(path, f"{len(value)} items")


def check_scalar(schema, value, path):
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            fail(path, f"{value!r} does not match {schema['pattern']}")
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            fail(path, f"{len(value)} characters")
    elif not isinstance(value, bool):
        if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            fail(path, f"{value} is out of range")
    check = FORMATS.get(schema.get("format"))
    if schema.get("format") and not check:
        fail(path, f"format {schema['format']} is not known to this validator")
    if check and not check(value):
        fail(path, f"{value!r} is no {schema['format']}")


KNOWN = PASSED_OVER | {
    "type", "properties", "additionalProperties", "items", "required", "enum", "pattern", "format", "minLength",
    "maxLength", "minItems", "maxItems", "minimum", "maximum", "nullable", "x-kubernetes-int-or-string",
    "x-kubernetes-preserve-unknown-fields", "x-kubernetes-list-type", "x-kubernetes-list-map-keys",
    "x-kubernetes-map-type"}


def validate(schema, value, path=""):
    strange = set(schema) - KNOWN
    if strange:
        fail(path, f"this validator does not know {sorted(strange)}")
    if value is None:
        if not schema.get("nullable"):
            fail(path, "null")
        return
    check_type(schema, value, path)
    if "enum" in schema and value not in schema["enum"]:
        fail(path, f"{value!r} is none of {schema['enum']}")
    if isinstance(value, dict):
        check_object(schema, value, path)
    elif isinstance(value, list):
        check_array(schema, value, path)
    else:
        check_scalar(schema, value, path)


METADATA = {
    "type": "object", "required": ["name"],
    "properties": {
        # RFC 1123 subdomain
        "name": {"type": "string", "maxLength": 253,
                 "pattern": r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"},
        "namespace": {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "maxLength": 63},
        "labels": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 63}},
        "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def validate_object(definition, obj):
    """An object of the kind that the CRD defines; its metadata is checked, too."""
    spec = definition["spec"]
    version = obj.get("apiVersion", "").removeprefix(spec["group"] + "/")
    schemas = [v["schema"]["openAPIV3Schema"] for v in spec["versions"] if v["name"] == version and v["served"]]
    if obj.get("kind") != spec["names"]["kind"] or not schemas:
        fail("", f"{obj.get('apiVersion')} {obj.get('kind')} is not what this definition is for")
    validate(METADATA, obj.get("metadata"), ".metadata")
    if (spec["scope"] == "Namespaced") != ("namespace" in obj["metadata"]):
        fail(".metadata", f"the scope is {spec['scope']}")
    validate(schemas[0], {**obj, "metadata": {}})
