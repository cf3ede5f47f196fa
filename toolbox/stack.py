"""./dev up, down, status, logs, reset, letterlock, screenshots: the development system under .letterlock/. Runs inside the toolbox."""
import argparse
import json
import os
import secrets
import shutil
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from build import REPO, build_cpp, build_web
from installation import Installation, ServerError, Simulator
from progress import Step
from servers import Postgres, RabbitMQ, is_running, stop_pid

HOME = REPO / ".letterlock"
STATE = HOME / "stack.json"
DATA = HOME / "data"
EXECUTABLES = REPO / "build" / "release"
FIRST_ALERT_SECONDS = 300
DEMO = [  # name of the tenant, provider
    {"name": "northgate", "provider": "google", "login": "admin@northgate.example"},
    {"name": "southbank", "provider": "microsoft", "login": "admin@southbank.example"},
]
DEMO_SCOPES = ["alerts:read", "alerts:write", "messages:read", "connections:read", "connections:write"]  # of the tenants' API keys
DEMO_MAIL = ["--seed", "7", "--mailboxes", "25", "--messages", "120", "--live", "8"]  # two companies, six weeks, a new letter every 8 s
OPERATOR = "operator@letterlock.example"


# --- state: what runs, where, and the demo's credentials

def load() -> dict:
    return json.loads(STATE.read_text()) if STATE.exists() else {"processes": [], "split": False, "ports": {}, "tenants": []}


def save(state: dict) -> None:
    HOME.mkdir(exist_ok=True)
    beside = STATE.with_suffix(".new")
    beside.touch(mode=0o600)
    beside.write_text(json.dumps(state, indent=1))
    beside.replace(STATE)


def alive(state: dict, target: str):
    """The record of a running process, or None."""
    return next((record for record in state["processes"] if record["target"] == target and is_running(record["pid"], record["started"])), None)


def put(state: dict, record: dict) -> None:
    state["processes"] = [known for known in state["processes"] if known["target"] != record["target"]] + [record]
    save(state)


def installation(state: dict) -> Installation:
    ports = state["ports"]
    made = Installation(DATA, EXECUTABLES, REPO, Postgres.url(ports["postgresql"], "letterlock"), RabbitMQ.url(ports["rabbitmq"]))
    made.records = [record for record in state["processes"] if record["target"] in ("all", "api", "scheduler", "ingestion", "analysis", "storage")]
    return made


# --- HTTP towards the running system

class Client:
    def __init__(self, base: str, ca_file: str, api_key: str = ""):
        self.base, self.api_key = base, api_key
        self.context = ssl.create_default_context(cafile=ca_file) if base.startswith("https") else None

    def get(self, path: str):
        request = urllib.request.Request(self.base + path, headers={"Authorization": f"Bearer {self.api_key}"} if self.api_key else {})
        with urllib.request.urlopen(request, timeout=10, context=self.context) as response:
            return json.load(response) if "json" in response.headers.get("Content-Type", "") else response.read().decode()


# --- up

def start_servers(state: dict) -> None:
    if not alive(state, "postgresql"):
        with Step("starting PostgreSQL"):
            record = Postgres(DATA / "postgresql", durable=True).start(state["ports"].get("postgresql", 0))
            state["ports"]["postgresql"] = record["port"]
            put(state, record)
    admin = Postgres.url(state["ports"]["postgresql"])
    exists = subprocess.run(["psql", admin, "-Atc", "SELECT 1 FROM pg_database WHERE datname = 'letterlock'"], capture_output=True, text=True, check=True)
    if not exists.stdout.strip():
        subprocess.run(["psql", "-q", admin, "-c", "CREATE DATABASE letterlock"], check=True)
    if not alive(state, "rabbitmq"):
        with Step("starting RabbitMQ"):
            record = RabbitMQ(DATA / "rabbitmq").start(state["ports"].get("rabbitmq", 0), state.get("rabbitmq_node", ""))
            state["ports"]["rabbitmq"], state["rabbitmq_node"] = record["port"], record["node"]
            put(state, record)


def start_simulators(state: dict) -> Simulator:
    simulator = Simulator(DATA / "simulators", EXECUTABLES, *DEMO_MAIL, "--now", state["demo_now"],
                          "--truth-file", str(DATA / "simulators" / "truth.json"))
    if record := alive(state, "simulators"):
        simulator.record = record
        simulator.told = json.loads((simulator.folder / "ready.json").read_text())
        return simulator
    with Step("starting the provider simulators"):
        record = simulator.start(state["ports"].get("google", 0), state["ports"].get("microsoft", 0))
        state["ports"].update(google=record["port"], microsoft=record["microsoft_port"])
        put(state, record)
    return simulator


