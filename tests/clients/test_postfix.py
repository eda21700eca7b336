"""A real Postfix takes mail by SMTP and delivers it by LMTP."""

import collections
import re
import smtplib

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


class WithPostfixElsewhere(harness.ServerTest):
    """Postfix is not trusted: it comes by TLS and logs in, and uses what the server offers."""

    port = harness.free_ports(1)[0]
    sender, juergen = SENDER, "jürgen@bücher.example"
    users = (SENDER, "bob@example.org", "mx@example.org", juergen)
    options = {"plain_passwords": True, "extra": f"""
[[listener]]
protocol = "lmtp"
address = "127.0.0.1:{port}"
tls = "starttls"
trusted_networks = ["192.0.2.0/24"]

[lmtp]
deliverers = ["mx@example.org"]
"""}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postfix = Postfix(cls.port, f"""
smtputf8_enable = yes
virtual_mailbox_domains = example.org bücher.example
lmtp_tls_security_level = secure
lmtp_tls_secure_cert_match = localhost
lmtp_tls_CAfile = {cls.server.certificate}
lmtp_sasl_auth_enable = yes
lmtp_sasl_password_maps = static:mx@example.org:{harness.PASSWORD}
lmtp_sasl_tls_security_options = noanonymous
""")
        cls.addClassCleanup(cls.postfix.close)
        cls.postfix.start()

    def received(self, token, user):
        """The only message of the user with `token`, once it is there."""
        with self.server.pop3(user, utf8=True) as pop3:
            count = int(pop3.ok("STAT").split()[1])
            bodies = [body for body in (pop3.retr(1 + i) for i in range(count)) if token in body]
        return bodies

    def wait_for(self, token, user):
        bodies = harness.wait_until(lambda: self.received(token, user), 30,
                                    f"{user} has {token}:\n{self.postfix.log()[-3000:]}")
        self.assertEqual(1, len(bodies))
        return bodies[0]

    def test_it_logs_in_over_tls(self):
        with smtplib.SMTP("127.0.0.1", self.postfix.port, timeout=30) as smtp:
            smtp.sendmail(SENDER, ["bob@example.org", SENDER], b"Subject: tls-1\r\n\r\n.\r\nGr\xc3\xbc\xc3\x9fe\r\n",
                          mail_options=["BODY=8BITMIME"])
        for user in ("bob@example.org", SENDER):
            body = self.wait_for(b"tls-1", user)
            self.assertRegex(body, rb"Received: from mx\.example\.org \(\[127\.0\.0\.1\]\)\r\n\t\(using TLSv1\.3 with cipher")
            self.assertIn(b" with LMTPSA id ", body)
            self.assertTrue(body.endswith(b"\r\n\r\n.\r\nGr\xc3\xbc\xc3\x9fe\r\n"), body)
        self.assertIn("login of mx@example.org by ", self.server.log())

    def test_addresses_beyond_ascii(self):
        with smtplib.SMTP("127.0.0.1", self.postfix.port, timeout=30) as smtp:
            smtp.ehlo()
            smtp.sendmail("renée@example.org", [self.juergen], "Subject: Grüße utf8-1\r\n\r\nx\r\n".encode(),
                          mail_options=["SMTPUTF8", "BODY=8BITMIME"])
        body = self.wait_for(b"utf8-1", self.juergen)
        self.assertTrue(body.startswith("Return-Path: <renée@example.org>\r\n".encode()), body)
        self.assertIn(b" with UTF8LMTPSA id ", body)

    def test_who_asks_for_it_is_told_of_the_delivery(self):
        """DSN is not offered, so it is Postfix that tells (RFC 3461, 5.2.2)."""
        with smtplib.SMTP("127.0.0.1", self.postfix.port, timeout=30) as smtp:
            smtp.sendmail(SENDER, ["bob@example.org"], b"Subject: dsn-1\r\n\r\nx\r\n",
                          mail_options=["RET=HDRS", "ENVID=QQ314159"], rcpt_options=["NOTIFY=SUCCESS"])
        self.wait_for(b"dsn-1", "bob@example.org")
        told = self.wait_for(b"QQ314159", SENDER)
        self.assertRegex(told, rb"Action: (delivered|relayed)\r\nStatus: 2\.0\.0")
        self.assertIn(b"bob@example.org", told)
