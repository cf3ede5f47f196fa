"""./dev bench hostile: whether two tenants' hostile mail makes other tenants wait.

25 tenants, two ingestion slots. 23 of them get an ordinary message every other second; two get a hostile one every second for five minutes. Prints
how long ordinary mail waited until it was stored, in a quiet phase and in the hostile one, and what became of the hostile mail.
"""
import argparse
import base64
import collections
import os
import statistics
import sys
import time
import unittest
from datetime import datetime
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPO / "toolbox"), str(REPO / "tests" / "system"), str(REPO / "tests" / "support")]

from build import build_cpp  # noqa: E402
import hostile_mail  # noqa: E402
from exactness import Exactness, table  # noqa: E402

ARGUMENTS = argparse.Namespace(tenants=25, hostile=2, seconds=300, quiet_seconds=120, interval=10)
RATIO_MAX = 1.5


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


class Hostile(Exactness):
    def deliver(self, provider: str, address: str, raw: bytes) -> None:
        self.control("/control/messages", {"provider": provider, "address": address, "raw_base64": base64.b64encode(raw).decode()})

    def address(self, provider: str) -> str:
        return self.control(f"/control/truth?provider={provider}")["mailboxes"][0]["address"]

    def phase(self, name: str, seconds: float, is_hostile: bool) -> tuple[list[float], collections.Counter]:
        """Seconds that each ordinary message waited, in each ordinary tenant; how many hostile ones were sent, by kind."""
        sent_at, hostile_sent, begun = {}, collections.Counter(), time.monotonic()
        number = 0
        while time.monotonic() - begun < seconds:
            if number % 2 == 0:
                subject = f"{name}-{number}"
                self.deliver("microsoft", self.ordinary_address, hostile_mail.headers(subject, self.ordinary_address, "").encode() + b"See you on Monday.\r\n")
                sent_at[subject] = time.time()
            if is_hostile:
                kind = ("attributes", "large_header", "documents")[number % 3]
                hostile_sent[kind] += 1
                self.deliver("google", self.hostile_address, getattr(hostile_mail, kind)(f"{name}-{kind}-{number}", self.hostile_address))
            number += 1
            time.sleep(max(0.0, begun + number - time.monotonic()))  # the rate is the measure
        waits = []
        for tenant in self.ordinary:
            rows = []

            def is_all_there(tenant=tenant) -> bool:
                rows[:] = self.storage(tenant).query(f"SELECT subject, ingested_at::VARCHAR AS ingested_at FROM emails WHERE subject LIKE '{name}-%'")
                return len(rows) == len(sent_at)

            self.wait(is_all_there, f"all ordinary mail of {name}", 600)
            waits += [datetime.fromisoformat(row["ingested_at"]).timestamp() - sent_at[row["subject"]] for row in rows]
        return waits, hostile_sent

    def test(self):
        self.start_simulator("--seed", "31", "--mailboxes", "2", "--messages", "5")
        self.ordinary_address, self.hostile_address = self.address("microsoft"), self.address("google")
        self.made = self.make_installation(LETTERLOCK_INGESTION_CONCURRENCY="2")
        self.made.prepare()
        names = [f"ordinary-{number}" for number in range(ARGUMENTS.tenants - ARGUMENTS.hostile)]
        self.ordinary = [self.add_tenant(name) for name in names]
        hostile_names = [f"hostile-{number}" for number in range(ARGUMENTS.hostile)]
        hostile = [self.add_tenant(name) for name in hostile_names]
        for name in names:
            self.connect(name, "microsoft")
        for name in hostile_names:
            self.connect(name, "google")
        self.sql(f"UPDATE connections SET interval_seconds = {ARGUMENTS.interval}, next_due_at = now() + random() * interval '{ARGUMENTS.interval} seconds'")
        self.made.start()
        self.wait(lambda: self.sql("SELECT count(DISTINCT tenant_id) FROM mailbox_progress WHERE caught_up")[0][0] == ARGUMENTS.tenants, "every tenant was read once", 300)
        quiet, _ = self.phase("quiet", ARGUMENTS.quiet_seconds, False)
        loud, sent = self.phase("loud", ARGUMENTS.seconds, True)
        rows = [{"phase": name, "messages": len(waits), "p50_s": f"{statistics.median(waits):.1f}", "p95_s": f"{percentile(waits, 0.95):.1f}", "longest_s": f"{max(waits):.1f}"}
                for name, waits in (("quiet", quiet), ("hostile", loud))]
        print(table(rows))
        ratio = percentile(loud, 0.95) / percentile(quiet, 0.95)
        print(f"p95 hostile / p95 quiet: {ratio:.2f} (goal: at most {RATIO_MAX}); interval {ARGUMENTS.interval} s; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        self.wait(lambda: all(self.sql(f"SELECT bool_and(caught_up) FROM mailbox_progress WHERE tenant_id = '{tenant}'")[0][0] for tenant in hostile), "hostile tenants are read", 900)
        for tenant in hostile:
            stored = self.storage(tenant).query("SELECT count(*) AS n FROM emails WHERE subject LIKE 'loud-%'")[0]["n"]
            aside = self.storage(tenant).query("SELECT reason, count(*) AS n FROM set_aside GROUP BY reason")
            slices = self.sql(f"SELECT count(*), max(extract(epoch FROM finished_at - started_at))::float8 FROM jobs WHERE tenant_id = '{tenant}' AND kind = 'ingestion' AND state = 'done'")[0]
            print(f"hostile tenant: {sum(sent.values())} sent ({', '.join(f'{count} {kind}' for kind, count in sent.items())}), {stored} stored, "
                  f"{sum(row['n'] for row in aside)} set aside {[row['reason'] for row in aside]}; {slices[0]} slices, the longest {slices[1]:.1f} s")
            self.assertEqual(stored + sum(row["n"] for row in aside), sum(sent.values()), "a hostile message is neither stored nor set aside")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench hostile")
    for name, value in vars(ARGUMENTS).items():
        parser.add_argument("--" + name.replace("_", "-"), type=int, default=value)
    parser.parse_args(namespace=ARGUMENTS)
    os.environ["LETTERLOCK_BUILD_DIR"] = str(build_cpp("release"))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0).run(Hostile("test"))
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
