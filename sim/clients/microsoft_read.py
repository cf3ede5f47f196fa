#!/usr/bin/env python3
"""Get tokens from the simulated Entra with MSAL for Python (by secret and by certificate), then read all mail by delta.

Usage: microsoft_read.py READY_FILE. MSAL insists on https: the simulator must have been started with --certificate.
Prints one JSON object; exits non-zero when client and truth disagree.
"""
import hashlib
import json
import os
import sys
import urllib.parse
import urllib.request

from cryptography import x509
from cryptography.hazmat.primitives import hashes


def get(url, token, data=None):
    headers = {"Authorization": "Bearer " + token, "Prefer": 'odata.maxpagesize=25, IdType="ImmutableId"'}
    with urllib.request.urlopen(urllib.request.Request(url, data=data, headers=headers), timeout=30) as answer:
        return answer.read()


def pages(url, token):
    while url:
        body = json.loads(get(url, token))
        yield body
        url = body.get("@odata.nextLink")


def post_control(ready, path, body):
    with urllib.request.urlopen(ready["control_url"] + path, data=json.dumps(body).encode(), timeout=30) as answer:
        return json.load(answer)


def tokens(ready):
    import msal

    graph, root = ready["microsoft"], ready["microsoft_tls_url"]
    os.environ["REQUESTS_CA_BUNDLE"] = ready["tls_ca_file"]  # wins over what the surroundings set
    certificate = x509.load_pem_x509_certificate(graph["certificate_pem"].encode())
    credentials = {"secret": graph["client_secret"],
                   "certificate": {"private_key": graph["private_key_pem"], "thumbprint": certificate.fingerprint(hashes.SHA1()).hex(), "public_certificate": graph["certificate_pem"]}}
    found = {}
    for kind, credential in credentials.items():
        app = msal.ConfidentialClientApplication(graph["client_id"], authority=f"{root}/{graph['tenant']}", client_credential=credential, instance_discovery=False)
        answer = app.acquire_token_for_client(["https://graph.microsoft.com/.default"])
        assert "access_token" in answer, (kind, answer)
        found[kind] = answer["access_token"]
    app = msal.ConfidentialClientApplication(graph["client_id"], authority=f"{root}/{graph['tenant']}", client_credential="wrong", instance_discovery=False)
    answer = app.acquire_token_for_client(["https://graph.microsoft.com/.default"])
    assert answer["error"] == "invalid_client" and answer["error_codes"] == [7000215], answer
    return found


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        ready = json.load(file)
    root = ready["microsoft"]["url"] + "/v1.0"
    token = tokens(ready)["certificate"]
    with urllib.request.urlopen(ready["control_url"] + "/control/truth?provider=microsoft") as answer:
        truth = {box["user_id"]: box for box in json.load(answer)["mailboxes"]}
    users = [user for page in pages(root + "/users?$top=3&$select=id,mail", token) for user in page["value"]]
    assert {user["id"] for user in users} == set(truth)

    def folders(path):
        for page in pages(path + "?includeHiddenFolders=true&$top=4", token):
            for folder in page["value"]:
                yield folder
                if folder["childFolderCount"]:
                    yield from folders(f"{mailbox}/mailFolders/{urllib.parse.quote(folder['id'])}/childFolders")

    total = 0
    for user in users:
        mailbox = f"{root}/users/{user['id']}"
        found, delta_links = {}, {}
        for folder in folders(mailbox + "/mailFolders"):
            if folder.get("@odata.type") == "#microsoft.graph.mailSearchFolder":
                continue
            for page in pages(f"{mailbox}/mailFolders/{urllib.parse.quote(folder['id'])}/messages/delta?$select=id,isDraft,parentFolderId,subject", token):
                found.update({message["id"]: message for message in page["value"] if not message["isDraft"]})
            delta_links[folder["id"]] = page["@odata.deltaLink"]
        wanted = {message["id"]: message for message in truth[user["id"]]["messages"]}
        assert set(found) == set(wanted), user["mail"]
        for message_id in list(found)[:5]:
            raw = get(f"{mailbox}/messages/{message_id}/$value", token)
            assert hashlib.sha256(raw).hexdigest() == wanted[message_id]["sha256"]
        # A move shows as removed in one folder and added in the other.
        moved = next(i for i, m in found.items())
        origin = found[moved]["parentFolderId"]
        archive = json.loads(get(mailbox + "/mailFolders/archive", token))["id"]
        post_control(ready, "/control/move", {"provider": "microsoft", "address": user["mail"], "id": moved, "folder": "archive"})
        gone = [item for page in pages(delta_links[origin], token) for item in page["value"]]
        came = [item for page in pages(delta_links[archive], token) for item in page["value"]]
        assert origin == archive or any(item["id"] == moved and "@removed" in item for item in gone), gone
        assert origin == archive or any(item["id"] == moved and "@removed" not in item for item in came), came
        total += len(found)
    batch = {"requests": [{"id": "1", "method": "GET", "url": "/users?$top=1"}, {"id": "2", "method": "GET", "url": "/users/nobody/messages"}]}
    statuses = {item["id"]: item["status"] for item in json.loads(get(root + "/$batch", token, json.dumps(batch).encode()))["responses"]}
    assert statuses == {"1": 200, "2": 404}, statuses
    print(json.dumps({"client": "MSAL for Python", "tokens": ["secret", "certificate"], "users": len(users), "messages": total}))


if __name__ == "__main__":
    main()
