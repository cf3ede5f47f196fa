#!/usr/bin/env python3
"""Get tokens from the simulated Entra with MSAL for Python (by secret and by certificate), then read all mail by delta.

Usage: microsoft_read.py READY_FILE. MSAL insists on https, so a small TLS relay of this script's own stands in front.
Prints one JSON object; exits non-zero when client and truth disagree.
"""
import datetime
import hashlib
import http.server
import ipaddress
import json
import os
import ssl
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


class Relay(http.server.BaseHTTPRequestHandler):
    target = ""
    protocol_version = "HTTP/1.1"

    def relay(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))) or None
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "accept-encoding", "content-length")}
        headers["X-Forwarded-Proto"] = "https"
        request = urllib.request.Request(self.target + self.path, data=body, headers=headers, method=self.command)
        try:
            answer = urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        content = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = relay

    def log_message(self, *_):
        pass


def start_relay(target, folder):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
                   .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
                   .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False).sign(key, hashes.SHA256()))
    pem = os.path.join(folder, "relay.pem")
    with open(pem, "wb") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    key_file = os.path.join(folder, "relay.key")
    with open(key_file, "wb") as file:
        file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    Relay.target = target
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key_file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"https://localhost:{server.server_address[1]}", pem


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


def tokens(ready, folder):
    import msal

    graph = ready["microsoft"]
    relay, pem = start_relay(graph["url"], folder)
    os.environ["REQUESTS_CA_BUNDLE"] = pem  # wins over what the surroundings set
    certificate = x509.load_pem_x509_certificate(graph["certificate_pem"].encode())
    credentials = {"secret": graph["client_secret"],
                   "certificate": {"private_key": graph["private_key_pem"], "thumbprint": certificate.fingerprint(hashes.SHA1()).hex(), "public_certificate": graph["certificate_pem"]}}
    found = {}
    for kind, credential in credentials.items():
        app = msal.ConfidentialClientApplication(graph["client_id"], authority=f"{relay}/{graph['tenant']}", client_credential=credential, instance_discovery=False)
        answer = app.acquire_token_for_client(["https://graph.microsoft.com/.default"])
        assert "access_token" in answer, (kind, answer)
        found[kind] = answer["access_token"]
    app = msal.ConfidentialClientApplication(graph["client_id"], authority=f"{relay}/{graph['tenant']}", client_credential="wrong", instance_discovery=False)
    answer = app.acquire_token_for_client(["https://graph.microsoft.com/.default"])
    assert answer["error"] == "invalid_client" and answer["error_codes"] == [7000215], answer
    return found


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        ready = json.load(file)
    root = ready["microsoft"]["url"] + "/v1.0"
    with tempfile.TemporaryDirectory() as folder:
        token = tokens(ready, folder)["certificate"]
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
    print(json.dumps({"users": len(users), "messages": total}))


if __name__ == "__main__":
    main()
