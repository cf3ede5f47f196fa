"""A certificate authority of the installation's own, and one server certificate from it (split mode). Runs inside the toolbox."""
import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_DAYS = 365


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Letterlock installation"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _write_key(key, file: Path) -> None:
    file.touch(mode=0o600)
    file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def make_certificates(folder: Path) -> None:
    """Write ca.pem, server.pem and server.key (for localhost and 127.0.0.1) into folder, unless they are there and still valid."""
    certificate_file = folder / "server.pem"
    now = datetime.datetime.now(datetime.timezone.utc)
    if certificate_file.exists() and x509.load_pem_x509_certificate(certificate_file.read_bytes()).not_valid_after_utc > now + datetime.timedelta(days=7):
        return
    folder.mkdir(parents=True, exist_ok=True)
    until = now + datetime.timedelta(days=VALID_DAYS)
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def builder(subject: x509.Name, key) -> x509.CertificateBuilder:
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(_name("Letterlock CA")).public_key(key.public_key())
                .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(minutes=5)).not_valid_after(until))

    usage = dict(content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False)
    authority = (builder(_name("Letterlock CA"), authority_key)
                 .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                 .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage), critical=True)
                 .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
                 .sign(authority_key, hashes.SHA256()))
    server = (builder(_name("localhost"), server_key)
              .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
              .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
              .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
              .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
              .sign(authority_key, hashes.SHA256()))
    (folder / "ca.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    _write_key(server_key, folder / "server.key")
    certificate_file.write_bytes(server.public_bytes(serialization.Encoding.PEM))
