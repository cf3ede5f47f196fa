"""./dev bench http: what strangers without credentials cost: slow connections and large bodies, and how a signed-in person fares meanwhile.

PostgreSQL, RabbitMQ and Letterlock are private to the run and share the machine with the strangers, who come from other loopback addresses
than the person. Prints for each phase: Letterlock's resident memory before and at its highest, the person's latencies, and how long the
strangers' connections lived. Fails where memory grows by more than a goal, a request of the person is not answered, or a slow connection
outlives its time.
"""
import argparse
import contextlib
import http.client
import json
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / "toolbox"))

from build import build_cpp  # noqa: E402
from installation import Installation  # noqa: E402
from progress import Step  # noqa: E402
from servers import Postgres, RabbitMQ  # noqa: E402

PASSWORD = "correct-horse-battery"
GROWTH_MIB_GOAL = 64       # of resident memory in any phase: what requests may hold together (ServerOptions::buffered_bytes_max)
LIFE_SECONDS_GOAL = 15     # of a slow connection: 10 s for a header or a body's grace, and how often the strangers look
LARGE_BYTES = 15_000_000
HEADER_BYTES = 40_000_000
WARM_UP_SECONDS = 10       # connections to PostgreSQL and caches are there before anything is measured
RATE = 20                  # requests of the person a second


def resident_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise SystemExit("dev: Letterlock has ended")


def connect(port: int, address: str) -> socket.socket:
    made = socket.socket()
    made.settimeout(5)
    made.bind((address, 0))
    made.connect(("127.0.0.1", port))
    return made


