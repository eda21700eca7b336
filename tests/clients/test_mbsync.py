"""mbsync two ways: whatever is changed on either side arrives at the other, and a second run changes nothing."""

import os
import random
import re
import socket

import harness

MESSAGE = b"From: a@example.net\r\nTo: alice@example.org\r\nSubject: %s\r\nMessage-ID: <%s@example.net>\r\n\r\nText of %s\r\n"


class MbsyncTest(harness.ServerTest):
    """mbsync between the server and a tree of maildirs."""

    def setUp(self):
        self.tree = self.server.directory / "maildir"
        self.tree.mkdir()
        self.config = self.server.directory / "mbsyncrc"
        self.config.write_text(f"""
IMAPStore far
Host localhost
Port {self.server.imap_port}
User alice@example.org
Pass {harness.PASSWORD}
SSLType IMAPS
CertificateFile {self.server.certificate}

MaildirStore near
Path {self.tree}/
Inbox {self.tree}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
CopyArrivalDate yes
SyncState *
""")

    def sync(self, verbosity="-V"):
        return self.run_client("mbsync", "-c", self.config, verbosity, "all", env={"HOME": str(self.server.directory)})

    def local(self):
        """Folder, subject and flags of each message of the maildir tree."""
        found = []
        for directory, _, files in os.walk(self.tree):
            if os.path.basename(directory) not in ("cur", "new"):
                continue
            for name in files:
                with open(os.path.join(directory, name), "rb") as file:
                    subject = re.search(rb"Subject: (\S+)", file.read())[1].decode()
                flags = name.split(":2,")[1] if ":2," in name else ""
                found.append((os.path.relpath(os.path.dirname(directory), self.tree), subject, flags))
        return sorted(found)

    def remote(self):
        """The same of the server."""
        letters = {"\\Draft": "D", "\\Flagged": "F", "\\Answered": "R", "\\Seen": "S", "\\Deleted": "T"}
        found = []
        for folder in self.folders():
            for _, flags, body in self.server.contents(mailbox=folder):
                subject = re.search(rb"Subject: (\S+)", body)[1].decode()
                found.append((folder, subject, "".join(sorted(letters[f] for f in flags if f in letters))))
        return sorted(found)

    def folders(self):
        with self.server.imap() as imap:
            listed = [r.text.decode() for r in imap.ok('LIST "" *')]
        return sorted(line.split('"/" ')[1].strip('"') for line in listed if "\\noselect" not in line.lower())

    def state(self):
        """Everything on both sides, down to MODSEQ of the server and names of files."""
        with self.server.imap() as imap:
            status = [imap.ok(f'STATUS "{f}" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)')[0].text
                      for f in self.folders()]
        files = sorted(os.path.join(d, f) for d, _, fs in os.walk(self.tree) for f in fs
                       if os.path.basename(d) in ("cur", "new"))
        return status, files

    def put(self, folder, subject, flags=""):
        for part in ("cur", "new", "tmp"):
            os.makedirs(self.tree / folder / part, exist_ok=True)
        name = f"{abs(hash((folder, subject)))}.1.{socket.gethostname()}:2,{flags}"
        text = MESSAGE.replace(b"%s", subject.encode()).replace(b"\r\n", b"\n")
        (self.tree / folder / "cur" / name).write_bytes(text)

    def path(self, folder, subject):
        for path in [*(self.tree / folder / "cur").iterdir(), *(self.tree / folder / "new").iterdir()]:
            if f"Subject: {subject}\n".encode() in path.read_bytes():
                return path
        self.fail(f"{subject} is not in {folder}")

    def tearDown(self):
        for path in self.server.directory.glob(".mbsync*"):
            path.unlink()


