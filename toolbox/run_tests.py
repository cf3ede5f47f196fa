"""./dev test: every test of the project through ctest, against private servers; the last line counts them.

Fast tier: all C++ tests under ASan + UBSan (preset asan), the rules' tests, system tests with the sanitized
executables, the web's unit tests and the browser tests; then the thread-sanitized tests (preset tsan).
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from build import LOGS, REPO, build_cpp, build_web, install_sim_clients
from progress import Step
from servers import Postgres, RabbitMQ

SCRATCH = REPO / ".letterlock" / "test"
SHARED = REPO.parent / "shared"
RECORDED = SCRATCH / "recorded"
# ./dev decides it (selects_containers), and then says what came of its look for an engine.
WITH_CONTAINERS = "LETTERLOCK_TEST_ENGINE_MISSING" in os.environ
# Test executables that load no uninstrumented threaded library and are quick under TSan; the others (mail's limit
# tests take minutes there) run in --full with tests/tsan.supp, where each suppression names library and reason.
TSAN_TARGETS = ["base_test"]


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./dev test")
    parser.add_argument("-R", dest="regex", metavar="REGEX", default="", help="only tests whose name matches")
    parser.add_argument("--full", action="store_true", help="at the sizes that the issues name, and everything under TSan too")
    parser.add_argument("-j", dest="jobs", type=int, default=2, help="tests at once (default 2)")
    return parser.parse_args(arguments)


def environment(postgres: dict, rabbitmq: dict, full: bool) -> dict:
    suppressions = REPO / "tests"
    return {
        **os.environ,
        "LETTERLOCK_TEST_DATABASE_URL": Postgres.url(postgres["port"]),
        "LETTERLOCK_TEST_AMQP_URL": RabbitMQ.url(rabbitmq["port"]),
        "LETTERLOCK_TEST_FULL": "1" if full else "",
        "LETTERLOCK_TEST_RECORD_DIR": str(RECORDED),  # every simulator of the run writes its bodies here
        # Debian's DuckDB, Arrow and protobuf are not instrumented: annotated containers that cross into them would be
        # reported falsely, so container-overflow is off.
        "ASAN_OPTIONS": f"detect_container_overflow=0:detect_odr_violation=0:suppressions={suppressions}/asan.supp:allocator_may_return_null=1",
        "LSAN_OPTIONS": f"suppressions={suppressions}/lsan.supp:print_suppressions=0",
        "UBSAN_OPTIONS": f"print_stacktrace=1:suppressions={suppressions}/ubsan.supp",
        "TSAN_OPTIONS": f"suppressions={suppressions}/tsan.supp:halt_on_error=1",
    }


def run_ctest(tree: Path, arguments, env: dict, title: str, label: str = ""):
    """Run ctest over a build tree (with a label: only over the tests that have it), show its lines, and return (name, status, seconds, output) of every test."""
    report = SCRATCH / f"{tree.name}.xml"
    report.unlink(missing_ok=True)
    command = ["ctest", "--test-dir", str(tree), "-j", str(arguments.jobs), "--output-junit", str(report), "--no-tests=ignore", "--timeout", "14400" if arguments.full else "1500",
               # A test that fails is run once more; one that then passes is named as flaky: a defect to mend, not a lost landing.
               "--repeat", "until-pass:2"]
    if arguments.regex:
        command += ["-R", arguments.regex]
    if label:
        command += ["-L", f"^{label}$"]
    left_out = ["containers"] * (not WITH_CONTAINERS) + ["fuzz"] * (not arguments.full)
    if left_out:
        command += ["-LE", f"^({'|'.join(left_out)})$"]
    print(f"{title}: {' '.join(command)}", flush=True)
    log = LOGS / f"test-{tree.name}.log"
    failed_once = set()
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        for line in process.stdout:
            out.write(line)
            if found := re.search(r"Test\s+#\d+: (\S+) .*\*\*\*(Failed|Timeout|Exception)", line):
                failed_once.add(found.group(1))
            if re.match(r"\s*\d+/\d+ Test", line) and "Passed" not in line or arguments.regex and re.match(r"\s*\d+/\d+ Test", line):
                print(line.rstrip(), flush=True)
        process.wait()
    if not report.exists():
        raise SystemExit(f"dev: ctest gave no report\n     remedy: read {log}")
    results = []
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        status = case.get("status")
        output = (case.findtext("system-out") or "").strip()
        results.append((case.get("name"), {"run": "passed", "notrun": "skipped", "disabled": "skipped"}.get(status, "failed"),
                        float(case.get("time") or 0), output))
    for name in sorted(failed_once & {entry[0] for entry in results if entry[1] == "passed"}):
        print(f"FLAKY: {name} failed once and passed when run again; see {log}")
    return results


def check_recorded_bodies() -> list:
    """Hold every body that the run's simulators sent against the providers' contracts; one more result, if there was a simulator."""
    if not any(RECORDED.glob("*.jsonl")):
        return []
    begun = time.monotonic()
    command = [sys.executable, str(REPO / "sim" / "clients" / "contract_check.py"), "recorded", str(RECORDED), str(SHARED / "contracts" / "graph-v1.0.csdl")]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    print("the simulators' bodies against the providers' contracts:\n" + done.stdout.rstrip(), flush=True)
    return [("contract.every_recorded_body", "failed" if done.returncode else "passed", time.monotonic() - begun, done.stdout)]


def skip_reason(output: str) -> str:
    """The message of GTEST_SKIP() or of a script's 'SKIP: …' line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for index, line in enumerate(lines):
        if line.startswith("SKIP:"):
            return line[5:].strip()
        if line.endswith(": Skipped") and index + 1 < len(lines):
            return lines[index + 1]
    return lines[-1] if lines else "no reason given"


