#!/usr/bin/env python3
"""Call the endpoints that other clients here leave out, then order every row of the fault table once and provoke it, so that all bodies are recorded.

Usage: every_answer.py READY_FILE. Prints one JSON object; exits non-zero when an answer does not come as it should.
"""
import base64
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

import contract_check


def call(url, token=None, form=None):
    request = urllib.request.Request(url, data=urllib.parse.urlencode(form).encode() if form else None)
    if token:
        request.add_header("Authorization", "Bearer " + token)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except (OSError, urllib.error.URLError, ValueError) as error:  # a cut body
        return 0, str(error).encode()
    except Exception as error:  # http.client.IncompleteRead
        return 0, repr(error).encode()


def post(ready, path, body):
    return contract_check.get(ready["control_url"] + path, data=json.dumps(body).encode())


def touch_the_rest(ready, truth, tokens, mail, mailbox, owner):
    """Settings that are set, single items, and lists that a sync does not need."""
    rules = [{"name": "hide", "subject_contains": ["invoice", "bank details"], "move_to": "rssfeeds", "marks_read": True, "stops": True},
             {"name": "out", "from_contains": ["cfo@"], "body_contains": ["wire"], "forward_to": "drop@free.example", "deletes": True}]
    post(ready, "/control/settings", {"provider": "google", "address": owner, "settings": {
        "rules": rules, "auto_forward_to": "drop@free.example", "forwarding_addresses": ["drop@free.example"], "delegates": ["help@free.example"]}})
    post(ready, "/control/settings", {"provider": "microsoft", "address": truth["microsoft"][0]["address"], "settings": {"rules": rules}})
    google, graph = ready["google"], ready["microsoft"]
    admin = contract_check.google_token(google, "admin.directory.user.readonly", google["admin_email"])
    raw = b"From: a@b.example\r\nSubject: two parts\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/pdf; name=x.pdf\r\n\r\nPDF\r\n--b--\r\n"
    encoded = base64.b64encode(raw).decode()
    gmail_id = post(ready, "/control/messages", {"provider": "google", "address": owner, "raw_base64": encoded})["id"]
    graph_id = post(ready, "/control/messages", {"provider": "microsoft", "address": truth["microsoft"][0]["address"], "raw_base64": encoded})["id"]
    google_urls = [(f"{google['url']}/admin/directory/v1/users/{owner}", admin)]
    filters = contract_check.get(mail + "/settings/filters", tokens["google"])["filter"]
    part = contract_check.get(f"{mail}/messages/{gmail_id}", tokens["google"])["payload"]["parts"][1]
    for path in (f"/settings/filters/{filters[0]['id']}", "/settings/forwardingAddresses", "/settings/forwardingAddresses/drop@free.example", "/settings/delegates", "/settings/autoForwarding",
                 "/settings/language", f"/messages/{gmail_id}/attachments/{part['body']['attachmentId']}", f"/messages/{gmail_id}?format=minimal", f"/messages/{gmail_id}?format=metadata", "/messages?labelIds=INBOX"):
        google_urls.append((mail + path, tokens["google"]))
    rule = contract_check.get(mailbox + "/mailFolders/inbox/messageRules", tokens["microsoft"])["value"][0]["id"]
    attachment = contract_check.get(f"{mailbox}/messages/{graph_id}/attachments", tokens["microsoft"])["value"][0]["id"]
    graph_urls = [(mailbox + path, tokens["microsoft"]) for path in (
        "", "/messages?$top=5", "/mailFolders/inbox/messages?$top=3", f"/messages/{graph_id}", f"/messages/{graph_id}/$value", f"/messages/{graph_id}/attachments/{attachment}",
        f"/messages/{graph_id}/attachments/{attachment}/$value", f"/messages/{graph_id}?$expand=attachments", f"/mailFolders/inbox/messages/{graph_id}", "/mailFolders/inbox", "/mailboxSettings",
        f"/mailFolders/inbox/messageRules/{urllib.parse.quote(rule)}")]
    for url, token in google_urls + graph_urls:
        status, body = call(url, token)
        if status != 200:
            raise SystemExit(f"{url}: {status} {body[:200]!r}")
    return len(google_urls) + len(graph_urls)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        ready = json.load(file)
    google, graph = ready["google"], ready["microsoft"]
    truth = {provider: contract_check.get(f"{ready['control_url']}/control/truth?provider={provider}")["mailboxes"] for provider in ("google", "microsoft")}
    owner, ids = truth["google"][0]["address"], [message["id"] for message in truth["google"][0]["messages"]]
    user, graph_ids = truth["microsoft"][0]["user_id"], [message["id"] for message in truth["microsoft"][0]["messages"]]
    mail, mailbox = google["url"] + "/gmail/v1/users/me", f"{graph['url']}/v1.0/users/{user}"

    def gmail_token():
        return contract_check.google_token(google, "gmail.readonly", owner)

    def graph_form():
        return {"client_id": graph["client_id"], "client_secret": graph["client_secret"], "scope": "https://graph.microsoft.com/.default", "grant_type": "client_credentials"}

    def graph_token():
        return contract_check.get(f"{graph['url']}/{graph['tenant']}/oauth2/v2.0/token", data=urllib.parse.urlencode(graph_form()).encode())["access_token"]

    tokens = {"google": gmail_token(), "microsoft": graph_token()}
    endpoints = touch_the_rest(ready, truth, tokens, mail, mailbox, owner)
    come = 0
    for row in contract_check.get(ready["control_url"] + "/control/faults")["table"]:
        provider, kind, on = row["provider"], row["kind"], row["on"].split()[0]
        if row["group"] == "lasting":
            continue
        history = contract_check.get(mail + "/profile", tokens["google"])["historyId"]
        urls = {"messages.list": mail + "/messages", "history.list": f"{mail}/history?startHistoryId={history}", "messages.get": f"{mail}/messages/{ids[-1]}?format=raw", "api": mail + "/labels"}
        if provider == "microsoft":
            urls = {"messages.delta": mailbox + "/mailFolders/inbox/messages/delta", "messages.get": f"{mailbox}/messages/{graph_ids[-1]}", "api": mailbox + "/mailFolders"}
            if row["group"] == "cursor":
                page = contract_check.get(urls["messages.delta"], tokens[provider])
                urls["messages.delta"] = page.get("@odata.nextLink") or page["@odata.deltaLink"]
        post(ready, "/control/faults", {"provider": provider, "kind": kind})
        if on == "token" and provider == "google":
            status, body = call(google["url"] + "/token", form={"grant_type": "x"})
        elif on == "token":
            status, body = call(f"{graph['url']}/{graph['tenant']}/oauth2/v2.0/token", form=graph_form())
        else:
            status, body = call(urls[on], tokens[provider])
        if row["status"] and status != row["status"]:
            raise SystemExit(f"{provider} {kind}: {status} instead of {row['status']}: {body[:200]!r}")
        come += 1
        if kind == "token-expired":
            tokens[provider] = gmail_token() if provider == "google" else graph_token()
        if kind == "vanished":
            (ids if provider == "google" else graph_ids).pop()
    for condition, provider, address, url in (("mail-not-enabled", "google", owner, mail + "/profile"), ("mailbox-not-enabled", "microsoft", truth["microsoft"][0]["address"], mailbox + "/mailFolders"),
                                              ("mailbox-denied", "microsoft", truth["microsoft"][0]["address"], mailbox + "/mailFolders")):
        post(ready, "/control/condition", {"provider": provider, "address": address, "condition": condition})
        status, body = call(url, tokens[provider])
        if status < 400:
            raise SystemExit(f"{condition}: {status} {body[:200]!r}")
        post(ready, "/control/condition", {"provider": provider, "address": address, "condition": ""})
        come += 1
    print(json.dumps({"client": "every_answer.py", "endpoints": endpoints, "faults": come}))


if __name__ == "__main__":
    main()
