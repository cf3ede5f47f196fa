"""Bodies that simulators recorded (letterlock-sim --record), each held against the contract of the endpoint that its path names."""
import json
import os
import sys
from collections import Counter
from pathlib import Path

from contracts import Csdl, Discovery

GOLDEN = Path(__file__).with_name("golden_errors.json")
TOKEN_FIELDS = {"google": {"access_token": str, "expires_in": int, "token_type": str},
                "microsoft": {"access_token": str, "expires_in": int, "ext_expires_in": int, "token_type": str}}


class Checker:
    def __init__(self, csdl_file):
        self.problems, self.counts, self.unchecked, self.said = [], Counter(), Counter(), {"recorded": 0, "dropped": 0, "too_long": 0}
        self.documents = [Discovery(name, self.problems) for name in ("gmail.v1", "admin.directory_v1")]
        self.csdl = Csdl(csdl_file, self.problems) if csdl_file else None
        self.golden = json.loads(GOLDEN.read_text())

    def problem(self, line, text):
        self.problems.append(f"{line['provider']} {line['method']} {line['target'][:100]} {line['status']}: {text}")

    def count(self, line, template):
        self.counts[line["provider"], f"{line['method']} {template}", line["status"]] += 1

    def line(self, line):
        path = line["target"].split("?")[0]
        is_token = line["kind"] == "token"
        if line["fault"] == "ordered":
            return self.count(line, "(a raw answer that a test ordered)")
        if line["status"] >= 400:
            self.count(line, f"(error of {'the token endpoint' if is_token else 'the API'})")
            return self.error(line, line["provider"] + (" token" if is_token else ""))
        if is_token:
            self.count(line, "token")
            return self.fields(line, TOKEN_FIELDS[line["provider"]])
        if line["provider"] == "google":
            return self.google(line, path)
        return self.microsoft(line, path)

    def fields(self, line, wanted):
        body = json.loads(line["body"])
        for name, kind in wanted.items():
            if not isinstance(body.get(name), kind):
                self.problem(line, f"{name} is missing or no {kind.__name__}")
        for name in body.keys() - wanted.keys():
            self.problem(line, f"{name}: no such field")

    def google(self, line, path):
        if path.startswith("/batch"):
            self.count(line, "/batch")  # its parts are recorded by themselves
            if not line["type"].startswith("multipart/mixed; boundary="):
                self.problem(line, "a batch's answer is multipart/mixed")
            return
        for document in self.documents:
            template, schema = document.find(line["method"], path)
            if template is None:
                continue
            self.count(line, template)
            if line["body"] is None:
                self.unchecked["longer than 4 MiB"] += 1
            else:
                document.check(json.loads(line["body"]), schema, template)
            return
        self.problem(line, "no discovery document knows this path")

    def microsoft(self, line, path):
        if line["kind"] == "openid-configuration":
            self.count(line, "openid-configuration")
            body = json.loads(line["body"])
            for name in ("token_endpoint", "issuer", "jwks_uri", "authorization_endpoint"):
                if not isinstance(body.get(name), str):
                    self.problem(line, f"{name} is missing")
            return
        if path == "/v1.0/$batch":
            self.count(line, "$batch")
            for item in json.loads(line["body"])["responses"]:
                if item.keys() != {"id", "status", "headers", "body"} or not isinstance(item["id"], str) or not isinstance(item["status"], int):
                    self.problem(line, "an answer of a batch has id, status, headers and body")
            return
        if not self.csdl:
            self.unchecked["no CSDL"] += 1
            return
        template, kind = self.csdl.resolve(path.removeprefix("/v1.0/"))
        if kind is None:
            return self.problem(line, "the metadata knows no such path")
        self.count(line, template)
        if kind == "stream":
            return
        if line["body"] is None:
            self.unchecked["longer than 4 MiB"] += 1
            return
        body = json.loads(line["body"])
        if not kind.startswith("Collection("):
            return self.csdl.check(body, kind, template)
        for name in body.keys() - {"@odata.context", "@odata.nextLink", "@odata.deltaLink", "value"}:
            self.problem(line, f"{name}: not in a collection's answer")
        if template.endswith("/delta") and ("@odata.nextLink" in body) == ("@odata.deltaLink" in body):
            self.problem(line, "a delta has a next link or a delta link")
        self.csdl.check(body["value"], kind, template)

    def error(self, line, golden):
        if not line["size"]:
            return  # some of their errors have no body
        if line["type"].startswith("text/html"):
            return
        body = json.loads(line["body"])
        if golden.endswith("token"):
            code, message = body.get("error"), body.get("error_description")
            if golden == "microsoft token" and not (isinstance(body.get("error_codes"), list) and f"AADSTS{body['error_codes'][0]}:" in message):
                self.problem(line, "error_codes and the description differ")
        elif golden == "google":
            error = body["error"]
            first = error["errors"][0]
            code, message = first["reason"], error["message"]
            if error["code"] != line["status"] or first["message"] != message or not error["status"].isupper() or first["domain"] not in ("global", "usageLimits"):
                self.problem(line, "code, message or status of the error differ")
        else:
            error = body["error"]
            code, message = error["code"], error["message"]
            if error["innerError"].keys() != {"date", "request-id", "client-request-id"}:
                self.problem(line, "innerError has date, request-id and client-request-id")
        if not any(status == line["status"] and code == known and message.startswith(start) for status, known, start in self.golden[golden]):
            self.problem(line, f"no golden error: {code}: {message[:80]}")

    def file(self, path):
        with open(path, encoding="utf-8") as lines:
            for text in lines:
                if not text.endswith("\n"):
                    break  # its simulator was killed in mid-line
                line = json.loads(text)
                if "recorded" in line:
                    for key in self.said:
                        self.said[key] += line[key]
                else:
                    self.line(line)


def main(arguments):
    """arguments: a file or folder of records, and the CSDL or nothing."""
    files = sorted(Path(arguments[0]).glob("*.jsonl")) if os.path.isdir(arguments[0]) else [Path(arguments[0])]
    csdl = arguments[1] if len(arguments) > 1 and os.path.exists(arguments[1]) else None
    checker = Checker(csdl)
    for file in files:
        checker.file(file)
    print(f"{'provider':10} {'bodies':>7}  {'status':6} endpoint")
    for (provider, template, status), count in sorted(checker.counts.items()):
        print(f"{provider:10} {count:7}  {status:<6} {template}")
    endpoints = {(provider, template) for provider, template, status in checker.counts if status < 400}
    print(f"{sum(checker.counts.values())} bodies of {len(files)} simulators, {len(endpoints)} endpoints, {len(set(checker.problems))} problems; "
          f"not checked: {dict(checker.unchecked) or 'none'}; not recorded for lack of room: {checker.said['dropped']}")
    if not csdl:
        print("skipped: Graph's bodies, for the CSDL is not there")
    for line in sorted(set(checker.problems))[:40]:
        print("PROBLEM " + line, file=sys.stderr)
    return 1 if checker.problems or not checker.counts else 0
