"""The installation in containers: compose.yaml at the root with the demo, brought to healthy by a real engine.

./dev test gives the engine's socket (DOCKER_HOST), or the reason why there is none (LETTERLOCK_TEST_ENGINE_MISSING), and a base image as a
tar file (LETTERLOCK_TEST_BASE_IMAGE). The images hold the executables of the build tree, sanitized as they are: nothing is compiled.
"""
import json
import os
import re
import secrets
import shutil
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent.parent
TARGETS = ["api", "storage", "scheduler", "ingestion", "analysis"]
ONCE = ["setup", "migrate", "demo"]
SERVERS = ["postgresql", "rabbitmq", "simulators", *TARGETS]
BUILD_SECONDS, HEALTHY_SECONDS, ALERT_SECONDS = 1200, 600, 600  # of a machine on which others compile; alone it takes a tenth
# What each target's volume of secrets holds (ARCHITECTURE.md, what each process is not given).
SECRETS = {
    "api": {"master.key", "service.key", "service.pub"},
    "storage": {"service.pub", "service.token"},
    "scheduler": set(),
    "ingestion": {"service.token"},
    "analysis": {"service.token"},
}
IN_EACH = {"ca.pem", "tls.pem", "tls.key", "tls.names", "settings"}
# As toolbox/run_tests.py sets them; leaks are looked for by the tests outside.
SANITIZERS = {"ASAN_OPTIONS": "detect_container_overflow=0:detect_odr_violation=0:allocator_may_return_null=1:detect_leaks=0"}


