"""A Google access token by the JWT bearer grant, from the key that a simulator's ready file holds."""
import base64
import json
import time
import urllib.parse
import urllib.request

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding


def access_token(google: dict, scope: str, subject: str) -> str:
    def text(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    key, now = google["service_account_key"], int(time.time()) - 10
    claims = {"iss": key["client_email"], "sub": subject, "scope": "https://www.googleapis.com/auth/" + scope,
              "aud": "https://oauth2.googleapis.com/token", "iat": now, "exp": now + 3600}
    signed = text(b'{"alg":"RS256"}') + "." + text(json.dumps(claims).encode())
    private = serialization.load_pem_private_key(key["private_key"].encode(), None)
    assertion = signed + "." + text(private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))
    form = urllib.parse.urlencode({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}).encode()
    with urllib.request.urlopen(google["url"] + "/token", data=form, timeout=30) as answer:
        return json.load(answer)["access_token"]
