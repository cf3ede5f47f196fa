"""./dev check: format, clang-tidy, include table, docs links.   ./dev fmt: format everything.

The include table is the link graph of CMakeLists.txt: a file may include only its own folder and folders that its own
DEPENDS reach. Third-party headers may stand only where THIRD_PARTY says.
"""
import re
import subprocess
import sys
from pathlib import Path

from build import LOGS, REPO, configure
from progress import Step

# What each folder may include, lower first (design.md section 7; ports is ADR 0002). Tests may include more: TESTS_MAY.
LAYERS = {
    "base": [],
    "model": ["base"],
    "mail": ["base", "model"],
    "ports": ["base", "model"],
    "adapters/crypto": ["base"],
    "adapters/http": ["base"],
    "adapters/postgres": ["base"],
    "adapters/archive": ["base"],
    "adapters/parser": ["base", "model", "mail"],
    "adapters/amqp": ["base", "model", "ports"],
    "adapters/duckdb": ["base", "model", "mail", "ports"],
    "adapters/flight": ["base", "model", "ports", "adapters/crypto", "adapters/duckdb"],
    "providers": ["base", "model", "mail", "ports", "adapters/http", "adapters/crypto", "adapters/archive"],
    "domain": ["base", "model", "mail", "ports", "providers", "adapters/postgres", "adapters/crypto"],
    "targets": ["base", "model", "mail", "ports", "providers", "domain", "adapters/http", "adapters/amqp", "adapters/duckdb", "adapters/flight",
                "adapters/crypto", "adapters/postgres"],
    "app": ["base", "model", "mail", "ports", "providers", "domain", "targets", "adapters"],
    "sim": ["base", "adapters/http", "adapters/crypto"],
}
# Where a third party's headers may appear (prefix of the include → folders).
THIRD_PARTY = {
    r"duckdb": ["adapters/duckdb"],
    r"arrow/": ["adapters/flight"],
    r"boost/|curl/": ["adapters/http"],
    r"amqpcpp|uv\.h": ["adapters/amqp"],
    r"pqxx/|libpq": ["adapters/postgres"],
    r"gmime/|lexbor/|libpsl|unicode/|qpdf/": ["mail"],
    r"archive\.h|archive_entry\.h": ["adapters/archive", "sim"],
    r"openssl/": ["adapters/crypto", "adapters/amqp", "base"],
    r"sodium": ["adapters/crypto", "base"],
    r"spdlog/|prometheus/": ["base"],
    r"CLI/": ["app", "sim"],
    r"zstd\.h": ["adapters/duckdb"],
    r"zlib\.h": ["adapters/http", "sim"],
}
CPP = [path for folder in ("src", "sim", "tests", "bench") for path in sorted((REPO / folder).rglob("*")) if path.suffix in (".h", ".cpp")]


def folder_of(path: Path) -> str:
    """The row of LAYERS that a file belongs to, or '' for tests and benchmarks."""
    parts = path.relative_to(REPO).parts
    if parts[0] == "sim":
        return "sim"
    if parts[0] != "src":
        return ""
    return "/".join(parts[1:3]) if parts[1] == "adapters" else parts[1]


def is_test(path: Path) -> bool:
    return bool(re.search(r"_(test|conformance|fuzz|bench)\.", path.name)) or path.relative_to(REPO).parts[0] in ("tests", "bench")


def covered(include: str, allowed) -> bool:
    return any(include == name or include.startswith(name + "/") for name in allowed)


def check_includes() -> list[str]:
    wrong = []
    for path in CPP:
        own = folder_of(path)
        where = path.relative_to(REPO)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = re.match(r'\s*#include\s+([<"])([^>"]+)[>"]', line)
            if not found:
                continue
            include = found.group(2)
            third = any(re.match(pattern, include) for pattern in THIRD_PARTY) and not (REPO / "src" / include).exists()
            for pattern, folders in THIRD_PARTY.items():
                if third and re.match(pattern, include) and own and own not in folders and not is_test(path):
                    wrong.append(f"{where}:{number}: <{include}> may stand only in {', '.join(folders)}")
            if found.group(1) == '"' and not third and own and not is_test(path):
                root = include.split("/")[0]
                if root in ("tests", "bench"):
                    wrong.append(f"{where}:{number}: product code includes {include}")
                elif own == "sim" and root != "sim" and not covered(include, LAYERS[own]):
                    wrong.append(f"{where}:{number}: sim may not include {include}: client and simulator read the providers' documents independently")
                elif own != "sim" and not covered(include, [own, *LAYERS[own]]):
                    wrong.append(f"{where}:{number}: {own} may not include {include} (ARCHITECTURE.md, include table)")
    return wrong


