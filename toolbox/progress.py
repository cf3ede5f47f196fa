"""What long steps show: what is done, how far, how long. One line that is rewritten on a terminal, plain lines elsewhere."""
import re
import subprocess
import sys
import time
from pathlib import Path


class Step:
    """One step of a command. Used as a context manager; a failure inside says how long it took and passes on."""

    def __init__(self, title: str):
        self.title, self.begun, self.shown = title, time.monotonic(), 0.0
        self.terminal = sys.stdout.isatty()

    def __enter__(self):
        if self.terminal:
            print(f"  … {self.title}", end="", flush=True)
        return self

    def show(self, detail: str, force: bool = False) -> None:
        """Say how far it is; at most four times a second on a terminal, every 20 s elsewhere."""
        now = time.monotonic()
        if not force and now - self.shown < (0.25 if self.terminal else 20):
            return
        self.shown = now
        line = f"  … {self.title}: {detail} ({now - self.begun:.0f} s)"
        print(f"\r\033[K{line[:150]}" if self.terminal else line, end="" if self.terminal else "\n", flush=True)

    def __exit__(self, kind, error, trace):
        mark = "✓" if kind is None else "✗"
        print(("\r\033[K" if self.terminal else "") + f"  {mark} {self.title} ({time.monotonic() - self.begun:.1f} s)", flush=True)


def run_logged(step: Step, command, log: Path, cwd=None, env=None, pattern=r"^\[(\d+)/(\d+)\]") -> None:
    """Run a command, its output into log, its progress ('[12/345]') into the step. Failure prints the end of the log and exits."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        for line in process.stdout:
            out.write(line)
            if found := re.match(pattern, line):
                step.show(" of ".join(found.groups()))
        status = process.wait()
    if status != 0:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        errors = [line for line in lines if re.search(r"\berror\b|FAILED|ERR!", line)]
        print("\n".join(errors[:20] or lines[-20:]), file=sys.stderr)
        raise SystemExit(f"dev: {step.title} failed\n     remedy: the whole log is {log}")
