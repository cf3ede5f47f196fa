"""Private PostgreSQL 18 and RabbitMQ 4 on loopback, in a folder of their own. Runs inside the toolbox.

Servers outlive the command that started them: each is its own session, its pid and start time are recorded by the
caller, and it is stopped by that pid alone. Ports are free ones unless given.
"""
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

POSTGRES_BIN = Path("/usr/lib/postgresql/18/bin")
RABBITMQ_BIN = Path("/usr/lib/rabbitmq/bin")


class ServerError(Exception):
    """What could not be started, and the log that says why."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def state_and_start(pid: int) -> tuple[str, int] | None:
    """The kernel's state letter and start time (clock ticks since boot) of a process, in one look; None where there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return fields[0], int(fields[19])
    except (OSError, IndexError, ValueError):
        return None


def start_time(pid: int) -> int | None:
    """When a process started, or None: with the pid it names one process for good."""
    found = state_and_start(pid)
    return found[1] if found else None


def is_running(pid: int, started) -> bool:
    found = state_and_start(pid) if pid else None
    return found is not None and found[0] != "Z" and found[1] == started


def stop_pid(pid: int, started, seconds: float, signals=(signal.SIGTERM, signal.SIGKILL)) -> bool:
    """Send the signals in turn, each with its share of the time; True once the process is gone."""
    for sig in signals:
        if not is_running(pid, started):
            return True
        try:
            os.kill(pid, sig)
        except ProcessLookupError:
            return True
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            reap(pid)
            if not is_running(pid, started):
                return True
            time.sleep(0.05)
    return not is_running(pid, started)


def reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


def spawn(command, log: Path, env=None, cwd=None) -> subprocess.Popen:
    """Start a detached process that writes to log."""
    with open(log, "ab") as out:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, cwd=cwd, start_new_session=True)


def wait_until(condition, seconds: float, what: str, process=None, log: Path | None = None):
    """Wait for a condition; a process that ends meanwhile, or the deadline, is an error that shows the log's end."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if process is not None and process.poll() is not None:
            raise ServerError(f"{what} ended with status {process.returncode}{tail(log)}")
        if time.monotonic() > deadline:
            raise ServerError(f"{what} was not ready after {seconds:.0f} s{tail(log)}")
        time.sleep(0.05)


def tail(log: Path | None, lines: int = 8) -> str:
    if not log or not log.exists():
        return ""
    text = log.read_text(errors="replace").splitlines()[-lines:]
    return f"; the end of {log}:\n  " + "\n  ".join(text)


def kill_all(pids) -> None:
    """SIGKILL these processes, as a power cut would, and wait until they are gone."""
    known = [(pid, start_time(pid)) for pid in pids]
    for pid, started in known:
        if is_running(pid, started):
            with contextlib.suppress(ProcessLookupError):  # gone meanwhile: a killed postmaster's children end by themselves
                os.kill(pid, signal.SIGKILL)
    for pid, started in known:
        stop_pid(pid, started, 10, (signal.SIGKILL,))


def children_of(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(entry.name))
        except OSError:  # it ended meanwhile
            pass
    return found


class Postgres:
    """One PostgreSQL cluster in a folder; trust authentication on loopback, for development and tests only."""

    def __init__(self, folder: Path, durable: bool):
        self.folder, self.durable = folder, durable
        self.log = folder / "server.log"

    def start(self, port: int = 0) -> dict:
        data = self.folder / "data"
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (data / "initialized").exists():  # an interrupted initdb is started again
            shutil.rmtree(data, ignore_errors=True)
            subprocess.run([POSTGRES_BIN / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
                           check=True, stdout=subprocess.DEVNULL)
            (data / "initialized").touch()
        port = port if port and port_is_free(port) else free_port()
        (data / "postmaster.pid").unlink(missing_ok=True)
        sockets = "/tmp"  # a socket's path is at most 107 bytes; clones can lie deeper
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", f"port={port}", "-c", f"unix_socket_directories={sockets}", "-c", "max_connections=300",
                    "-c", "shared_buffers=128MB"]
        if not self.durable:
            settings += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        process = spawn([POSTGRES_BIN / "postgres", "-D", data, *settings], self.log)
        ready = [POSTGRES_BIN / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        wait_until(lambda: subprocess.run(ready).returncode == 0, 60, "PostgreSQL", process, self.log)
        return {"target": "postgresql", "pid": process.pid, "started": start_time(process.pid), "port": port, "log": str(self.log)}

    @staticmethod
    def url(port: int, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{port}/{database}"

    @staticmethod
    def kill(record: dict) -> None:
        kill_all([record["pid"], *children_of(record["pid"])])

    @staticmethod
    def stop(record: dict) -> bool:
        # SIGINT is PostgreSQL's "fast" shutdown: it ends sessions and writes a checkpoint.
        return stop_pid(record["pid"], record["started"], 30, (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL))


class RabbitMQ:
    """One RabbitMQ node in a folder, with a port mapper (epmd) of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.log = folder / "server.log"

    def environment(self, record: dict) -> dict:
        return {
            "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(self.folder),
            "RABBITMQ_NODENAME": record["node"], "RABBITMQ_NODE_PORT": str(record["port"]), "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(record["distribution_port"]), "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"), "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"), "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": str(record["epmd_port"]),
        }

    def start(self, port: int = 0, node: str = "") -> dict:
        for name in ("data", "log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "pid").unlink(missing_ok=True)
        (self.folder / "enabled_plugins").write_text("[].\n")
        (self.folder / "rabbitmq.conf").write_text("loopback_users.guest = true\n"
                                                   + "disk_free_limit.absolute = 200MB\nlog.console = false\n")
        # Consumer time-outs are looked at on the channel's tick; once a minute is too seldom for tests that set them short.
        (self.folder / "advanced.config").write_text("[{rabbit, [{channel_tick_interval, 1000}]}].\n")
        record = {"target": "rabbitmq", "port": port if port and port_is_free(port) else free_port(), "distribution_port": free_port(),
                  "epmd_port": free_port(), "node": node or f"letterlock-{secrets.token_hex(4)}@localhost", "folder": str(self.folder), "log": str(self.log)}
        env = self.environment(record)
        process = spawn([RABBITMQ_BIN / "rabbitmq-server"], self.log, env=env)
        record.update(pid=process.pid, started=start_time(process.pid))
        pid_file = self.folder / "pid"
        wait_until(pid_file.exists, 60, "RabbitMQ", process, self.log)
        awaiting = subprocess.run([RABBITMQ_BIN / "rabbitmqctl", "-q", "-n", record["node"], "await_startup", "--timeout", "90"], env=env,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if awaiting.returncode != 0:
            raise ServerError(f"RabbitMQ did not start: {awaiting.stderr.strip()}{tail(self.log)}")
        beam = int(pid_file.read_text())
        record.update(pid=beam, started=start_time(beam))
        return record

    @staticmethod
    def url(port: int) -> str:
        return f"amqp://guest:guest@127.0.0.1:{port}/"

    @staticmethod
    def kill(record: dict) -> None:
        """The node alone; its start gives it a port mapper anew."""
        kill_all([record["pid"]])
        RabbitMQ.stop(record)

    @staticmethod
    def stop(record: dict) -> bool:
        stopped = stop_pid(record["pid"], record["started"], 30)
        subprocess.run(["epmd", "-port", str(record["epmd_port"]), "-kill"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return stopped
