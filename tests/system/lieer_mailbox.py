"""A mailbox as lieer holds it: an unmodified third-party Gmail sync, run against the simulator. See sim/clients/gmi_at_simulator.py."""
import json
import os
import subprocess
import sys
from pathlib import Path

import jwt_grant

REPO = Path(__file__).resolve().parent.parent.parent


class LieerMailbox:
    def __init__(self, folder: Path, told: dict, address: str):
        self.folder, self.google, self.address = folder, told["google"], address
        folder.mkdir(parents=True)
        (folder / "notmuch-config").write_text(f"[database]\npath={folder}\n[new]\ntags=\nignore=/.*[.](json|lock|bak)$/\n[search]\nexclude_tags=\n[maildir]\nsynchronize_flags=false\n")
        self.run("notmuch", "new")
        self.gmi("init", "--no-auth", address)

    def run(self, *command: str) -> str:
        done = subprocess.run(command, cwd=self.folder, env={**os.environ, "NOTMUCH_CONFIG": str(self.folder / "notmuch-config"), "HOME": str(self.folder)},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=300)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}")
        return done.stdout

    def gmi(self, *arguments: str) -> str:
        return self.run(sys.executable, str(REPO / "sim/clients/gmi_at_simulator.py"), self.google["url"], *arguments)

    def pull(self, whole: bool = False) -> str:
        """Synchronize; whole: not from the history, which may have expired (lieer leaves that choice to its user)."""
        token = jwt_grant.access_token(self.google, "gmail.readonly", self.address)
        (self.folder / ".credentials.gmailieer.json").write_text(json.dumps(
            {"token": token, "refresh_token": "none", "client_id": "none", "client_secret": "none", "token_uri": self.google["url"] + "/token", "expiry": "2099-01-01T00:00:00Z"}))
        return self.gmi("pull", "--no-progress", *(["--force"] if whole else []))

    def messages(self) -> dict[str, bytes]:
        """Provider message id → bytes, with the bare line feeds that lieer writes; drafts left out, as we leave them out."""
        drafts = set(self.run("notmuch", "search", "--output=files", "tag:draft").splitlines())
        return {file.name.split(":2,")[0]: file.read_bytes() for file in (self.folder / "mail" / "cur").iterdir() if str(file) not in drafts}
