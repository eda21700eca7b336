"""LMTP by programs that share no code with the server: Python's smtplib, and sockets for what that does not speak."""

import base64
import random
import re
import smtplib
import socket

import harness
import wire

ALICE, BOB, MTA, JUERGEN = "alice@example.org", "bob@example.org", "mx@example.org", "jürgen@bücher.example"
REMOTE_PORT = harness.free_ports(1)[0]  # as if from elsewhere: there nobody is trusted


class Lmtp(smtplib.LMTP):
    """smtplib's LMTP, which knows no LMTP but LHLO: sendmail is that of SMTP."""

    def each(self, sender, recipients, text, mail_options=(), rcpt_options=()):
        """Delivers by DATA; gives (code, text) for each recipient, those that RCPT refused among them."""
        code, said = self.mail(sender, mail_options)
        if code != 250:
            self.rset()
            return [(code, said)] * len(recipients)
        results = [self.rcpt(recipient, rcpt_options) for recipient in recipients]
        if not any(code == 250 for code, _ in results):
            self.rset()
            return results
        self.putcmd("data")
        code, said = self.getreply()
        assert code == 354, (code, said)
        self.send(smtplib._quote_periods(text) + b".\r\n")
        return [self.getreply() if code == 250 else (code, said) for code, said in results]


