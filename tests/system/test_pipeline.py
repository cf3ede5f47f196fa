"""From mail to alert through the real executable: an import and both simulators, in one process and split."""
from system_test import PASSWORD, SystemTest


def message(number: int, sender: str, subject: str, body: str, more: str = "") -> str:
    return (f"Received: from mail.example by mx.receiver.example; Mon, 2 Nov 2026 10:{number:02d}:00 +0000\n"
            f"From: {sender}\nTo: Ann Payable <ann@receiver.example>\nSubject: {subject}\nMessage-ID: <m{number}@mail.example>\n"
            f"Date: Mon, 2 Nov 2026 10:{number:02d}:00 +0000\n{more}\n{body}\n")


class Pipeline(SystemTest):
    def run_import(self, split: bool):
        mail = self.folder / "mail"
        mail.mkdir()
        for number in range(20):
            (mail / f"ham{number}.eml").write_text(message(number, f"Colleague {number} <c{number}@partner.example>", f"Minutes {number}", "See you on Monday."))
        (mail / "fraud.eml").write_text(message(
            30, '"Bill Vendor" <billing@vendor-invoices.example>', "Updated bank details for your payment",
            "Please pay the attached invoice to our new bank account today and confirm by reply.", "Reply-To: billing.vendor@gmail.com\n"))
        (mail / "broken.eml").write_bytes(b"")
        self.made.prepare()
        (mail / "link.eml").symlink_to(self.folder / "keys" / "master.key")
        tenant = self.add_tenant("receiver")
        self.made.start(split)
        told = self.made.cli("import", "--tenant", "receiver", "--mailbox", "ann@receiver.example", "--domain", "receiver.example", str(mail)).stdout
        self.assertIn("21", told)
        self.wait(self.idle, "import and analysis end")
        stored = sum(len(ids) for ids in self.stored(tenant).values())
        set_aside = self.storage(tenant).query("SELECT reason FROM set_aside")
        self.assertEqual((stored, len(set_aside)), (21, 2), set_aside)
        self.assertIn("link.eml: a symbolic link: links are not followed", [row["reason"] for row in set_aside])
        alerts = self.sql("SELECT rule_id, entity FROM alerts")
        self.assertTrue(any("reply_to" in rule for rule, _ in alerts), alerts)
        # A second run of the same analysis changes nothing.
        before = self.sql("SELECT count(*) FROM alert_sightings")
        self.sql("UPDATE watermarks SET ingest_seq = 0")
        self.made.cli("import", "--tenant", "receiver", "--mailbox", "ann@receiver.example", "--domain", "receiver.example", str(mail))
        self.wait(self.idle, "second import ends")
        self.assertEqual(self.sql("SELECT count(*) FROM alert_sightings"), before)
        # A company that keeps mail for a day has none of last month's; its alerts stay.
        kept = self.made.cli("tenant", "retention", "--tenant", "receiver", "--days", "1").stdout
        self.assertIn("mail is kept for 1 days", kept)
        self.wait(lambda: self.storage(tenant).query("SELECT count(*) AS mails FROM emails")[0]["mails"] == 0, "old mail is deleted")
        self.assertEqual(self.storage(tenant).query("SELECT count(*) AS raws FROM email_raw")[0]["raws"], 0)
        self.wait(lambda: self.sql("SELECT messages_erased FROM tenants")[0][0] == 21, "what was deleted is counted")
        self.assertEqual(self.sql("SELECT rule_id, entity FROM alerts"), alerts)

    def test_import_one_process(self):
        self.run_import(split=False)

    def test_import_split(self):
        self.run_import(split=True)

    def test_live_mail(self):
        """Fraud that arrives while everything runs becomes an alert."""
        self.start_simulator("--seed", "7", "--mailboxes", "8", "--messages", "20", "--live", "0.1")
        self.made.prepare()
        self.add_tenant("northgate")
        self.connect("northgate", "google")
        self.sql("UPDATE connections SET interval_seconds = 1")
        self.made.start()
        self.wait(lambda: self.sql("SELECT count(*) FROM alerts")[0][0] > 0, "an alert on mail from before")
        begun = self.sql("SELECT now()::text")[0][0]
        self.wait(lambda: self.sql(f"SELECT count(*) FROM alerts WHERE first_seen_at > '{begun}'")[0][0] > 0, "an alert on mail that came meanwhile")

    def run_simulators(self, split: bool):
        self.start_simulator("--seed", "11", "--mailboxes", "4", "--messages", "15")
        self.made.prepare()
        tenants = {"northgate": "google", "southbank": "microsoft"}
        ids = {}
        for name, provider in tenants.items():
            ids[name] = self.add_tenant(name)
            self.connect(name, provider)
        self.made.start(split)
        for name, provider in tenants.items():
            truth = self.truth(provider)
            self.assertGreater(sum(len(messages) for messages in truth.values()), 0)
            self.wait(lambda: self.sql(f"SELECT count(*) FROM alerts WHERE tenant_id = '{ids[name]}'")[0][0] > 0, f"an alert of {name}")  # noqa: B023
            self.wait(self.idle, "all jobs end")
            stored = self.stored(ids[name])
            self.assertEqual(stored, {user: messages for user, messages in truth.items() if messages})
        # What the console shows: sign in, list, read one alert and its message.
        status, session, headers = self.call("/api/v1/session", "POST", {"email": "owner@northgate.example", "password": PASSWORD})
        self.assertEqual(status, 200, session)
        cookie = {"Cookie": headers["Set-Cookie"].split(";")[0]}
        status, listed, headers = self.call("/api/v1/alerts", headers=cookie)
        self.assertEqual(status, 200, listed)
        self.assertTrue(listed["alerts"])
        status, _, _ = self.call("/api/v1/alerts", headers={**cookie, "If-None-Match": headers["ETag"]})
        self.assertEqual(status, 304)
        alert_id = listed["alerts"][0]["alert_id"]
        status, alert, _ = self.call(f"/api/v1/alerts/{alert_id}", headers=cookie)
        self.assertEqual(status, 200)
        self.assertTrue(alert["evidence"]["signals"])
        status, read, _ = self.call(f"/api/v1/alerts/{alert_id}/message", headers=cookie)
        self.assertEqual(status, 200, read)
        self.assertEqual(self.sql("SELECT count(*) > 0 FROM audit_log WHERE action LIKE '%message%'"), [(True,)])
        # Another tenant's owner cannot see that it exists.
        _, _, headers = self.call("/api/v1/session", "POST", {"email": "owner@southbank.example", "password": PASSWORD})
        status, _, _ = self.call(f"/api/v1/alerts/{alert_id}", headers={"Cookie": headers["Set-Cookie"].split(";")[0]})
        self.assertEqual(status, 404)

    def test_simulators_one_process(self):
        self.run_simulators(split=False)

    def test_simulators_split(self):
        self.run_simulators(split=True)
        self.assertEqual(len(self.made.records), 5)
        self.refused_without_token()

    def refused_without_token(self):
        """Split mode: calls between targets without a good token are refused, over HTTP and over Flight."""
        import pyarrow.flight as flight
        from flight_sql import FlightSql, service_token

        job, tenant = self.sql("SELECT job_id::text, tenant_id::text FROM jobs LIMIT 1")[0]
        key = str(self.folder / "keys" / "service.key")
        for base in (self.made.url, self.made.internal_url):  # for this release on both listeners
            for path in (f"/internal/v1/jobs/{job}/claim", f"/internal/v1/tenants/{tenant}/data-key"):
                for method in ("GET", "POST"):
                    status, _, _ = self.call(path, method, {} if method == "POST" else None, base=base)
                    self.assertIn(status, (401, 404, 405), path)
            self.assertEqual(self.call(f"/internal/v1/jobs/{job}/claim", "POST", {}, base=base)[0], 401)
            self.assertEqual(self.call("/readyz", base=base)[0], 200)
        self.assertEqual(self.call("/api/v1/session", base=self.made.internal_url)[0], 404, "the internal listener serves no API")
        log = (self.folder / "log" / "api.log").read_text()
        self.assertIn("LETTERLOCK_INTERNAL_ADDRESS", log, "a warning for what came through the public listener")
        self.assertNotIn("/renew", log, "the targets themselves use the internal one")
        record = self.made.record("storage")
        location = f"grpc+tls://127.0.0.1:{record['flight_port']}"
        for token, refusal in (("", flight.FlightUnauthenticatedError), ("ll1.x.y", flight.FlightUnauthenticatedError),
                               (service_token(key, "analysis", tenant, seconds=-5), flight.FlightUnauthenticatedError),
                               (service_token(key, "ingestion", "*"), flight.FlightUnauthorizedError),
                               (service_token(key, "scheduler", tenant), flight.FlightUnauthorizedError)):
            with self.assertRaises(refusal):
                FlightSql(location, token, self.made.ca_file).query("SELECT 1")
        with self.assertRaises(flight.FlightUnauthorizedError):  # even with a token: read-only, and this file alone
            FlightSql(location, service_token(key, "analysis", tenant), self.made.ca_file).query("DELETE FROM emails")


