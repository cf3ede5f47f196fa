"""./dev bench api: what the console and programs ask of alerts, at a constant rate, over a tenant with 100,000 alerts.

PostgreSQL, RabbitMQ and Letterlock are private to the run and share the machine with the generator (api_load.cpp), whose latencies count
from when a request was due. The mail and the first alerts come from the simulator through the real pipeline; api_alerts.sql makes the rest
of them. Last, every list is asked again with PostgreSQL's plans logged: a sequential scan of alerts or their sightings fails the run.
"""
import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / "toolbox"))

import psycopg2  # noqa: E402

from build import build_cpp  # noqa: E402
from installation import Installation, Simulator  # noqa: E402
from progress import Step  # noqa: E402
from servers import Postgres, RabbitMQ, children_of, wait_until  # noqa: E402

P99_MS_GOAL = 20
PASSWORD = "correct-horse-battery"
TEAM = [f"analyst{number}@company.example" for number in range(4)]
WARM_UP_SECONDS = 3
PIPELINE_SECONDS = 300
CURSOR_PAGES = 400  # of 200 alerts: four fifths of the list
PLAN_ROUNDS = 8  # of every request on one connection: from the sixth on PostgreSQL may use a plan for all parameters
SCANS = re.compile(r"Seq Scan on (alerts|alert_sightings)\b")


@dataclass
class Scenario:
    title: str
    requests: list[str]  # path and headers of each, separated by tabs; sent in turn
    status: int = 200


