"""Flight SQL for pyarrow, which has plain Flight only: the two protobuf messages that a statement needs, packed by hand.
A client that nobody here wrote reads what storage serves."""
import base64
import time

import pyarrow.flight as flight
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def _varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def statement_descriptor(sql: str) -> flight.FlightDescriptor:
    command = _field(1, sql.encode())
    packed = _field(1, b"type.googleapis.com/arrow.flight.protocol.sql.CommandStatementQuery") + _field(2, command)
    return flight.FlightDescriptor.for_command(packed)


def service_token(service_key_file: str, target: str, tenant_id: str, seconds: int = 600) -> str:
    """Sign what `api` would sign (src/adapters/crypto/service_token.cpp): ll1.<claims>.<Ed25519 signature over the first two parts>."""
    secret = bytes.fromhex(open(service_key_file, encoding="ascii").read().strip())

    def text(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    signed = "ll1." + text(f"{target}\n{tenant_id}\n{int((time.time() + seconds) * 1e6)}".encode())
    return signed + "." + text(Ed25519PrivateKey.from_private_bytes(secret[:32]).sign(signed.encode()))


class FlightSql:
    def __init__(self, location: str, token: str = "", ca_file: str = ""):
        options = {"tls_root_certs": open(ca_file, "rb").read()} if ca_file else {}
        self.client = flight.connect(location, **options)
        self.call = flight.FlightCallOptions(timeout=60, headers=[(b"authorization", b"Bearer " + token.encode())] if token else [])

    def raw(self, mailbox_id: str, provider_message_id: str) -> bytes:
        """A message's bytes as the provider gave them."""
        table = self.client.do_get(flight.Ticket(f"raw:{mailbox_id}\n{provider_message_id}".encode()), self.call).read_all()
        return b"".join(piece.as_py() for piece in table.column(1))

    def query(self, sql: str) -> list[dict]:
        information = self.client.get_flight_info(statement_descriptor(sql), self.call)
        return self.client.do_get(information.endpoints[0].ticket, self.call).read_all().to_pylist()
