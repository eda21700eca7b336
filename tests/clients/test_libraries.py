"""Python's imaplib and poplib go through everything that they have."""

import imaplib
import poplib
import re

import harness

PLAIN = b"From: a@example.net\r\nTo: alice@example.org\r\nSubject: %s\r\nDate: Tue, 3 Mar 2026 10:00:00 +0100\r\n\r\nbody of %s\r\n"


class Imaplib(harness.ServerTest):
    def setUp(self):
        self.imap = self.server.imaplib()
        self.addCleanup(self.imap.shutdown)

    def ok(self, answer):
        self.assertEqual("OK", answer[0], answer)
        return answer[1]

    def fresh(self, name):
        self.ok(self.imap.create(name))
        self.ok(self.imap.select(name))
        return name

    def append(self, mailbox, subject, flags=None, date='"03-Mar-2026 10:00:00 +0100"'):
        return self.ok(self.imap.append(mailbox, flags, date, PLAIN % (subject, subject)))

    def test_mailboxes_are_made_listed_renamed_and_deleted(self):
        self.ok(self.imap.create("Tour"))
        self.ok(self.imap.create("Tour/Inner"))
        self.ok(self.imap.subscribe("Tour/Inner"))
        listed = b"\n".join(self.ok(self.imap.list()))
        self.assertIn(b"Tour/Inner", listed)
        self.assertIn(b"INBOX", listed)
        self.assertIn(b"Tour/Inner", b"\n".join(self.ok(self.imap.lsub())))
        self.ok(self.imap.rename("Tour", "Journey"))
        listed = b"\n".join(self.ok(self.imap.list('""', "Journey*")))
        self.assertIn(b"Journey/Inner", listed)
        self.ok(self.imap.unsubscribe("Tour/Inner"))
        self.ok(self.imap.delete("Journey/Inner"))
        self.ok(self.imap.delete("Journey"))
        self.assertEqual([None], self.ok(self.imap.list('""', "Journey*")))
        self.assertEqual("NO", self.imap.delete("Journey")[0])
        self.assertEqual("NO", self.imap.select("Journey")[0])
        self.ok(self.imap.namespace())

    def test_append_fetch_and_search(self):
        box = self.fresh("Letters")
        self.assertRegex(self.append(box, b"first")[0], rb"APPENDUID \d+ 1")
        self.append(box, b"second", r"(\Seen $Work)")
        self.append(box, b"third", r"(\Flagged)")
        self.assertEqual([b"3"], self.ok(self.imap.select(box)))
        self.assertEqual([b"1 2 3"], self.ok(self.imap.search(None, "ALL")))
        self.assertEqual([b"2"], self.ok(self.imap.search(None, "SEEN")))
        self.assertEqual([b"2"], self.ok(self.imap.search(None, "KEYWORD", "$Work")))
        self.assertEqual([b"1 3"], self.ok(self.imap.search(None, "NOT", "SEEN")))
        self.assertEqual([b"3"], self.ok(self.imap.search("UTF-8", "SUBJECT", "THIRD")))
        self.assertEqual([b"1"], self.ok(self.imap.search(None, "BODY", '"body of first"')))
        self.assertEqual([b"1 2 3"], self.ok(self.imap.search(None, "SENTON", "3-Mar-2026")))
        self.assertEqual([b""], self.ok(self.imap.search(None, "SINCE", "4-Mar-2026")))
        data = self.ok(self.imap.fetch("2", "(FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])"))
        self.assertEqual(PLAIN % (b"second", b"second"), data[0][1])
        self.assertIn(b'INTERNALDATE "03-Mar-2026', data[0][0] + data[1])
        self.assertIn(b"RFC822.SIZE %d" % len(data[0][1]), data[0][0] + data[1])
        envelope = self.ok(self.imap.fetch("3", "ENVELOPE"))[0]
        self.assertIn(b'"third" ((NIL NIL "a" "example.net"))', envelope)
        self.assertIn(b'("TEXT" "PLAIN"', self.ok(self.imap.fetch("3", "BODYSTRUCTURE"))[0].upper())
        self.assertEqual(b"body", self.ok(self.imap.fetch("3", "BODY.PEEK[TEXT]<0.4>"))[0][1])
        self.assertNotIn(b"Seen", self.ok(self.imap.fetch("3", "FLAGS"))[0])
        self.ok(self.imap.fetch("3", "RFC822"))
        self.assertIn(b"\\Seen", self.ok(self.imap.fetch("3", "FLAGS"))[0])
        self.assertEqual("BAD", self._status(self.imap.fetch, "1", "NONSENSE"))

    def _status(self, call, *arguments):
        try:
            return call(*arguments)[0]
        except imaplib.IMAP4.error as refusal:
            return re.search(r"BAD|NO", str(refusal))[0]

    def test_store_copy_move_and_expunge(self):
        box = self.fresh("Work")
        self.ok(self.imap.create("Done"))
        for subject in (b"a", b"b", b"c", b"d"):
            self.append(box, subject)
        self.ok(self.imap.noop())
        stored = self.ok(self.imap.store("1:2", "+FLAGS", r"(\Answered mine)"))
        self.assertEqual(2, len(stored))
        self.assertIn(b"mine", stored[0])
        self.assertNotIn(b"mine", self.ok(self.imap.store("1", "-FLAGS", "(mine)"))[0])
        self.ok(self.imap.store("1", "FLAGS.SILENT", r"(\Draft)"))
        self.assertIn(b"\\Draft", self.ok(self.imap.fetch("1", "FLAGS"))[0])
        self.ok(self.imap.copy("2", "Done"))
        self.ok(self.imap.uid("MOVE", "3", "Done"))
        self.assertEqual([b"3"], self.imap.response("EXPUNGE")[1])
        self.assertEqual([b"MESSAGES 2"], [re.search(rb"MESSAGES \d+", x)[0]
                                          for x in self.ok(self.imap.status("Done", "(MESSAGES)"))])
        self.ok(self.imap.store("1", "+FLAGS", r"(\Deleted)"))
        self.assertEqual([b"1"], self.ok(self.imap.expunge()))
        self.assertEqual([b"2 4"], self.ok(self.imap.uid("SEARCH", "ALL")))
        self.ok(self.imap.check())
        self.ok(self.imap.store("1", "+FLAGS", r"(\Deleted)"))
        self.ok(self.imap.close())
        self.assertIn(b"MESSAGES 1", self.ok(self.imap.status(box, "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)"))[0])
        self.assertEqual([b"2"], self.ok(self.imap.select("Done", readonly=True)))
        self._status(self.imap.store, "1", "+FLAGS", r"(\Flagged)")
        self.assertNotIn(b"Flagged", self.ok(self.imap.fetch("1", "FLAGS"))[0])  # it is only being looked at
        self.ok(self.imap.unselect())

    def test_names_outside_ascii_and_with_special_characters(self):
        for name in ('"Entw&APw-rfe"', '"two words"', '"50 &- more"', '"a\\"b"', '"&ZeVnLIqe-/sub"'):
            with self.subTest(name):
                self.ok(self.imap.create(name))
                self.ok(self.imap.select(name))
                self.ok(self.imap.append(name, None, None, PLAIN % (b"x", b"x")))
                self.assertEqual(1, len(self.ok(self.imap.fetch("1", "UID"))))
                self.ok(self.imap.unselect())
                self.ok(self.imap.delete(name))

    def test_enable_id_and_capability(self):
        offered = self.ok(self.imap.capability())[-1].decode().upper().split()
        for expected in ("IMAP4REV1", "IDLE", "UIDPLUS", "MOVE", "NAMESPACE", "ID", "ENABLE", "UNSELECT", "CHILDREN",
                         "SPECIAL-USE", "CREATE-SPECIAL-USE", "LITERAL+", "ESEARCH", "CONDSTORE"):
            with self.subTest(expected):
                self.assertIn(expected, offered)
        self.ok(self.imap.enable("CONDSTORE"))
        self.ok(self.imap.xatom("ID", "NIL"))

    def test_a_wrong_password_is_refused_and_no_other_account_is_seen(self):
        with self.assertRaises(imaplib.IMAP4.error):
            self.server.imaplib(password="wrong")
        with self.assertRaises(imaplib.IMAP4.error):
            self.server.imaplib(user="nobody@example.org")
        self.fresh("Secret")
        other = self.server.imaplib("bob@example.org")
        self.assertEqual("NO", other.select("Secret")[0])
        other.logout()