class LmtpClients(harness.ServerTest):
    users = (ALICE, BOB, MTA, JUERGEN, *(f"user{i}@example.org" for i in range(500)))
    options = {"plain_passwords": True, "extra": f"""
[[listener]]
protocol = "lmtp"
address = "127.0.0.1:{REMOTE_PORT}"
tls = "starttls"
trusted_networks = ["192.0.2.0/24"]

[lmtp]
deliverers = ["{MTA}"]
deliver_to_detail = true
duplicate_window = "1 d"
"""}

    def remote(self, login=None):
        client = Lmtp("127.0.0.1", REMOTE_PORT, timeout=30)
        self.addCleanup(client.close)
        
        client.starttls(context=self.server.tls())
        client.ehlo()
        if login:
            client.login(login, harness.PASSWORD)
        return client

    def local(self):
        client = Lmtp("127.0.0.1", self.server.lmtp_port, timeout=30)
        self.addCleanup(client.close)
        client.ehlo()
        return client

    def stored(self, token, user=ALICE, mailbox="INBOX"):
        """What clients sent of the only message with `token`: its text behind the trace fields."""
        bodies = [body for _, _, body in self.server.contents(user, mailbox) if token in body]
        self.assertEqual(1, len(bodies))
        return bodies[0], re.sub(rb"\A(?:(?:Return-Path|Delivered-To|Original-Recipient|Received): .*\r\n(?:\t.*\r\n)*){2,4}", b"",
                                 bodies[0])

    def test_smtplib_delivers_to_each_recipient(self):
        client = self.local()
        self.assertTrue({"pipelining", "size", "8bitmime", "binarymime", "chunking", "smtputf8",
                         "enhancedstatuscodes", "ignorequota"} <= set(client.esmtp_features))
        text = b"Subject: one-1\r\n\r\n.\r\n..\r\nGr\xc3\xbc\xc3\x9fe\r\n"
        results = client.each("a@b.example", [ALICE, "nobody@example.org", BOB], text, ["BODY=8BITMIME", f"SIZE={len(text)}"])
        self.assertEqual([250, 550, 250], [code for code, _ in results])
        self.assertTrue(results[1][1].startswith(b"5.1.1 "), results)
        for user in (ALICE, BOB):
            self.assertEqual(text, self.stored(b"one-1", user)[1])
        self.assertEqual(252, client.verify("alice")[0])
        self.assertEqual(502, client.expn("staff")[0])
        self.assertIn(b"BDAT", client.help())

    def test_strangers_log_in(self):
        client = self.remote()
        self.assertIn("PLAIN", client.esmtp_features["auth"])
        self.assertEqual((530, b"5.7.0 Authentication required: send AUTH"), client.mail("a@b.example"))
        with self.assertRaises(smtplib.SMTPAuthenticationError) as refused:
            client.login(MTA, "wrong")
        self.assertEqual(535, refused.exception.smtp_code)
        client.login(MTA, harness.PASSWORD)
        client.ehlo()
        text = b"Subject: remote-1\r\n\r\nx\r\n"
        self.assertEqual([250], [code for code, _ in client.each("a@b.example", [ALICE], text)])
        body, sent = self.stored(b"remote-1")
        self.assertEqual(text, sent)
        self.assertRegex(body, rb"\(using TLSv1\.3 with cipher \S+ \(\d+ bits\)\)\r\n\tby mail\.example\.org with LMTPSA id ")
        self.assertIn("login of mx@example.org by ", self.server.log())

    def test_accounts_that_are_no_deliverers_are_refused(self):
        code, text = self.remote(login=ALICE).mail("a@b.example")
        self.assertEqual(550, code)
        self.assertIn(b"5.7.1 ", text)
        self.assertIn(b"deliverers", text)

    def test_nothing_before_the_handshake_counts(self):
        """CVE-2011-0411: commands that somebody put behind STARTTLS."""
        with socket.create_connection(("127.0.0.1", REMOTE_PORT), timeout=20) as plain:
            wire_of = plain.makefile("rb")
            wire_of.readline()
            plain.sendall(b"LHLO x\r\n")
            while wire_of.readline()[3:4] == b"-":
                pass
            plain.sendall(b"STARTTLS\r\nLHLO injected\r\nNOOP\r\n")
            self.assertTrue(wire_of.readline().startswith(b"220 "))
            with self.server.tls().wrap_socket(plain, server_hostname="localhost") as tls:
                tls.sendall(b"MAIL FROM:<>\r\n")
                self.assertEqual(b"503 5.5.1 LHLO comes first\r\n", tls.recv(1000))

    def test_binary_mime_reaches_imap_as_it_was(self):
        data = bytes(range(256)) * 40 + b"\r\n.\r\n"
        text = (b"Subject: binary-1\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\n"
                b"--=_b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
                b"--=_b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n"
                + data + b"\r\n--=_b--\r\n")
        with self.server.lmtp() as client:
            self.assertEqual(250, client.command("MAIL FROM:<a@b.example> BODY=BINARYMIME")[0])
            self.assertEqual(250, client.command(f"RCPT TO:<{ALICE}>")[0])
            self.assertEqual(503, client.command("DATA")[0])
            sent = 0
            for size in (1, 999, 0, 5000):
                client.send(b"BDAT %d\r\n" % size + text[sent:sent + size])
                self.assertEqual(250, client.reply()[0])
                sent += size
            client.send(b"BDAT %d LAST\r\n" % (len(text) - sent) + text[sent:])
            self.assertEqual(250, client.reply()[0])
        with self.server.imap() as imap:
            imap.ok('SELECT "INBOX"')
            imap.send(b'f UID SEARCH SUBJECT binary-1\r\n')
            uid = None
            while True:
                line = imap.line()
                if found := re.match(rb"\* SEARCH (\d+)|\* ESEARCH .*ALL (\d+)", line):
                    uid = (found[1] or found[2]).decode()
                if line.startswith(b"f "):
                    break
            part = self.literal(imap, f"UID FETCH {uid} (BINARY.PEEK[2])")
            self.assertEqual(data, part)
            size = self.literal(imap, f"UID FETCH {uid} (BINARY.SIZE[2])")
            self.assertEqual(len(data), size)
            whole = self.literal(imap, f"UID FETCH {uid} (BINARY.PEEK[])")
            self.assertTrue(whole.endswith(text))

    def literal(self, imap, command):
        """The octets of the only literal of the response, or the number behind BINARY.SIZE."""
        imap.send(b"l " + command.encode() + b"\r\n")
        result = None
        while True:
            line = imap.line()
            if size := re.search(rb"~?\{(\d+)\}$", line):
                while len(imap.buffer) < int(size[1]):
                    imap.fill()
                result = bytes(imap.buffer[:int(size[1])])
                del imap.buffer[:int(size[1])]
            elif number := re.search(rb"BINARY\.SIZE\[2\] (\d+)", line):
                result = int(number[1])
            elif line.startswith(b"l "):
                self.assertTrue(line.startswith(b"l OK"), line)
                return result

    def test_addresses_beyond_ascii(self):
        client = self.local()
        client.command_encoding = "utf-8"
        self.assertEqual(553, client.each("a@b.example", [JUERGEN], b"\r\n")[0][0])
        text = "Subject: Grüße-1\r\n\r\nx\r\n".encode()
        spelled = ["jürgen@bücher.example", "ju\u0308rgen@bücher.example", "jürgen@xn--bcher-kva.example"]
        results = client.each("é@b.example", spelled, text, ["SMTPUTF8", "BODY=8BITMIME"])
        self.assertEqual([250] * 3, [code for code, _ in results], results)
        self.assertTrue(all(said.isascii() for _, said in results))
        client.each("é@b.example", [JUERGEN], text.replace(b"-1", b"-2"), ["SMTPUTF8"])
        with self.server.pop3(JUERGEN, utf8=True) as pop3:
            bodies = [pop3.retr(1 + i) for i in range(4)]
        self.assertIn(" with UTF8LMTP id ".encode(), bodies[3])
        self.assertIn("for <jürgen@bücher.example>;".encode(), bodies[3])

    def test_duplicates_are_known_after_a_restart(self):
        text = b"Message-ID: <dup-1@x>\r\nSubject: dup-1\r\n\r\nx\r\n"
        self.assertEqual((250, b"2.0.0 <bob@example.org> Delivered"), self.local().each("a@b.example", [BOB], text)[0])
        self.server.kill()
        self.server.start()
        self.assertEqual((250, b"2.0.0 <bob@example.org> Delivered before: dropped"),
                         self.local().each("a@b.example", [BOB], text)[0])
        self.stored(b"dup-1", BOB)
        self.assertIn("dropped as a duplicate", self.server.log())

    def test_details(self):
        with self.server.imap() as imap:
            imap.ok('CREATE "Lists/Local"')
        text = b"Subject: detail-1\r\n\r\nx\r\n"
        results = self.local().each("a@b.example", ["alice+lists.local@example.org", "alice+none@example.org"], text)
        self.assertEqual([250, 250], [code for code, _ in results])
        self.assertEqual(text, self.stored(b"detail-1", ALICE, "Lists/Local")[1])
        self.assertEqual(text, self.stored(b"detail-1", ALICE)[1])

    def test_a_thousand_recipients_share_one_body(self):
        noise = random.Random(1).randbytes(750_000)
        text = b"Subject: all-1\r\n\r\n" + base64.encodebytes(noise).replace(b"\n", b"\r\n")
        users = [user for user in self.users if user.startswith("user")]
        client = self.local()
        first = client.each("a@b.example", users, b"Subject: first\r\n\r\n")  # makes the accounts
        self.assertEqual({250}, {code for code, _ in first})
        before = sum(file.stat().st_size for file in self.server.store.rglob("*") if file.is_file())
        client = wire.Lmtp(("127.0.0.1", self.server.lmtp_port))
        client.send(b"MAIL FROM:<a@b.example>\r\n" + b"".join(b"RCPT TO:<%s>\r\n" % user.encode() for user in users * 2)
                    + b"BDAT %d LAST\r\n" % len(text) + text)
        codes = [client.reply()[0] for _ in range(1 + 2 * 2 * len(users))]
        client.close()
        after = sum(file.stat().st_size for file in self.server.store.rglob("*") if file.is_file())
        self.assertEqual({250}, set(codes))
        self.assertLess(after - before, 8 << 20)
        self.assertEqual(2, sum(b"all-1" in body for _, _, body in self.server.contents("user7@example.org")))


class WithDsn(harness.ServerTest):
    options = {"plain_passwords": True, "extra": "[lmtp]\nannounce_dsn = true\n"}

    def test_the_original_recipient_is_kept(self):
        with self.server.lmtp() as client:
            self.assertIn(b"250-DSN", client.extensions)
            self.assertEqual(250, client.command("MAIL FROM:<a@b.example> RET=HDRS ENVID=QQ314159")[0])
            self.assertEqual(250, client.command(
                f"RCPT TO:<{ALICE}> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Sales+2Bde@Example.org")[0])
            self.assertEqual(354, client.command("DATA")[0])
            client.send(b"Subject: dsn\r\n\r\n.\r\n")
            self.assertEqual(250, client.reply()[0])
        self.assertIn(b"\r\nOriginal-Recipient: rfc822;Sales+de@Example.org\r\n", self.server.contents(ALICE)[0][2])
