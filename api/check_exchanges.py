#!/usr/bin/env python3
"""Hold recorded exchanges against the contract.

usage: check_exchanges.py openapi.yaml exchanges.json
exchanges.json: [{"method", "path" (the contract's pattern), "status", "content_type", "body"}, …]
Exit 1 and one line per fault: an undocumented status or type, a body that breaks its schema, an operation never called; or one
called although x-letterlock-status says that it is planned. Planned operations are listed.
"""
import json
import sys

import jsonschema
import openapi_spec_validator
import yaml

contract = yaml.safe_load(open(sys.argv[1], encoding="utf-8"))
exchanges = json.load(open(sys.argv[2], encoding="utf-8"))
openapi_spec_validator.validate(contract)
faults = []


def resolve(node):
    while "$ref" in node:
        target = contract
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


operations = {}
for path, item in contract["paths"].items():
    base = resolve(item).get("servers", contract["servers"])[0]["url"].rstrip("/")
    for method in ("get", "post", "put", "patch", "delete"):
        if method in item:
            operations[method.upper(), base + path] = item[method]

seen = set()
for exchange in exchanges:
    where = f"{exchange['method']} {exchange['path']} {exchange['status']}"
    operation = operations.get((exchange["method"], exchange["path"]))
    if operation is None:
        faults.append(f"{where}: not in the contract")
        continue
    if operation.get("x-letterlock-status") == "planned":
        faults.append(f"{where}: it is there, so the contract must not call it planned")
    if exchange["status"] < 400:
        seen.add((exchange["method"], exchange["path"]))
    responses = operation["responses"]
    response = responses.get(str(exchange["status"]))
    if response is None and exchange["status"] >= 400:
        response = responses.get("default")
    if response is None:
        faults.append(f"{where}: status not in the contract")
        continue
    content = resolve(response).get("content", {})
    if not content:
        if exchange["body"]:
            faults.append(f"{where}: a body where the contract has none")
        continue
    media = content.get(exchange["content_type"].split(";")[0])
    if media is None:
        faults.append(f"{where}: type {exchange['content_type']!r} not in the contract")
        continue
    if not exchange["content_type"].endswith("json"):
        continue
    schema = {**media["schema"], "components": contract["components"]}
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    for error in validator.iter_errors(json.loads(exchange["body"])):
        faults.append(f"{where}: {error.json_path}: {error.message}")

probes = {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")}  # app/'s own tests
planned = {key for key, operation in operations.items() if operation.get("x-letterlock-status") == "planned"}
for method, path in sorted(planned):
    print(f"planned: {method} {path}")
for method, path in sorted(set(operations) - seen - probes - planned):
    faults.append(f"{method} {path}: never answered with success")
for fault in faults:
    print(fault)
sys.exit(1 if faults else 0)
