#!/usr/bin/env python3
"""Hold bodies that the simulator sends against the providers' own contracts.

Usage: contract_check.py google READY_FILE            against the discovery documents of python3-googleapi
       contract_check.py microsoft READY_FILE CSDL    against Graph's CSDL of v1.0
Every field must exist in the contract and have its type. Prints one JSON object; exits 1 with the list of what does not fit.
"""
import base64
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as xml

problems = []


def get(url, token=None, headers=None, data=None):
    request = urllib.request.Request(url, data=data, headers=dict(headers or {}))
    if token:
        request.add_header("Authorization", "Bearer " + token)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


# --- Google: discovery documents -------------------------------------------------------------------------------------


class Discovery:
    def __init__(self, name):
        import googleapiclient

        folder = os.path.join(os.path.dirname(googleapiclient.__file__), "discovery_cache", "documents")
        with open(os.path.join(folder, name + ".json"), encoding="utf-8") as file:
            self.schemas = json.load(file)["schemas"]

    def check(self, value, schema, where):
        if "$ref" in schema:
            schema = self.schemas[schema["$ref"]]
        kind = schema.get("type")
        if kind == "any":
            return
        if kind == "object":
            if not isinstance(value, dict):
                problems.append(f"{where}: not an object")
                return
            known = schema.get("properties", {})
            for key, item in value.items():
                if key in known:
                    self.check(item, known[key], f"{where}.{key}")
                elif "additionalProperties" in schema:
                    self.check(item, schema["additionalProperties"], f"{where}.{key}")
                else:
                    problems.append(f"{where}.{key}: no such field")
        elif kind == "array":
            if not isinstance(value, list):
                problems.append(f"{where}: not an array")
                return
            for index, item in enumerate(value):
                self.check(item, schema["items"], f"{where}[{index}]")
        elif kind == "string":
            if not isinstance(value, str):
                problems.append(f"{where}: not a string")
            elif schema.get("format") in ("uint64", "int64") and not value.lstrip("-").isdigit():
                problems.append(f"{where}: not a number in a string")
            elif "enum" in schema and value not in schema["enum"]:
                problems.append(f"{where}: {value!r} is not one of the enumeration")
        elif kind == "integer":
            if not isinstance(value, int) or isinstance(value, bool):
                problems.append(f"{where}: not an integer")
        elif kind == "boolean":
            if not isinstance(value, bool):
                problems.append(f"{where}: not a boolean")


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
    directory = Discovery("admin.directory_v1")
    token = google_token(google, "admin.directory.user.readonly", google["admin_email"])
    users = get(google["url"] + "/admin/directory/v1/users?customer=my_customer&projection=full", token)
    directory.check(users, {"$ref": "Users"}, "users.list")
    gmail = Discovery("gmail.v1")
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


# --- Microsoft: CSDL -------------------------------------------------------------------------------------------------

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


class Csdl:
    def __init__(self, file):
        self.types, self.enums = {}, {}
        for schema in xml.parse(file).getroot().iter(EDM + "Schema"):
            names = [n for n in (schema.get("Namespace"), schema.get("Alias")) if n]
            for kind in ("EntityType", "ComplexType", "EnumType"):
                for element in schema.findall(EDM + kind):
                    for name in names:
                        (self.enums if kind == "EnumType" else self.types)[name + "." + element.get("Name")] = element

    def properties(self, name):
        found = {}
        while name:
            element = self.types[name]
            for tag in ("Property", "NavigationProperty"):
                for item in element.findall(EDM + tag):
                    found.setdefault(item.get("Name"), (item.get("Type"), item.get("Nullable") != "false"))
            name = element.get("BaseType")
        return found

    def check(self, value, type_name, where, nullable=True):
        if value is None:
            if not nullable:
                problems.append(f"{where}: null is not allowed")
            return
        if type_name.startswith("Collection("):
            if not isinstance(value, list):
                problems.append(f"{where}: not a collection")
                return
            for index, item in enumerate(value):
                self.check(item, type_name[11:-1], f"{where}[{index}]")
            return
        if type_name in self.enums:
            members = [m.get("Name") for m in self.enums[type_name].findall(EDM + "Member")]
            if value not in members:
                problems.append(f"{where}: {value!r} is not a member of {type_name}")
            return
        if type_name in self.types:
            if not isinstance(value, dict):
                problems.append(f"{where}: not an object")
                return
            declared = value.get("@odata.type", "").lstrip("#")
            known = self.properties(declared if declared in self.types else type_name)
            for key, item in value.items():
                if key.startswith("@") or "@odata." in key:
                    continue
                if key not in known:
                    problems.append(f"{where}.{key}: no such property of {declared or type_name}")
                else:
                    self.check(item, known[key][0], f"{where}.{key}", known[key][1])
            return
        wanted = {"Edm.Boolean": bool, "Edm.Int32": int, "Edm.Int64": int, "Edm.Int16": int, "Edm.Double": (int, float), "Edm.Single": (int, float)}.get(type_name, str)
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            problems.append(f"{where}: {value!r} is no {type_name}")
        elif type_name == "Edm.DateTimeOffset" and not value.endswith("Z"):
            problems.append(f"{where}: {value!r} is no time in UTC")
        elif type_name == "Edm.Binary":
            base64.b64decode(value, validate=True)


def check_microsoft(ready, file):
    graph, csdl, checked = ready["microsoft"], Csdl(file), 0
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
