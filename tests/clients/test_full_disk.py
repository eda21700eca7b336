"""A disk that fills up: refusals for the time being, nothing lost, and recovery without a restart.

As root the store lies on a tmpfs of 24 MiB, whose space a filler file takes away. Where nothing may be
mounted, a limit on the size of the server's files does the same; it is lifted while the server runs.
"""

import os
import pathlib
import random
import resource
import shutil
import subprocess
import tempfile

import harness

DISK = 24 << 20


def letter(number):
    """20 KB that do not compress."""
    rng = random.Random(number)
    lines = b"".join(rng.randbytes(38).hex().encode() + b"\r\n" for _ in range(512))
    return b"From: a@example.net\r\nSubject: letter-%04d\r\n\r\n" % number + lines


class FullDisk(harness.ServerTest):
    @classmethod
    def setUpClass(cls):
        cls.disk = pathlib.Path(tempfile.mkdtemp(prefix="mailroom-disk-"))
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0755", "tmpfs", str(cls.disk)],
                                 capture_output=True).returncode == 0
        cls.mounted = mounted
        cls.addClassCleanup(shutil.rmtree, cls.disk)
        if mounted:
            cls.addClassCleanup(subprocess.run, ["umount", str(cls.disk)], check=True)
        # SIGXFSZ stays ignored, as Python has it: a file at its limit is an error then, not a death.
        cls.options = {"store": cls.disk / "store", "restore_signals": mounted}
        super().setUpClass()

    def take_space(self):
        """Leaves room for a few letters only."""
        if self.mounted:
            status = os.statvfs(self.disk)
            free = status.f_bavail * status.f_frsize
            with open(self.disk / "filler", "wb") as filler:
                filler.write(b"\0" * max(0, free - (1 << 20)))
        else:
            largest = max(p.stat().st_size for p in self.disk.rglob("*") if p.is_file())
            resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE,
                             (largest + (1 << 20), resource.RLIM_INFINITY))

    def give_space(self):
        if self.mounted:
            (self.disk / "filler").unlink()
        else:
            resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE,
                             (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def test_refusals_are_temporary_nothing_is_lost_and_it_recovers(self):
        acknowledged = []
        with self.server.lmtp() as lmtp:
            for number in range(20):
                (code, lines), = lmtp.deliver(letter(number), "alice@example.org")
                self.assertEqual(250, code, lines)
                acknowledged.append(number)
            self.take_space()
            refused = []
            for number in range(20, 400):
                (code, lines), = lmtp.deliver(letter(number), "alice@example.org")
                if code == 250:
                    acknowledged.append(number)
                    continue
                self.assertEqual(452, code, lines)
                self.assertIn(b"4.3.1", lines[0])
                refused.append(number)
                if len(refused) == 5:
                    break
            self.assertEqual(5, len(refused), "the disk never filled up")

            with self.server.imap() as imap:
                tagged = imap.append(b"INBOX", letter(999))
                self.assertTrue(tagged.startswith(b"NO"), tagged)
                imap.ok("SELECT INBOX")
                bodies = [body for _, body in imap.messages()]  # reading goes on
                self.assertEqual(len(acknowledged), len(bodies))
                imap.command("STORE 1 +FLAGS (\\Flagged)")  # may be refused, but not end the session
                imap.ok("NOOP")
            with self.server.pop3() as pop:
                self.assertEqual(len(acknowledged), len(pop.multi("LIST")))
                pop.ok("QUIT")

            self.give_space()
            for number in range(500, 520):
                (code, lines), = lmtp.deliver(letter(number), "alice@example.org")
                self.assertEqual(250, code, lines)
                acknowledged.append(number)
        with self.server.imap() as imap:
            self.assertTrue(imap.append(b"INBOX", letter(998)).startswith(b"OK"))
            acknowledged.append(998)
        self.assertIsNone(self.server.process.poll())
        self.whole(acknowledged)
        self.server.stop()
        self.server.start()
        self.whole(acknowledged)

    def whole(self, acknowledged):
        contents = self.server.contents()
        self.assertEqual(len(acknowledged), len(contents))
        for number, (_, _, body) in zip(acknowledged, contents):
            self.assertTrue(body.endswith(letter(number)), number)
