"""Providers that misbehave by seed, in every way that passes: what is stored in the end is what is there."""
from system_test import SystemTest


class Faults(SystemTest):
    def run_faults(self, provider: str, seed: int):
        self.start_simulator("--seed", "31", "--mailboxes", "4", "--messages", "40", "--page-size", "5", "--faults", f"{seed}:0.1")
        self.made = self.make_installation(LETTERLOCK_LEASE_SECONDS="5")
        self.made.prepare()
        tenant = self.add_tenant("company")
        self.connect("company", provider)
        boxes = self.control(f"/control/truth?provider={provider}")["mailboxes"]
        corrupt = boxes[0]["messages"][0]["id"] if provider == "google" else ""  # Graph's listing tells of such a message all the same
        if corrupt:
            self.control("/control/condition", {"provider": provider, "id": corrupt, "corrupt": True})
        without = boxes[-1]
        self.control("/control/condition", {"provider": provider, "address": without["address"],
                                            "condition": "mail-not-enabled" if provider == "google" else "mailbox-not-enabled"})
        self.made.start()

        def as_in_truth():
            self.sql("UPDATE connections SET next_due_at = now()")
            if not self.sql("SELECT count(*) FROM jobs")[0][0]:
                return False
            wanted = {user: messages - {corrupt} for user, messages in self.truth(provider).items() if user != without["user_id"]}
            return {user: messages for user, messages in self.stored(tenant).items() if messages} == wanted

        self.wait(as_in_truth, "everything that is there is stored, and nothing else")

        def has_no_mailbox():
            self.sql("UPDATE connections SET next_due_at = now()")
            return self.sql(f"SELECT state FROM mailbox_progress WHERE address = '{without['address']}'") == [("no_mailbox",)]

        self.wait(has_no_mailbox, "the mailbox without a licence is known as such")
        taken = self.control("/control/faults")["taken"][provider]
        self.assertGreaterEqual(len(taken), 6, f"the seed brought too few kinds of faults: {taken}")
        print(f"{provider}: {sum(taken.values())} faults of {len(taken)} kinds, all mail there: {taken}")

    def test_google(self):
        self.run_faults("google", 5)

    def test_microsoft(self):
        self.run_faults("microsoft", 8)
