"""Hostile mail costs its tenant one message each: what comes before and behind it is stored, and other tenants do not notice."""
import base64
import sys

from system_test import REPO, SystemTest

sys.path.append(str(REPO / "tests" / "support"))
import hostile_mail  # noqa: E402

KINDS = ["attributes", "large_header", "documents"]


class Hostile(SystemTest):
    def deliver(self, provider: str, address: str, raw: bytes) -> None:
        self.control("/control/messages", {"provider": provider, "address": address, "raw_base64": base64.b64encode(raw).decode()})

    def ordinary(self, subject: str, address: str) -> bytes:
        return (hostile_mail.headers(subject, address, "") + "See you on Monday.\r\n").encode()

    def test_neighbours_of_hostile_mail_are_stored(self):
        self.start_simulator("--seed", "31", "--mailboxes", "1", "--messages", "2")
        self.made = self.make_installation(LETTERLOCK_MESSAGE_CPU_SECONDS_MAX="1")
        self.made.prepare()
        hostile, neighbour = self.add_tenant("hostile"), self.add_tenant("neighbour")
        address = {provider: self.control(f"/control/truth?provider={provider}")["mailboxes"][0]["address"] for provider in ("google", "microsoft")}
        sent = []
        for kind in KINDS:
            self.deliver("google", address["google"], self.ordinary(f"before-{kind}", address["google"]))
            self.deliver("google", address["google"], getattr(hostile_mail, kind)(f"hostile-{kind}", address["google"]))
            sent += [f"before-{kind}", f"hostile-{kind}"]
        self.deliver("google", address["google"], self.ordinary("last", address["google"]))
        self.deliver("microsoft", address["microsoft"], self.ordinary("neighbour", address["microsoft"]))
        self.connect("hostile", "google")
        self.connect("neighbour", "microsoft")
        self.made.start()

        def all_read() -> bool:
            return self.sql("SELECT count(*) = 2 AND bool_and(caught_up) FROM mailbox_progress")[0][0] and self.idle()

        self.wait(all_read, "both mailboxes are read to their end")
        stored = {row["subject"] for row in self.storage(hostile).query("SELECT subject FROM emails")}
        aside = self.storage(hostile).query("SELECT reason FROM set_aside")
        self.assertLessEqual({"last", *(f"before-{kind}" for kind in KINDS)}, stored)
        self.assertEqual(len(aside) + len(stored & set(sent)), len(sent), "a message is neither stored nor set aside")
        for row in aside:
            self.assertRegex(row["reason"], "^not understood: it (took|needs) more than ")
        self.assertIn("neighbour", {row["subject"] for row in self.storage(neighbour).query("SELECT subject FROM emails")})
        self.assertEqual(self.sql("SELECT count(*) FROM jobs WHERE state = 'dead' OR attempt > 1"), [(0,)])
        print(f"{len(sent)} messages, 3 hostile: {len(stored & set(sent))} stored, set aside: {[row['reason'] for row in aside]}")
