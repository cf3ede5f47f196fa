"""Fuzz src/mail with libFuzzer: `python3 toolbox/fuzz.py [--seconds 600]` inside ./dev shell; ./dev test --full runs it as Fuzz.mail.

Begins with a thousand messages of the shared torture corpus and with what was found before (tests/fuzz/mail). An input that crashes, breaks a
promise about text, or takes more CPU time than its size allows ends the run with status 1 and is kept in .letterlock/fuzz/found.
"""
import argparse
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from build import LOGS, REPO, build_cpp
from progress import Step

FOLDER = REPO / ".letterlock" / "fuzz"
TORTURE = REPO.parent / "shared" / "corpora" / "mime-torture.tar.zst"
SEEDS_MAX = 1000
SEED_BYTES_MAX = 64 << 10
# Words that structure is made of: a mutation by bytes finds them too seldom.
WORDS = ["Content-Type: multipart/mixed; boundary=b\\x0d\\x0a", "Content-Transfer-Encoding: base64\\x0d\\x0a", "Content-Type: text/html\\x0d\\x0a",
         "Content-Type: message/rfc822\\x0d\\x0a", "\\x0d\\x0a--b\\x0d\\x0a", "\\x0d\\x0a\\x0d\\x0a", "=?utf-8?Q?", "=?iso-2022-jp?B?", "?=", "<a href=", "<blockquote type=cite>",
         "style=\\\"display:none\\\"", "<![CDATA[", "<!--", "</", "&#x", "%PDF-1.4", "endstream", "/FlateDecode", "{\\\"id\\\":\\\"1\\\",\\\"body\\\":{\\\"content\\\":\\\"", "\\\\ud800",
         "Authentication-Results: mx.google.com; dmarc=", "References: <", "xn--", "https://", "DE89370400440532013000", "-----Original Message-----", "\\x0a> "]


def write_seeds() -> int:
    seeds = FOLDER / "seeds"
    shutil.rmtree(seeds, ignore_errors=True)
    seeds.mkdir(parents=True)
    count = 0
    if TORTURE.exists():
        archive = subprocess.Popen(["zstd", "-dcq", str(TORTURE)], stdout=subprocess.PIPE)
        with tarfile.open(fileobj=archive.stdout, mode="r|") as tar:
            for member in tar:
                if member.isfile() and member.size <= SEED_BYTES_MAX and count < SEEDS_MAX:
                    (seeds / f"{count:05}").write_bytes(tar.extractfile(member).read())
                    count += 1
        archive.stdout.close()
        archive.wait()
    for file in (REPO / "tests" / "fuzz" / "mail").glob("*.bin"):
        shutil.copy(file, seeds / file.name)
        count += 1
    (seeds / "graph").write_text('{"id":"1","subject":"s","from":{"emailAddress":{"name":"a","address":"a@example.com"}},"body":{"contentType":"html",'
                                 '"content":"<p>pay <a href=\\"https://x.example/\\">here</a>"},"attachments":[{"id":"2","name":"a.pdf","contentBytes":"JVBERi0xLjQK"}]}')
    return count + 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="toolbox/fuzz.py")
    parser.add_argument("--seconds", type=int, default=600, help="how long to look (default 600)")
    arguments = parser.parse_args()
    tree = build_cpp("fuzz", ("message_fuzz",))
    seeds = write_seeds()
    found, corpus = FOLDER / "found", FOLDER / "corpus"
    found.mkdir(parents=True, exist_ok=True)
    corpus.mkdir(parents=True, exist_ok=True)
    words = FOLDER / "words"
    words.write_text("".join(f'"{word}"\n' for word in WORDS))
    command = [str(tree / "message_fuzz"), f"-max_total_time={arguments.seconds}", f"-max_len={SEED_BYTES_MAX}", "-timeout=20", "-rss_limit_mb=2048", "-seed=1",
               f"-artifact_prefix={found}/", f"-dict={words}", "-print_final_stats=1", str(corpus), str(FOLDER / "seeds")]
    log = LOGS / "fuzz-mail.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with Step(f"fuzzing src/mail for {arguments.seconds} s from {seeds} seeds") as step, open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                   env={"ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1", "PATH": "/usr/bin:/bin"})
        last = ""
        for line in process.stdout:
            out.write(line)
            if at := re.match(r"#(\d+)\s.*cov: (\d+)", line):
                last = f"{at.group(1)} inputs, {at.group(2)} edges"
                step.show(last)
        status = process.wait()
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    for line in lines:
        if line.startswith(("stat::", "SLOW", "SUMMARY", "==")) and "WARNING" not in line:
            print(line)
    print(f"src/mail: {last}, {'nothing found' if status == 0 else f'FOUND an input, kept in {found}'}")
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())