def check_leaks() -> list[str]:
    """A header that includes a third party's stays inside its folder."""
    third = "|".join(THIRD_PARTY)
    internal = {}
    for path in CPP:
        if path.suffix == ".h" and folder_of(path):
            found = re.search(rf"^\s*#include\s+<((?:{third})[^>]*)>", path.read_text(encoding="utf-8"), flags=re.M)
            if found:
                internal[str(path.relative_to(REPO)).removeprefix("src/")] = (path.parent, found.group(1))
    wrong = []
    for path in CPP:
        for include in re.findall(r'^\s*#include\s+"([^"]+)"', path.read_text(encoding="utf-8"), flags=re.M):
            home, header = internal.get(include, (path.parent, ""))
            if path.parent != home and not is_test(path):
                wrong.append(f"{path.relative_to(REPO)}: {include} brings <{header}> out of its folder")
    return wrong


def check_readmes() -> list[str]:
    """Every folder of src says in at most 15 lines why it exists; ARCHITECTURE.md's map names all of them and no ghost."""
    wrong = []
    folders = [folder for folder in sorted((REPO / "src").rglob("*")) if folder.is_dir() and any(folder.glob("*.[ch]*"))] + [REPO / "sim"]
    for folder in folders:
        readme = folder / "README.md"
        if not readme.exists():
            wrong.append(f"{folder.relative_to(REPO)}: has no README.md")
        elif len(readme.read_text(encoding="utf-8").splitlines()) > 15:
            wrong.append(f"{readme.relative_to(REPO)}: more than 15 lines")
    architecture = (REPO / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for folder in sorted(path for path in (REPO / "src").iterdir() if path.is_dir()):
        if f"`src/{folder.name}`" not in architecture:
            wrong.append(f"ARCHITECTURE.md: the map lacks `src/{folder.name}`")
    for name in re.findall(r"`(src/[a-z_/]+)`", architecture):
        if not (REPO / name).exists():
            wrong.append(f"ARCHITECTURE.md: names {name}, which does not exist")
    return wrong


def check_links() -> list[str]:
    """Relative links and anchors in Markdown lead somewhere."""
    wrong = []
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=REPO, capture_output=True, text=True, check=True).stdout.split()
    for name in listed:
        path = REPO / name
        if not path.exists():
            continue
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
        for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            aim = (path.parent / file).resolve() if file else path
            if not aim.exists():
                wrong.append(f"{name}: link to {target} leads nowhere")
            elif anchor and aim.suffix == ".md" and anchor not in anchors(aim):
                wrong.append(f"{name}: {file or name} has no heading for #{anchor}")
    return wrong


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+\s+(.*)$", path.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def check_format(fix: bool) -> list[str]:
    command = ["clang-format", "-i"] if fix else ["clang-format", "--dry-run", "-Werror"]
    result = subprocess.run([*command, *map(str, CPP)], cwd=REPO, capture_output=True, text=True)
    return sorted({line.split(":")[0].replace(f"{REPO}/", "") + ": not formatted (./dev fmt)" for line in result.stderr.splitlines() if "error:" in line})


def check_tidy() -> list[str]:
    """clang-tidy (.clang-tidy) over what changed since the last commit on main's base, or everything with --all."""
    tree = configure("debug")
    changed = CPP if "--all" in sys.argv else [REPO / name for name in subprocess.run(
        ["git", "diff", "--name-only", "--diff-filter=d", "HEAD~1"], cwd=REPO, capture_output=True, text=True).stdout.split()]
    files = [str(path) for path in changed if path.suffix == ".cpp" and path in CPP]
    if not files:
        return []
    with Step(f"clang-tidy over {len(files)} files"):
        result = subprocess.run(["run-clang-tidy", "-quiet", "-j2", "-p", str(tree), *files], cwd=REPO, capture_output=True, text=True)
    (LOGS / "clang-tidy.log").write_text(result.stdout + result.stderr)
    return sorted(set(re.findall(r"^(?:/.*/)?((?:src|sim|tests|bench)/.*(?:error|warning): .*)$", result.stdout.replace(f"{REPO}/", ""), flags=re.M)))


def main() -> int:
    if sys.argv[1] == "fmt":
        check_format(fix=True)
        if (REPO / "web" / "node_modules" / ".bin" / "prettier").exists():
            subprocess.run(["node_modules/.bin/prettier", "--write", "--log-level", "warn", "src", "*.ts"], cwd=REPO / "web", check=False)
        return 0
    checks = {"include_table": lambda: check_includes() + check_leaks(), "folder_readmes": check_readmes, "docs_links": check_links,
              "format": lambda: check_format(False), "clang_tidy": check_tidy}
    if "--quick" in sys.argv:
        del checks["clang_tidy"]
    if "--only" in sys.argv:
        only = "".join(sys.argv[sys.argv.index("--only") + 1:][:1])
        if only not in checks:
            sys.exit(f"check: there is no check {only!r}\n     remedy: --only {' | '.join(checks)}")
        checks = {only: checks[only]}
    count = 0
    for title, check in checks.items():
        wrong = check()
        count += len(wrong)
        print(f"{title}: {'ok' if not wrong else f'{len(wrong)} wrong'}")
        for line in wrong:
            print(f"  {line}")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
