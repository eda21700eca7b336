"""The crash test as a unit test: MAILROOM_CRASH_ROUNDS (default 10) says how many rounds of kill9.py."""

import os
import pathlib
import subprocess
import sys
import unittest


class Kill9(unittest.TestCase):
    def test_every_acknowledged_message_is_there_once_and_identical(self):
        script = pathlib.Path(__file__).with_name("kill9.py")
        done = subprocess.run([sys.executable, str(script), "--rounds", os.environ.get("MAILROOM_CRASH_ROUNDS", "10")],
                              capture_output=True, text=True, timeout=900)
        print(done.stdout)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
