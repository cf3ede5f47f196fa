"""Mail that costs as much as it can: what the hostile review sent, and the most expensive messages that the limits of src/mail still let through."""
import zlib


def headers(subject: str, recipient: str, content: str) -> str:
    return (f"From: Stranger <stranger@outside.example>\r\nTo: {recipient}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@outside.example>\r\n"
            f"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n{content}\r\n")


def attributes(subject: str, recipient: str, count: int = 400_000) -> bytes:
    """One tag with that many attributes: more than 255 CPU seconds once."""
    tag = "<p " + " ".join(f"a{number}" for number in range(count)) + ">"
    return (headers(subject, recipient, "Content-Type: text/html\r\n") + f"<p>before</p>{tag}text</p>\r\n").encode()


def large_header(subject: str, recipient: str, mebibytes: int = 8) -> bytes:
    line = "X-Padding: " + "x" * 990 + "\r\n"
    return (headers(subject, recipient, line * (mebibytes << 10) + "Content-Type: text/plain\r\n") + "text\r\n").encode()


def pdf(operators: int) -> bytes:
    """A page whose content stream is that many operators that show text."""
    content = zlib.compress(b"BT /F1 12 Tf 1 0 0 1 72 720 Tm\n" + b"(Pay now!) Tj\n" * operators + b"ET", 9)
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
               b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(content) + content + b"\nendstream", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)


def documents(subject: str, recipient: str, count: int = 5, operators: int = 499_000) -> bytes:
    """As many PDF attachments as are read, each as long as is read."""
    import base64
    document = base64.encodebytes(pdf(operators)).decode()
    parts = "".join(f"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=invoice{number}.pdf\r\n"
                    f"Content-Transfer-Encoding: base64\r\n\r\n{document}\r\n" for number in range(count))
    return (headers(subject, recipient, "Content-Type: multipart/mixed; boundary=b\r\n") + f"--b\r\n\r\nSee the invoices.\r\n{parts}--b--\r\n").encode()
