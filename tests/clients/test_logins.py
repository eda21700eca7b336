"""What stands around passwords: weak schemes, rehash at login, app passwords, acting as another, networks."""

import base64
import hashlib
import imaplib
import re

import harness
import wire

ALICE, BOB, CAROL, ADMIN = (f"{name}@example.org" for name in ("alice", "bob", "carol", "admin"))


def ssha512(password):
    salt = b"saltsalt"
    return "{SSHA512}" + base64.b64encode(hashlib.sha512(password.encode() + salt).digest() + salt).decode()


def refusal(server, user, password, protocol="imap"):
    port = server.imap_port if protocol == "imap" else server.pop3_port
    with (wire.Imap if protocol == "imap" else wire.Pop3)((server.host, port), str(server.certificate)) as client:
        try:
            client.login(user, password)
        except AssertionError as refused:
            return str(refused)
    return "none"


class Logins(harness.ServerTest):
    users = (ALICE, BOB, ADMIN)
    options = {"more_auth": 'master_separator = "*"\nweak_schemes = true'}

    def edit_users(self, change):
        """Changes the users file for one test."""
        before = self.server.users_file.read_text()
        self.addCleanup(self.server.users_file.write_text, before)
        self.server.users_file.write_text(change(before))

    def set(self, user, settings):
        self.edit_users(lambda text: re.sub(rf"^({user} .*)$", rf"\1 {settings}", text, flags=re.M))

    def imap_plain(self, name, password, authzid=""):
        """The account that the login opens, by what it sees; the refusal's text otherwise."""
        client = imaplib.IMAP4_SSL("localhost", self.server.imap_port, ssl_context=self.server.tls(), timeout=30)
        try:
            client.authenticate("PLAIN", lambda _: f"{authzid}\0{name}\0{password}".encode())
            return self.whose(client)
        except imaplib.IMAP4.error as refusal:
            return str(refusal)
        finally:
            client.shutdown()

    @staticmethod
    def whose(client):
        client.select("INBOX", readonly=True)
        return client.fetch("1", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0][1].decode().split()[1]

    def refusal(self, user, password, protocol="imap"):
        """The text with which a login by a password is refused."""
        return refusal(self.server, user, password, protocol)

    def mark_mailboxes(self):
        for user in self.users:
            if not self.server.contents(user):
                self.server.deliver(f"Subject: {user}\r\n\r\nx\r\n".encode(), user)

    def test_masters_act_as_others(self):
        self.mark_mailboxes()
        self.assertIn("CONTACTADMIN", self.imap_plain(ADMIN, harness.PASSWORD, ALICE))
        self.set(ADMIN, "master=yes")
        self.assertEqual(ALICE, self.imap_plain(ADMIN, harness.PASSWORD, ALICE))
        self.assertEqual(ADMIN, self.imap_plain(ADMIN, harness.PASSWORD))
        self.assertEqual(ADMIN, self.imap_plain(ADMIN, harness.PASSWORD, ADMIN.upper()))
        self.assertEqual(BOB, self.imap_plain(f"{BOB}*{ADMIN}", harness.PASSWORD))
        self.assertIn("AUTHENTICATIONFAILED", self.imap_plain(ADMIN, "wrong", ALICE))
        self.assertIn("CONTACTADMIN", self.imap_plain(ADMIN, harness.PASSWORD, "nobody@example.org"))
        self.assertIn("CONTACTADMIN", self.imap_plain(ALICE, harness.PASSWORD, BOB))
        self.assertIn("AUTHENTICATIONFAILED", self.imap_plain(f"{ADMIN}*{ALICE}", "wrong"))
        self.assertIn(f"login of {ADMIN} as {ALICE} by PLAIN, TLS", self.server.log())
        client = self.server.poplib(f"{ALICE}*{ADMIN}")
        self.assertIn(f"Subject: {ALICE}".encode(), client.top(1, 0)[1])
        client.quit()

    def test_masters_of_some(self):
        self.mark_mailboxes()
        self.edit_users(lambda text: re.sub(rf"^({ADMIN} .*)$", rf"\1 master=$sales", text, flags=re.M)
                        .replace(f"{BOB} ", f"{BOB} ", 1))
        self.assertIn("CONTACTADMIN", self.imap_plain(ADMIN, harness.PASSWORD, BOB))
        self.set(BOB, "groups=sales")
        self.assertEqual(BOB, self.imap_plain(ADMIN, harness.PASSWORD, BOB))
        self.assertIn("CONTACTADMIN", self.imap_plain(ADMIN, harness.PASSWORD, ALICE))
        self.set(BOB, "disabled=yes")
        self.assertIn("CONTACTADMIN", self.imap_plain(ADMIN, harness.PASSWORD, BOB))

    def test_app_passwords(self):
        made = self.server.command("user", "app-password", "add", ALICE, "phone", "--protocols", "imap").stdout.strip()
        self.assertRegex(made, r"^([a-z]{4}-){4}[a-z]{4}$")
        self.server.imaplib(ALICE, made).logout()
        self.server.imaplib(ALICE, made.upper().replace("-", " ")).logout()
        self.server.imaplib(ALICE).logout()  # the account's own
        self.assertIn("AUTHENTICATIONFAILED", self.refusal(BOB, made))
        self.assertIn("not log in here", self.refusal(ALICE, made, "pop3"))
        self.assertIn("it is for imap only", self.server.log())
        self.assertIn("CONTACTADMIN", self.imap_plain(ALICE, made, BOB))
        late = self.server.command("user", "app-password", "add", ALICE, "old", "--expires", "2020-01-31").stdout.strip()
        self.assertIn("CONTACTADMIN", self.refusal(ALICE, late))
        far = self.server.command("user", "app-password", "add", ALICE, "far", "--networks", "192.0.2.0/24").stdout.strip()
        self.assertIn("CONTACTADMIN", self.refusal(ALICE, far))
        listed = self.server.command("user", "app-password", "list", ALICE).stdout
        self.assertIn("phone protocols=imap, last used: never", listed)  # written within a minute
        self.assertIn("old expires=2020-01-31, last used: never", listed)
        again = self.server.command("user", "app-password", "add", ALICE, "phone", check=False)
        self.assertIn("has an app password phone already", again.stderr)
        self.server.command("user", "app-password", "remove", ALICE, "phone")
        self.assertIn("AUTHENTICATIONFAILED", self.refusal(ALICE, made))
        missing = self.server.command("user", "app-password", "remove", ALICE, "phone", check=False)
        self.assertEqual(1, missing.returncode)
        self.assertNotIn(made, self.server.log())

    def test_use_of_app_passwords_is_kept(self):
        made = self.server.command("user", "app-password", "add", BOB, "tablet").stdout.strip()
        self.server.imaplib(BOB, made).logout()
        self.server.stop()
        self.server.start()
        listed = self.server.command("user", "app-password", "list", BOB).stdout
        self.assertRegex(listed, r"^tablet, last used: 20\d\d-\d\d-\d\d \d\d:\d\d UTC by imap from 127\.0\.0\.1\n$")

    def test_networks_of_an_account(self):
        self.set(BOB, "networks=192.0.2.0/24,2001:db8::/32")
        self.assertIn("CONTACTADMIN", self.refusal(BOB, harness.PASSWORD))
        self.assertIn("CONTACTADMIN", self.refusal(BOB, "wrong"))  # no password is looked at
        self.set(BOB, "networks=127.0.0.0/8")
        self.server.imaplib(BOB).logout()

    def test_better_hashes_are_stored_at_the_login(self):
        self.edit_users(lambda text: text + f"{CAROL} {ssha512('taken over')}  quota=1GiB\n")
        with self.server.imap(None) as client:
            self.assertNotIn(b"AUTH=SCRAM", client.ok("CAPABILITY")[0].text)
        self.assertIn("AUTHENTICATIONFAILED", self.refusal(CAROL, "wrong"))
        self.server.imaplib(CAROL, "taken over").logout()
        line = re.search(rf"^{CAROL} .*$", self.server.users_file.read_text(), re.M).group(0)
        self.assertRegex(line, rf"^{CAROL} {{ARGON2ID}}\$argon2id\S+ scram-sha-1=\S+ scram-sha-256=\S+ "
                               rf"scram-sha-512=\S+  quota=1GiB")
        self.server.imaplib(CAROL, "taken over").logout()
        with self.server.imap(None) as client:  # now everybody has keys
            self.assertIn(b"AUTH=SCRAM-SHA-256", client.ok("CAPABILITY")[0].text)


class WeakSchemes(harness.ServerTest):
    users = (ALICE,)

    def test_are_refused_and_named(self):
        with self.server.users_file.open("a") as users:
            users.write(f"{CAROL} {ssha512('taken over')}\n")
        self.assertIn("AUTHENTICATIONFAILED", refusal(self.server, CAROL, "wrong"))
        self.assertIn("CONTACTADMIN", refusal(self.server, CAROL, "taken over"))
        self.assertRegex(self.server.log(), rf"{CAROL} .*weak_schemes")
        checked = self.server.command("config", "check")
        self.assertIn(f"mailroom user passwd {CAROL}", checked.stdout + checked.stderr)
        self.server.imaplib(ALICE).logout()