class Compose(unittest.TestCase):
    """One installation for all tests of the class; they run in the order of their names."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if missing := os.environ.get("LETTERLOCK_TEST_ENGINE_MISSING"):
            raise unittest.SkipTest(missing)
        base = os.environ.get("LETTERLOCK_TEST_BASE_IMAGE")
        if not base:
            raise RuntimeError("LETTERLOCK_TEST_BASE_IMAGE is not set; remedy: run through ./dev test -R compose")
        cls.tag = "test-" + secrets.token_hex(4)
        cls.project = "letterlock-" + cls.tag
        cls.folder = Path(tempfile.mkdtemp(prefix="letterlock-compose-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.environment = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "DOCKER_HOST")},
            "DOCKER_CONFIG": str(cls.folder / "client"), "TAG": cls.tag, "DEBIAN_IMAGE": cls.import_base(Path(base)), "EXECUTABLES": "prebuilt",
            "APT_CHECK_VALID_UNTIL": "false", "CONSOLE_PORT": "0", "PRIVATE_ADDRESSES": "1", "DEMO_MAILBOXES": "4", "DEMO_MESSAGES": "15", "DEMO_LIVE_SECONDS": "0"}
        override = {"services": {name: {"environment": SANITIZERS} for name in ("setup", "migrate", "demo", "simulators", *TARGETS)}}
        (cls.folder / "sanitized.yaml").write_text(json.dumps(override))
        begun = time.monotonic()
        cls.run_command([str(REPO / "deploy" / "collect.sh"), os.environ["LETTERLOCK_BUILD_DIR"], str(REPO / "build" / "prebuilt")])
        cls.addClassCleanup(cls.remove)
        cls.compose("build", seconds=BUILD_SECONDS)
        print(f"images built after {time.monotonic() - begun:.0f} s")
        cls.compose("up", "--detach", "--no-build", "--quiet-pull", seconds=HEALTHY_SECONDS)
        cls.wait_healthy()
        print(f"all healthy after {time.monotonic() - begun:.0f} s")

    # --- the engine

    @classmethod
    def run_command(cls, command, seconds: float = 120, check: bool = True, **options) -> subprocess.CompletedProcess:
        ran = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds, cwd=REPO, env=getattr(cls, "environment", None), **options)
        if check and ran.returncode != 0:
            raise AssertionError(f"{' '.join(command)} ended with status {ran.returncode}:\n{(ran.stdout + ran.stderr)[-6000:]}")
        return ran

    @classmethod
    def compose(cls, *arguments: str, **options) -> subprocess.CompletedProcess:
        return cls.run_command(["docker-compose", "-f", "compose.yaml", "-f", str(cls.folder / "sanitized.yaml"), "-p", cls.project, "--profile", "demo", *arguments],
                               **options)

    @classmethod
    def inside(cls, service: str, *command: str, **options) -> subprocess.CompletedProcess:
        return cls.compose("exec", "-T", service, *command, **options)

    @staticmethod
    def import_base(file: Path) -> str:
        """The base image; kept for the next run, so that what the engine built on it can be used again."""
        name = f"letterlock-test-base:{file.stem.removeprefix('base-')}"
        if subprocess.run(["docker", "image", "inspect", name], capture_output=True).returncode != 0:
            subprocess.run(["docker", "import", str(file), name], check=True, capture_output=True)
        return name

    @classmethod
    def remove(cls) -> None:
        cls.compose("down", "--volumes", "--rmi", "all", "--remove-orphans", "--timeout", "45", seconds=400)

    @classmethod
    def containers(cls) -> dict[str, dict]:
        """service → what `ps` says of its container."""
        lines = cls.compose("ps", "--all", "--format", "json").stdout.splitlines()
        return {told["Service"]: told for told in map(json.loads, lines)}

    @classmethod
    def wait(cls, condition, seconds: float, what: str):
        deadline = time.monotonic() + seconds
        while not (result := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not after {seconds:.0f} s\n{cls.report()}")
            time.sleep(0.5)
        return result

    @classmethod
    def report(cls) -> str:
        return cls.compose("ps", "--all", check=False).stdout + cls.compose("logs", "--tail", "25", "--no-color", check=False).stdout

    @classmethod
    def wait_healthy(cls) -> None:
        def healthy():
            told = cls.containers()
            for name in ONCE:
                if name in told and told[name]["State"] == "exited" and told[name]["ExitCode"] != 0:
                    raise AssertionError(f"{name} ended with status {told[name]['ExitCode']}\n{cls.report()}")
            return all(told.get(name, {}).get("Health") == "healthy" for name in SERVERS) and all(told.get(name, {}).get("State") == "exited" for name in ONCE)

        cls.wait(healthy, HEALTHY_SECONDS, "every service is healthy")

    # --- the published port

    @classmethod
    def request(cls, path: str, key: str = "", context=None):
        port = cls.compose("port", "api", "8443").stdout.strip().rsplit(":", 1)[1]
        if context is None:
            authority = cls.inside("api", "cat", "/run/letterlock/ca.pem").stdout
            context = ssl.create_default_context(cadata=authority)
        request = urllib.request.Request(f"https://localhost:{port}{path}", headers={"Authorization": f"Bearer {key}"} if key else {})
        with urllib.request.urlopen(request, timeout=20, context=context) as response:
            return response.read().decode()

    @classmethod
    def logins(cls) -> dict[str, str]:
        """Tenant → API key, as `demo.sh logins` prints them."""
        text = cls.compose("run", "--rm", "-T", "--no-deps", "demo", "demo.sh", "logins").stdout
        return dict(re.findall(r"admin@(\w+)\.example .* api key (\S+)", text))

    @classmethod
    def alerts(cls, key: str) -> list[dict]:
        return json.loads(cls.request("/api/v1/alerts?limit=50", key))["alerts"]

    # --- tests

    def test_1_the_demo_has_alerts_and_the_console_is_served(self):
        keys = self.logins()
        self.assertEqual(set(keys), {"northgate", "southbank"})
        for tenant, key in keys.items():
            alerts = self.wait(lambda: self.alerts(key), ALERT_SECONDS, f"an alert of {tenant}")
            print(f"{tenant}: {len(alerts)} alerts, the first: {alerts[0]['title']}")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.request("/api/v1/alerts", "not-a-key")
        self.assertEqual(refused.exception.code, 401)
        self.assertIn("<script", self.request("/"))
        with self.assertRaises(urllib.error.URLError):  # the certificate is the installation's own, not one that anybody trusts
            self.request("/", context=ssl.create_default_context())

    def test_2_each_container_holds_only_what_it_needs(self):
        for name in SERVERS:
            status = self.inside(name, "cat", "/proc/1/status").stdout
            self.assertEqual(re.search(r"^Uid:\s+(\d+)", status, re.M).group(1), "10001", name)
            self.assertEqual(int(re.search(r"^CapBnd:\s+(\w+)", status, re.M).group(1), 16), 0, name)
            self.assertNotEqual(self.inside(name, "touch", "/usr/x", check=False).returncode, 0, f"{name} can write to its image")
        for target, own in SECRETS.items():
            self.assertEqual(set(self.inside(target, "ls", "/run/letterlock").stdout.split()), IN_EACH | own, target)
            inspected = self.run_command(["docker", "inspect", self.containers()[target]["ID"]]).stdout
            self.assertNotRegex(inspected, r"://\w+:\w+@|password", f"{target} carries a password in its environment")
        self.assertNotEqual(self.inside("api", "sh", "-c", "command -v letterlock-sim || command -v g++ || command -v duckdb || command -v jq", check=False).returncode, 0)
        self.assertIn("letterlock", self.inside("api", "letterlock", "--version").stdout)

    def test_3_networks_are_walls(self):
        resolves = lambda where, name: self.inside(where, "getent", "hosts", name, check=False).returncode == 0  # noqa: E731
        self.assertTrue(resolves("api", "postgresql") and resolves("scheduler", "postgresql") and resolves("ingestion", "rabbitmq"))
        for where, name in (("storage", "postgresql"), ("ingestion", "postgresql"), ("analysis", "postgresql"), ("storage", "rabbitmq"), ("api", "rabbitmq"),
                            ("analysis", "simulators"), ("simulators", "storage")):
            self.assertFalse(resolves(where, name), f"{where} reaches {name}")

    def test_4_a_wrong_setting_refuses_to_start_and_is_named(self):
        ran = self.compose("run", "--rm", "-T", "--no-deps", "-e", "LETTERLOCK_COLOUR=red", "api", "serve", "--target=api", check=False)
        self.assertEqual(ran.returncode, 2, ran.stdout + ran.stderr)
        self.assertIn("unknown setting LETTERLOCK_COLOUR", ran.stdout + ran.stderr)

    def test_5_a_process_that_dies_is_started_again(self):
        container = self.containers()["storage"]["ID"]
        told = lambda: json.loads(self.run_command(["docker", "inspect", container]).stdout)[0]  # noqa: E731
        before = told()["RestartCount"]
        # The executable beside the engine's init, which is process 1 and passes its end on.
        self.inside("storage", "sh", "-c", "for p in /proc/[0-9]*; do [ \"$(cat $p/comm)\" = letterlock ] && grep -q serve $p/cmdline && kill -9 ${p#/proc/}; done; true", check=False)
        self.wait(lambda: told()["RestartCount"] > before and told()["State"]["Health"]["Status"] == "healthy", HEALTHY_SECONDS, "storage is back")
        for key in self.logins().values():
            alert = self.alerts(key)[0]
            self.assertIn("alert_id", json.loads(self.request(f"/api/v1/alerts/{alert['alert_id']}", key)))

    def test_6_everything_is_kept_when_the_containers_are_made_anew(self):
        before = {tenant: {alert["alert_id"] for alert in self.alerts(key)} for tenant, key in self.logins().items()}
        self.compose("down", "--timeout", "45", seconds=400)
        self.compose("up", "--detach", "--no-build", seconds=HEALTHY_SECONDS)
        self.wait_healthy()
        for tenant, key in self.logins().items():
            self.assertLessEqual(before[tenant], {alert["alert_id"] for alert in self.alerts(key)}, f"{tenant} lost alerts")
