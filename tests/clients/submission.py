"""What users see of an MTA that asks Mailroom before it takes mail. The same tests for each MTA: test_submission.py has
Postfix, test_exim.py Exim."""

import collections
import concurrent.futures
import os
import pathlib
import re
import smtplib
import sys
import tempfile
import time

import harness
from test_sasl import HASHES, Scram

ALICE = "alice@example.org"
ALIAS = "info@example.org"
FULL = "full@example.org"  # has the one message that it may have
NARROW = "narrow@example.org"  # has room for small messages
GONE = "gone@example.org"  # may not log in
READERS = tuple(f"user{i}@example.org" for i in range(8))
SETTINGS = {ALICE: f"aliases={ALIAS}", FULL: "quota_messages=1", NARROW: "quota=10KiB", GONE: "disabled=yes"}

MESSAGES = int(os.environ.get("MAILROOM_SUBMISSIONS", "200"))
CONNECTIONS = 8
WAIT = 60.0 + MESSAGES / 10  # seconds for a queue to run empty


def listeners(directory):
    """What an MTA asks at, as sockets in a folder. Any user may connect here: MTAs run as their own."""
    return "".join(f"""
[[listener]]
protocol = "{protocol}"
address = "unix:{directory}/{protocol}"
mode = "0666"
""" for protocol in ("auth", "policy", "socketmap", "lmtp"))


