#!/usr/bin/env python3
"""Hold bodies that the simulator sends against the providers' own contracts.

Usage: contract_check.py google READY_FILE            against the discovery documents of python3-googleapi
       contract_check.py microsoft READY_FILE CSDL    against Graph's CSDL of v1.0
       contract_check.py recorded FILE|FOLDER [CSDL]  every body that simulators recorded, counted per endpoint
Every field must exist in the contract and have its type. Prints one JSON object; exits 1 with the list of what does not fit.
"""
import base64
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import recorded
from contracts import Csdl, Discovery

problems = []


def get(url, token=None, headers=None, data=None):
    request = urllib.request.Request(url, data=data, headers=dict(headers or {}))
    if token:
        request.add_header("Authorization", "Bearer " + token)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def google_token(google, scope, subject):
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding

    def encoded(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    key = google["service_account_key"]
    now = int(time.time()) - 10
    claims = {"iss": key["client_email"], "sub": subject, "scope": "https://www.googleapis.com/auth/" + scope,
              "aud": "https://oauth2.googleapis.com/token", "iat": now, "exp": now + 3600}
    body = encoded(b'{"alg":"RS256"}') + b"." + encoded(json.dumps(claims).encode())
    private = serialization.load_pem_private_key(key["private_key"].encode(), None)
    assertion = body + b"." + encoded(private.sign(body, padding.PKCS1v15(), hashes.SHA256()))
    form = urllib.parse.urlencode({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion.decode()})
    return get(google["url"] + "/token", data=form.encode())["access_token"]


def check_google(ready):
    google, checked = ready["google"], 0
    directory = Discovery("admin.directory_v1", problems)
    token = google_token(google, "admin.directory.user.readonly", google["admin_email"])
    users = get(google["url"] + "/admin/directory/v1/users?customer=my_customer&projection=full", token)
    directory.check(users, {"$ref": "Users"}, "users.list")
    gmail = Discovery("gmail.v1", problems)
    for user in users["users"]:
        token = google_token(google, "gmail.readonly", user["primaryEmail"])
        root = google["url"] + "/gmail/v1/users/me"

        def check(path, schema):
            body = get(root + path, token)
            gmail.check(body, {"$ref": schema}, path)
            return body

        profile = check("/profile", "Profile")
        listing = check("/messages?includeSpamTrash=true&maxResults=500", "ListMessagesResponse")
        for message in listing.get("messages", [])[:200]:
            checked += 1
            check(f"/messages/{message['id']}?format=raw", "Message")
            full = check(f"/messages/{message['id']}?format=full", "Message")
            if checked % 10 == 0:
                check(f"/messages/{message['id']}?format=metadata&metadataHeaders=Subject", "Message")
                check(f"/messages/{message['id']}?format=minimal", "Message")
            for part in full["payload"].get("parts", []):
                if part["body"].get("attachmentId"):
                    check(f"/messages/{message['id']}/attachments/{part['body']['attachmentId']}", "MessagePartBody")
        first = listing["messages"][0]["id"]
        control = {"address": user["primaryEmail"], "id": first, "add": ["STARRED"], "remove": ["INBOX"]}
        get(ready["control_url"] + "/control/labels", data=json.dumps(control).encode())
        history = check("/history?startHistoryId=" + profile["historyId"], "ListHistoryResponse")
        if "history" not in history:
            problems.append("a change of labels is not in the history")
        check("/labels", "ListLabelsResponse")
        check("/labels/INBOX", "Label")
        for path, schema in (("autoForwarding", "AutoForwarding"), ("forwardingAddresses", "ListForwardingAddressesResponse"), ("filters", "ListFiltersResponse"),
                             ("delegates", "ListDelegatesResponse"), ("sendAs", "ListSendAsResponse"), ("vacation", "VacationSettings"), ("imap", "ImapSettings"), ("pop", "PopSettings")):
            check("/settings/" + path, schema)
    return checked


def check_microsoft(ready, file):
    graph, csdl, checked = ready["microsoft"], Csdl(file, problems), 0
    form = urllib.parse.urlencode({"client_id": graph["client_id"], "client_secret": graph["client_secret"],
                                   "scope": "https://graph.microsoft.com/.default", "grant_type": "client_credentials"})
    token = get(f"{graph['url']}/{graph['tenant']}/oauth2/v2.0/token", data=form.encode())["access_token"]
    headers = {"Prefer": 'odata.maxpagesize=50, IdType="ImmutableId"'}

    def pages(url, type_name):
        while url:
            body = get(url, token, headers)
            for item in body["value"]:
                csdl.check(item, type_name, type_name)
                yield item
            url = body.get("@odata.nextLink")

    root = graph["url"] + "/v1.0"
    select = ("id,userPrincipalName,mail,displayName,accountEnabled,userType,createdDateTime,proxyAddresses,otherMails,assignedLicenses,department,jobTitle,companyName,"
              "onPremisesSyncEnabled,lastPasswordChangeDateTime,signInSessionsValidFromDateTime,externalUserState")
    fields = ("id,internetMessageId,conversationId,conversationIndex,subject,from,sender,toRecipients,ccRecipients,bccRecipients,replyTo,receivedDateTime,sentDateTime,createdDateTime,"
              "lastModifiedDateTime,hasAttachments,isRead,isDraft,importance,parentFolderId,bodyPreview,body,internetMessageHeaders,flag,categories,webLink,changeKey")
    list(pages(root + "/users", "microsoft.graph.user"))
    for user in list(pages(f"{root}/users?$select={select}&$top=3", "microsoft.graph.user")):
        mailbox = f"{root}/users/{user['id']}"

        def folders(path):
            for folder in pages(path + "?includeHiddenFolders=true&$top=5", "microsoft.graph.mailFolder"):
                yield folder
                if folder["childFolderCount"]:
                    yield from folders(f"{mailbox}/mailFolders/{urllib.parse.quote(folder['id'])}/childFolders")

        for folder in folders(mailbox + "/mailFolders"):
            for message in pages(f"{mailbox}/mailFolders/{urllib.parse.quote(folder['id'])}/messages/delta?$select={fields}", "microsoft.graph.message"):
                checked += 1
                if checked % 10 == 0:
                    csdl.check(get(f"{mailbox}/messages/{message['id']}", token), "microsoft.graph.message", "message")
                if message["hasAttachments"]:
                    list(pages(f"{mailbox}/messages/{message['id']}/attachments", "microsoft.graph.attachment"))
        csdl.check(get(mailbox + "/mailboxSettings", token), "microsoft.graph.mailboxSettings", "mailboxSettings")
        list(pages(mailbox + "/mailFolders/inbox/messageRules", "microsoft.graph.messageRule"))
    return checked


def main():
    provider = sys.argv[1]
    if provider == "recorded":
        raise SystemExit(recorded.main(sys.argv[2:]))
    with open(sys.argv[2], encoding="utf-8") as file:
        ready = json.load(file)
    checked = check_google(ready) if provider == "google" else check_microsoft(ready, sys.argv[3])
    if problems:
        for line in sorted(set(problems))[:40]:
            print(line, file=sys.stderr)
        raise SystemExit(1)
    print(json.dumps({"provider": provider, "messages": checked}))


if __name__ == "__main__":
    main()
