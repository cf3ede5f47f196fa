"""Run one system test: run.py module.Class.test. Exit status 77 and a line 'SKIP: reason' when it skips (ctest knows it)."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(unittest.defaultTestLoader.loadTestsFromName(sys.argv[1]))
for _, reason in result.skipped:
    print(f"SKIP: {reason}")
sys.exit(77 if result.skipped and result.wasSuccessful() else 0 if result.wasSuccessful() and result.testsRun else 1)
