#!/usr/bin/env python3
"""Print the contract's operations below /api/v1 as JSON, for tests that hold the server to them.

usage: operations.py openapi.yaml
[{"operation_id", "method", "path", "least_role", "scope", "session_only", "planned"}, …]; scope is empty where there is none.
"""
import json
import sys

import yaml

contract = yaml.safe_load(open(sys.argv[1], encoding="utf-8"))
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
            "planned": operation.get("x-letterlock-status") == "planned"})
json.dump(operations, sys.stdout)
