"""A config with seven mistakes gets seven errors, each with its line and what would be right."""

import re
import subprocess
import tempfile
import pathlib
import unittest

import harness

MISTAKES = """\
config_version = 1
hostname = "mail.example.org"
colour = "blue"

[storage]
path = 42

[tls]
certificate = "certificate.pem"
private_key = "key.pem"
minimum_version = "1.1"

[[listener]]
protocol = "imaps"
address = "127.0.0.1:10993"
tls = "implicit"

[[listener]]
protocol = "pop3"
address = "127.0.0.1:99999"
tls = "implicit"

[limits]
message_size = "50 parsecs"
sesions = 10

[auth]
users_file = "users"
"""
# Line, and words that the error has to name: the key, and what would be right.
EXPECTED = [(3, "colour"), (6, "path"), (11, "minimum_version"), (14, "protocol"), (20, "address"),
            (24, "message_size"), (25, "sesions")]


class ConfigMistakes(unittest.TestCase):
    def check(self, text):
        with tempfile.TemporaryDirectory() as directory:
            for name in ("certificate.pem", "key.pem", "users"):  # missing ones would be three more errors
                (pathlib.Path(directory) / name).touch()
            file = pathlib.Path(directory) / "mailroom.toml"
            file.write_text(text)
            done = subprocess.run([harness.PROGRAM, "config", "check", "--config", str(file)],
                                  capture_output=True, text=True, timeout=20)
            return done.returncode, done.stdout + done.stderr

    def test_all_seven_are_named_at_once(self):
        code, output = self.check(MISTAKES)
        self.assertNotEqual(0, code)
        errors = re.findall(r"mailroom\.toml:(\d+):\d+: (.*)", output)
        for line, key in EXPECTED:
            with self.subTest(key):
                told = [text for number, text in errors if int(number) == line]
                self.assertEqual(1, len(told), output)
                self.assertIn(key, told[0])
        self.assertEqual(7, len(errors), output)

    def test_a_file_that_is_no_toml_is_told_with_its_line(self):
        code, output = self.check('config_version = 1\nhostname = "unclosed\n')
        self.assertNotEqual(0, code)
        self.assertRegex(output, r"mailroom\.toml:2:")

    def test_a_missing_file_is_told(self):
        done = subprocess.run([harness.PROGRAM, "config", "check", "--config", "/nonexistent/mailroom.toml"],
                              capture_output=True, text=True, timeout=20)
        self.assertNotEqual(0, done.returncode)
        self.assertIn("/nonexistent/mailroom.toml", done.stdout + done.stderr)

    def test_help_is_everywhere(self):
        for command in ([], ["serve"], ["config"], ["config", "check"], ["user"], ["user", "add"], ["user", "list"],
                        ["user", "passwd"], ["user", "remove"], ["deliver"]):
            with self.subTest(" ".join(command)):
                done = subprocess.run([harness.PROGRAM, *command, "--help"], capture_output=True, text=True, timeout=20)
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertIn("Usage", done.stdout)
