#!/usr/bin/env python3
"""Print the contract's operations below /api/v1 as JSON, for tests that hold the server to them.

usage: operations.py openapi.yaml
[{"operation_id", "method", "path", "least_role", "scope", "session_only", "planned", "ids"}, …]; scope is empty where there is none.
ids: what names one thing of a company, such as "path:alert_id", "query:connection_id", "body:alert_ids"; every part of the path does.
"""
import json
import sys

import yaml

contract = yaml.safe_load(open(sys.argv[1], encoding="utf-8"))


def resolve(node):
    while "$ref" in node:
        target = contract
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def members(schema):
    """The names of a body's fields, those of inner objects too, with their schemas."""
    schema = resolve(schema)
    for name, inner in schema.get("properties", {}).items():
        yield name, resolve(inner)
        yield from members(inner)
    if "items" in schema:
        yield from members(schema["items"])


def is_id(name, schema):
    return name.endswith(("_id", "_ids")) or schema.get("format") == "uuid" or schema.get("items", {}).get("format") == "uuid"


def ids_of(item, operation):
    for parameter in map(resolve, item.get("parameters", []) + operation.get("parameters", [])):
        if parameter["in"] == "path" or parameter["in"] == "query" and is_id(parameter["name"], resolve(parameter["schema"])):
            yield f"{parameter['in']}:{parameter['name']}"
    for media in resolve(operation.get("requestBody", {})).get("content", {}).values():
        yield from (f"body:{name}" for name, schema in members(media["schema"]) if is_id(name, schema))


operations = []
for path, item in contract["paths"].items():
    if "servers" in item:  # the probes
        continue
    for method in ("get", "post", "put", "patch", "delete"):
        if method not in item:
            continue
        operation = item[method]
        operations.append({
            "operation_id": operation["operationId"], "method": method.upper(), "path": "/api/v1" + path,
            "least_role": operation["x-least-role"], "scope": operation.get("x-scope", ""),
            "session_only": operation.get("security") == [{"session": []}],
            "planned": operation.get("x-letterlock-status") == "planned", "ids": sorted(set(ids_of(item, operation)))})
json.dump(operations, sys.stdout)