class Mbsync(MbsyncTest):
    def test_two_ways_with_deletions_flags_and_folders(self):
        for subject in (b"far-keep", b"far-flag", b"far-gone", b"near-gone", b"near-flag"):
            self.server.deliver(MESSAGE % (subject, subject, subject))
        with self.server.imap() as imap:
            imap.ok("CREATE Far/Deep")
            imap.append(b"Far/Deep", MESSAGE % (b"deep", b"deep", b"deep"), b"\\Seen \\Flagged")
        self.sync()
        self.assertEqual(self.remote(), self.local())
        self.assertEqual(6, len(self.local()))

        with self.server.imap() as imap:  # now both sides go on by themselves
            imap.ok("SELECT INBOX")
            imap.ok("STORE 2 +FLAGS (\\Flagged \\Answered)")
            imap.ok("STORE 3 +FLAGS (\\Deleted)")
            imap.ok("EXPUNGE")
            imap.ok("CREATE New-far")
            imap.append(b"New-far", MESSAGE % (b"made-far", b"made-far", b"made-far"))
        self.path("INBOX", "near-gone").unlink()
        flagged = self.path("INBOX", "near-flag")
        flagged.rename(self.tree / "INBOX" / "cur" / (flagged.name.split(":2,")[0] + ":2,FS"))
        self.put("New-near", "made-near", "S")
        self.put("New-near/Inner", "made-inner", "")
        self.put("INBOX", "near-new", "R")
        self.sync()
        self.sync()  # what was made on one side gets its flags on the other
        expected = sorted([
            ("INBOX", "far-keep", ""), ("INBOX", "far-flag", "FR"), ("INBOX", "near-flag", "FS"),
            ("INBOX", "near-new", "R"), ("Far/Deep", "deep", "FS"), ("New-far", "made-far", ""),
            ("New-near", "made-near", "S"), ("New-near/Inner", "made-inner", "")])
        self.assertEqual(expected, self.remote())
        self.assertEqual(expected, self.local())

        before = self.state()
        self.sync()
        self.assertEqual(before, self.state())


class MbsyncLarge(MbsyncTest):
    """The same client with enough mail for it to pipeline its FETCHes."""

    def test_a_third_is_deleted_here_and_some_is_read_there(self):
        with self.server.lmtp() as lmtp:
            for number in range(300):
                subject = b"m%d" % number
                lmtp.deliver(MESSAGE % (subject, subject, subject), "alice@example.org")
        self.sync()
        self.assertEqual(300, len(self.local()))
        self.assertEqual(self.remote(), self.local())
        for number in range(0, 300, 3):
            self.path("INBOX", f"m{number}").unlink()
        with self.server.imap() as imap:
            imap.ok("SELECT INBOX")
            imap.ok("STORE 2,5,8:50 +FLAGS (\\Seen)")
        self.sync()
        self.assertEqual(200, len(self.local()))
        self.assertEqual(self.remote(), self.local())
        before = self.state()
        self.sync()
        self.assertEqual(before, self.state())


class Replica:
    """A mailbox as a client knows it that reads it once and then asks by QRESYNC for what has changed."""

    def __init__(self, server, mailbox):
        self.server, self.mailbox = server, mailbox
        self.known, self.flags = None, {}

    def refresh(self):
        with self.server.imap() as imap:
            imap.ok("ENABLE QRESYNC")
            since = f" (QRESYNC ({self.known[0]} {self.known[1]}))" if self.known else ""
            responses = imap.ok(f'SELECT "{self.mailbox}"{since}')
            text = b"\n".join(r.text for r in responses)
            self.known = tuple(int(re.search(rb"%s (\d+)" % name, text)[1]) for name in (b"UIDVALIDITY", b"HIGHESTMODSEQ"))
            if not since:
                responses = imap.ok("UID FETCH 1:* (FLAGS)")
        for response in responses:
            if gone := re.match(rb"\* VANISHED \(EARLIER\) (\S+)", response.text):
                for uid in uids_of(gone[1]):
                    self.flags.pop(uid, None)
            elif told := re.match(rb"\* \d+ FETCH \(UID (\d+).*FLAGS \(([^)]*)\)", response.text):
                self.flags[int(told[1])] = sorted(f for f in told[2].decode().split() if f != "\\Recent")

    def is_right(self):
        return self.flags == {uid: flags for uid, flags, _ in self.server.contents(mailbox=self.mailbox)}


