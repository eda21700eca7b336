"""curl, the client of scripts: IMAP and POP3 by URL."""

import harness

MESSAGE = b"From: a@example.net\r\nTo: alice@example.org\r\nSubject: %s\r\n\r\nThe body of %s.\r\n.\r\n"


class Curl(harness.ServerTest):
    def curl(self, protocol, path, *arguments, password=harness.PASSWORD, expect=(0,)):
        port = self.server.imap_port if protocol == "imaps" else self.server.pop3_port
        return self.run_client("curl", "-sS", "--max-time", "30", "--cacert", self.server.certificate,
                               "--user", f"alice@example.org:{password}", f"{protocol}://localhost:{port}/{path}",
                               *arguments, expect=expect).stdout

    def test_imap_list_append_search_and_fetch(self):
        letter = self.server.directory / "letter.eml"
        letter.write_bytes(MESSAGE % (b"by curl", b"curl"))
        self.curl("imaps", "", "-X", "CREATE Curl")
        self.assertIn(b"Curl", self.curl("imaps", ""))
        self.curl("imaps", "Curl", "-T", letter)
        self.assertEqual(b"* SEARCH 1\r\n", self.curl("imaps", "Curl?SUBJECT%20curl"))
        self.assertEqual(letter.read_bytes(), self.curl("imaps", "Curl;UID=1"))
        self.assertEqual(letter.read_bytes(), self.curl("imaps", "Curl;MAILINDEX=1"))
        self.assertEqual(b"The body of curl.\r\n.\r\n", self.curl("imaps", "Curl;UID=1;SECTION=TEXT"))
        self.assertIn(b"\\Seen", self.curl("imaps", "Curl", "-X", "FETCH 1 FLAGS"))
        self.assertIn(b"\\Flagged", self.curl("imaps", "Curl", "-X", "STORE 1 +FLAGS (\\Flagged)"))
        self.curl("imaps", "Curl", "-X", "STORE 1 +FLAGS (\\Deleted)")
        self.assertIn(b"1 EXPUNGE", self.curl("imaps", "Curl", "-X", "EXPUNGE"))
        self.curl("imaps", "Curl;UID=1", expect=(78,))

    def test_pop3_list_retrieve_and_delete(self):
        for subject in (b"first", b"second"):
            self.server.deliver(MESSAGE % (subject, subject))
        listed = self.curl("pop3s", "").split(b"\r\n")
        self.assertEqual([b"1", b"2"], [line.split()[0] for line in listed if line])
        second = self.curl("pop3s", "2")
        self.assertTrue(second.endswith(MESSAGE % (b"second", b"second")), second)
        self.assertEqual(int(listed[1].split()[1]), len(second))
        self.curl("pop3s", "1", "-X", "DELE", "-l")
        left = self.server.contents()
        self.assertEqual(1, len(left))
        self.assertIn(b"Subject: second", left[0][2])

    def test_a_wrong_password_ends_with_its_exit_code(self):
        self.curl("imaps", "", password="wrong", expect=(67,))
        self.curl("pop3s", "", password="wrong", expect=(67,))

    def test_authentication_mechanisms_on_request(self):
        for options in ("AUTH=PLAIN", "AUTH=LOGIN"):
            with self.subTest(options):
                self.assertIn(b"INBOX", self.curl("imaps", "", "--login-options", options))
        self.curl("pop3s", "", "--login-options", "AUTH=PLAIN")