class World:
    """Servers, Letterlock and a tenant with alerts, until the with block ends."""

    def __init__(self, tree: Path, folder: Path, alerts: int):
        self.tree, self.folder, self.alerts = tree, folder, alerts
        self.cleanup = contextlib.ExitStack()

    def __enter__(self):
        with self.cleanup:
            self.start_servers()
            with Step("mail and first alerts from the simulator"):
                self.run_pipeline()
            with Step(f"{self.alerts} alerts"):
                self.fill()
            self.restart(plans=False)
            self.cleanup = self.cleanup.pop_all()
        return self

    def __exit__(self, kind, error, trace):
        self.cleanup.close()

    def start_servers(self) -> None:
        with Step("starting PostgreSQL and RabbitMQ"):
            self.postgres = Postgres(self.folder / "postgresql", durable=True).start()
            self.cleanup.callback(Postgres.stop, self.postgres)
            rabbitmq = RabbitMQ(self.folder / "rabbitmq").start()
            self.cleanup.callback(RabbitMQ.stop, rabbitmq)
        self.database = "postgres"
        self.sql("CREATE DATABASE letterlock")
        self.database = "letterlock"
        self.made = Installation(self.folder, self.tree, REPO, Postgres.url(self.postgres["port"], "letterlock"), RabbitMQ.url(rabbitmq["port"]),
                                 settings={"LETTERLOCK_REQUESTS_PER_MINUTE_MAX": "10000000", "LETTERLOCK_LOG_LEVEL": "warn"})
        self.made.prepare()
        self.cleanup.callback(self.made.stop)

    def sql(self, statements: str, values=None) -> list:
        connection = psycopg2.connect(Postgres.url(self.postgres["port"], self.database))
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(statements, values)
            return cursor.fetchall() if cursor.description else []

    def run_pipeline(self) -> None:
        simulator = Simulator(self.folder / "simulator", self.tree, "--seed", "7", "--mailboxes", "10", "--messages", "120",
                              "--now", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        simulator.start()
        try:
            self.made.start()
            self.made.cli("tenant", "create", "--name", "company", "--owner", "owner@company.example", input=PASSWORD + "\n")
            for email in TEAM:
                self.made.cli("person", "create", "--tenant", "company", "--email", email, "--role", "analyst", input=PASSWORD + "\n")
            self.key = self.made.cli("api-key", "create", "--tenant", "company", "--name", "bench", "--scope", "alerts:read", "--scope", "connections:read").stdout.split()[-1]
            settings, secret = simulator.connection("google")
            (self.folder / "secret.json").write_text(json.dumps(secret))
            self.made.cli("connection", "create", "--tenant", "company", "--provider", "google", "--name", "google", "--settings",
                          json.dumps(settings), "--secret-file", str(self.folder / "secret.json"))
            wait_until(lambda: self.sql("SELECT 1 FROM alerts LIMIT 1") and self.sql("SELECT 1 FROM connections WHERE last_sync_at IS NOT NULL")
                       and not self.sql("SELECT 1 FROM jobs WHERE state IN ('queued', 'running')"), PIPELINE_SECONDS, "the first analysis")
            self.sql("UPDATE connections SET paused = true")
        finally:
            simulator.stop()

    def fill(self) -> None:
        tenant = self.sql("SELECT tenant_id::text FROM tenants")[0][0]
        self.sql((REPO / "bench" / "api_alerts.sql").read_text(), {"tenant": tenant, "wanted": self.alerts})
        self.sql("VACUUM ANALYZE")

    def restart(self, plans: bool) -> None:
        """Letterlock anew, PostgreSQL's plans of its statements in the log or not; its owner signs in again."""
        self.made.stop()
        if plans:
            for setting in ("session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0", "auto_explain.log_nested_statements = on"):
                self.sql(f"ALTER DATABASE letterlock SET {setting}")
        self.made.start()
        body = json.dumps({"email": "owner@company.example", "password": PASSWORD}).encode()
        request = urllib.request.Request(self.made.url + "/api/v1/session", data=body, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            self.session = answer.headers["Set-Cookie"].split(";")[0]

    def get(self, request: str) -> tuple[dict, str]:
        """Body and ETag of a request's answer."""
        path, *headers = request.split("\t")
        asked = urllib.request.Request(self.made.url + path, headers=dict(header.split(": ", 1) for header in headers if "gzip" not in header))
        with urllib.request.urlopen(asked) as answer:
            return json.load(answer), answer.headers["ETag"]

    def cpu_seconds(self) -> tuple[float, float]:
        """Of Letterlock, and of PostgreSQL's processes with those that ended."""
        def used(pid: int, fields: slice) -> int:
            try:
                return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[fields]))
            except OSError:
                return 0
        ticks = os.sysconf("SC_CLK_TCK")
        postmaster = self.postgres["pid"]
        return (used(self.made.record("api")["pid"], slice(11, 13)) / ticks,
                (used(postmaster, slice(11, 15)) + sum(used(child, slice(11, 13)) for child in children_of(postmaster))) / ticks)


def machine_cpu_seconds() -> float:
    """What all processes of the machine used, waiting and idle time left out."""
    user, nice, system, _idle, _wait, irq, soft_irq, *_rest = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system + irq + soft_irq) / os.sysconf("SC_CLK_TCK")


def of_program(world: World, path: str, **query) -> str:
    return f"/api/v1{path}?{urllib.parse.urlencode(query, doseq=True)}\tAuthorization: Bearer {world.key}\tAccept-Encoding: gzip"


def of_console(world: World, path: str, *headers: str, **query) -> str:
    return "\t".join([f"/api/v1{path}?{urllib.parse.urlencode(query, doseq=True)}", f"Cookie: {world.session}", "Accept-Encoding: gzip", *headers])


def filters_of(world: World) -> list[dict]:
    people = [row[0] for row in world.sql("SELECT person_id::text FROM people")]
    rules = [row[0] for row in world.sql("SELECT rule_id FROM alerts GROUP BY 1 ORDER BY count(*) DESC")]
    now = time.time()
    ago = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - days * 86_400)) for days in (7, 400)]
    return [
        {"status": "open"}, {"status": ["open", "in_progress"]}, {"status": "in_progress", "assignee": people[1]}, {"assignee": people[2]},
        {"assignee": "none"}, {"severity": "critical"}, {"severity": ["critical", "high"], "status": "open"}, {"rule_id": rules[0]},
        {"rule_id": rules[-1], "status": "open"}, {"subject": "user7@company.example"}, {"entity": "partner7.example"},
        {"entity": "sender7@partner7.example"}, {"feedback": "fraud"}, {"feedback": "none", "severity": "low"}, {"names_payment_instrument": "true"},
        {"names_payment_instrument": "false", "status": "open"}, {"seen_from": ago[0]}, {"seen_to": ago[1], "status": "open"},
        {"seen_from": ago[1], "seen_to": ago[0], "severity": "high"},
    ]


