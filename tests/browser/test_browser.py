"""The console in Chromium, on a real stack: simulator, sync, analysis, then the .mjs beside this file."""
import os

from system_test import PASSWORD, REPO, SystemTest, subprocess


class Browser(SystemTest):
    def test_sign_in_and_read_alert(self):
        self.assertTrue((REPO / "web" / "dist" / "index.html").exists(), "the console is not built; remedy: run through ./dev test, or npm run build in web/")
        self.start_simulator("--seed", "11", "--mailboxes", "4", "--messages", "15")
        self.made.prepare()
        self.add_tenant("northgate")
        self.connect("northgate", "google")
        self.made.start()
        self.wait(lambda: self.sql("SELECT count(*) FROM alerts")[0][0] > 0, "an alert")
        self.wait(self.idle, "all jobs end")
        ran = subprocess.run(
            ["node", str(REPO / "tests" / "browser" / "sign_in_and_read_alert.mjs")], capture_output=True, text=True, timeout=500,
            env={**os.environ, "CONSOLE_URL": self.made.url, "LOGIN": "owner@northgate.example", "PASSWORD": PASSWORD})
        print(ran.stdout + ran.stderr)
        self.assertEqual(ran.returncode, 0, "a step in the browser failed; see above")
