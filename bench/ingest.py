"""./dev bench ingest: what ingestion costs, beside the least it could cost and beside a plain Node program.

Every part reads the same simulator, without limits, in a process of its own; the parts take turns, round after round. What
counts is CPU seconds, the simulator's left out: other work on the machine changes the wall time, not them.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / "toolbox"))

from build import LOGS, build_cpp, fingerprint  # noqa: E402
from progress import Step, run_logged  # noqa: E402

NODE = REPO / "bench" / "node"
GETS_PER_TOKEN = 200  # bodies that wrk asks for, of each mailbox
WRK_SECONDS = 6
SMALL_LIMIT_MIB = 64  # DuckDB's memory_limit: it keeps what it wrote as long as there is room, so a small one shows what ingestion needs


def install_node_program() -> None:
    """npm ci in bench/node, with the host's npm settings; nothing is done when the lock did not change."""
    locked = fingerprint(NODE / "package.json", NODE / "package-lock.json")
    stamp = NODE / "node_modules" / ".letterlock-installed"
    if stamp.exists() and stamp.read_text() == locked:
        return
    environment = {**os.environ, "npm_config_update_notifier": "false",
                   "npm_config_cache": str(Path(os.environ.get("CCACHE_DIR", REPO / ".letterlock" / "ccache")).parent / "npm")}
    with Step("installing the Node program's packages") as step:
        run_logged(step, ["npm", "ci", "--no-audit", "--no-fund"], LOGS / "npm-ci-bench.log", cwd=NODE, env=environment)
        stamp.write_text(locked)


class Simulator:
    """letterlock-sim on free ports, until the with block ends."""

    def __init__(self, tree: Path, folder: Path, arguments: list[str]):
        self.program, self.folder, self.arguments = tree / "letterlock-sim", folder, arguments

    def __enter__(self):
        ready = self.folder / "ready.json"
        self.log = open(self.folder / "simulator.log", "wb")
        self.process = subprocess.Popen([self.program, "--ready-file", ready, *self.arguments], stdout=self.log, stderr=self.log)
        while not ready.exists():
            if self.process.poll() is not None:
                raise SystemExit("dev: the simulator ended: " + (self.folder / "simulator.log").read_text()[-400:])
            time.sleep(0.1)
        self.ready = json.loads(ready.read_text())
        return self

    def __exit__(self, kind, error, trace):
        self.process.terminate()
        self.process.wait()
        self.log.close()

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def connection(self, provider: str) -> tuple[dict, dict]:
        """Settings and secret of a connection to it."""
        if provider == "google":
            google = self.ready["google"]
            url = google["url"]
            return ({"customer": "my_customer", "admin_email": google["admin_email"], "directory_root": url, "gmail_root": url,
                     "token_url": url + "/token"}, google["service_account_key"])
        microsoft = self.ready["microsoft"]
        return ({"tenant": microsoft["tenant"], "client_id": microsoft["client_id"], "login_root": microsoft["url"],
                 "graph_root": microsoft["url"]}, {"client_secret": microsoft["client_secret"]})


def ask(url: str, token: str = "", body: bytes | None = None) -> dict:
    request = urllib.request.Request(url, data=body, headers={"Authorization": "Bearer " + token} if token else {})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def google_requests(settings: dict, secret: dict) -> list[tuple[str, str]]:
    """Path and token of raw gets over all mailboxes, as the client sends them."""
    from google.auth import crypt, jwt
    signer = crypt.RSASigner.from_service_account_info(secret)

    def token(subject: str, scope: str) -> str:
        now = int(time.time())
        claims = {"iss": secret["client_email"], "sub": subject, "scope": "https://www.googleapis.com/auth/" + scope,
                  "aud": "https://oauth2.googleapis.com/token", "iat": now - 10, "exp": now + 3000}
        assertion = jwt.encode(signer, claims).decode()
        form = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + assertion
        return ask(settings["token_url"], body=form.encode())["access_token"]

    admin = token(settings["admin_email"], "admin.directory.user.readonly")
    users = ask(settings["directory_root"] + "/admin/directory/v1/users?customer=my_customer&maxResults=500", admin)["users"]
    requests = []
    for user in users:
        address, own = user["primaryEmail"], token(user["primaryEmail"], "gmail.readonly")
        page = ask(f"{settings['gmail_root']}/gmail/v1/users/{address}/messages?maxResults={GETS_PER_TOKEN}", own)
        requests += [(f"/gmail/v1/users/{address}/messages/{message['id']}?format=raw", own) for message in page.get("messages", [])]
    return requests