def searches() -> list[str]:
    """A word of many alerts, of some, of one; and several."""
    return ["sender", "company.example", "called", "user7@company.example", "partner7.example", "4711", "no 4711", "sender7 called", "nothingofthesort"]


def scenarios_of(world: World) -> list[Scenario]:
    cursors, cursor = [], {}
    for number in range(CURSOR_PAGES):
        page, _ = world.get(of_program(world, "/alerts", limit=200, **cursor))
        if "next_cursor" not in page:
            break
        cursor = {"cursor": page["next_cursor"]}
        if number % 20 == 19:
            cursors.append(cursor)
    alerts = [alert["alert_id"] for alert in world.get(of_program(world, "/alerts", limit=200, status="open"))[0]["alerts"]]
    _, etag = world.get(of_console(world, "/alerts", limit=1))
    return [
        Scenario("list: open alerts, 50", [of_program(world, "/alerts", status="open")]),
        Scenario("list: 19 filters in turn, 50", [of_program(world, "/alerts", **one) for one in filters_of(world)]),
        Scenario("list: behind deep cursors, 50", [of_program(world, "/alerts", **one) for one in cursors]),
        Scenario("list: full-text searches in turn, 50", [of_program(world, "/alerts", search=words) for words in searches()]),
        Scenario("list: the console's first page, 200", [of_console(world, "/alerts", status="open", limit=200)]),
        Scenario("poll that brings nothing (304)", [of_console(world, "/alerts", f"If-None-Match: {etag}", limit=1)], status=304),
        Scenario("alert", [of_console(world, f"/alerts/{alert}") for alert in alerts]),
        Scenario("alert page: alert, message, people", [of_console(world, path) for alert in alerts
                                                        for path in (f"/alerts/{alert}", f"/alerts/{alert}/message", "/people")]),
    ]


