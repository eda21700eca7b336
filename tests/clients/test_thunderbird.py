"""Thunderbird: keeps its mail on disk, learns by IDLE of new mail, and does to the server what its user does."""

import re

import harness
from thunderbird import Thunderbird

MESSAGE = (b"From: a@example.net\r\nTo: alice@example.org\r\nSubject: %s\r\nMessage-ID: <%s@example.net>\r\n"
           b"Date: Tue, 3 Mar 2026 10:00:00 +0100\r\n\r\nText of %s\r\n")
TIME_LIMIT = 20.0  # seconds until the other side must know


def letter(subject):
    return MESSAGE.replace(b"%s", subject)


class BirdTest(harness.ServerTest):
    """One Thunderbird for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for subject in (b"one", b"two", b"three"):
            cls.server.deliver(letter(subject))
        with cls.server.imap() as imap:
            imap.ok("ENABLE UTF8=ACCEPT")
            for mailbox in ("Work", "Work/Entwürfe & mehr", "Search", "Moves", "Others"):
                imap.ok(f'CREATE "{mailbox}"')
                imap.ok(f'SUBSCRIBE "{mailbox}"')  # it shows no others
        cls.bird = Thunderbird(cls.server, cls.server.directory / "thunderbird")
        cls.addClassCleanup(cls.bird.stop)
        cls.bird.start()
        cls.bird.log_in()
        cls.bird.run("return update('INBOX')")
        harness.wait_until(lambda: "Work" in cls.folders(), TIME_LIMIT, "Thunderbird lists the mailboxes")

    @classmethod
    def folders(cls):
        return cls.bird.run("return root.descendants.map(onlineName)")

    def tearDown(self):
        refusals = [answer for answer in self.bird.answers() if re.match(r"\d+ (BAD|NO) |\* BAD ", answer)]
        self.assertEqual([], refusals)

    def fill(self, mailbox, *subjects):
        with self.server.imap() as imap:
            for subject in subjects:
                imap.append(mailbox.encode(), letter(subject))

    def state(self, mailbox):
        """Flags of each message on the server by its subject."""
        return {re.search(rb"Subject: (\S+)", body)[1].decode(): flags
                for _, flags, body in self.server.contents(mailbox=mailbox)}

    def known(self, mailbox):
        """What Thunderbird knows of them: subject, and whether it is read and flagged."""
        return {subject: (read, flagged) for subject, read, flagged in self.bird.run(
            "return messages(arguments[0]).map(one => [one.mime2DecodedSubject, one.isRead, one.isFlagged])", mailbox)}

    def eventually(self, expected, look, *arguments):
        """Insists that a look gives this in a while."""
        try:
            harness.wait_until(lambda: look(*arguments) == expected, TIME_LIMIT, f"{look.__name__} gives {expected}")
        except AssertionError:
            self.assertEqual(expected, look(*arguments))


class ThunderbirdTest(BirdTest):
    """Each test has a mailbox of its own."""

    def test_the_inbox_is_on_disk_and_new_mail_comes_by_idle(self):
        harness.wait_until(lambda: b"Text of three" in self.bird.on_disk("INBOX"), TIME_LIMIT, "INBOX is on disk")
        kept = self.bird.on_disk("INBOX").replace(b"\r\n", b"\n")
        for _, _, octets in self.server.contents():
            self.assertIn(octets.replace(b"\r\n", b"\n"), kept)
        for subject in (b"four", b"five"):
            # Of mail that is told in the answer to another command it takes no notice before its next look.
            harness.wait_until(lambda: self.bird.commands()[-1].endswith(" IDLE"), TIME_LIMIT, "it waits in IDLE")
            self.server.deliver(letter(subject))
            harness.wait_until(lambda: b"Text of " + subject in self.bird.on_disk("INBOX"), TIME_LIMIT, "it is on disk")
        self.assertIn("five", self.known("INBOX"))

    def test_extensions_are_used(self):
        for command in ('ID ("name" "Thunderbird"', "ENABLE UTF8=ACCEPT", "namespace", "COMPRESS DEFLATE",
                        "return (special-use)", "xlist", "myrights", "getquotaroot", "LANGUAGE"):
            # It shows the mailboxes before it has done with what it asks after a login.
            harness.wait_until(lambda: command in "\n".join(self.bird.commands()), TIME_LIMIT, f"it sends {command}")
        special = self.bird.run("""
            return root.descendants.filter(one => one.flags & (Ci.nsMsgFolderFlags.SentMail | Ci.nsMsgFolderFlags.Drafts
                | Ci.nsMsgFolderFlags.Junk | Ci.nsMsgFolderFlags.Trash | Ci.nsMsgFolderFlags.Archive)).map(onlineName)""")
        self.assertEqual({"Archive", "Drafts", "Junk", "Sent", "Trash"}, set(special))

    def test_folders_are_made_renamed_and_found(self):
        self.assertIn("Work/Entwürfe & mehr", self.folders())
        self.bird.run("root.createSubfolder('Übung', null); return null;")
        harness.wait_until(lambda: "Übung" in self.mailboxes(), TIME_LIMIT, "the mailbox is made")
        harness.wait_until(lambda: "Übung" in self.folders(), TIME_LIMIT, "it is shown")
        self.fill("&ANw-bung", b"exercise")
        self.bird.run("return update('Übung')")
        self.eventually({"exercise": (False, False)}, self.known, "Übung")
        self.bird.run("folder('Übung').rename('Prüfung', null); return null;")
        harness.wait_until(lambda: "Prüfung" in self.mailboxes() and "Übung" not in self.mailboxes(), TIME_LIMIT,
                           "the mailbox is renamed")

    def mailboxes(self):
        with self.server.imap() as imap:
            imap.ok("ENABLE UTF8=ACCEPT")
            return {line.text.decode().split('"/" ')[1].strip('"') for line in imap.ok('LIST "" *')}

    def test_what_its_user_does_arrives(self):
        self.fill("Moves", b"read", b"flag", b"label", b"copy", b"move", b"delete")
        self.bird.run("return update('Moves')")
        self.eventually(6, lambda: len(self.known("Moves")))
        self.bird.run("""
            const here = folder("Moves");
            here.markMessagesRead(bySubject("Moves", "read"), true);
            here.markMessagesFlagged(bySubject("Moves", "flag"), true);
            here.addKeywordsToMessages(bySubject("Moves", "label"), "$label1");
            MailServices.copy.copyMessages(here, bySubject("Moves", "copy"), folder("Work"), false, null, null, false);
            return null;""")
        self.eventually({"read": ["\\Seen"], "flag": ["\\Flagged"], "label": ["$label1"], "copy": [], "move": [], "delete": []},
                        self.state, "Moves")
        self.eventually({"copy": []}, self.state, "Work")
        self.bird.run("""
            const here = folder("Moves");
            MailServices.copy.copyMessages(here, bySubject("Moves", "move"), folder("Work"), true, null, null, false);
            return null;""")
        self.eventually({"copy", "move"}, lambda: set(self.state("Work")))
        self.bird.run("folder('Moves').deleteMessages(bySubject('Moves', 'delete'), null, false, true, null, false); return null;")
        self.eventually({"delete"}, lambda: set(self.state("Trash")))
        self.bird.run("folder('Moves').compact(null, null); return null;")
        self.eventually({"read", "flag", "label", "copy"}, lambda: set(self.state("Moves")))

    def test_what_others_do_is_shown(self):
        self.fill("Others", b"read", b"flag", b"gone", b"stays")
        self.bird.run("return update('Others')")
        self.eventually(4, lambda: len(self.known("Others")))
        with self.server.imap() as imap:
            imap.ok("SELECT Others")
            imap.ok("STORE 1 +FLAGS (\\Seen)")
            imap.ok("STORE 2 +FLAGS (\\Flagged)")
            imap.ok("STORE 3 +FLAGS (\\Deleted)")
            imap.ok("EXPUNGE")
        self.bird.run("return update('Others')")
        self.eventually({"read": (True, False), "flag": (False, True), "stays": (False, False)}, self.known, "Others")

    def test_it_searches_on_the_server(self):
        self.fill("Search", b"apple", b"pear", b"plum")
        self.bird.run("return update('Search')")
        self.eventually(3, lambda: len(self.known("Search")))
        found = self.bird.run("""
            const session = Cc["@mozilla.org/messenger/searchSession;1"].createInstance(Ci.nsIMsgSearchSession);
            session.addScopeTerm(Ci.nsMsgSearchScope.onlineMail, folder("Search"));
            const term = session.createTerm(), value = term.value;
            value.attrib = term.attrib = Ci.nsMsgSearchAttrib.Body;
            value.str = arguments[0];
            term.value = value;
            term.op = Ci.nsMsgSearchOp.Contains;
            session.appendTerm(term);
            const hits = [];
            return new Promise(resolve => {
                session.registerListener({
                    onSearchHit: message => hits.push(message.mime2DecodedSubject),
                    onSearchDone: () => resolve(hits),
                    onNewSearch() {},
                });
                session.search(null);
            });""", "TEXT OF P")
        self.assertEqual({"pear", "plum"}, set(found))
        self.assertTrue([sent for sent in self.bird.commands() if re.search(r"uid SEARCH .*BODY", sent, re.I)])

    def test_quota_is_shown_where_there_is_one(self):
        if " QUOTA " in self.bird.answers()[0]:
            shown = self.bird.run("""
                return folder("INBOX").QueryInterface(Ci.nsIMsgImapMailFolder).getQuota()
                    .map(one => [one.name, one.usage, one.limit])""")
            self.assertTrue(shown)


class ThunderbirdAgain(BirdTest):
    def test_the_second_start_fetches_what_is_new(self):
        harness.wait_until(lambda: b"Text of three" in self.bird.on_disk("INBOX"), TIME_LIMIT, "INBOX is on disk")
        self.bird.stop()
        self.server.deliver(letter(b"meanwhile"))
        self.bird.start()
        self.bird.run("return update('INBOX')")
        harness.wait_until(lambda: b"Text of meanwhile" in self.bird.on_disk("INBOX"), TIME_LIMIT, "it is on disk")
        self.assertEqual({"one", "two", "three", "meanwhile"}, set(self.known("INBOX")))
        bodies = [re.search(r"UID fetch (\S+)", sent)[1] for sent in self.bird.commands() if "BODY.PEEK[]" in sent]
        self.assertEqual(["4"], bodies)
