"""What exactness means, counted: what a tenant's storage holds against what the simulator says is true."""
import random

from system_test import SystemTest

from servers import Postgres, RabbitMQ, kill_all, port_is_free

ALERTS = """SELECT a.rule_id, a.entity, a.dedup_key, s.mailbox_id, s.provider_message_id FROM alerts a JOIN alert_sightings s USING (alert_id)
            WHERE a.tenant_id = '{tenant}' ORDER BY 1, 2, 3, 4, 5"""


def lasting_port() -> int:
    """A free port that is still free after its owner's death: below the ephemeral range, from which a client that tries to reach the closed
    port may be given that very port as its own end, and hold it."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        if port_is_free(port):
            return port


class Exactness(SystemTest):
    """A system test with a PostgreSQL and a RabbitMQ of its own, which it may kill, and installations that are compared."""

    def servers(self):
        # Durable: what PostgreSQL confirmed must be there after a SIGKILL.
        self.postgres, self.rabbitmq = Postgres(self.folder / "postgresql", durable=True), RabbitMQ(self.folder / "rabbitmq")
        self.postgres_record = self.postgres.start(lasting_port())
        self.addCleanup(lambda: Postgres.stop(self.postgres_record))
        self.rabbitmq_record = self.rabbitmq.start(lasting_port())
        self.addCleanup(lambda: RabbitMQ.stop(self.rabbitmq_record))
        return Postgres.url(self.postgres_record["port"]), RabbitMQ.url(self.rabbitmq_record["port"])

    def kill_postgres(self):
        Postgres.kill(self.postgres_record)
        self.postgres_record = self.start_again(self.postgres.start, self.postgres_record)

    def kill_rabbitmq(self):
        RabbitMQ.kill(self.rabbitmq_record)
        self.rabbitmq_record = self.start_again(lambda port: self.rabbitmq.start(port, self.rabbitmq_record["node"]), self.rabbitmq_record)

    def start_again(self, start, killed: dict) -> dict:
        self.wait(lambda: port_is_free(killed["port"]), f"the kernel has taken back port {killed['port']} from the killed server")
        record = start(killed["port"])
        if record["port"] != killed["port"]:
            kill_all([record["pid"]])  # nobody else knows of it
        self.assertEqual(record["port"], killed["port"], "the server came back on another port")
        return record

    # --- reading on command

    def read_on_command(self) -> None:
        """Connections are due when sync() says so, and at no other time."""
        self.sql("UPDATE connections SET interval_seconds = 1000000000, next_due_at = 'infinity'")

    def sync(self, tenant: str) -> None:
        self.sql(f"UPDATE connections SET next_due_at = now() WHERE tenant_id = '{tenant}'; NOTIFY jobs")

    def is_reading(self, tenant: str) -> bool:
        """Whether a turn is due, or its job or a continuation is not over yet."""
        return self.sql(f"""SELECT count(*) > 0 FROM connections c WHERE tenant_id = '{tenant}' AND (next_due_at < now() OR EXISTS
                            (SELECT FROM jobs j WHERE j.connection_id = c.connection_id AND j.state IN ('queued', 'running')))""")[0][0]

    def is_at_rest(self, tenant: str) -> bool:
        return not self.is_reading(tenant) and not self.sql(f"SELECT count(*) FROM jobs WHERE tenant_id = '{tenant}' AND state IN ('queued', 'running')")[0][0]

    def converge(self, tenant: str, provider: str) -> dict:
        """Read until storage holds the truth and all is analysed; the difference of what is left is what a failure prints."""
        self.sync(tenant)
        found = {}

        def is_exact() -> bool:
            if self.is_reading(tenant):
                return False
            found.update(self.compare(tenant, provider))
            if not found["differences"]:
                return True
            self.sync(tenant)
            return False

        try:
            self.wait(is_exact, "storage holds what is true")
            self.wait(lambda: self.is_at_rest(tenant), "all jobs end")
        except AssertionError as error:
            raise AssertionError(f"{error}\n" + "\n".join(found.get("differences", ["(nothing was compared)"])[:20])) from None
        return found

    # --- comparing

    def compare(self, tenant: str, provider: str) -> dict:
        """Storage against truth, row by row: ids, labels or folder, SHA-256 of the bytes where the provider gives the bytes."""
        query = self.storage(tenant).query
        rows = query("SELECT mailbox_id, provider_message_id, folder_id, labels, raw_sha256, removed_at IS NOT NULL AS is_removed FROM emails")
        set_aside = {(row["mailbox_id"], row["provider_message_id"]) for row in query("SELECT mailbox_id, provider_message_id FROM set_aside")}
        doubled = len(rows) - len({(row["mailbox_id"], row["provider_message_id"]) for row in rows})
        for table, key in (("emails", "ingest_seq"), ("recipients", "(ingest_seq, position)"), ("email_raw", "(ingest_seq, chunk)"),
                           ("links", "(ingest_seq, position)"), ("attachments", "(ingest_seq, position)")):
            doubled += query(f"SELECT count(*) - count(DISTINCT {key}) AS n FROM {table}")[0]["n"]
        present = {(row["mailbox_id"], row["provider_message_id"]): row for row in rows if not row["is_removed"]}
        truth = self.control(f"/control/truth?provider={provider}")["mailboxes"]
        # A suspended user's mailbox stands as it was read last, and is caught up with when the user comes back.
        suspended = {mailbox["user_id"] for mailbox in truth if mailbox["condition"]}
        present = {key: row for key, row in present.items() if key[0] not in suspended}
        true = {(mailbox["user_id"], message["id"]): message for mailbox in truth if mailbox["user_id"] not in suspended for message in mailbox["messages"]}
        # Graph's deltas bring poisonous messages whole, so they may be stored; Gmail gives them to nobody.
        poisonous = {key for key, message in true.items() if message["corrupt"] and not (provider == "microsoft" and key in present)}
        readable = set(true) - poisonous
        lost, resurrected = readable - set(present), set(present) - readable
        wrong = []
        for key in readable & set(present):
            row, message = present[key], true[key]
            here, there = (set(row["labels"]), set(message["labels"])) if provider == "google" else (row["folder_id"], message["folder_id"])
            if here != there:
                wrong.append(f"{key} is at {here}, not at {there}")
            if provider == "google" and row["raw_sha256"] != message["sha256"]:
                wrong.append(f"{key} has other bytes")
        not_aside = poisonous - set_aside
        differences = ([f"lost: {key}" for key in sorted(lost)] + [f"resurrected: {key}" for key in sorted(resurrected)] + sorted(wrong)
                       + [f"poisonous and not set aside: {key}" for key in sorted(not_aside)] + [f"doubled: {doubled}"] * (doubled > 0))
        return {"messages": len(readable), "lost": len(lost), "doubled": doubled, "resurrected": len(resurrected), "poisonous": sum(message["corrupt"] for message in true.values()),
                "differences": differences}

    def alerts(self, tenant: str) -> list:
        return self.sql(ALERTS.format(tenant=tenant))


def table(rows: list[dict]) -> str:
    """Rows with the same keys as aligned text."""
    lines = [list(rows[0])] + [[str(value) for value in row.values()] for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


__all__ = ["Exactness", "lasting_port", "table"]
