"""Churn while everything is killed: what is stored afterwards is what is true, and found is what an undisturbed run finds.

A seed is replayed with LETTERLOCK_TEST_SEED=N (docs/internals/testing.md). Histories are letterlock-sim's (sim/churn.h).
"""
import hashlib
import json
import os
import random
import time

from exactness import Exactness, lasting_port, table

FULL = os.environ.get("LETTERLOCK_TEST_FULL") == "1"
SEEDS = [int(os.environ["LETTERLOCK_TEST_SEED"])] if os.environ.get("LETTERLOCK_TEST_SEED") else list(range(1, 11)) if FULL else [1]
STEPS = 500 if FULL else 100
ROUND_STEPS = 25  # between two moments in which all that was played has been read
TARGETS = ["api", "storage", "scheduler", "ingestion", "analysis"]
VICTIMS = TARGETS + ["ingestion", "storage", "postgresql", "analysis", "rabbitmq"]
FAULT_RATE = 0.01  # of the answers in the disturbed run: throttling, server errors, refused tokens, forgotten cursors
NOW = "2026-11-23T12:00:00Z"


class Churn(Exactness):
    def begin(self, provider: str, seed: int, split: bool, name: str) -> str:
        """A new installation with one tenant that has read the company's first mail; the tenant's id."""
        self.name = name
        self._sql(self.admin_url, f"CREATE DATABASE {name}")
        self.database_url = self.admin_url.rsplit("/", 1)[0] + "/" + name
        self.folder = self.home / name
        self.made = self.make_installation(LETTERLOCK_LEASE_SECONDS="3", LETTERLOCK_USERS_EVERY_SECONDS="1")
        self.start_simulator("--seed", str(seed), "--mailboxes", "4", "--messages", "8", "--page-size", "5", "--now", NOW)
        self.made.prepare()
        tenant = self.add_tenant("company")
        self.connect("company", provider)
        self.read_on_command()
        self.made.start(split, lasting_port(), lasting_port())
        self.converge(tenant, provider)
        return tenant

    def end(self) -> None:
        self.assertTrue(self.made.stop(), "an ordered stop was not enough: a process had to be killed")
        self.simulator.stop()

    def pieces(self, provider: str, seed: int) -> list[list[int]]:
        """The history's rounds, each cut into pieces."""
        chance = random.Random(f"pieces {provider} {seed}")
        rounds = []
        for _ in range(STEPS // ROUND_STEPS):
            cuts = sorted(chance.sample(range(1, ROUND_STEPS), 2))
            rounds.append([cuts[0], cuts[1] - cuts[0], ROUND_STEPS - cuts[1]])
        return rounds

    def play(self, provider: str, seed: int, steps: int, settled: bool) -> dict:
        return self.control("/control/churn", {"provider": provider, "seed": seed, "steps": steps, "settled": settled})

    def undisturbed(self, provider: str, seed: int) -> tuple[list, str]:
        """(alerts, digest of the history) of a run in which nothing is killed."""
        tenant = self.begin(provider, seed, split=False, name=f"{self.test_name}_calm_{seed}")
        for pieces in self.pieces(provider, seed):
            for index, steps in enumerate(pieces):
                told = self.play(provider, seed, steps, settled=index == 0)
            self.converge(tenant, provider)
        self.restore(tenant, provider)
        alerts = self.alerts(tenant)
        self.end()
        return alerts, told["digest"]

    def restore(self, tenant: str, provider: str) -> dict:
        """Bring the suspended users back, and read what came meanwhile."""
        for mailbox in self.control(f"/control/truth?provider={provider}")["mailboxes"]:
            if mailbox["condition"]:
                self.control("/control/condition", {"provider": provider, "address": mailbox["address"], "condition": ""})
        return self.converge(tenant, provider)

    def strike(self, victim: str, tenant: str, chance: random.Random) -> bool:
        """Kill the victim after so many more answers of the provider (the analysis: once it runs) and start it again; whether there was work
        under way."""
        answered = self.answers()
        wanted = chance.randrange(1, 30)

        def is_the_moment() -> bool:
            if victim == "analysis":
                if self.sql(f"SELECT count(*) FROM jobs WHERE tenant_id = '{tenant}' AND kind = 'analysis' AND state = 'running'")[0][0]:
                    return True
            elif self.answers() - answered >= wanted:
                return True
            return self.is_at_rest(tenant)

        begun = time.monotonic()
        self.wait(is_the_moment, f"the moment to kill {victim}")
        at_work = not self.is_at_rest(tenant)
        struck = time.monotonic()
        if victim == "postgresql":
            self.kill_postgres()
        elif victim == "rabbitmq":
            self.kill_rabbitmq()
        else:
            self.kill(victim)
            self.made.restart(victim)
        print(f"  killed {victim} after {struck - begun:.1f} s{'' if at_work else ', at rest'}; back after {time.monotonic() - struck:.1f} s", flush=True)
        return at_work

    def answers(self) -> int:
        """Requests that the simulators have answered so far."""
        return sum(count for statuses in self.control("/control/requests")["statuses"].values() for count in statuses.values())

    def disturbed(self, provider: str, seed: int) -> tuple[dict, str]:
        """(the table's row, digest of the history) of a run in which everything is killed in turn."""
        tenant = self.begin(provider, seed, split=True, name=f"{self.test_name}_kill_{seed}")
        chance = random.Random(f"kills {provider} {seed}")
        kills = dict.fromkeys(TARGETS + ["postgresql", "rabbitmq"], 0)
        at_work = 0
        victims: list[str] = []
        self.control("/control/faults", {"seed": seed, "rate": FAULT_RATE, "groups": "passing,token,cursor"})
        for pieces in self.pieces(provider, seed):
            for index, steps in enumerate(pieces):
                told = self.play(provider, seed, steps, settled=index == 0)
                self.sync(tenant)
                if not victims:
                    victims = chance.sample(VICTIMS, len(VICTIMS))
                victim = victims.pop()
                at_work += self.strike(victim, tenant, chance)
                kills[victim] += 1
            begun = time.monotonic()
            self.converge(tenant, provider)
            print(f"  {told['steps']} steps: storage holds the truth after {time.monotonic() - begun:.1f} s", flush=True)
        self.control("/control/faults", {"seed": None})
        found = self.restore(tenant, provider)
        row = {"provider": provider, "seed": seed, "steps": told["steps"], **kills, "at_work": at_work,
               **{key: found[key] for key in ("messages", "poisonous", "lost", "doubled", "resurrected")}}
        self.check_raw(tenant, provider)
        self.check_jobs(tenant)
        self.found = self.alerts(tenant)
        row.update(alerts=len({alert[:3] for alert in self.found}), sightings=len(self.found),
                   jobs=", ".join(f"{state} {count}" for state, count in self.sql("SELECT state, count(*) FROM jobs GROUP BY state ORDER BY state")))
        self.end()
        return row, told["digest"]

    def check_raw(self, tenant: str, provider: str) -> None:
        """Every message's bytes can be read back whole, and are those whose SHA-256 its row names."""
        storage = self.storage(tenant)
        for row in storage.query("SELECT mailbox_id, provider_message_id, raw_sha256 FROM emails"):
            raw = storage.raw(row["mailbox_id"], row["provider_message_id"])
            self.assertEqual(hashlib.sha256(raw).hexdigest(), row["raw_sha256"], row)
            if provider == "microsoft":
                self.assertEqual(json.loads(raw)["id"], row["provider_message_id"])

    def check_jobs(self, tenant: str) -> None:
        """Every job ended in a state that is true."""
        self.assertEqual(self.sql("SELECT kind, state FROM jobs WHERE state IN ('queued', 'running')"), [])
        self.assertEqual(self.sql("SELECT job_id FROM jobs WHERE state = 'dead' AND reason = ''"), [], "dead without a reason")
        newest = self.storage(tenant).query("SELECT max(ingest_seq) AS n FROM emails")[0]["n"]
        self.assertEqual(self.sql(f"SELECT ingest_seq FROM watermarks WHERE tenant_id = '{tenant}'"), [(newest,)], "mail that nobody analysed")
        self.assertEqual(self.sql("SELECT address, state, reason FROM mailbox_progress WHERE NOT caught_up"), [], "read, and not caught up")
        self.assertEqual(self.sql("SELECT state, state_reason FROM connections"), [("ok", "")])

    def run_churn(self, provider: str) -> None:
        self.test_name = self.name
        rows = []
        for seed in SEEDS:
            begun = time.monotonic()
            expected, digest = self.undisturbed(provider, seed)
            between = time.monotonic()
            row, digest_again = self.disturbed(provider, seed)
            rows.append({**row, "calm_s": f"{between - begun:.0f}", "killed_s": f"{time.monotonic() - between:.0f}"})
            print(table(rows), flush=True)
            self.assertEqual(digest, digest_again, "the two runs did not play the same history")
            self.assertEqual(self.found, expected, f"seed {seed}: alerts and sightings differ from those of an undisturbed run")
            self.assertGreater(row["sightings"], 0, "the history held no fraud that a rule found")
            self.assertGreater(row["at_work"], 0, "nothing was killed at work")

    def test_google(self):
        self.run_churn("google")

    def test_microsoft(self):
        self.run_churn("microsoft")