def seed_demo(state: dict, made: Installation, simulator: Simulator) -> None:
    """Two tenants with an owner, a connection to its simulator and an API key each, and an operator; what exists is kept."""
    secrets_folder = DATA / "secrets"
    secrets_folder.mkdir(mode=0o700, exist_ok=True)
    if not state.get("operator"):
        password = made_password()
        made.cli("person", "create", "--email", OPERATOR, "--role", "operator", input=password + "\n")
        state["operator"] = {"login": OPERATOR, "password": password}
        save(state)
    for demo in DEMO:
        if any(tenant["name"] == demo["name"] for tenant in state["tenants"]):
            continue
        # Remembered before it is used, so that an interrupted run leaves no tenant with an unknown password.
        password = state.setdefault("passwords", {}).setdefault(demo["login"], made_password())
        save(state)
        settings, secret = simulator.connection(demo["provider"])
        secret_file = secrets_folder / f"{demo['name']}.json"
        secret_file.touch(mode=0o600)
        secret_file.write_text(json.dumps(secret))
        existing = [line.split()[0] for line in made.cli("tenant", "list").stdout.splitlines() if line.strip()]
        if demo["name"] not in existing:
            made.cli("tenant", "create", "--name", demo["name"], "--owner", demo["login"], input=password + "\n")
            made.cli("connection", "create", "--tenant", demo["name"], "--provider", demo["provider"], "--name", f"{demo['provider'].capitalize()} (simulated)",
                     "--settings", json.dumps(settings), "--secret-file", str(secret_file))
        key = made.cli("api-key", "create", "--tenant", demo["name"], "--owner", demo["login"], "--name", "demo", "--role", "analyst",
                       *(argument for scope in DEMO_SCOPES for argument in ("--scope", scope))).stdout.split()[-1]
        state["tenants"].append({"name": demo["name"], "login": demo["login"], "password": password, "api_key": key})
        save(state)


def made_password() -> str:
    return "-".join(secrets.token_hex(3) for _ in range(3))


def wait_for_alerts(state: dict, made: Installation) -> None:
    """Until every demo tenant has read its mail and at least one alert stands."""
    with Step("first sync and analysis") as step:
        deadline = time.monotonic() + FIRST_ALERT_SECONDS
        while True:
            lines, done = [], True
            for tenant in state["tenants"]:
                client = Client(made.url, made.ca_file, tenant["api_key"])
                connections = client.get("/api/v1/connections")["connections"]
                alerts = client.get("/api/v1/alerts?limit=1")["alerts"]
                stored = sum(connection["messages_stored"] for connection in connections)
                caught_up = all(connection["mailboxes_total"] > 0 and connection["mailboxes_caught_up"] == connection["mailboxes_total"] for connection in connections)
                broken = [connection for connection in connections if connection["state"] == "broken"]
                if broken:
                    raise ServerError(f"{tenant['name']}: the connection is broken: {broken[0]['state_reason']}")
                lines.append(f"{tenant['name']}: {stored} messages")
                done &= caught_up and bool(alerts)
            if done:
                return
            if time.monotonic() > deadline:
                raise ServerError(f"no alert after {FIRST_ALERT_SECONDS} s ({'; '.join(lines)}); ./dev logs shows why")
            step.show("; ".join(lines))
            time.sleep(0.25)