class Kill(SystemTest):
    """kill -9 of the whole process in mid-sync, restart: rows = the simulator's truth, none doubled."""

    def run_kill(self, provider: str):
        self.start_simulator("--seed", "12", "--mailboxes", "6", "--messages", "80", "--page-size", "10")
        self.made = self.make_installation(LETTERLOCK_LEASE_SECONDS="2", LETTERLOCK_MAILBOXES_PARALLEL="2")
        self.made.prepare()
        tenant = self.add_tenant("company")
        self.connect("company", provider)
        truth = {user: messages for user, messages in self.truth(provider).items() if messages}
        total = sum(len(messages) for messages in truth.values())
        # Slow the provider so that the sync is still under way when the process dies.
        self.control("/control/faults", {"provider": provider, "match": "messages", "delay_ms": 20, "times": 100000})
        kills = 0
        for _ in range(3):
            self.made.start()
            already = sum(len(ids) for ids in self.stored_or_none(tenant).values())
            self.wait(lambda: sum(len(ids) for ids in self.stored_or_none(tenant).values()) > already or self.idle(), "some mail arrives")  # noqa: B023
            if sum(len(ids) for ids in self.stored_or_none(tenant).values()) < total:
                kills += 1
            self.kill()
        self.assertGreater(kills, 0, "the sync was over before the first kill")
        self.control("/control/clear-faults", {})
        self.made.start()
        self.wait(lambda: self.stored_or_none(tenant) == truth and self.idle(), "all mail is there")
        self.assertEqual(self.stored(tenant), truth)
        doubled = self.storage(tenant).query("SELECT count(*) - count(DISTINCT (mailbox_id, provider_message_id)) AS n FROM emails")
        self.assertEqual(doubled, [{"n": 0}])
        print(f"{provider}: {kills} kills in mid-sync, {total} messages, 0 doubled")

    def stored_or_none(self, tenant: str) -> dict:
        if not self.sql("SELECT count(*) FROM jobs")[0][0]:
            return {}
        return self.stored(tenant)

    def test_google(self):
        self.run_kill("google")

    def test_microsoft(self):
        self.run_kill("microsoft")