@dataclass
class Strangers:
    port: int
    stop: threading.Event
    opened: int = 0
    refused: int = 0
    lives: list = field(default_factory=list)       # seconds of those connections that the server closed
    answers: dict = field(default_factory=dict)     # status line → how often
    alive: dict = field(default_factory=dict)       # socket → when it was opened

    def slow(self, count: int, addresses: int) -> None:
        """Keep so many connections open, each with a header or a body that never ends; a byte goes over each once a second."""
        selector = selectors.DefaultSelector()

        def fill() -> None:
            for number in range(len(self.alive), count):
                try:
                    one = connect(self.port, f"127.0.2.{1 + number % addresses}")
                    one.sendall(b"GET /api/v1/session HTTP/1.1\r\nHost: a\r\nx: " if number % 2 else b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
                except OSError:
                    self.refused += 1
                    continue
                one.setblocking(False)
                self.alive[one] = time.monotonic()
                self.opened += 1
                selector.register(one, selectors.EVENT_READ)

        def close(one: socket.socket) -> None:
            self.lives.append(time.monotonic() - self.alive.pop(one))
            selector.unregister(one)
            one.close()

        while not self.stop.is_set():
            fill()
            until = time.monotonic() + 1
            while (left := until - time.monotonic()) > 0 and not self.stop.is_set():
                for key, _ in selector.select(min(left, 0.1)):
                    with contextlib.suppress(BlockingIOError):
                        try:
                            gone = not key.fileobj.recv(4096)
                        except ConnectionError:
                            gone = True
                        if gone:
                            close(key.fileobj)
            for one in list(self.alive):
                with contextlib.suppress(BlockingIOError):
                    try:
                        one.send(b"y")
                    except OSError:
                        close(one)
        ages = [time.monotonic() - since for since in self.alive.values()]
        self.oldest = max([*ages, 0])
        for one in self.alive:
            one.close()

    def large(self, number: int, head: bytes, piece: bytes, length: int) -> None:
        """Again and again: a request with so many bytes behind its head, then wait for what the server says."""
        while not self.stop.is_set():
            try:
                with connect(self.port, f"127.0.3.{1 + number}") as one:
                    self.opened += 1
                    one.sendall(head)
                    with contextlib.suppress(OSError):
                        for _ in range(0, length, len(piece)):
                            one.sendall(piece)
                    said = one.recv(4096).split(b"\r\n")[0].decode(errors="replace")
            except OSError as error:
                said = type(error).__name__
            self.answers[said or "closed"] = self.answers.get(said or "closed", 0) + 1
            self.stop.wait(0.2)


class Person:
    """Signed in; asks at a constant rate over a connection that is kept."""

    def __init__(self, url: str):
        self.port = urllib.parse.urlsplit(url).port
        self.latencies, self.failures = [], []
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", "/api/v1/session", json.dumps({"email": "owner@company.example", "password": PASSWORD}), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"dev: signing in was answered {answer.status}")
        self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        connection.close()

    def ask(self, stop: threading.Event) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        due = time.monotonic()
        while not stop.is_set():
            try:
                connection.request("GET", "/api/v1/alerts?limit=50", headers={"Cookie": self.cookie})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failures.append(str(answer.status))
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(type(error).__name__)
                connection.close()
            self.latencies.append((time.monotonic() - due) * 1000)  # from when it was due
            due += 1 / RATE
            stop.wait(max(0, due - time.monotonic()))


def phase(title: str, pid: int, person: Person, strangers: Strangers, threads: list, seconds: float) -> dict:
    person.latencies, person.failures = [], []
    before = highest = resident_mib(pid)
    running = [threading.Thread(target=target, args=arguments, daemon=True) for target, *arguments in [*threads, (person.ask, strangers.stop)]]
    for thread in running:
        thread.start()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        highest = max(highest, resident_mib(pid))
        time.sleep(0.05)
    strangers.stop.set()
    for thread in running:
        thread.join()
    centiles = statistics.quantiles(person.latencies, n=100)
    lives = strangers.lives
    return {"title": title, "before": before, "highest": highest, "p50": centiles[49], "p99": centiles[98], "max": max(person.latencies), "requests": len(person.latencies),
            "failures": person.failures, "opened": strangers.opened, "refused": strangers.refused, "closed": len(lives),
            "longest": max([*lives, getattr(strangers, "oldest", 0), 0]), "answers": strangers.answers}


def measure(made: Installation, arguments) -> list[dict]:
    pid, person = made.record("all")["pid"], Person(made.url)
    port = urllib.parse.urlsplit(made.url).port
    body, field_ = b"x" * 65536, b"x: " + b"y" * 1000 + b"\r\n"

    def slow(strangers):
        return [(strangers.slow, arguments.slow, arguments.addresses)]

    def large(strangers):
        head = f"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {LARGE_BYTES}\r\n\r\n".encode()
        chunked = b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + f"{LARGE_BYTES:x}\r\n".encode()
        return [(strangers.large, number, chunked if number % 2 else head, body, LARGE_BYTES) for number in range(arguments.large)]

    def headers(strangers):
        return [(strangers.large, number, b"GET /healthz HTTP/1.1\r\nHost: a\r\n", field_, HEADER_BYTES) for number in range(8)]

    results = []
    phase("", pid, person, Strangers(port, threading.Event()), [], WARM_UP_SECONDS)
    for title, kinds in (("quiet", []), (f"{arguments.slow} slow connections", [slow]), (f"{arguments.large} bodies of 15 MB", [large]),
                         ("8 headers of 40 MB", [headers]), ("all of them", [slow, large, headers])):
        strangers = Strangers(port, threading.Event())
        with Step(title):
            threads = [thread for kind in kinds for thread in kind(strangers)]
            results.append(phase(title, pid, person, strangers, threads, arguments.seconds))
    return results


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench http")
    parser.add_argument("--slow", type=int, default=2_000)
    parser.add_argument("--addresses", type=int, default=5, help="from which the slow ones come")
    parser.add_argument("--large", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=30, help="of each phase")
    parser.add_argument("--tree", type=Path, help="a build tree to measure instead of building the release preset")
    arguments = parser.parse_args()
    tree = arguments.tree or build_cpp("release", ("letterlock",))
    with tempfile.TemporaryDirectory(prefix="letterlock-bench-") as folder, contextlib.ExitStack() as cleanup:
        folder = Path(folder)
        with Step("starting PostgreSQL, RabbitMQ and Letterlock"):
            postgres = Postgres(folder / "postgresql", durable=False).start()
            cleanup.callback(Postgres.stop, postgres)
            rabbitmq = RabbitMQ(folder / "rabbitmq").start()
            cleanup.callback(RabbitMQ.stop, rabbitmq)
            subprocess.run(["psql", "-q", Postgres.url(postgres["port"]), "-c", "CREATE DATABASE letterlock"], check=True)
            made = Installation(folder, tree, REPO, Postgres.url(postgres["port"], "letterlock"), RabbitMQ.url(rabbitmq["port"]),
                                settings={"LETTERLOCK_REQUESTS_PER_MINUTE_MAX": "10000000", "LETTERLOCK_LOG_LEVEL": "warn"})
            made.prepare()
            cleanup.callback(made.stop)
            made.start()
            made.cli("tenant", "create", "--name", "company", "--owner", "owner@company.example", input=PASSWORD + "\n")
        results = measure(made, arguments)
    print(f"\n{'':26}{'RSS MiB':>9}{'highest':>9}{'growth':>8}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}{'asked':>7}{'failed':>8}{'opened':>8}{'refused':>8}{'closed':>8}{'longest s':>11}")
    for row in results:
        print(f"{row['title']:26}{row['before']:9.0f}{row['highest']:9.0f}{row['highest'] - row['before']:8.0f}{row['p50']:9.1f}{row['p99']:9.1f}{row['max']:9.1f}"
              f"{row['requests']:7}{len(row['failures']):8}{row['opened']:8}{row['refused']:8}{row['closed']:8}{row['longest']:11.1f}  "
              + ", ".join(f"{times} × {said}" for said, times in sorted(row["answers"].items())))
    grown = [row["title"] for row in results if row["highest"] - row["before"] > GROWTH_MIB_GOAL]
    failed = [row["title"] for row in results if row["failures"]]
    lived = [row["title"] for row in results if row["longest"] > LIFE_SECONDS_GOAL]
    for goal, missed in ((f"memory grows by at most {GROWTH_MIB_GOAL} MiB", grown), ("the person is answered", failed),
                         (f"no slow connection lives longer than {LIFE_SECONDS_GOAL} s", lived)):
        print(f"goal, {goal}: " + (f"missed by: {'; '.join(missed)}" if missed else "met"))
    return 1 if grown or failed or lived else 0


if __name__ == "__main__":
    sys.exit(main())
