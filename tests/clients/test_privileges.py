"""The server as it is deployed: started as root, another user's after that, held to its files and calls."""

import base64
import os
import pathlib
import pwd
import re
import shutil
import unittest

import harness

USER = "nobody"


class Privileges(unittest.TestCase):
    def setUp(self):
        self.assertEqual(0, os.geteuid(), "the tests run as root")
        self.uid = pwd.getpwnam(USER).pw_uid
        self.server = harness.Mailroom(extra=f"""
[process]
user = "{USER}"
confine = "required"
""")
        self.addCleanup(self.server.close)
        for path in (self.server.directory, self.server.users_file):
            shutil.chown(path, USER)

    def status(self):
        text = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)

    def test_root_is_needed_to_bind_only(self):
        self.server.start()
        self.server.deliver(b"Subject: one\r\n\r\nbody\r\n")
        self.assertEqual(1, len(self.server.contents()))
        status = self.status()
        self.assertEqual([str(self.uid)] * 4, status["Uid"].split())
        self.assertEqual("", status["Groups"].strip().replace(status["Gid"].split()[0], ""))
        for rights in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            self.assertEqual(0, int(status[rights], 16), rights)
        self.assertEqual("1", status["NoNewPrivs"])
        self.assertEqual("2", status["Seccomp"])
        limits = pathlib.Path(f"/proc/{self.server.process.pid}/limits").read_text()
        core = [line for line in limits.splitlines() if line.startswith("Max core file size")]
        self.assertEqual(["0", "0"], core[0].split()[4:6])
        self.assertEqual(self.uid, self.server.store.stat().st_uid)
        self.assertIn("became the user", self.server.log())
        self.assertIn("confined", self.server.log())

    def test_what_changes_on_disk_is_still_seen(self):
        self.server.start()
        self.server.command("user", "add", "carol@example.org", "--password-stdin", stdin="first-secret\n")
        harness.wait_until(lambda: self.may_log_in("carol@example.org", "first-secret"), 10, "the new account works")
        self.server.stop()
        self.server.start()
        self.assertTrue(self.may_log_in("carol@example.org", "first-secret"))

    def may_log_in(self, user, password):
        try:
            self.server.imaplib(user, password).logout()
            return True
        except harness.imaplib.IMAP4.error:
            return False

    def test_passwords_are_gone_after_the_login(self):
        """Whoever reads the process's memory, later, finds none: not in a buffer, not in a string that was freed."""
        secret = "zx-unmistakable-Secret-4711"
        self.server.command("user", "passwd", "alice@example.org", "--password-stdin", stdin=secret + "\n")
        self.server.start()
        by_plain, by_login = self.server.imap(password=secret), self.server.imaplib(password=secret)
        by_pass = self.server.poplib(password=secret)
        harness.wait_until(lambda: self.found_in_memory(secret) == [], 5, "no password is in memory")
        by_plain.close()
        by_login.shutdown()
        by_pass.close()

    def found_in_memory(self, secret):
        """What stands around the secret in what the process may write to, plain or as AUTHENTICATE PLAIN sends it."""
        encoded = base64.b64encode(f"\0alice@example.org\0{secret}".encode())[24:50]
        found = []
        with open(f"/proc/{self.server.process.pid}/maps") as maps, \
                open(f"/proc/{self.server.process.pid}/mem", "rb", buffering=0) as memory:
            for line in maps:
                span, rights = line.split()[:2]
                begin, end = (int(each, 16) for each in span.split("-"))
                if not rights.startswith("rw"):
                    continue
                try:
                    memory.seek(begin)
                    octets = memory.read(end - begin)
                except OSError:
                    continue
                for match in re.finditer(b"|".join(map(re.escape, (secret.encode(), encoded))), octets):
                    found.append(octets[max(0, match.start() - 40):match.end() + 40])
        return found

    def test_a_store_of_somebody_else_is_not_taken(self):
        self.server.store.mkdir()
        with self.assertRaisesRegex(AssertionError, f"chown -R {USER}:"):
            self.server.start()
        self.server.process = None

    def test_a_key_that_the_user_cannot_read_is_told(self):
        self.server.key.chmod(0o600)
        shutil.chown(self.server.key, "root")
        self.server.start()
        self.assertIn("a renewed certificate", self.server.log())
        self.assertEqual([], self.server.contents())


if __name__ == "__main__":
    unittest.main()
