"""What Thunderbird, Roundcube, Alpine and others were recorded to send, sent octet for octet."""

import base64
import re
import socket
import ssl
import threading
import warnings

import harness
import wire

MESSAGE = (b"From: =?utf-8?Q?J=C3=BCrgen?= <j@example.net>\r\nTo: alice@example.org\r\nSubject: %s\r\n"
           b"Message-ID: <%s@example.net>\r\nDate: Tue, 3 Mar 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
           b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
           b"inner body of %s\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment\r\n"
           b"Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n")


def letter(subject):
    return MESSAGE.replace(b"%s", subject)


class Raw(wire.Imap):
    """Sends lines as they stand, tags included."""

    def say(self, line, expected=b"OK"):
        tag = line.split(b" ")[0]
        self.send(line + b"\r\n")
        untagged, tagged = self.finish(tag)
        if not tagged.startswith(expected):
            raise AssertionError(f"{line!r} was answered {tagged!r}")
        return b"\n".join(r.text + b"".join(r.literals) for r in untagged)


class Transcripts(harness.ServerTest):
    def raw(self):
        client = Raw((self.server.host, self.server.imap_port), str(self.server.certificate))
        self.addCleanup(client.close)
        return client

    def fill(self, mailbox, *subjects):
        with self.server.imap() as imap:
            imap.command(f"CREATE {mailbox}")
            for subject in subjects:
                self.assertIn(b"OK", imap.append(mailbox.encode(), letter(subject)))

    def test_thunderbird(self):
        self.fill("Tb", b"one", b"two", b"three", b"four")
        tb = self.raw()
        tb.say(b"1 capability")
        tb.send(b"2 authenticate PLAIN\r\n")  # without an initial response
        self.assertEqual(b"+", tb.response().text.strip())
        tb.send(base64.b64encode(b"\0alice@example.org\0" + harness.PASSWORD.encode()) + b"\r\n")
        self.assertTrue(tb.finish(b"2")[1].startswith(b"OK"))
        tb.say(b"3 capability")
        tb.say(b'4 ID ("name" "Thunderbird" "version" "115.9.0")')
        tb.say(b"5 namespace")
        self.assertIn(b"Tb", tb.say(b'6 list "" "*"'))
        tb.say(b'7 lsub "" "*"')
        tb.say(b'8 list "" "INBOX"')
        tb.say(b'9 select "Tb"')
        self.assertEqual(4, tb.say(b"10 UID fetch 1:* (FLAGS)").count(b"FETCH"))
        self.assertEqual(1, tb.say(b"11 UID fetch 21:* (FLAGS)").count(b"FETCH"), "n:* always names the last")
        got = tb.say(b"12 UID fetch 1:4 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date "
                     b"Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To)])")
        self.assertEqual(4, got.count(b"Message-ID: <"))
        self.assertNotIn(b"MIME-Version", got)
        self.assertIn(b"\\Flagged", tb.say(b"13 uid store 4 +Flags (\\Flagged)"))
        self.assertIn(b"$label2", tb.say(b"14 uid store 1:2 +Flags ($label2)"))
        self.assertRegex(tb.say(b'15 uid SEARCH UNDELETED BODY "inner body of tw"'), rb"SEARCH 2$")
        self.assertIn(letter(b"three"), tb.say(b"16 UID fetch 3 (UID RFC822.SIZE BODY.PEEK[])"))
        self.assertNotIn(b"Seen", tb.say(b"17 uid fetch 3 (FLAGS)"))
        self.assertIn(b"inner body", tb.say(b"18 uid fetch 3 (BODY.PEEK[1] BODY.PEEK[2.MIME])"))
        tb.send(b"19 IDLE\r\n")
        self.assertTrue(tb.response().text.startswith(b"+"))
        tb.send(b"DONE\r\n")
        self.assertTrue(tb.finish(b"19")[1].startswith(b"OK"))
        tb.send(b'20 append "Tb" (\\Seen) {%d+}\r\n' % len(letter(b"sent")) + letter(b"sent") + b"\r\n")
        untagged, tagged = tb.finish(b"20")
        self.assertRegex(tagged, rb"OK \[APPENDUID \d+ 5\]")
        tb.say(b"21 noop")
        tb.say(b"22 create \"Tb/Sub\"")
        tb.say(b"23 subscribe \"Tb/Sub\"")
        self.assertIn(b"COPYUID", tb.say(b"24 uid move 1:2 \"Tb/Sub\""))
        self.assertEqual(3, tb.say(b"25 UID fetch 1:* (FLAGS)").count(b"FETCH"))
        tb.say(b"26 uid store 3 +FLAGS (\\Seen \\Deleted)")
        tb.say(b"27 expunge")
        tb.say(b"28 close")
        tb.say(b"29 nonsense", b"BAD")
        tb.say(b"30 logout")

    def test_lower_case_and_odd_tags(self):
        self.fill("Odd", b"one", b"two")
        alpine = self.raw()
        alpine.say(b"00000001 login alice@example.org %s" % harness.PASSWORD.encode())
        alpine.say(b"00000002 select odd", b"NO")  # names of mailboxes keep their case
        alpine.say(b"00000003 select Odd")
        alpine.say(b"IAGI1 STORE 2 +Flags (\\DELETED)")
        self.assertIn(b"Deleted", alpine.say(b"A0001 fetch 2 flags"))
        alpine.say(b"a0000 fetch 1 (uid flags internaldate rfc822.size body[header] body[text]<0.5>)")
        alpine.say(b"x.y-z!1 noop")
        alpine.say(b"7 select inbox")
        alpine.say(b"8 select InBoX")
        alpine.say(b"9 examine INBOX")

    def test_pipelined_commands_are_answered_in_order(self):
        self.fill("Pipe", *[b"p%d" % i for i in range(40)])
        imap = self.raw()
        imap.send(b'a1 LOGIN alice@example.org %s\r\na2 ENABLE UTF8=ACCEPT\r\na3 LIST "" *\r\na4 SELECT Pipe\r\n'
                  % harness.PASSWORD.encode())
        for tag in (b"a1", b"a2", b"a3", b"a4"):
            self.assertTrue(imap.finish(tag)[1].startswith(b"OK"), tag)
        imap.send(b"".join(b"f%d UID FETCH %d (BODY.PEEK[])\r\n" % (i, i) for i in range(1, 41)))
        bodies = []
        for i in range(1, 41):
            untagged, tagged = imap.finish(b"f%d" % i)
            self.assertTrue(tagged.startswith(b"OK"), tagged)
            bodies += [literal for response in untagged for literal in response.literals]
        self.assertEqual([letter(b"p%d" % i) for i in range(40)], bodies)
        imap.send(b"c1 CLOSE\r\nc2 SELECT INBOX\r\nc3 CLOSE\r\nc4 EXAMINE Pipe\r\nc5 UNSELECT\r\nc6 LOGOUT\r\n")
        for tag in (b"c1", b"c2", b"c3", b"c4", b"c5", b"c6"):
            self.assertTrue(imap.finish(tag)[1].startswith(b"OK"), tag)

    def test_roundcube_opens_many_short_connections(self):
        self.fill("Rc", *[b"r%d" % i for i in range(15)])
        failures = []

        def session(index):
            try:
                with Raw((self.server.host, self.server.imap_port), str(self.server.certificate)) as rc:
                    rc.say(b'A0001 ID ("name" "Roundcube Webmail" "version" "1.6.5")')
                    secret = base64.b64encode(b"\0alice@example.org\0" + harness.PASSWORD.encode())
                    rc.say(b"A0002 AUTHENTICATE PLAIN " + secret)
                    rc.say(b"A0003 NAMESPACE")
                    rc.say(b"A0004 STATUS Rc (MESSAGES UNSEEN RECENT UIDNEXT UIDVALIDITY HIGHESTMODSEQ)")
                    rc.say(b"A0005 SELECT Rc")
                    self.assertIn(b"ALL 1:15", rc.say(b"A0006 UID SEARCH RETURN (ALL) UNDELETED"))
                    self.assertRegex(rc.say(b"A0007 UID SEARCH 12"), rb"SEARCH 12\b")
                    rc.say(b"A0008 UID FETCH 1:15 (UID RFC822.SIZE FLAGS INTERNALDATE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS "
                           b"(DATE FROM TO SUBJECT CONTENT-TYPE CC REPLY-TO LIST-POST DISPOSITION-NOTIFICATION-TO X-PRIORITY)])")
                    rc.say(b"A0009 UID STORE %d +FLAGS.SILENT (\\Seen)" % (index % 15 + 1))
                    rc.say(b"A0010 LOGOUT")
            except Exception as failure:  # collected: a thread's exception would go unseen
                failures.append(f"{index}: {failure!r}")

        for _ in range(2):
            threads = [threading.Thread(target=session, args=(i,)) for i in range(25)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        self.assertEqual([], failures)
        flags = [flags for _, flags, _ in self.server.contents(mailbox="Rc")]
        self.assertEqual([["\\Seen"]] * 15, flags)

    def test_literals_of_all_kinds_in_any_place(self):
        imap = self.raw()
        imap.send(b"l1 LOGIN {17}\r\n")
        self.assertTrue(imap.response().text.startswith(b"+"))
        imap.send(b"alice@example.org {%d+}\r\n%s\r\n" % (len(harness.PASSWORD), harness.PASSWORD.encode()))
        self.assertTrue(imap.finish(b"l1")[1].startswith(b"OK"))
        imap.send(b"l2 CREATE {7+}\r\nLiteral\r\nl3 SELECT {7+}\r\nLiteral\r\n")
        for tag in (b"l2", b"l3"):
            self.assertTrue(imap.finish(tag)[1].startswith(b"OK"))
        imap.send(b"l4 SEARCH SUBJECT {3+}\r\nabc TEXT {3+}\r\ndef\r\n")
        self.assertTrue(imap.finish(b"l4")[1].startswith(b"OK"))

    def test_commands_cut_anywhere_arrive_whole(self):
        imap = self.raw()
        text = b"k1 LOGIN alice@example.org %s\r\nk2 SELECT INBOX\r\nk3 NOOP\r\n" % harness.PASSWORD.encode()
        for octet in text:
            imap.send(bytes([octet]))
        for tag in (b"k1", b"k2", b"k3"):
            self.assertTrue(imap.finish(tag)[1].startswith(b"OK"))

    def test_refusals_leave_the_session_alive(self):
        imap = self.raw()
        imap.say(b"r1 SELECT INBOX", b"")  # not logged in yet
        imap.say(b"r2 LOGIN alice@example.org wrong", b"NO")
        imap.say(b"r3 LOGIN alice@example.org " + harness.PASSWORD.encode())
        for line in (b"r4 FETCH 1 FLAGS", b"r5 SELECT", b"r6 STATUS INBOX", b"r7 STORE", b"r8 UID", b"r9 UID NONSENSE 1"):
            imap.say(line, b"BAD")
        imap.say(b"r10 SELECT nowhere", b"NO")
        self.assertIn(b"TRYCREATE", imap.append(b"nowhere", b"Subject: x\r\n\r\n"))
        imap.say(b"r11 SELECT INBOX")
        imap.say(b"r12 SELECT (QRESYNC", b"BAD")
        imap.say(b"r13 NOOP")

    def test_a_pop3_client_that_pipelines(self):
        for subject in (b"one", b"two", b"three"):
            self.server.deliver(letter(subject), "bob@example.org")
        with self.server.pop3("bob@example.org") as pop:
            pop.send(b"LIST\r\nRETR 1\r\nRETR 2\r\nRETR 3\r\nDELE 1\r\nDELE 2\r\nDELE 3\r\nQUIT\r\n")
            pop.reply()
            while pop.line() != b".":
                pass
            for subject in (b"one", b"two", b"three"):
                pop.reply()
                lines = []
                while (line := pop.line()) != b".":
                    lines.append(line)
                self.assertTrue(b"\r\n".join(lines + [b""]).endswith(letter(subject)))
            for _ in range(4):
                pop.reply()
        self.assertEqual([], self.server.contents("bob@example.org"))

    def test_strangers_who_speak_no_tls_or_say_nothing_harm_nobody(self):
        sockets = []
        for data in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01", b"\0" * 4096):
            sock = socket.create_connection((self.server.host, self.server.imap_port), timeout=5)
            self.addCleanup(sock.close)
            try:
                sock.sendall(data)
            except ConnectionError:
                pass
            sockets.append(sock)
        with self.server.imap() as imap:
            imap.ok("NOOP")

    def test_old_tls_is_refused(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection((self.server.host, self.server.imap_port), timeout=5) as sock:
            self.assertRaises((ssl.SSLError, ConnectionError), context.wrap_socket, sock)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.server.tls()
            context.minimum_version = context.maximum_version = version
            with socket.create_connection((self.server.host, self.server.imap_port), timeout=5) as sock:
                with context.wrap_socket(sock, server_hostname="localhost") as tls:
                    self.assertTrue(re.match(rb"\* OK", tls.recv(4096)))