def uids_of(text):
    for item in text.split(b","):
        first, _, last = item.partition(b":")
        yield from range(int(first), int(last or first) + 1)


class MbsyncManyChanges(MbsyncTest):
    """Rounds of changes on both sides: after each, both have what a plain model of them has, and so has a client
    that keeps itself informed by QRESYNC."""

    ROUNDS = 4
    FOLDERS = ("INBOX", "Work", "Work/Deep")

    def test_both_sides_and_a_replica_agree(self):
        rng = random.Random(1)
        model, made = {}, 0  # (folder, subject): flags
        with self.server.imap() as imap:
            for folder in self.FOLDERS[1:]:
                imap.ok(f'CREATE "{folder}"')
        replicas = [Replica(self.server, folder) for folder in self.FOLDERS]
        for _ in range(self.ROUNDS):
            new_far = [(rng.choice(self.FOLDERS), f"m{made + n}") for n in range(60)]
            new_near = [(rng.choice(self.FOLDERS), f"m{made + 60 + n}") for n in range(20)]
            made += 80
            old = rng.sample(sorted(model), len(model))  # each is changed on one side only
            third = len(old) // 3
            self.change_far(rng, model, old[:third])
            self.change_near(rng, model, old[third:2 * third])
            self.make_far(rng, model, new_far)
            self.make_near(rng, model, new_near)
            self.sync()
            expected = sorted((folder, subject, flags) for (folder, subject), flags in model.items())
            self.assertEqual(expected, self.remote())
            self.assertEqual(expected, self.local())
            for replica in replicas:
                replica.refresh()
                self.assertTrue(replica.is_right(), replica.mailbox)
        before = self.state()
        said = self.sync("-D").stdout
        self.assertEqual(before, self.state())
        with self.server.imap() as imap:
            offered = imap.ok("CAPABILITY")[0].text.split()
        self.assertEqual(b"COMPRESS=DEFLATE" in offered, b"COMPRESS DEFLATE" in said)

    def some_flags(self, rng):
        return "".join(letter for letter in "DFRS" if rng.random() < 0.4)

    def imap_flags(self, letters):
        return " ".join({"D": "\\Draft", "F": "\\Flagged", "R": "\\Answered", "S": "\\Seen"}[x] for x in letters)

    def make_far(self, rng, model, new):
        with self.server.imap() as imap:
            for folder, subject in new:
                model[folder, subject] = self.some_flags(rng)
                imap.append(b'"%s"' % folder.encode(), MESSAGE.replace(b"%s", subject.encode()),
                            self.imap_flags(model[folder, subject]).encode())

    def make_near(self, rng, model, new):
        for folder, subject in new:
            model[folder, subject] = self.some_flags(rng)
            self.put(folder, subject, model[folder, subject])

    def change_far(self, rng, model, chosen):
        with self.server.imap() as imap:
            for folder in self.FOLDERS:
                imap.ok(f'SELECT "{folder}"')
                uids = {re.search(rb"Subject: (\S+)", body)[1].decode(): uid for uid, body in imap.messages()}
                for _, subject in (one for one in chosen if one[0] == folder):
                    if rng.random() < 0.3:
                        del model[folder, subject]
                        imap.ok(f"UID STORE {uids[subject]} +FLAGS.SILENT (\\Deleted)")
                        imap.ok(f"UID EXPUNGE {uids[subject]}")
                    else:
                        model[folder, subject] = self.some_flags(rng)
                        imap.ok(f"UID STORE {uids[subject]} FLAGS.SILENT ({self.imap_flags(model[folder, subject])})")

    def change_near(self, rng, model, chosen):
        for folder, subject in chosen:
            path = self.path(folder, subject)
            if rng.random() < 0.3:
                del model[folder, subject]
                path.unlink()
            else:
                model[folder, subject] = self.some_flags(rng)
                path.rename(self.tree / folder / "cur" / (path.name.split(":2,")[0] + ":2," + model[folder, subject]))
