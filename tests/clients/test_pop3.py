"""POP3 with all that Python's poplib, fetchmail, getmail and mpop know of it: STLS, UTF8, LANG, views, take-over."""

import poplib
import subprocess
import time

import harness

STLS_PORT = harness.free_ports(1)[0]
UTF8_MESSAGE = ("From: José <josé@exämple.com>\r\nSubject: Grüße %s\r\nMessage-ID: <%s@example.net>\r\n\r\n"
                "Übung\r\n.dot\r\n")
MESSAGE = "From: a@example.net\r\nSubject: %s\r\nMessage-ID: <%s@example.net>\r\n\r\nText of %s\r\n.dot\r\n"


class Pop3(harness.ServerTest):
    users = tuple(f"user{i}@example.org" for i in range(14))
    next_user = iter(users)
    options = {"extra": f"""
[[listener]]
protocol = "pop3"
address = "127.0.0.1:{STLS_PORT}"
tls = "starttls"

[pop3]
takeover_time = "1 s"
account_expire = "1 d"
account_login_delay = "1 min"
"""}

    def setUp(self):
        self.user = next(Pop3.next_user)
        self.home = self.server.directory / self.user
        self.home.mkdir()

    def fill(self, *subjects, pattern=MESSAGE):
        for subject in subjects:
            text = pattern % ((subject,) * pattern.count("%s"))
            self.server.deliver(text.encode(), self.user)

    def set_up_account(self, settings):
        """Gives the account settings in the users file."""
        path = self.server.users_file
        lines = [f"{line} {settings}" if line.startswith(self.user) else line
                 for line in path.read_text().splitlines()]
        path.write_text("\n".join(lines) + "\n")

    def plain(self):
        return poplib.POP3("localhost", STLS_PORT, timeout=30)

    def login(self, client):
        client.user(self.user)
        client.pass_(harness.PASSWORD)
        return client

    def test_poplib_stls_and_capabilities(self):
        client = self.plain()
        before = client.capa()
        self.assertEqual([], before["STLS"])
        self.assertNotIn("USER", before)
        with self.assertRaisesRegex(poplib.error_proto, "under TLS only"):
            client.user(self.user)
        client.stls(self.server.tls())
        after = client.capa()
        self.assertNotIn("STLS", after)
        self.assertEqual(["USER"], after["UTF8"])
        self.assertEqual([], after["LANG"])
        self.assertEqual(["1", "USER"], after["EXPIRE"])
        self.assertEqual(["60", "USER"], after["LOGIN-DELAY"])
        self.login(client)
        self.assertEqual((["NEVER"], ["0"]), (client.capa()["EXPIRE"], client.capa()["LOGIN-DELAY"]))
        client.quit()

    def test_poplib_utf8_and_surrogates(self):
        self.fill("eins", pattern=UTF8_MESSAGE)
        client = self.plain()
        client.stls(self.server.tls())
        client.utf8()
        self.login(client)
        self.assertIn("Subject: Grüße eins".encode(), client.retr(1)[1])
        client.quit()
        old = self.server.poplib(self.user)
        lines = old.retr(1)[1]
        header = lines[: lines.index(b"")]
        self.assertTrue(all(octet < 128 for octet in b"".join(header)), header)
        self.assertTrue(any(b"invalid@internationalized-address.invalid" in line for line in header), header)
        self.assertEqual(["Übung".encode(), b".dot"], lines[lines.index(b"") + 1:])
        old.quit()

    def test_languages(self):
        client = self.server.poplib(self.user)
        self.assertEqual([b"i-default English", b"en English", b"de Deutsch", "fr Français".encode()],
                         client._longcmd("LANG")[1])
        self.assertTrue(client._shortcmd("LANG de").startswith(b"+OK de Texte"))
        with self.assertRaisesRegex(poplib.error_proto, "Diese Nachricht gibt es nicht"):
            client.retr(1)
        client.quit()

    def test_a_silent_client_loses_its_maildrop(self):
        self.fill("one")
        first = self.server.poplib(self.user)
        first.dele(1)
        with self.assertRaisesRegex(poplib.error_proto, r"\[IN-USE\]"):
            self.server.poplib(self.user)
        time.sleep(1.2)
        second = self.server.poplib(self.user)
        self.assertEqual(b"", first.file.readline())  # closed, without a word
        self.assertEqual(1, second.stat()[0])  # and without UPDATE
        third = self.server.imaplib(self.user)  # IMAP waits for nobody
        self.assertEqual([b"1"], third.select("INBOX")[1])
        third.logout()
        second.quit()

    def test_accounts_have_views_and_delays_of_their_own(self):
        self.fill("one", "two", "three")
        imap = self.server.imaplib(self.user)
        imap.select("INBOX")
        imap.uid("MOVE", "1", "Archive")
        imap.uid("MOVE", "2", "Trash")
        imap.logout()
        self.set_up_account("pop3_view=all,newest pop3_expire=5d pop3_login_delay=30s")
        client = self.server.poplib(self.user)
        self.assertEqual(2, client.stat()[0])
        ids = [line.split()[1] for line in client.uidl()[1]]
        self.assertEqual(2, len(set(ids)))
        subjects = [line for number in (1, 2) for line in client.top(number, 0)[1] if line.startswith(b"Subject:")]
        self.assertEqual([b"Subject: one", b"Subject: three"], sorted(subjects))  # they came in the same second
        self.assertEqual((["5"], ["30"]), (client.capa()["EXPIRE"], client.capa()["LOGIN-DELAY"]))
        client.quit()
        with self.assertRaisesRegex(poplib.error_proto, r"\[LOGIN-DELAY\]"):
            self.server.poplib(self.user)

    def mpop(self, *arguments, expect=(0,)):
        for part in ("cur", "new", "tmp"):
            (self.home / "out" / part).mkdir(parents=True, exist_ok=True)
        return self.run_client(
            "mpop", "--host=localhost", *arguments, f"--user={self.user}", f"--passwordeval=echo {harness.PASSWORD}",
            f"--tls-trust-file={self.server.certificate}", f"--delivery=maildir,{self.home}/out",
            f"--uidls-file={self.home}/uidls", expect=expect, env={"HOME": str(self.home)})

    def test_mpop_keeps_by_uidl_and_deletes(self):
        self.fill("one", "two")
        tls = (f"--port={self.server.pop3_port}", "--tls=on", "--tls-starttls=off")
        self.mpop(*tls, "--keep=on")
        self.received("one", "two")
        self.fill("three")
        self.mpop(*tls, "--keep=on")
        self.received("one", "two", "three")
        self.assertEqual(3, len(self.server.contents(self.user)))
        self.mpop(*tls, "--keep=off")
        self.assertEqual([], self.server.contents(self.user))

    def test_mpop_by_stls_and_every_way_to_log_in(self):
        self.fill("one")
        for count, way in enumerate(("user", "plain", "scram-sha-256"), 1):
            self.fill(way)
            self.mpop(f"--port={STLS_PORT}", "--tls=on", "--tls-starttls=on", f"--auth={way}", "--keep=on")
            self.assertEqual(count + 1, len(list((self.home / "out/new").iterdir())))
        shown = subprocess.run(["mpop", "--serverinfo", "--host=localhost", f"--port={self.server.pop3_port}",
                                "--tls=on", "--tls-starttls=off", f"--tls-trust-file={self.server.certificate}"],
                               capture_output=True, text=True, timeout=30, check=True).stdout
        for word in ("Mailroom", "PIPELINING", "UIDL", "TOP", "SCRAM-SHA-256"):
            self.assertIn(word, shown)

    def test_fetchmail_keeps_over_a_change_of_the_order(self):
        self.fill("one", "two")
        self.fetchmail()
        self.set_up_account("pop3_view=newest")
        self.fill("three")
        self.fetchmail()
        self.received("one", "two", "three")  # each once: ids stay with the messages

    def fetchmail(self):
        (self.home / "out").mkdir(exist_ok=True)
        script = self.home / "store"
        script.write_text(f'#!/bin/sh\ncat > "$(mktemp {self.home}/out/XXXXXXXX)"\n')
        script.chmod(0o755)
        rc = self.home / "fetchmailrc"
        rc.write_text(f'poll localhost protocol pop3 port {STLS_PORT} uidl user "{self.user}" '
                      f'password "{harness.PASSWORD}" sslproto "TLS1.2+" sslcertck '
                      f'sslcertfile "{self.server.certificate}" mda "{script}"\n')
        rc.chmod(0o600)
        self.run_client("fetchmail", "-f", rc, "--nodetach", "--nosyslog", "--keep", "-i", self.home / "ids",
                        env={"HOME": str(self.home), "FETCHMAILHOME": str(self.home)})


class Hiding(harness.ServerTest):
    """Deletion that only hides, and ids as Dovecot makes them."""

    options = {"extra": '[pop3]\ndeletes = "flag"\nuidl_format = "%08Xu%08Xv"\nlanguage = "fr"\n'}

    def test_deleted_messages_stay_for_imap(self):
        for subject in ("one", "two"):
            self.server.deliver((MESSAGE % ((subject,) * 3)).encode())
        client = self.server.poplib()
        ids = [line.split()[1] for line in client.uidl()[1]]
        self.assertTrue(all(len(each) == 16 for each in ids), ids)
        self.assertTrue(ids[0].startswith(b"00000001"), ids)
        self.assertTrue(client._shortcmd("LANG *").startswith(b"+OK fr "))
        client.dele(1)
        client.quit()
        client = self.server.poplib()
        self.assertEqual([ids[1]], [line.split()[1] for line in client.uidl()[1]])
        client.quit()
        flags = [flags for _, flags, _ in self.server.contents()]
        self.assertEqual([["$POP3Deleted"], []], flags)
