"""./dev bench [NAME]: build and run the benchmarks (preset release). Each prints its own numbers; compare within one run only."""
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPO / "toolbox"))

from build import build_cpp  # noqa: E402

BENCHMARKS = {  # name → (CMake target, what it prints)
    "storage": ("storage_bench", "appends of 100 messages into a tenant's file as it grows"),
}


def main() -> int:
    names = sys.argv[1:] or list(BENCHMARKS)
    for name in names:
        if name not in BENCHMARKS:
            print(f"dev: no benchmark {name}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
            return 2
    tree = build_cpp("release", tuple(BENCHMARKS[name][0] for name in names))
    for name in names:
        print(f"\n{name}: {BENCHMARKS[name][1]}", flush=True)
        if status := subprocess.call([tree / BENCHMARKS[name][0]]):
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
