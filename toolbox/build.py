"""./dev build: the executables (preset release) and the console. Also imported by stack.py and run_tests.py."""
import argparse
import hashlib
import os
import shutil
import sys
from pathlib import Path

from progress import Step, run_logged

REPO = Path(__file__).resolve().parent.parent
LOGS = REPO / ".letterlock" / "log"


def configure(preset: str) -> Path:
    """Configure a preset where it is not yet; ninja itself notices changed CMake files afterwards."""
    tree = REPO / "build" / preset
    if not (tree / "build.ninja").exists():
        with Step(f"configuring build/{preset}") as step:
            run_logged(step, ["cmake", "--preset", preset], LOGS / f"configure-{preset}.log", cwd=REPO)
    return tree


def build_cpp(preset: str, targets=("letterlock", "letterlock-sim")) -> Path:
    """Build targets of a preset (all targets if none are named); ccache makes a second clone's build short."""
    tree = configure(preset)
    with Step(f"compiling {', '.join(targets) or 'everything'} ({preset})") as step:
        run_logged(step, ["ninja", "-C", tree, *targets], LOGS / f"build-{preset}.log", cwd=REPO)
    return tree


def fingerprint(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(str(file.relative_to(REPO)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def npm_environment() -> dict:
    return {**os.environ, "npm_config_update_notifier": "false", "npm_config_fund": "false", "npm_config_audit": "false",
            "npm_config_cache": str(Path(os.environ.get("CCACHE_DIR", REPO / ".letterlock" / "ccache")).parent / "npm")}


def install_packages(folder: Path, title: str) -> None:
    """npm ci in a folder whose lock file changed since the last time."""
    locked = fingerprint(folder / "package.json", folder / "package-lock.json")
    stamp = folder / "node_modules" / ".letterlock-installed"
    if not stamp.exists() or stamp.read_text() != locked:
        with Step(f"installing {title}") as step:
            run_logged(step, ["npm", "ci", "--no-audit", "--no-fund"], LOGS / "npm-ci.log", cwd=folder, env=npm_environment())
            stamp.write_text(locked)


def install_sim_clients() -> None:
    """The official JavaScript clients that hold the simulators to account."""
    install_packages(REPO / "sim" / "clients" / "node", "the simulators' JavaScript clients")


def build_web() -> Path:
    """Install the console's packages and build it into web/dist; nothing is done when neither changed."""
    web = REPO / "web"
    dist = web / "dist"
    if not (web / "package.json").exists():
        return dist
    install_packages(web, "the console's packages")
    sources = [path for path in (web / "src", web / "public", web / "index.html", web / "package-lock.json", web / "vite.config.ts",
                                 REPO / "api" / "openapi.yaml") if path.exists()]
    built = fingerprint(*sources)
    stamp = dist / ".letterlock-built"
    if not stamp.exists() or stamp.read_text() != built:
        with Step("building the console") as step:
            run_logged(step, ["npm", "run", "build"], LOGS / "npm-build.log", cwd=web, env=npm_environment())
            stamp.write_text(built)
    return dist


def main() -> None:
    parser = argparse.ArgumentParser(prog="./dev build")
    parser.add_argument("-o", dest="output", metavar="PATH", help="also put a runnable executable at PATH")
    arguments = parser.parse_args()
    tree = build_cpp("release")
    build_web()
    if arguments.output:
        target = Path(arguments.output).absolute()
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(target.name + ".new")
        shutil.copy2(tree / "letterlock", beside)
        beside.replace(target)
        print(f"{target}: ready (its rules, migrations and console are read from {REPO} unless LETTERLOCK_SHARE_DIR names another folder)")


if __name__ == "__main__":
    sys.exit(main())
