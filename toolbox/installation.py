"""One Letterlock installation in a folder: keys, certificates, processes. Used by stack.py (./dev up) and the system tests.

One process for all targets, or one process per target (split) with TLS and service tokens. Processes outlive the caller
unless it stops them; records hold what is needed for that (servers.py).
"""
import json
import os
import subprocess
import urllib.parse
from pathlib import Path

from certificates import make_certificates
from servers import ServerError, free_port, is_running, port_is_free, spawn, start_time, stop_pid, tail, wait_until

TARGETS = ["api", "storage", "scheduler", "ingestion", "analysis"]
START_SECONDS = 60


def clean_environment() -> dict:
    """The caller's environment without Letterlock's own settings (an unknown one would be refused)."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LETTERLOCK_") and name != "DUCKDB_PATH"}


class Installation:
    def __init__(self, folder: Path, executables: Path, share: Path, database_url: str, amqp_url: str, amqp_prefix: str = "letterlock", settings=None):
        self.folder, self.executables, self.share = folder, executables, share
        self.settings = {
            "LETTERLOCK_DATABASE_URL": database_url,
            "LETTERLOCK_AMQP_URL": amqp_url,
            "LETTERLOCK_AMQP_PREFIX": amqp_prefix,
            "LETTERLOCK_SHARE_DIR": str(share),
            "LETTERLOCK_PRIVATE_ADDRESSES": "1",  # the simulators are on loopback
            "DUCKDB_PATH": str(folder / "tenants"),
            "LETTERLOCK_MASTER_KEY_FILE": str(folder / "keys" / "master.key"),
            "LETTERLOCK_SERVICE_KEY_FILE": str(folder / "keys" / "service.key"),
            "LETTERLOCK_SERVICE_PUBLIC_KEY_FILE": str(folder / "keys" / "service.pub"),
            **(settings or {}),
        }
        self.records: list[dict] = []
        self.own: dict[str, dict] = {}  # target → its own settings, so that it can be started again
        self.wrappers: dict[str, list[str]] = {}  # target → a command that ends by executing its arguments, for a test's surroundings

    # --- commands

    def cli(self, *arguments: str, check: bool = True, **run_options) -> subprocess.CompletedProcess:
        """Run `letterlock ARGS…` with the installation's settings."""
        result = subprocess.run([self.executables / "letterlock", *arguments], env={**clean_environment(), **self.settings},
                                capture_output=True, text=True, **run_options)
        if check and result.returncode != 0:
            raise ServerError(f"letterlock {' '.join(arguments[:3])}… failed with status {result.returncode}: {result.stderr.strip() or result.stdout.strip()}")
        return result

    def prepare(self) -> None:
        """Keys, certificates and the control database's schema; nothing is done twice."""
        for name in ("keys", "tenants", "ready", "log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        if not (self.folder / "keys" / "service.pub").exists():
            for half_made in (self.folder / "keys").iterdir():
                half_made.unlink()
            self.cli("keys", "create", "--dir", str(self.folder / "keys"))
        make_certificates(self.folder / "keys")
        self.cli("migrate")

    # --- processes

    def start(self, split: bool = False, http_port: int = 0, storage_port: int = 0) -> None:
        http_port = http_port if http_port and port_is_free(http_port) else free_port()
        if not split:
            self._start("all", {"LETTERLOCK_HTTP_ADDRESS": f"127.0.0.1:{http_port}", "LETTERLOCK_INTERNAL_ADDRESS": "127.0.0.1:0"})
            return
        storage_port = storage_port or free_port()
        keys, internal_port = self.folder / "keys", free_port()
        shared = {
            "LETTERLOCK_INTERNAL_ADDRESS": "127.0.0.1:0",
            "LETTERLOCK_API_URL": f"https://127.0.0.1:{internal_port}",
            "LETTERLOCK_STORAGE_URL": f"grpc+tls://127.0.0.1:{storage_port}",
            "LETTERLOCK_CA_FILE": str(keys / "ca.pem"),
            "LETTERLOCK_TLS_CERTIFICATE_FILE": str(keys / "server.pem"),
            "LETTERLOCK_TLS_KEY_FILE": str(keys / "server.key"),
        }
        for target in TARGETS:
            own = dict(shared)
            if target == "api":
                own["LETTERLOCK_HTTP_ADDRESS"] = f"127.0.0.1:{http_port}"
                own["LETTERLOCK_INTERNAL_ADDRESS"] = f"127.0.0.1:{internal_port}"
            if target == "storage":
                own["LETTERLOCK_FLIGHT_ADDRESS"] = f"127.0.0.1:{storage_port}"
            if target not in ("api", "scheduler"):
                token = keys / f"{target}.token"
                if not token.exists():
                    text = self.cli("service-token", "create", "--target", target).stdout
                    token.touch(mode=0o600)
                    token.write_text(text)
                own["LETTERLOCK_SERVICE_TOKEN_FILE"] = str(token)
            self._start(target, own)

    # What each target of a split installation is not given: secrets that are not its business.
    WITHHELD = {
        "storage": ["LETTERLOCK_DATABASE_URL", "LETTERLOCK_AMQP_URL", "LETTERLOCK_MASTER_KEY_FILE", "LETTERLOCK_SERVICE_KEY_FILE"],
        "ingestion": ["LETTERLOCK_DATABASE_URL", "LETTERLOCK_MASTER_KEY_FILE", "LETTERLOCK_SERVICE_KEY_FILE", "DUCKDB_PATH"],
        "analysis": ["LETTERLOCK_DATABASE_URL", "LETTERLOCK_MASTER_KEY_FILE", "LETTERLOCK_SERVICE_KEY_FILE", "DUCKDB_PATH"],
        "scheduler": ["LETTERLOCK_MASTER_KEY_FILE", "LETTERLOCK_SERVICE_KEY_FILE", "DUCKDB_PATH"],
        "api": ["LETTERLOCK_AMQP_URL", "DUCKDB_PATH"],
    }

    def restart(self, target: str) -> None:
        """Start a target that was killed again, with the same ports and settings."""
        self.records = [record for record in self.records if record["target"] != target]
        self._start(target, self.own[target])

    def _start(self, target: str, own: dict) -> None:
        self.own[target] = own
        ready, log = self.folder / "ready" / f"{target}.json", self.folder / "log" / f"{target}.log"
        ready.unlink(missing_ok=True)
        settings = {name: value for name, value in self.settings.items() if name not in self.WITHHELD.get(target, [])}
        process = spawn([*self.wrappers.get(target, []), self.executables / "letterlock", "serve", f"--target={target}"], log,
                        env={**clean_environment(), **settings, **own, "LETTERLOCK_READY_FILE": str(ready)})
        record = {"target": target, "pid": process.pid, "started": start_time(process.pid), "port": 0, "log": str(log)}
        self.records.append(record)
        wait_until(ready.exists, START_SECONDS, f"letterlock {target}", process, log)
        told = json.loads(ready.read_text())
        record.update(port=told.get("http_port") or 0, internal_port=told.get("internal_port") or 0, flight_port=told.get("flight_port") or 0)
        record["scheme"] = "https" if "LETTERLOCK_TLS_CERTIFICATE_FILE" in own else "http"

    def record(self, target: str) -> dict:
        return next((record for record in self.records if record["target"] in (target, "all")), {})

    @property
    def url(self) -> str:
        api = self.record("api")
        return f"{api['scheme']}://127.0.0.1:{api['port']}"

    @property
    def internal_url(self) -> str:
        """Where api answers /internal/v1, /readyz and /metrics."""
        api = self.record("api")
        return f"{api['scheme']}://127.0.0.1:{api['internal_port']}"

    @property
    def ca_file(self) -> str:
        return str(self.folder / "keys" / "ca.pem")

    def running(self) -> bool:
        return bool(self.records) and all(is_running(record["pid"], record["started"]) for record in self.records)

    def stop(self, seconds: float = 40) -> bool:
        """Ordered stop, workers first; True if none had to be killed."""
        clean = True
        order = {target: index for index, target in enumerate(["all", "scheduler", "analysis", "ingestion", "api", "storage"])}
        for record in sorted(self.records, key=lambda record: order[record["target"]]):
            clean &= stop_pid(record["pid"], record["started"], seconds)
        self.records = []
        return clean


class Simulator:
    """letterlock-sim with its ports, seed, time and keys remembered in a folder, so that a restart serves the same mail to the same connections."""

    def __init__(self, folder: Path, executables: Path, *arguments: str):
        self.folder, self.executables, self.arguments = folder, executables, arguments
        self.told: dict = {}
        self.record: dict = {}

    def start(self, google_port: int = 0, microsoft_port: int = 0) -> dict:
        self.folder.mkdir(parents=True, exist_ok=True)
        ready, log = self.folder / "ready.json", self.folder / "sim.log"
        ready.unlink(missing_ok=True)
        ports = ["--google-port", str(google_port), "--microsoft-port", str(microsoft_port)]
        process = spawn([self.executables / "letterlock-sim", *ports, "--ready-file", ready, "--keys-file", self.folder / "keys.json", *self.arguments], log, env={
            **clean_environment(), **{name: value for name, value in os.environ.items() if name == "LETTERLOCK_TEST_RECORD_DIR"}})
        wait_until(ready.exists, START_SECONDS, "letterlock-sim", process, log)
        self.told = json.loads(ready.read_text())
        self.record = {"target": "simulators", "pid": process.pid, "started": start_time(process.pid), "port": urllib.parse.urlsplit(self.told["google"]["url"]).port,
                       "microsoft_port": urllib.parse.urlsplit(self.told["microsoft"]["url"]).port, "log": str(log)}
        return self.record

    def connection(self, provider: str) -> tuple[dict, dict]:
        """(settings, secret) of a connection to one of the two providers."""
        told = self.told[provider]
        if provider == "google":
            url = told["url"].rstrip("/")
            return ({"customer": "my_customer", "admin_email": told["admin_email"], "directory_root": url, "gmail_root": url, "token_url": url + "/token"},
                    told["service_account_key"])
        url = told["url"].rstrip("/")
        return ({"tenant": told["tenant"], "client_id": told["client_id"], "login_root": url, "graph_root": url}, {"client_secret": told["client_secret"]})

    def stop(self) -> None:
        if self.record:
            stop_pid(self.record["pid"], self.record["started"], 5)


__all__ = ["Installation", "Simulator", "ServerError", "clean_environment", "tail"]