def main() -> int:
    arguments = parse(sys.argv[1:])
    begun = time.monotonic()
    shutil.rmtree(SCRATCH, ignore_errors=True)
    RECORDED.mkdir(parents=True)
    trees = [("C++ (ASan+UBSan), rules, system, web, browser", build_cpp("asan", ()))]
    build_web()
    install_sim_clients()
    if arguments.full or not arguments.regex:
        trees.append(("C++ (TSan)", build_cpp("tsan", () if arguments.full else tuple(TSAN_TARGETS))))

    postgres_server, rabbitmq_server = Postgres(SCRATCH / "postgresql", durable=False), RabbitMQ(SCRATCH / "rabbitmq")
    records = []
    results = []
    try:
        with Step("starting PostgreSQL and RabbitMQ for the tests"):
            records.append((Postgres, postgres_server.start()))
            records.append((RabbitMQ, rabbitmq_server.start()))
        env = environment(records[0][1], records[1][1], arguments.full)
        for title, tree in trees:
            prefix = "" if tree.name == "asan" else f"{tree.name}:"
            selected = arguments
            if tree.name == "tsan" and not arguments.full:
                selected = argparse.Namespace(**{**vars(arguments), "regex": ""})
            # System, browser and repository tests run once, in the first tree.
            found = run_ctest(tree, selected, env, title, "cpp" if tree.name == "tsan" else "")
            # Executables that were not built for this tree register one NOT_BUILT test each; they are no tests.
            results += [(prefix + name, *rest) for name, *rest in found if not name.endswith("_NOT_BUILT") and not (prefix and rest[0] == "skipped" and "Unable to find executable" in rest[2])]
        results += check_recorded_bodies()
    finally:
        for kind, record in reversed(records):
            kind.stop(record)

    if not WITH_CONTAINERS and not arguments.regex:
        results.append(("Containers.compose", "skipped", 0.0, "SKIP: it builds images for minutes; ./dev test -R compose and --full run it"))
    if not arguments.full and not arguments.regex:
        results.append(("Fuzz.mail", "skipped", 0.0, "SKIP: it looks for ten minutes; ./dev test --full runs it, or python3 toolbox/fuzz.py in ./dev shell"))
    failed = [entry for entry in results if entry[1] == "failed"]
    skipped = [entry for entry in results if entry[1] == "skipped"]
    shared_here = SHARED.is_dir()
    for name, _, _, output in list(skipped):
        reason = skip_reason(output)
        if shared_here and "shared" in reason:
            failed.append((name, "failed", 0, f"skipped though ../shared is there: {reason}"))
            skipped = [entry for entry in skipped if entry[0] != name]
        else:
            print(f"skipped: {name}: {reason}")
    for name, _, seconds, output in failed:
        print(f"\nFAILED: {name} ({seconds:.1f} s)")
        print("\n".join(output.splitlines()[-60:]))
    if not results:
        print(f"dev: no test matches {arguments.regex!r}; ctest -N --test-dir build/asan lists the names", file=sys.stderr)
    print(f"{time.monotonic() - begun:.0f} s in all; slowest: " + ", ".join(f"{name} {seconds:.1f} s" for name, _, seconds, _ in sorted(results, key=lambda entry: -entry[2])[:5]))
    passed = len(results) - len(failed) - len(skipped)
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