def run_load(world: World, scenario: Scenario, arguments) -> dict:
    def load(seconds: int) -> dict:
        done = subprocess.run([world.tree / "api_load", world.made.url, str(arguments.rate), str(seconds), str(arguments.connections)],
                              input="\n".join(scenario.requests), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit("dev: the generator failed: " + done.stderr)
        return json.loads(done.stdout)
    load(WARM_UP_SECONDS)
    before, machine = world.cpu_seconds(), machine_cpu_seconds()
    result = load(arguments.seconds)
    api, postgres = (after - then for after, then in zip(world.cpu_seconds(), before))
    answered = result["requests"] - result["outcomes"].get("unanswered", 0)
    result["kib"] = result["bytes"] / 1024 / max(1, answered)
    result["api_cpu_ms"], result["postgres_cpu_ms"], result["load_cpu_ms"] = (1000 * used / max(1, answered) for used in (api, postgres, result["cpu_seconds"]))
    result["others"] = (machine_cpu_seconds() - machine - api - postgres - result["cpu_seconds"]) / result["wall_seconds"]
    result["errors"] = {outcome: times for outcome, times in result["outcomes"].items() if outcome != str(scenario.status)}
    return result


def row(title: str, result: dict) -> str:
    errors = ", ".join(f"{times} × {outcome}" for outcome, times in result["errors"].items()) or "none"
    return (f"{title:40}{result['rate']:7.0f}{result['p50_ms']:9.1f}{result['p90_ms']:9.1f}{result['p99_ms']:9.1f}{result['max_ms']:9.1f}{result['api_cpu_ms']:9.2f}"
            f"{result['postgres_cpu_ms']:9.2f}{result['load_cpu_ms']:9.2f}{result['kib']:9.1f}{result['others']:8.2f}  {errors}")


HEAD = f"{'':40}{'req/s':>7}{'p50 ms':>9}{'p90 ms':>9}{'p99 ms':>9}{'max ms':>9}{'api ms':>9}{'pg ms':>9}{'load ms':>9}{'KiB':>9}{'others':>8}  errors"


def measure(world: World, arguments) -> bool:
    """Whether every request was answered as it should be; how fast is printed, as it depends on who else uses the machine."""
    results = {}
    with Step("preparing the requests"):
        scenarios = [scenario for scenario in scenarios_of(world) if arguments.only in scenario.title]
    for scenario in scenarios:
        with Step(f"{arguments.rate} requests/s for {arguments.seconds} s: {scenario.title}"):
            results[scenario.title] = run_load(world, scenario, arguments)
    print(f"\n{world.alerts} alerts, {arguments.rate} requests/s for {arguments.seconds} s over at most {arguments.connections} connections; CPU milliseconds a request "
          f"of Letterlock, PostgreSQL, generator;\nothers: processors of {os.cpu_count()} that were busy with something else; KiB: body as sent\n\n{HEAD}")
    for title, result in results.items():
        print(row(title, result))
    slow = [title for title, result in results.items() if result["p99_ms"] > P99_MS_GOAL]
    print(f"goal, p99 at most {P99_MS_GOAL} ms: " + (f"missed by {len(slow)}: {'; '.join(slow)}" if slow else "met"))
    return not any(result["errors"] for result in results.values())


def check_plans(world: World) -> bool:
    """Whether no list reads all alerts: each is asked a few times with PostgreSQL's plans logged."""
    world.restart(plans=True)
    log = Path(world.postgres["log"])
    begin = log.stat().st_size
    lists = [*({**one} for one in filters_of(world)), *({"search": words} for words in searches()), {}, {"limit": 1}, {"limit": 200}]
    page = world.get(of_program(world, "/alerts", limit=200))[0]
    behind = [{**one, "cursor": page["next_cursor"]} for one in lists]
    alert = page["alerts"][0]["alert_id"]
    requests = [of_program(world, "/alerts", **one) for one in lists + behind] + [of_console(world, f"/alerts/{alert}{path}") for path in (
        "", "/message", "/similar_messages")] + [of_console(world, f"/entities/{entity}") for entity in ("partner7.example", "sender7@partner7.example")]
    for request in requests:
        for _ in range(PLAN_ROUNDS):
            world.get(request)
    with open(log, encoding="utf-8", errors="replace") as file:
        file.seek(begin)
        plans = re.split(r"^\d{4}-\d\d-\d\d .*\bLOG:  duration: .*$", file.read(), flags=re.MULTILINE)
    plans = [plan for plan in plans if " on alerts" in plan or " on alert_sightings" in plan]
    bad = {plan for plan in plans if SCANS.search(plan)}
    print(f"\nplans: {len(requests)} requests, {len(plans)} executions over alerts or sightings, {len(bad)} with a sequential scan of them")
    for plan in sorted(bad)[:5]:
        print(plan)
    return bool(plans) and not bad


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench api")
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=500, help="requests a second")
    parser.add_argument("--seconds", type=int, default=20, help="of each scenario")
    parser.add_argument("--connections", type=int, default=64, help="at most, and so requests in flight")
    parser.add_argument("--only", default="", help="scenarios whose title holds this")
    parser.add_argument("--plans-only", action="store_true")
    arguments = parser.parse_args()
    tree = build_cpp("release", ("letterlock", "letterlock-sim", "api_load"))
    with tempfile.TemporaryDirectory(prefix="letterlock-bench-") as folder, World(tree, Path(folder), arguments.alerts) as world:
        answered = arguments.plans_only or measure(world, arguments)
        planned = check_plans(world)
    return 0 if answered and planned else 1


if __name__ == "__main__":
    sys.exit(main())
