"""The subcommands of the program beside the running server, and STARTTLS and plain connections to it."""

import imaplib

import harness
import wire

STARTTLS_PORT, PLAIN_PORT = harness.free_ports(2)


class Program(harness.ServerTest):
    options = {"extra": f"""
[[listener]]
protocol = "imap"
address = "127.0.0.1:{STARTTLS_PORT}"
tls = "starttls"

[[listener]]
protocol = "imap"
address = "127.0.0.1:{PLAIN_PORT}"
tls = "none"
allow_plaintext_login = true

[lmtp]
deliver_to_detail = true
"""}

    def may_log_in(self, user, password):
        try:
            self.server.imaplib(user, password).logout()
            return True
        except imaplib.IMAP4.error:
            return False

    def test_accounts_come_change_and_go_without_a_restart(self):
        program = self.server.command
        program("user", "add", "carol@example.org", "--password-stdin", stdin="first-secret\n")
        harness.wait_until(lambda: self.may_log_in("carol@example.org", "first-secret"), 10, "the new account works")
        self.server.deliver(b"Subject: hello\r\n\r\nhello\r\n", "Carol@Example.ORG")
        program("user", "passwd", "carol@example.org", "--password-stdin", stdin="second-secret\n")
        harness.wait_until(lambda: self.may_log_in("carol@example.org", "second-secret"), 10, "the new password works")
        self.assertFalse(self.may_log_in("carol@example.org", "first-secret"))
        self.assertIn("carol@example.org", program("user", "list").stdout)
        again = program("user", "add", "carol@example.org", "--password-stdin", stdin="x\n", check=False)
        self.assertNotEqual(0, again.returncode)
        self.assertIn("exists already", again.stderr)
        program("user", "remove", "carol@example.org")
        self.assertNotIn("carol@example.org", program("user", "list").stdout)
        harness.wait_until(lambda: not self.may_log_in("carol@example.org", "second-secret"), 10, "the account is gone")

        def is_unknown():
            with self.server.lmtp() as lmtp:
                return lmtp.deliver(b"Subject: x\r\n\r\n", "carol@example.org")[0][0] == 550

        harness.wait_until(is_unknown, 10, "its mail is refused")

    def test_deliver_takes_a_message_from_standard_input(self):
        self.server.command("deliver", "bob@example.org", stdin="Subject: by hand\n\nline one\nline two\n")
        bodies = [body for _, _, body in self.server.contents("bob@example.org")]
        self.assertEqual(1, sum(b.endswith(b"Subject: by hand\r\n\r\nline one\r\nline two\r\n") for b in bodies), bodies)
        refused = self.server.command("deliver", "nobody@example.org", stdin="Subject: x\n\n", check=False)
        self.assertNotEqual(0, refused.returncode)
        self.assertIn("nobody@example.org", refused.stderr)

    def test_details_go_to_their_mailbox_where_it_exists(self):
        with self.server.imap() as imap:
            imap.ok("CREATE lists")
        self.server.deliver(b"Subject: to lists\r\n\r\nx\r\n", "alice+lists@example.org")
        self.server.deliver(b"Subject: to nowhere\r\n\r\nx\r\n", "alice+nowhere@example.org")
        self.assertEqual(1, len(self.server.uid_of(b"to lists", mailbox="lists")))
        self.assertEqual(1, len(self.server.uid_of(b"to nowhere")))

    def test_starttls_and_what_was_sent_before_it(self):
        client = imaplib.IMAP4("localhost", STARTTLS_PORT, timeout=20)
        self.assertIn("LOGINDISABLED", client.capabilities)
        with self.assertRaises(imaplib.IMAP4.error):
            client.login("alice@example.org", harness.PASSWORD)
        client.starttls(self.server.tls())
        client.login("alice@example.org", harness.PASSWORD)
        client.logout()

        # A command behind STARTTLS in the same packet comes from whoever sits on the wire: it is not run.
        with wire.Imap(("127.0.0.1", STARTTLS_PORT)) as raw:
            raw.send(b"a STARTTLS\r\nb NOOP\r\n")
            self.assertTrue(raw.finish(b"a")[1].startswith(b"OK"))
            raw.sock = self.server.tls().wrap_socket(raw.sock, server_hostname="localhost")
            self.assertEqual(b"", bytes(raw.buffer))
            raw.send(b"c CAPABILITY\r\n")
            untagged, tagged = raw.finish(b"c")
            self.assertTrue(tagged.startswith(b"OK"))
            self.assertEqual([b"CAPABILITY"], [r.text.split()[1] for r in untagged])
            self.assertNotIn(b"STARTTLS", untagged[0].text)

    def test_a_plain_listener_on_loopback_takes_logins_when_it_says_so(self):
        with wire.Imap(("127.0.0.1", PLAIN_PORT)) as raw:
            raw.ok(f"LOGIN alice@example.org {harness.PASSWORD}")
            raw.ok("SELECT INBOX")
            raw.ok("LOGOUT")

    def test_the_same_store_is_not_served_twice(self):
        second = self.server.command("serve", check=False)
        self.assertNotEqual(0, second.returncode)
        self.assertRegex(second.stdout + second.stderr, r"in use|already|another")
        with self.server.imap() as imap:
            imap.ok("NOOP")