class Submission(harness.ServerTest):
    """Not run by itself: start_mta() gives an MTA with `port`, that takes logins over STARTTLS, `queued`, `log`, `close`."""

    users = (ALICE, FULL, NARROW, GONE, *READERS)

    @classmethod
    def setUpClass(cls):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="mailroom-submission-"))
        cls.server = harness.Mailroom(cls.users, directory=directory, extra=listeners(directory))
        cls.addClassCleanup(cls.server.close)
        lines = cls.server.users_file.read_text().splitlines()
        cls.server.users_file.write_text("".join(f"{line} {SETTINGS.get(line.split()[0], '')}\n" for line in lines))
        cls.server.start()
        cls.server.deliver(b"Subject: the only one\r\n\r\nfull\r\n", FULL)
        cls.mta = cls.start_mta()
        cls.addClassCleanup(cls.mta.close)

    def connect(self, tls=True, port=None):
        smtp = smtplib.SMTP("localhost", port or self.mta.port, timeout=60)
        self.addCleanup(smtp.close)
        if tls:
            smtp.starttls(context=self.server.tls())
        smtp.ehlo()
        return smtp

    def log_in(self, user=ALICE, password=harness.PASSWORD, mechanism="PLAIN", **where):
        smtp = self.connect(**where)
        smtp.user, smtp.password = user, password
        if mechanism in HASHES:
            scram = Scram(HASHES[mechanism], password=password, user=user)
            smtp.auth(mechanism, lambda challenge=None: scram.answer(challenge or b"").decode())
        else:
            smtp.auth(mechanism, getattr(smtp, "auth_" + mechanism.lower()))
        return smtp

    def refusal(self, **login):
        with self.assertRaises(smtplib.SMTPAuthenticationError) as refused:
            self.log_in(**login)
        return refused.exception.smtp_code, refused.exception.smtp_error.decode()

    def ask(self, recipient, sender=ALICE, size=0):
        """The replies to MAIL and RCPT after a login, as one code and text: the first refusal, or the last reply."""
        smtp = self.log_in()
        code, text = smtp.mail(sender, [f"SIZE={size}"] if size else [])
        if code == 250:
            code, text = smtp.rcpt(recipient)
        smtp.rset()
        smtp.quit()
        return code, text.decode()

    # Logins

    def test_every_mechanism_lets_in(self):
        for mechanism in ("PLAIN", "LOGIN", *HASHES):
            with self.subTest(mechanism):
                before = self.server.log().count(f"login of {ALICE} by {mechanism}")
                smtp = self.log_in(mechanism=mechanism)
                self.assertEqual(250, smtp.mail(ALICE)[0])
                smtp.quit()
                self.assertEqual(before + 1, self.server.log().count(f"login of {ALICE} by {mechanism}"))
        self.assertRegex(self.server.log(), f"smtp 127\\.0\\.0\\.1(:\\d+)?: login of {ALICE} by PLAIN, TLS")

    def test_wrong_passwords_are_refused(self):
        for mechanism in ("PLAIN", "LOGIN", *HASHES):
            for user in (ALICE, "nobody@example.org"):
                with self.subTest(mechanism=mechanism, user=user):
                    self.assertEqual(535, self.refusal(mechanism=mechanism, user=user, password="wrong")[0])
        self.assertEqual(535, self.refusal(user=GONE)[0])
        self.assertRegex(self.server.log(), f'reason=disabled mechanism=PLAIN user="{GONE}": the account may not log in')

    def test_no_login_is_offered_without_tls(self):
        self.assertFalse(self.connect(tls=False).has_extn("auth"))
        self.assertTrue(self.connect().has_extn("auth"))

    def test_a_login_is_not_refused_for_good_while_the_server_is_down(self):
        smtp = self.connect()
        smtp.user, smtp.password = ALICE, harness.PASSWORD
        self.server.stop()
        try:
            with self.assertRaises(smtplib.SMTPAuthenticationError) as refused:
                smtp.auth("PLAIN", smtp.auth_plain)
            self.assertTrue(400 <= refused.exception.smtp_code < 500, refused.exception)
        finally:
            self.server.start()
        self.log_in().quit()

    # Envelopes

    def test_senders_are_those_of_the_login(self):
        for sender in (ALICE, ALIAS, "alice+lists@example.org"):
            self.assertEqual(250, self.ask(READERS[0], sender=sender)[0], sender)
        for sender in (READERS[1], "nobody@example.org", "alice@elsewhere.net"):
            code, text = self.ask(READERS[0], sender=sender)
            self.assertIn(code, (550, 553), (sender, text))

    def test_recipients_that_will_not_take_it_are_refused_at_once(self):
        for recipient in (READERS[0], ALIAS, "USER0@example.org", "user0+lists@example.org"):
            self.assertEqual(250, self.ask(recipient)[0], recipient)
        code, text = self.ask("nobody@example.org")
        self.assertEqual(550, code, text)
        self.assertIn("5.1.1", text)
        code, text = self.ask(FULL)
        self.assertEqual(452, code, text)
        self.assertIn(f"4.2.2 <{FULL}>", text)
        self.assertEqual(250, self.ask(NARROW, size=500)[0])
        self.assertEqual(452, self.ask(NARROW, size=50_000)[0])

    def test_recipients_are_not_refused_for_good_while_the_server_is_down(self):
        smtp = self.log_in()
        smtp.mail(ALICE)
        self.server.stop()
        try:
            code, text = smtp.rcpt(READERS[2])
            self.assertTrue(400 <= code < 500, (code, text))
        finally:
            self.server.start()

    def test_nobody_relays_without_a_login(self):
        smtp = self.connect()
        smtp.mail(ALICE)
        code, text = smtp.rcpt("somebody@elsewhere.net")
        self.assertTrue(500 <= code < 600, (code, text))

    # Mail

    def letter(self, number):
        return (f"From: {ALICE}\r\nTo: all\r\nSubject: letter {number}\r\nMessage-ID: <submission-{number}@example.org>\r\n\r\n"
                f"Letter {number}\r\n.\r\n..dots\r\n" + "line\r\n" * (number % 40)).encode()

    def recipients_of(self, number):
        some = [READERS[(number + i) % len(READERS)] for i in range(1 + number % 3)]
        return [*some, ALIAS] if number % 10 == 0 else some

    def submit(self, first):
        """Every CONNECTIONS-th letter, over one connection."""
        smtp = self.log_in(mechanism=("PLAIN", "LOGIN", "SCRAM-SHA-256")[first % 3])
        for number in range(first, MESSAGES, CONNECTIONS):
            smtp.sendmail(ALICE, self.recipients_of(number), self.letter(number))
        smtp.quit()

    def test_all_arrives_once_and_whole(self):
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as threads:
            for done in [threads.submit(self.submit, first) for first in range(CONNECTIONS)]:
                done.result(timeout=WAIT)
        submitted = time.monotonic() - began
        harness.wait_until(lambda: self.mta.queued() == 0, WAIT, f"the queue is empty:\n{self.mta.log()[-3000:]}")
        delivered = time.monotonic() - began
        expected = collections.defaultdict(collections.Counter)
        for number in range(MESSAGES):
            for recipient in self.recipients_of(number):
                expected[ALICE if recipient == ALIAS else recipient][number] += 1
        for user in (ALICE, *READERS):
            found = collections.Counter()
            for _, _, body in self.server.contents(user):
                identity = re.search(rb"^Message-ID: <submission-(\d+)@example.org>\r$", body, re.MULTILINE)
                if identity:
                    found[int(identity[1])] += 1
                    sent = self.letter(int(identity[1]))
                    self.assertEqual(sent.split(b"\r\n\r\n", 1)[1], body.split(b"\r\n\r\n", 1)[1])
            self.assertEqual(expected[user], found, user)
        print(f"\n{type(self).__name__}: {MESSAGES} messages taken in {submitted:.1f} s, delivered after {delivered:.1f} s",
              file=sys.stderr)
