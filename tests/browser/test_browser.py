"""The console in Chromium, on a real stack: simulator or imported mail, sync, analysis, then the .mjs beside this file."""
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from system_test import PASSWORD, REPO, SystemTest, subprocess

HERE = Path(__file__).resolve().parent
OPERATOR = "operator@letterlock.example"


class Browser(SystemTest):
    def setUp(self):
        super().setUp()
        self.assertTrue((REPO / "web" / "dist" / "index.html").exists(), "the console is not built; remedy: run through ./dev test, or npm run build in web/")

    def run_steps(self, program: str, tenant: str, **environment: str) -> None:
        ran = subprocess.run(
            ["node", str(HERE / program)], timeout=900,
            env={**os.environ, "CONSOLE_URL": self.made.url, "LOGIN": f"owner@{tenant}.example", "PASSWORD": PASSWORD,
                 "OPERATOR_LOGIN": OPERATOR, "OPERATOR_PASSWORD": PASSWORD, **environment})
        self.assertEqual(ran.returncode, 0, "a step in the browser failed; see above")

    def company_with_alerts(self) -> None:
        self.start_simulator("--seed", "11", "--mailboxes", "4", "--messages", "15")
        self.made.prepare()
        self.add_tenant("northgate")
        self.connect("northgate", "google")
        self.made.cli("person", "create", "--email", OPERATOR, "--role", "operator", input=PASSWORD + "\n")
        self.made.start()
        self.wait(lambda: self.sql("SELECT count(*) FROM alerts")[0][0] > 0, "an alert")
        self.wait(self.idle, "all jobs end")

    def test_sign_in_and_read_alert(self):
        self.company_with_alerts()
        self.run_steps("sign_in_and_read_alert.mjs", "northgate")

    def test_journeys(self):
        self.company_with_alerts()
        self.run_steps("journeys.mjs", "northgate")

    def test_every_page(self):
        self.company_with_alerts()
        self.run_steps("every_page.mjs", "northgate")

    def test_many_alerts(self):
        self.company_with_alerts()
        self.sql("""
            INSERT INTO alerts (alert_id, tenant_id, fingerprint, rule_id, rule_version, title, severity, attack_technique, subject, entity, dedup_key, confidence,
                                evidence, message_subject, query_sql, query_parameters, sightings, first_seen_at, last_seen_at)
            SELECT gen_random_uuid(), tenant_id, 'copy ' || n, rule_id, rule_version, title || ' ' || n, severity, attack_technique, subject, entity, 'copy ' || n,
                   confidence, evidence, message_subject, query_sql, query_parameters, 1, first_seen_at - n * interval '1 minute', last_seen_at - n * interval '1 minute'
            FROM (SELECT * FROM alerts ORDER BY alert_id LIMIT 1) AS model, generate_series(1, 3000) AS n
            RETURNING 1""")
        self.run_steps("many_alerts.mjs", "northgate", ALERTS=str(self.sql("SELECT count(*) FROM alerts")[0][0]))

    def test_hostile_mail(self):
        sink = Sink()
        self.addCleanup(sink.stop)
        mail = self.folder / "mail"
        mail.mkdir()
        attacks = sorted((HERE / "hostile").glob("*.html"))
        for number, attack in enumerate(attacks):
            (mail / f"{attack.stem}.eml").write_text(hostile_message(attack.stem, attack.read_text().replace("SINK", sink.url), number))
        self.made.prepare()
        self.add_tenant("target")
        self.made.start()
        self.made.cli("import", "--tenant", "target", "--mailbox", "ann@target.example", "--domain", "target.example",
                      "--authserv-id", "mx.target.example", str(mail))
        # Mail in the company's own name that its own server found forged: each makes an alert.
        self.wait(lambda: self.sql("SELECT count(*) FROM alerts WHERE rule_id = 'mail/own_domain_spoof'")[0][0] == len(attacks), "an alert for each attack")
        self.run_steps("hostile_mail.mjs", "target", SINK=sink.url)


def hostile_message(name: str, html: str, number: int) -> str:
    address = f"{name.replace('_', '-')}@target.example"
    return "\r\n".join([
        "Received: from evil.example by mx.target.example; Mon, 02 Nov 2026 09:00:00 +0000",
        "Authentication-Results: mx.target.example; spf=fail smtp.mailfrom=evil.example; dkim=none; dmarc=fail header.from=target.example",
        f"Return-Path: <{name}@evil.example>",
        f'From: "<b onmouseover=globalThis.taken=1>{name}</b>" <{address}>',
        "To: ann@target.example",
        f"Subject: {name} <script>globalThis.taken=1</script>",
        f"Date: Mon, 02 Nov 2026 09:{number:02}:00 +0000",
        f"Message-ID: <{name}@evil.example>",
        "MIME-Version: 1.0",
        "Content-Type: text/html; charset=utf-8",
        "",
        *html.splitlines(),
        "",
    ])


class Sink:
    """An HTTP server that attacks call: it keeps the paths that were asked for, and tells them at /hits."""

    def __init__(self):
        hits: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                hits.append(self.path)
                body = json.dumps(hits).encode() if self.path == "/hits" else b""
                self.send_response(200)
                self.send_header("Content-Type", "application/json" if body else "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer

            def log_message(self, *_arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