def simulator_ceiling(folder: Path, settings: dict, secret: dict) -> tuple[float, float]:
    """Bodies and MiB a second that wrk gets from the simulator when nobody else asks."""
    script = folder / "ceiling.lua"
    lines = [f'  wrk.format("GET", "{path}", {{["Authorization"] = "Bearer {token}", ["Accept-Encoding"] = "gzip"}}),' for path, token in google_requests(settings, secret)]
    script.write_text("local requests = {}\nlocal at = 0\nfunction init()\n requests = {\n" + "\n".join(lines) + "\n }\nend\n"
                      "function request()\n at = at % #requests + 1\n return requests[at]\nend\n")
    output = subprocess.run(["wrk", "-t1", "-c16", f"-d{WRK_SECONDS}s", "-s", script, settings["gmail_root"]], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output:
        raise SystemExit("dev: wrk got refusals from the simulator:\n" + output)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    amount, unit = re.search(r"Transfer/sec:\s+([\d.]+)(KB|MB|GB)", output).groups()
    return rate, float(amount) * {"KB": 1 / 1024, "MB": 1, "GB": 1024}[unit]


class Bench:
    def __init__(self, arguments, tree: Path, folder: Path, simulator: Simulator):
        self.arguments, self.tree, self.folder, self.simulator = arguments, tree, folder, simulator
        settings, secret = simulator.connection(arguments.provider)
        (folder / "settings.json").write_text(json.dumps(settings))
        (folder / "secret.json").write_text(json.dumps(secret))
        self.results: dict[str, list[dict]] = {}

    def run(self, name: str, part: str, messages_max: int = 0, memory_limit_mib: int = 0) -> dict:
        with tempfile.TemporaryDirectory(dir=self.folder) as data:
            files = [self.folder / "settings.json", self.folder / "secret.json"]
            if part == "node":
                command = ["node", NODE / "ingest.mjs", *files, REPO / "migrations" / "tenant", Path(data) / "bench.duckdb"]
            else:
                command = [self.tree / "ingest_bench", part, self.arguments.provider, *files, data, str(messages_max), str(memory_limit_mib)]
            before = self.simulator.cpu_seconds()
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SystemExit(f"dev: the part {name} failed: {done.stderr[-600:]}")
            result = json.loads(done.stdout)
            result["simulator_cpu_seconds"] = self.simulator.cpu_seconds() - before
        self.results.setdefault(name, []).append(result)
        return result

    def median(self, name: str, key: str) -> float:
        return statistics.median(result[key] for result in self.results[name])

    def per_cpu_second(self, name: str) -> float:
        return self.median(name, "messages") / self.median(name, "cpu_seconds")


TITLES = {
    "fetch": "(a) fetched and thrown away",
    "read": "    fetched, understood, thrown away",
    "append": "(b) appended, already understood",
    "pipeline": "    the whole pipeline",
    "pipeline-in-process": "    the same, messages understood in process",
    "node": "(c) Node: googleapis, mailparser, DuckDB",
}


def report(bench: Bench, ceiling: tuple[float, float] | None) -> None:
    print(f"\n{'':44}{'messages':>9}{'CPU s':>8}{'wall s':>8}{'msg/CPU s':>11}{'msg/s':>8}{'peak MiB':>10}{'sim CPU s':>11}")
    for name, title in TITLES.items():
        if name not in bench.results:
            continue
        messages, cpu, wall = (bench.median(name, key) for key in ("messages", "cpu_seconds", "wall_seconds"))
        print(f"{title:44}{messages:9.0f}{cpu:8.2f}{wall:8.2f}{messages / cpu:11.0f}{messages / wall:8.0f}"
              f"{bench.median(name, 'peak_rss_mib'):10.0f}{bench.median(name, 'simulator_cpu_seconds'):11.2f}")
    size = bench.median("fetch", "bytes") / bench.median("fetch", "messages")
    set_aside = bench.median("pipeline", "set_aside")
    print(f"\nmean raw size {size / 1024:.1f} KiB; set aside {set_aside:.0f}; medians of {len(bench.results['pipeline'])} rounds; "
          f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    ratios = [bench.results["pipeline"][i]["cpu_seconds"] / bench.results["fetch"][i]["cpu_seconds"] for i in range(len(bench.results["pipeline"]))]
    print(f"whole pipeline / (a), CPU seconds:            {statistics.median(ratios):.2f} (rounds: {', '.join(f'{ratio:.2f}' for ratio in ratios)}; goal: at most 2.0)")
    print(f"whole pipeline / ((a) + (b)), CPU seconds:    {bench.median('pipeline', 'cpu_seconds') / (bench.median('fetch', 'cpu_seconds') + bench.median('append', 'cpu_seconds')):.2f}")
    if "pipeline-in-process" in bench.results:
        pairs = zip(bench.results["pipeline"], bench.results["pipeline-in-process"])
        shares = [with_processes["cpu_seconds"] / without["cpu_seconds"] for with_processes, without in pairs]
        print(f"whole pipeline / in process, CPU seconds:     {statistics.median(shares):.2f} (rounds: {', '.join(f'{share:.2f}' for share in shares)}; goal: at most 1.10)")
    if "node" in bench.results:
        print(f"whole pipeline / (c), messages a CPU second:  {bench.per_cpu_second('pipeline') / bench.per_cpu_second('node'):.1f} (goal: at least 10)")
    if ceiling:
        rate = bench.median("pipeline", "messages") / bench.median("pipeline", "wall_seconds")
        print(f"the simulator alone (wrk, the same bodies):   {ceiling[0]:.0f} messages/s, {ceiling[1]:.0f} MiB/s: {ceiling[0] / rate:.1f} times the ingest rate (goal: at least 3)")


def report_memory(title: str, quarter: dict, whole: dict) -> None:
    print(f"memory, {title}: peak {quarter['peak_rss_mib']} MiB at {quarter['messages']} messages, {whole['peak_rss_mib']} MiB at {whole['messages']} (one run each)")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench ingest")
    parser.add_argument("--corpus", type=Path, help="folder of real mail that the simulator serves; without it the simulator makes mail")
    parser.add_argument("--provider", choices=["google", "microsoft"], default="google")
    parser.add_argument("--mailboxes", type=int, default=16)
    parser.add_argument("--messages", type=int, default=500, help="of each mailbox, where the simulator makes them")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", default="", help="comma-separated; all unless told: " + ",".join(TITLES))
    arguments = parser.parse_args()
    parts = [part for part in arguments.parts.split(",") if part] or [part for part in TITLES if part != "node" or arguments.provider == "google"]
    parts = list(dict.fromkeys(["fetch", "append", "pipeline", *parts]))

    serve = ["--mailboxes", str(arguments.mailboxes), "--seed", "20", "--now", "2026-11-01T12:00:00Z"]
    if arguments.corpus and arguments.corpus.is_dir():
        serve += ["--corpus", str(arguments.corpus)]
    else:
        if arguments.corpus:
            print(f"dev: {arguments.corpus} is not here: the simulator makes the mail")
        serve += ["--messages", str(arguments.messages)]
    tree = build_cpp("release", ("ingest_bench", "letterlock-sim"))
    if "node" in parts:
        install_node_program()
    if "--prerender" in subprocess.run([tree / "letterlock-sim", "--help"], capture_output=True, text=True, check=True).stdout:
        serve.append("--prerender")
    with tempfile.TemporaryDirectory(prefix="letterlock-bench-") as folder, Simulator(tree, Path(folder), serve) as simulator:
        bench = Bench(arguments, tree, Path(folder), simulator)
        with Step("warming up"):
            total = bench.run("warm-up", "fetch")["messages"]
        ceiling = simulator_ceiling(Path(folder), *simulator.connection("google")) if arguments.provider == "google" else None
        for number in range(arguments.rounds):
            for part in parts:
                with Step(f"round {number + 1} of {arguments.rounds}: {TITLES[part].strip()}"):
                    bench.run(part, part)
        report(bench, ceiling)
        for title, limit_mib in (("as configured", 0), (f"DuckDB's memory_limit {SMALL_LIMIT_MIB} MiB", SMALL_LIMIT_MIB)):
            quarter, whole = (bench.run("memory", "pipeline", messages, limit_mib) for messages in (total // 4, 0))
            report_memory(title, quarter, whole)
    return 0


if __name__ == "__main__":
    sys.exit(main())