class Poplib(harness.ServerTest):
    def setUp(self):
        self.before = len(self.server.contents())
        for subject in (b"one", b"two", b"three"):
            self.server.deliver(PLAIN % (subject, subject) + b".\r\n..dots\r\n")

    def test_the_whole_tour(self):
        pop = self.server.poplib()
        count, octets = pop.stat()
        self.assertEqual(self.before + 3, count)
        listed = [tuple(map(int, line.split())) for line in pop.list()[1]]
        self.assertEqual(octets, sum(size for _, size in listed))
        last = count
        self.assertEqual(b"+OK %d %d" % listed[last - 1], pop.list(last))
        _, lines, size = pop.retr(last)
        text = b"\r\n".join(lines) + b"\r\n"
        self.assertTrue(text.endswith(b"body of three\r\n.\r\n..dots\r\n"), text)
        self.assertEqual(listed[last - 1][1], len(text))
        top = pop.top(last, 1)[1]
        self.assertEqual([b"", b"body of three"], top[-2:])
        self.assertEqual([b""], pop.top(last, 0)[1][-1:])
        uidls = [line.split()[1] for line in pop.uidl()[1]]
        self.assertEqual(count, len(set(uidls)))
        self.assertIn(b"UIDL", b" ".join(key.encode() for key in pop.capa()))
        pop.dele(last)
        self.assertRaises(poplib.error_proto, pop.retr, last)
        self.assertEqual(count - 1, pop.stat()[0])
        pop.rset()
        self.assertEqual(count, pop.stat()[0])
        pop.dele(last - 1)
        pop.noop()
        self.assertRaises(poplib.error_proto, pop.dele, count + 7)
        pop.quit()
        again = self.server.poplib()
        self.assertEqual([u for i, u in enumerate(uidls) if i != last - 2],
                         [line.split()[1] for line in again.uidl()[1]])
        again.quit()

    def test_deletions_without_quit_are_forgotten(self):
        pop = self.server.poplib()
        for number in range(1, self.before + 4):
            pop.dele(number)
        pop.close()
        self.assertEqual(self.before + 3, len(self.server.contents()))

    def test_a_second_session_of_the_same_maildrop_waits_for_its_turn(self):
        first = self.server.poplib()
        with self.assertRaises(poplib.error_proto):
            self.server.poplib()
        with self.server.imap() as imap:  # but IMAP does not
            imap.ok("SELECT INBOX")
        first.quit()
        harness.wait_until(self.can_log_in, 5, "the maildrop is free after QUIT")

    def can_log_in(self):
        try:
            self.server.poplib().quit()
            return True
        except poplib.error_proto:
            return False

    def test_a_wrong_password_is_refused(self):
        with self.assertRaises(poplib.error_proto) as refusal:
            self.server.poplib(password="wrong")
        self.assertIn("-ERR", str(refusal.exception))
