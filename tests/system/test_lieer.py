"""Letterlock's copy of a Gmail mailbox and that of lieer, which nobody here wrote: the same ids, the same bytes, before and after changes."""
import base64
import random

from compression import zstd

from lieer_mailbox import LieerMailbox
from system_test import SystemTest


class Lieer(SystemTest):
    def ours(self, tenant: str, user: str) -> dict[str, bytes]:
        """Provider message id → raw bytes of what stands in the tenant's file."""
        rows = self.storage(tenant).query(
            "SELECT r.provider_message_id, r.chunk, r.bytes FROM email_raw r JOIN emails e ON e.mailbox_id = r.mailbox_id AND e.provider_message_id = r.provider_message_id "
            f"WHERE e.removed_at IS NULL AND r.mailbox_id = '{user}' ORDER BY r.provider_message_id, r.chunk")
        chunks: dict[str, list[bytes]] = {}
        for row in rows:
            chunks.setdefault(row["provider_message_id"], []).append(row["bytes"])
        return {message: b"".join(zstd.decompress(chunk) for chunk in parts) for message, parts in chunks.items()}

    def change_at_random(self, boxes: list, seed: int, steps: int) -> None:
        """New mail, deletions and labels through the control endpoint."""
        dice = random.Random(seed)
        for step in range(steps):
            box = dice.choice(boxes)
            ids = sorted(message["id"] for message in self.control("/control/truth?provider=google")["mailboxes"][box]["messages"])
            address = self.boxes[box]["address"]
            kind = dice.choice(["arrive", "arrive", "delete", "label", "trash", "read"])
            if kind == "arrive" or not ids:
                body = "".join(dice.choice("abc defg hij\r\n") for _ in range(dice.randrange(400)))
                raw = f"From: Stranger {step} <s{step}@stranger.example>\r\nTo: {address}\r\nSubject: Step {step}\r\nMessage-ID: <{seed}.{step}@stranger.example>\r\n\r\n{body}\r\n"
                self.control("/control/messages", {"provider": "google", "address": address, "raw_base64": base64.b64encode(raw.encode()).decode()})
            elif kind == "delete":
                self.control("/control/delete", {"provider": "google", "address": address, "id": dice.choice(ids)})
            elif kind == "read":
                self.control("/control/read", {"address": address, "id": dice.choice(ids), "read": dice.random() < 0.5})
            else:
                label = "TRASH" if kind == "trash" else dice.choice(["STARRED", "IMPORTANT", "Label_1"])
                self.control("/control/labels", {"address": address, "id": dice.choice(ids), "add": [label], "remove": ["INBOX"] if dice.random() < 0.3 else []})

    def compare(self, tenant: str, when: str, whole: bool = False) -> None:
        for index, lieer in self.lieer.items():
            box = self.control("/control/truth?provider=google")["mailboxes"][index]
            if box["condition"]:
                print(f"{when}: {box['address']} is {box['condition']}: neither can read it")
                continue
            lieer.pull(whole)
            theirs = lieer.messages()
            wanted = {message["id"] for message in box["messages"] if not message["corrupt"]}  # no client gets those
            self.wait(lambda: set(self.ours(tenant, box["user_id"])) == wanted, f"{box['address']} is read")  # noqa: B023
            ours = {message: raw.replace(b"\r\n", b"\n") for message, raw in self.ours(tenant, box["user_id"]).items()}  # as lieer writes lines
            self.assertEqual(set(theirs), set(ours), f"{when}: ids of {box['address']}")
            for message, raw in ours.items():
                self.assertEqual(theirs[message], raw, f"{when}: bytes of {message}")
            print(f"{when}: {box['address']}: {len(ours)} messages, {sum(map(len, ours.values()))} bytes, the same ids and bytes as lieer's")

    def test_same_ids_and_bytes(self):
        self.start_simulator("--seed", "21", "--mailboxes", "3", "--messages", "60", "--page-size", "20")
        self.boxes = self.control("/control/truth?provider=google")["mailboxes"]
        chosen = [0, 1]
        self.lieer = {index: LieerMailbox(self.folder / f"lieer{index}", self.simulator.told, self.boxes[index]["address"]) for index in chosen}
        self.made.prepare()
        tenant = self.add_tenant("northgate")
        self.connect("northgate", "google")
        self.made.start()
        self.wait(self.idle, "the first reading ends")
        self.compare(tenant, "before changes")
        for round_ in range(3):
            self.change_at_random(chosen, seed=100 + round_, steps=25)
            self.sql("UPDATE connections SET next_due_at = now()")
            self.compare(tenant, f"after {25 * (round_ + 1)} changes")
        # Drafts, users' own labels, suspended users, poisonous messages, forgotten cursors and tokens too.
        told = self.control("/control/churn", {"provider": "google", "seed": 7, "steps": 150})
        self.sql("UPDATE connections SET next_due_at = now()")
        self.compare(tenant, f"after churn {told['counts']}", whole=True)
