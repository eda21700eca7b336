"""Start, stop and start again: what was stored stays, clients are told, and the log keeps secrets."""

import base64
import poplib
import random
import re
import time

import harness

MESSAGE = b"From: a@example.net\r\nSubject: %d\r\n\r\nmessage %d\r\n"


class Lifecycle(harness.ServerTest):
    def picture(self):
        """All that a client can see of an account and that must outlive a restart."""
        seen = []
        with self.server.imap() as imap:
            for name in ("INBOX", "Kept", "Kept/Below"):
                imap.ok(f'SELECT "{name}"')
                status = imap.ok(f'STATUS "{name}" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)')
                fetched = imap.ok("UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ ENVELOPE BODY.PEEK[])")
                seen.append((name, [(re.sub(rb" ?\\Recent", b"", r.text).replace(b"( ", b"("), r.literals)
                                    for r in status + fetched]))
            seen.append(sorted(r.text for r in imap.ok('LSUB "" *')))
        with self.server.pop3() as pop:
            seen += [pop.multi("UIDL"), pop.multi("LIST")]
        return seen

    def test_everything_is_there_after_a_restart(self):
        for number in range(20):
            self.server.deliver(MESSAGE % (number, number))
        with self.server.imap() as imap:
            imap.ok("CREATE Kept/Below")
            imap.command("CREATE Kept")
            imap.ok("SUBSCRIBE Kept/Below")
            imap.ok("SELECT INBOX")
            imap.ok("STORE 1:5 +FLAGS (\\Seen)")
            imap.ok("STORE 3 +FLAGS (\\Flagged $Later)")
            imap.ok("COPY 1:4 Kept")
            imap.ok("MOVE 19:20 Kept/Below")
            imap.ok("STORE 7 +FLAGS (\\Deleted)")
            imap.ok("EXPUNGE")
        before = self.picture()
        self.server.stop()
        self.server.start()
        self.assertEqual(before, self.picture())
        self.server.kill()
        self.server.start()
        self.assertEqual(before, self.picture())

    def test_sigterm_says_bye_and_ends_in_time(self):
        idle, busy, silent = self.server.imap(), self.server.imap(), self.server.imap(user=None)
        idle.ok("SELECT INBOX")
        idle.idle()
        busy.ok("SELECT INBOX")
        pop, lmtp = self.server.pop3("bob@example.org"), self.server.lmtp()
        began = time.monotonic()
        took = self.server.stop()
        try:
            self.assertLess(took, harness.STOP_LIMIT)
            for client in (idle, busy, silent):
                self.assertTrue(client.expect(rb"^\* BYE", 2))
                self.assertRaises((EOFError, ConnectionError), client.response)
        finally:
            for client in (idle, busy, silent, pop, lmtp):
                client.close()
            self.server.start()
        self.assertLess(time.monotonic() - began, harness.STOP_LIMIT + 5)

    def test_sigterm_during_a_large_download_ends_in_time(self):
        self.server.deliver(b"Subject: large\r\n\r\n" + (b"x" * 76 + b"\r\n") * 200_000)
        client = self.server.imap()
        client.ok("SELECT INBOX")
        client.send(b"d1 FETCH 1:* BODY.PEEK[]\r\n")  # and nobody reads the answer
        time.sleep(0.3)
        self.assertLess(self.server.stop(), harness.STOP_LIMIT)
        client.close()
        self.server.start()

    def test_the_log_tells_of_sessions_and_never_holds_a_secret(self):
        token = "wrong-%d" % random.randrange(10**9)
        with self.server.imap(user=None) as imap:
            imap.command(f"LOGIN alice@example.org {token}")
            imap.command(f'LOGIN "alice@example.org" "{token}" surplus')
            imap.command(f"NONSENSE {token}")
        with self.server.imap() as imap:
            imap.ok("LOGOUT")
        pop = self.server.poplib()
        pop.quit()
        with self.assertRaises(poplib.error_proto):
            self.server.poplib(password=token)
        log = harness.wait_until(lambda: self.server.log() if "alice@example.org" in self.server.log() else None,
                                 5, "the log names the account that logged in")
        for secret in (token, harness.PASSWORD):
            for form in (secret, base64.b64encode(b"\0alice@example.org\0" + secret.encode()).decode(),
                         base64.b64encode(secret.encode()).decode()):
                self.assertNotIn(form, log)
        for subject in (b"message 0", b"Subject:"):
            self.assertNotIn(subject.decode(), log)
