"""What every system test stands on: the real executables against a database, queues, folders and simulators of its own.

Run one test: python3 tests/system/run.py FILE.Class.test (ctest does, under the name System.NAME). Environment:
LETTERLOCK_TEST_DATABASE_URL, LETTERLOCK_TEST_AMQP_URL (./dev test sets them) and LETTERLOCK_BUILD_DIR (ctest sets it).
"""
import json
import os
import secrets
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(REPO / "toolbox"), str(Path(__file__).resolve().parent)]

from flight_sql import FlightSql, service_token  # noqa: E402
from installation import Installation, Simulator  # noqa: E402
from servers import kill_all  # noqa: E402

import psycopg2  # noqa: E402

SHARED = REPO.parent / "shared"
PATIENCE_SECONDS = 180  # sanitized executables on two busy cores
PASSWORD = "correct-horse-battery"


def needed(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(f"{name} is not set; remedy: run through ./dev test")
    return value


class SystemTest(unittest.TestCase):
    """setUp makes an empty installation; tearDown stops everything and, if the test passed, removes it."""

    maxDiff = None

    def setUp(self):
        self.executables = Path(needed("LETTERLOCK_BUILD_DIR"))
        self.name = "system_" + secrets.token_hex(6)
        self.home = self.folder = Path(tempfile.mkdtemp(prefix="letterlock-system-"))
        self.is_kept = False
        self.addCleanup(lambda: self.is_kept or shutil.rmtree(self.home, ignore_errors=True))  # last, when nothing runs in it any more
        self.admin_url, self.amqp_url = self.servers()
        self._sql(self.admin_url, f"CREATE DATABASE {self.name}")
        parts = urllib.parse.urlsplit(self.admin_url)
        self.database_url = urllib.parse.urlunsplit(parts._replace(path="/" + self.name))
        self.simulator = None
        self.made = self.make_installation()

    def servers(self) -> tuple[str, str]:
        """URLs of PostgreSQL (as superuser) and RabbitMQ: those that all tests share, so nobody may kill them."""
        return needed("LETTERLOCK_TEST_DATABASE_URL"), needed("LETTERLOCK_TEST_AMQP_URL")

    def make_installation(self, **settings) -> Installation:
        return Installation(self.folder, self.executables, REPO, self.database_url, self.amqp_url, self.name,
                            {"LETTERLOCK_SCHEDULER_SECONDS_MAX": "1", **settings})

    def tearDown(self):
        logs = {record["target"]: record["log"] for record in self.made.records}
        stopped = self.made.stop()
        if self.simulator:
            self.simulator.stop()
        failed = self._outcome.result.failures + self._outcome.result.errors if hasattr(self._outcome, "result") else []
        if failed:
            for target, log in logs.items():
                print(f"--- the end of {target}'s log\n" + "\n".join(Path(log).read_text(errors="replace").splitlines()[-25:]))
            print(f"--- kept: {self.home}, database {self.name}")
            self.is_kept = True
        else:
            self._sql(self.admin_url, f"DROP DATABASE {self.name} WITH (FORCE)")
        self.assertTrue(stopped, "an ordered stop was not enough: a process had to be killed")

    # --- the world

    @staticmethod
    def _sql(url: str, statement: str):
        connection = psycopg2.connect(url)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def sql(self, statement: str):
        """Rows of the control database, as its superuser."""
        return self._sql(self.database_url, statement)

    def start_simulator(self, *arguments: str) -> Simulator:
        self.simulator = Simulator(self.folder / "simulator", self.executables, *arguments)
        self.simulator.start()
        return self.simulator

    def control(self, path: str, body=None):
        """The simulators' control endpoint."""
        request = urllib.request.Request(self.simulator.told["control_url"] + path, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read() or b"null")

    def truth(self, provider: str) -> dict[str, set[str]]:
        """user id → ids of the messages that exist at the provider."""
        return {mailbox["user_id"]: {message["id"] for message in mailbox["messages"]}
                for mailbox in self.control(f"/control/truth?provider={provider}")["mailboxes"]}

    def add_tenant(self, name: str) -> str:
        """Create a tenant with an owner; its id."""
        self.made.cli("tenant", "create", "--name", name, "--owner", f"owner@{name}.example", input=PASSWORD + "\n")
        return self.sql(f"SELECT tenant_id::text FROM tenants WHERE name = '{name}'")[0][0]

    def connect(self, tenant: str, provider: str) -> None:
        settings, secret = self.simulator.connection(provider)
        file = self.folder / f"{tenant}-secret.json"
        file.write_text(json.dumps(secret))
        self.made.cli("connection", "create", "--tenant", tenant, "--provider", provider, "--name", provider, "--settings", json.dumps(settings),
                      "--secret-file", str(file))

    def wait(self, condition, what: str, seconds: float = PATIENCE_SECONDS):
        deadline = time.monotonic() + seconds
        while True:
            result = condition()
            if result:
                return result
            if time.monotonic() > deadline:
                self.fail(f"not within {seconds:.0f} s: {what}; jobs: {self.sql('SELECT kind, state, attempt, reason FROM jobs')}")
            time.sleep(0.1)

    def idle(self) -> bool:
        """Nothing is queued or running, and something was done."""
        active, done = self.sql("SELECT count(*) FILTER (WHERE state IN ('queued', 'running')), count(*) FILTER (WHERE state = 'done') FROM jobs")[0]
        return active == 0 and done > 0

    def storage(self, tenant_id: str, target: str = "analysis") -> FlightSql:
        """A Flight SQL client of the tenant's file, with a service token."""
        record = self.made.record("storage")
        tls = record["scheme"] == "https"
        token = service_token(str(self.folder / "keys" / "service.key"), target, tenant_id)
        return FlightSql(f"grpc{'+tls' if tls else ''}://127.0.0.1:{record['flight_port']}", token, self.made.ca_file if tls else "")

    def stored(self, tenant_id: str) -> dict[str, set[str]]:
        """user id → ids of the messages that stand as present in the tenant's file; each row once."""
        rows = self.storage(tenant_id).query("SELECT mailbox_id, provider_message_id FROM emails WHERE removed_at IS NULL")
        mailboxes: dict[str, set[str]] = {}
        for row in rows:
            ids = mailboxes.setdefault(row["mailbox_id"], set())
            self.assertNotIn(row["provider_message_id"], ids, "doubled")
            ids.add(row["provider_message_id"])
        return mailboxes

    def call(self, path: str, method: str = "GET", body=None, headers=None, base: str = ""):
        """(status, parsed body, headers) of an HTTP call to api."""
        url = (base or self.made.url) + path
        context = ssl.create_default_context(cafile=self.made.ca_file) if url.startswith("https") else None
        request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json", **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=30, context=context) as response:
                text, status, answered = response.read(), response.status, response.headers
        except urllib.error.HTTPError as error:
            text, status, answered = error.read(), error.code, error.headers
        try:
            return status, json.loads(text), answered
        except ValueError:
            return status, text.decode(errors="replace"), answered

    def kill(self, target: str = "all") -> None:
        """kill -9, as a power cut would."""
        record = self.made.record(target)
        kill_all([record["pid"]])
        self.made.records = [known for known in self.made.records if known is not record]


__all__ = ["SystemTest", "SHARED", "REPO", "PASSWORD", "subprocess", "json", "Path", "time", "unittest"]