def up(arguments) -> None:
    begun = time.monotonic()
    build_cpp("release")
    build_web()
    state = load()
    state.setdefault("demo_now", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    start_servers(state)
    made = installation(state)
    wanted = ["api", "storage", "scheduler", "ingestion", "analysis"] if arguments.split else ["all"]
    newest = max((EXECUTABLES / "letterlock").stat().st_mtime, (EXECUTABLES / "letterlock-sim").stat().st_mtime)
    stale = newest > state.get("started_at", 0)
    if sorted(record["target"] for record in made.records) != sorted(wanted) or not made.running() or stale:
        with Step("stopping what ran before"):
            made.stop()
        if stale and (record := alive(state, "simulators")):
            stop_pid(record["pid"], record["started"], 5)
        state["processes"] = [record for record in state["processes"] if record["target"] in ("postgresql", "rabbitmq", "simulators")]
        save(state)
        with Step("migrating the control database"):
            made.prepare()
        simulator = None if arguments.no_demo else start_simulators(state)
        with Step(f"starting Letterlock ({', '.join(wanted)})"):
            try:
                made.start(arguments.split, arguments.port or state["ports"].get("http", 0), state["ports"].get("storage", 0))
            finally:  # also what started before a failure, so that ./dev down finds it
                state["processes"] += made.records
                save(state)
        state["ports"]["http"] = made.record("api")["port"]
        state["ports"]["storage"] = made.record("storage").get("flight_port", 0)
        state["split"], state["started_at"], state["console_url"] = arguments.split, time.time(), made.url
        save(state)
    else:
        simulator = None if arguments.no_demo else start_simulators(state)
    if simulator:
        seed_demo(state, made, simulator)
        wait_for_alerts(state, made)
    print(f"\nLetterlock runs after {time.monotonic() - begun:.1f} s\n\n  console   {made.url}")
    for tenant in state["tenants"]:
        print(f"  login     {tenant['login']}   password {tenant['password']}   (tenant {tenant['name']})")
    if state.get("operator"):
        print(f"  operator  {state['operator']['login']}   password {state['operator']['password']}")
    if arguments.split:
        print(f"  certificate authority of this installation: {made.ca_file}")
    print("\n  ./dev status, ./dev logs, ./dev down, ./dev reset")


# --- the rest

def down(_arguments=None) -> None:
    state = load()
    if not state["processes"]:
        print("nothing runs")
        return
    made = installation(state) if state["ports"].get("rabbitmq") else None
    if made and made.records:
        with Step("stopping Letterlock"):
            made.stop()
    for target, stop in (("simulators", lambda record: stop_pid(record["pid"], record["started"], 5)), ("rabbitmq", RabbitMQ.stop), ("postgresql", Postgres.stop)):
        if record := alive(state, target):
            with Step(f"stopping {target}"):
                stop(record)
    state["processes"] = []
    save(state)


def status(arguments) -> None:
    state = load()
    processes = [{"target": record["target"], "pid": record["pid"], "port": record["port"],
                  "state": "running" if is_running(record["pid"], record["started"]) else "stopped"} for record in state["processes"]]
    told = {"console_url": state.get("console_url", "") if processes else "", "tenants": state["tenants"], "processes": processes}
    if arguments.json:
        print(json.dumps(told, indent=1))
        return
    if not processes:
        print("nothing runs; ./dev up starts it")
        return
    print(f"console {told['console_url']}")
    for tenant in state["tenants"]:
        print(f"login   {tenant['login']}  password {tenant['password']}  api key {tenant['api_key']}  (tenant {tenant['name']})")
    print(f"{'target':<12} {'pid':>8} {'port':>6}  state")
    for process in processes:
        print(f"{process['target']:<12} {process['pid']:>8} {process['port']:>6}  {process['state']}")


def logs(arguments) -> None:
    records = load()["processes"]
    chosen = [record["log"] for record in records if arguments.target in (None, record["target"])]
    if not chosen:
        known = ", ".join(record["target"] for record in records) or "nothing runs"
        raise ServerError(f"no log of {arguments.target}; there are: {known}")
    os.execvp("tail", ["tail", "-n", "100", "-F", *chosen])


def reset(_arguments) -> None:
    down()
    with Step("dropping the demo's data"):
        shutil.rmtree(DATA, ignore_errors=True)
        STATE.unlink(missing_ok=True)


def letterlock(arguments) -> int:
    """The built executable with the running installation's settings, if there is one."""
    state = load()
    from installation import clean_environment
    environment = clean_environment()
    if state["ports"].get("rabbitmq"):
        environment.update(installation(state).settings)
    environment.update({name: value for name, value in os.environ.items() if name.startswith("LETTERLOCK_") or name == "DUCKDB_PATH"})
    for own in ("LETTERLOCK_CACHE", "LETTERLOCK_TOOLBOX", "LETTERLOCK_DEBIAN_MIRROR"):
        environment.pop(own, None)
    return subprocess.call([EXECUTABLES / "letterlock", *arguments], env=environment)


def screenshots(_arguments) -> int:
    state = load()
    if not state.get("console_url") or not state["tenants"]:
        raise ServerError("the demo does not run; ./dev up starts it")
    tenant = state["tenants"][0]
    return subprocess.call(["node", "tests/browser/screenshots.mjs"], cwd=REPO,
                           env={**os.environ, "CONSOLE_URL": state["console_url"], "LOGIN": tenant["login"], "PASSWORD": tenant["password"],
                                "OPERATOR_LOGIN": state["operator"]["login"], "OPERATOR_PASSWORD": state["operator"]["password"],
                                "OUT": str(HOME / "screenshots")})


def main() -> int:
    if len(sys.argv) > 1 and sys.argv[1] == "letterlock":  # its options are its own
        return letterlock(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="./dev")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("up")
    command.add_argument("--split", action="store_true", help="one process per target, with TLS and service tokens")
    command.add_argument("--no-demo", action="store_true", help="no simulators, no demo tenants")
    command.add_argument("--port", type=int, default=0, help="the console's port (default: a free one, kept)")
    command.set_defaults(run=up)
    commands.add_parser("down").set_defaults(run=down)
    command = commands.add_parser("status")
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=status)
    command = commands.add_parser("logs")
    command.add_argument("target", nargs="?")
    command.set_defaults(run=logs)
    commands.add_parser("reset").set_defaults(run=reset)
    commands.add_parser("screenshots").set_defaults(run=screenshots)
    arguments = parser.parse_args()
    try:
        return arguments.run(arguments) or 0
    except (ServerError, urllib.error.URLError, subprocess.CalledProcessError) as error:
        print(f"dev: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
