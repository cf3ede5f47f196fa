#!/usr/bin/env python3
"""Read a whole simulated Google organisation with google-api-python-client, which nobody here wrote.

Usage: google_read.py READY_FILE. Prints one JSON object; exits non-zero when the client and the simulator's truth disagree.
"""
import base64
import hashlib
import json
import os
import sys
import urllib.request

import googleapiclient
from google.oauth2 import service_account
from googleapiclient import discovery
from googleapiclient.errors import HttpError

DOCUMENTS = os.path.join(os.path.dirname(googleapiclient.__file__), "discovery_cache", "documents")
GMAIL = ["https://www.googleapis.com/auth/gmail.readonly"]
DIRECTORY = ["https://www.googleapis.com/auth/admin.directory.user.readonly"]


def service(name, root, credentials):
    with open(os.path.join(DOCUMENTS, name + ".json"), encoding="utf-8") as file:
        document = json.load(file)
    document["rootUrl"] = root + "/"
    document["baseUrl"] = root + "/" + document.get("servicePath", "")
    return discovery.build_from_document(document, credentials=credentials)


def credentials_for(google, scopes, subject):
    return service_account.Credentials.from_service_account_info(google["service_account_key"], scopes=scopes, subject=subject)


def read_mailbox(gmail):
    """Every message by batches of raw gets, as lieer and others do."""
    found = {}
    profile = gmail.users().getProfile(userId="me").execute()
    request = gmail.users().messages().list(userId="me", includeSpamTrash=True, maxResults=25)
    while request is not None:
        page = request.execute()
        ids = [item["id"] for item in page.get("messages", [])]

        def keep(_request_id, answer, error):
            if error:
                raise error
            found[answer["id"]] = answer

        batch = gmail.new_batch_http_request(callback=keep)
        for message_id in ids:
            batch.add(gmail.users().messages().get(userId="me", id=message_id, format="raw"))
        if ids:
            batch.execute()
        request = gmail.users().messages().list_next(request, page)
    return profile, found


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        ready = json.load(file)
    google = ready["google"]
    with urllib.request.urlopen(ready["control_url"] + "/control/truth?provider=google") as answer:
        truth = {box["address"]: {m["id"]: m["sha256"] for m in box["messages"]} for box in json.load(answer)["mailboxes"]}

    directory = service("admin.directory_v1", google["url"], credentials_for(google, DIRECTORY, google["admin_email"]))
    users = []
    request = directory.users().list(customer="my_customer", maxResults=3)
    while request is not None:
        page = request.execute()
        users += page.get("users", [])
        request = directory.users().list_next(request, page)
    assert sorted(u["primaryEmail"] for u in users) == sorted(truth), "directory and truth differ"

    with urllib.request.urlopen(ready["control_url"] + "/control/settings?provider=google") as answer:
        truth_settings = {box["address"]: box["settings"] for box in json.load(answer)["mailboxes"]}
    total = settings = 0
    for user in users:
        gmail = service("gmail.v1", google["url"], credentials_for(google, GMAIL, user["primaryEmail"]))
        profile, found = read_mailbox(gmail)
        assert profile["messagesTotal"] == len(found), (user["primaryEmail"], profile, len(found))
        drafts = {i for i, m in found.items() if "DRAFT" in m.get("labelIds", [])}
        raw = {i: hashlib.sha256(base64.urlsafe_b64decode(m["raw"] + "==")).hexdigest() for i, m in found.items() if i not in drafts}
        assert raw == truth[user["primaryEmail"]], "raw bytes of " + user["primaryEmail"] + " differ from the truth"
        full = gmail.users().messages().get(userId="me", id=next(iter(found))).execute()
        assert full["payload"]["headers"], "a full message has headers"
        assert "history" not in gmail.users().history().list(userId="me", startHistoryId=profile["historyId"]).execute()
        gmail.users().labels().list(userId="me").execute()
        wanted = truth_settings[user["primaryEmail"]]
        own = gmail.users().settings()
        assert len(own.filters().list(userId="me").execute().get("filter", [])) == len(wanted["rules"])
        assert [item["delegateEmail"] for item in own.delegates().list(userId="me").execute().get("delegates", [])] == wanted["delegates"]
        assert [item["forwardingEmail"] for item in own.forwardingAddresses().list(userId="me").execute().get("forwardingAddresses", [])] == wanted["forwarding_addresses"]
        assert own.getAutoForwarding(userId="me").execute().get("emailAddress") == wanted["auto_forward_to"]
        settings += len(wanted["rules"])
        total += len(found)
    try:
        service("gmail.v1", google["url"], credentials_for(google, GMAIL, users[0]["primaryEmail"])).users().messages().get(userId="me", id="1900000000000000").execute()
        raise SystemExit("a message that is not there was found")
    except HttpError as error:
        assert error.resp.status == 404 and error.reason == "Requested entity was not found.", error
    print(json.dumps({"client": "google-api-python-client", "users": len(users), "messages": total, "settings": settings}))


if __name__ == "__main__":
    main()
