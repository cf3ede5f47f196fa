"""A disk that really runs full under `storage`, and what import, API, metric, probe and log say of it; then there is room again."""
import base64
import random
import subprocess

from system_test import PASSWORD, SystemTest

MESSAGES = 220
DISK_MB = 40
SENTENCE = "the disk that holds the mail store is full"


class FullDisk(SystemTest):
    def setUp(self):
        probe = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", "/mnt"], capture_output=True, text=True)
        if probe.returncode != 0:
            self.skipTest(f"NOT TESTED: a disk that runs full needs a mount of its own: {probe.stderr.strip()}")
        super().setUp()

    def write_mail(self):
        """220 messages of 200 kB that do not compress: about 44 MB."""
        mail = self.folder / "mail"
        mail.mkdir()
        source = random.Random(13)
        for number in range(MESSAGES):
            body = base64.encodebytes(source.randbytes(200_000)).decode()
            (mail / f"{number:03d}.eml").write_text(
                f"From: c{number}@partner.example\nTo: ann@receiver.example\nSubject: Plans {number}\nMessage-ID: <m{number}@partner.example>\n"
                f"Date: Mon, 2 Nov 2026 10:{number % 60:02d}:00 +0000\nMIME-Version: 1.0\nContent-Type: application/octet-stream; name=plan.bin\n"
                f"Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=plan.bin\n\n{body}")
        return mail

    def import_mail(self, mail):
        return self.made.cli("import", "--tenant", "receiver", "--mailbox", "ann@receiver.example", "--domain", "receiver.example", str(mail), check=False)

    def count(self, tenant):
        row = self.storage(tenant).query("SELECT count(*) AS rows, count(DISTINCT provider_message_id) AS messages FROM emails")[0]
        return row["rows"], row["messages"]

    def run_full(self, split: bool):
        storage = "storage" if split else "all"
        mail = self.write_mail()
        self.made.prepare()
        tenant = self.add_tenant("receiver")
        disk = self.folder / "tenants"
        self.made.wrappers[storage] = ["unshare", "-rm", "sh", "-c", f'mount -t tmpfs -o size={DISK_MB}m tmpfs "$0" && exec "$@"', str(disk)]
        self.made.start(split)
        _, _, headers = self.call("/api/v1/session", "POST", {"email": "owner@receiver.example", "password": PASSWORD})
        cookie = {"Cookie": headers["Set-Cookie"].split(";")[0]}
        record = self.made.record(storage)
        probe = f"{record['scheme']}://127.0.0.1:{record['port']}"

        def get(path):
            status, body, _ = self.call("/api/v1" + path, headers=cookie)
            self.assertEqual(status, 200, body)
            return body

        def is_told(state):
            return lambda: get("/statistics/coverage")["storage_state"] == state

        self.wait(is_told("ok"), "storage reports that all is well")
        imported = self.import_mail(mail)
        said = imported.stdout + imported.stderr
        print("import:", imported.returncode, said.strip().splitlines()[-1])
        self.assertNotEqual(imported.returncode, 0, said)
        self.assertIn(SENTENCE, said)

        rows, messages = self.count(tenant)
        print(f"full: {messages} of {MESSAGES} messages are stored, the rest waits")
        self.assertEqual(rows, messages)
        self.assertTrue(0 < messages < MESSAGES, messages)
        connection = get("/connections")["connections"][0]
        print("connection:", connection["state"], connection["state_code"], connection["state_reason"])
        self.assertEqual((connection["state"], connection["state_code"]), ("stalled", "disk_full"))
        self.assertIn(SENTENCE, connection["state_reason"])
        self.assertNotIn("last_sync_at", connection, "it was never read")
        mailbox = get("/mailboxes")["mailboxes"][0]
        print("mailbox:", mailbox)
        self.assertFalse(mailbox["caught_up"])
        self.assertIn(SENTENCE, mailbox["reason"])
        self.assertNotIn("another worker", mailbox["reason"])
        self.assertNotIn("last_read_at", mailbox)
        self.wait(is_told("disk_full"), "the API tells that the disk is full")
        self.assertFalse(get("/statistics/coverage")["is_covered"])
        status, ready, _ = self.call("/readyz", base=probe)
        print("readyz:", status, ready)
        self.assertEqual((status, ready["degraded"]), (200, ["disk_full"]))
        metrics = self.call("/metrics", base=probe)[1]
        print("\n".join(line for line in metrics.splitlines() if line.startswith(("letterlock_storage_disk", "letterlock_storage_writable"))))
        self.assertIn("letterlock_storage_writable 0", metrics)
        self.assertIn('letterlock_storage_disk_bytes{state="reserve"} 2097152', metrics)
        environment = {"LETTERLOCK_CA_FILE": self.made.ca_file} if split else {}
        self.made.settings.update(environment)
        self.assertEqual(self.made.cli("healthcheck", f"{probe}/readyz").returncode, 0)
        strict = self.made.cli("healthcheck", "--strict", f"{probe}/readyz", check=False)
        self.assertEqual((strict.returncode, strict.stderr.strip()), (1, "letterlock: degraded: disk_full"))
        self.assertIn("no mail is stored, reads go on", open(record["log"]).read())

        # Tried again without room: nothing is lost, nothing dies.
        self.sql("UPDATE jobs SET not_before = now(), published_at = NULL WHERE state = 'queued'")
        self.wait(lambda: self.sql("SELECT count(*) FROM jobs WHERE kind = 'ingestion' AND state = 'queued' AND not_before > now()")[0][0] == 1,
                  "the job waits again")
        self.assertEqual(self.sql("SELECT count(*) FROM jobs WHERE state = 'dead'"), [(0,)])

        subprocess.run(["nsenter", "-t", str(record["pid"]), "-U", "-m", "--preserve-credentials", "mount", "-o", "remount,size=400m", str(disk)],
                       check=True)
        self.sql("UPDATE jobs SET not_before = now(), published_at = NULL WHERE state = 'queued'")
        self.wait(lambda: self.count(tenant) == (MESSAGES, MESSAGES), "all mail is stored, none twice")
        self.wait(self.idle, "import and analysis end")
        self.wait(is_told("ok"), "the API tells that there is room")
        connection = get("/connections")["connections"][0]
        self.assertEqual((connection["state"], connection["state_code"], connection["state_reason"]), ("active", "", ""))
        self.assertIn("last_sync_at", connection)
        self.assertTrue(get("/statistics/coverage")["is_covered"])
        self.assertEqual(self.call("/readyz", base=probe)[1]["degraded"], [])
        self.assertEqual(self.sql("SELECT newest_ingest_seq - ingest_seq, behind_since FROM watermarks"), [(0, None)])
        again = self.import_mail(mail)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertEqual(self.count(tenant), (MESSAGES, MESSAGES))
        print(f"room: {MESSAGES} of {MESSAGES} messages, 0 lost, 0 doubled")

    def test_one_process(self):
        self.run_full(split=False)

    def test_split(self):
        self.run_full(split=True)


class OtherKey(SystemTest):
    def test_another_master_key_does_not_start(self):
        self.made.prepare()
        self.add_tenant("firma")
        key = self.folder / "keys" / "master.key"
        key.rename(key.with_suffix(".mine"))
        self.made.cli("keys", "create", "--dir", str(self.folder / "other"))
        key.write_text((self.folder / "other" / "master.key").read_text())
        for command in (["serve"], ["tenant", "create", "--name", "x", "--owner", "o@x.example"]):
            refused = self.made.cli(*command, check=False, input=PASSWORD + "\n", timeout=60)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("another master key", refused.stderr)
        print(refused.stderr.strip())
        key.with_suffix(".mine").rename(key)
        self.made.start()
        self.assertEqual(self.call("/readyz")[0], 200)
