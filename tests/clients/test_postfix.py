"""A real Postfix takes mail by SMTP and delivers it by LMTP."""

import collections
import re

import harness
from postfix import Postfix

SENDER = "alice@example.org"
WAIT = 60.0  # seconds for a queue to run empty


class WithPostfix(harness.ServerTest):
    users = ("alice@example.org", *(f"user{i}@example.org" for i in range(10)))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postfix = Postfix(cls.server.lmtp_port)
        cls.addClassCleanup(cls.postfix.close)
        cls.postfix.start()

    def letter(self, number):
        return (b"From: alice@example.org\r\nTo: all\r\nSubject: letter-%04d\r\nMessage-ID: <letter-%04d@example.org>\r\n\r\n"
                b"Gr\xc3\xbc\xc3\x9fe %d\r\n.\r\n..two dots\r\n%s\r\n" % (number, number, number, b"line\r\n" * (number % 50)))

    def drained(self):
        harness.wait_until(lambda: self.postfix.queued() == 0, WAIT, f"Postfix's queue is empty:\n{self.postfix.log()[-3000:]}")

    def letters_of(self, user, first, count):
        """How often each of the letters lies in the INBOX of the user; each is compared with what was sent."""
        found = collections.Counter()
        for _, _, body in self.server.contents(user):
            subject = re.search(rb"Subject: letter-(\d+)", body)
            if subject and first <= int(subject[1]) < first + count:
                number = int(subject[1])
                sent = self.letter(number)
                self.assertEqual(sent.split(b"\r\n\r\n", 1)[1], body.split(b"\r\n\r\n", 1)[1])
                self.assertIn(b"Message-ID: <letter-%04d@example.org>" % number, body)
                self.assertTrue(body.lower().startswith(b"return-path: <" + SENDER.encode() + b">\r\n"), body[:200])
                found[number] += 1
        return found

    def test_mail_in_by_smtp_arrives_once_and_whole(self):
        batch, expected = [], collections.defaultdict(collections.Counter)
        for number in range(240):
            recipients = [self.users[1 + (number + i) % 10] for i in range(1 + number % 4)]
            for recipient in recipients:
                expected[recipient][number] += 1
            batch.append((recipients, self.letter(number)))
        self.postfix.send(SENDER, batch)
        self.drained()
        for user in self.users[1:]:
            self.assertEqual(expected[user], self.letters_of(user, 0, 240), user)

    def test_an_unknown_recipient_bounces_and_the_others_get_theirs(self):
        self.postfix.send(SENDER, [(["nobody@example.org", "user3@example.org"], self.letter(5000))])
        self.drained()
        self.assertEqual({5000: 1}, dict(self.letters_of("user3@example.org", 5000, 1)))

        def bounced():
            return [body for _, _, body in self.server.contents(SENDER) if b"letter-5000" in body]

        bounces = harness.wait_until(bounced, 20, "the sender gets a bounce")
        self.assertEqual(1, len(bounces))
        self.assertIn(b"nobody@example.org", bounces[0])
        self.assertIn(b"5.1.1", bounces[0])

    def test_mail_waits_while_the_server_is_down(self):
        self.server.stop()
        try:
            self.postfix.send(SENDER, [(["user4@example.org", "user5@example.org"], self.letter(6000 + i)) for i in range(20)])
            harness.wait_until(lambda: "status=deferred" in self.postfix.log(), 20, "Postfix defers")
        finally:
            self.server.start()
        self.postfix.run("postqueue", "-f")
        self.drained()
        for user in ("user4@example.org", "user5@example.org"):
            self.assertEqual({6000 + i: 1 for i in range(20)}, dict(self.letters_of(user, 6000, 20)))
