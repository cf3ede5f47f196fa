"""./dev bench [NAME [ARGS…]]: build and run the benchmarks (preset release). Each prints its own numbers; compare within one run only."""
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / "toolbox"))

from build import build_cpp  # noqa: E402

BENCHMARKS = {  # name → (program: a CMake target, or a script that builds what it needs; what it prints)
    "storage": ("storage_bench", "appends of 100 messages into a tenant's file, and readings of one message, as it grows"),
    "ingest": ("ingest.py", "ingestion from the simulator, beside its parts and beside a plain Node program"),
    "hostile": ("hostile.py", "how long 23 tenants' mail waits while two others get hostile mail for five minutes"),
    "api": ("api.py", "the API's alert list, alert page and polls at a constant rate, over 100,000 alerts, and the plans behind them"),
    "http": ("http_strangers.py", "slow connections and large bodies of strangers: memory, and latency of a signed-in person meanwhile"),
    "rules": ("rules_bench", "the rule pack over a million e-mails, and over the newest thousand"),
}


def main() -> int:
    names, arguments = sys.argv[1:2] or list(BENCHMARKS), sys.argv[2:]
    for name in names:
        if name not in BENCHMARKS:
            print(f"dev: no benchmark {name}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
            return 2
    for name in names:
        program, prints = BENCHMARKS[name]
        script = program.endswith(".py")
        command = [sys.executable, REPO / "bench" / program] if script else [build_cpp("release", (program,)) / program]
        print(f"\n{name}: {prints}", flush=True)
        if status := subprocess.call([*command, *arguments]):
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
