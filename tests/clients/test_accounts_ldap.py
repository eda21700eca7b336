"""Accounts in OpenLDAP: by hashes over StartTLS, and by bind over TLS from the first octet."""

import base64
import time

import harness
from account_servers import Slapd
from accounts_case import ALICE, BOB, INFO, PASSWORDS, AccountsCase


class LdapCase(AccountsCase):
    users = ()
    keys = {}

    @classmethod
    def setUpClass(cls):
        cls.service = Slapd()
        cls.addClassCleanup(cls.service.close)
        cls.service.start()
        for name, password in PASSWORDS.items():
            cls.service.add(name, password, **({"labeledURI": [INFO]} if name == BOB else {}))
        keys = {key: value(cls.service) if callable(value) else value for key, value in cls.keys.items()}
        cls.options = {"auth": "", "extra": cls.service.source(**keys)}
        super().setUpClass()

    def test_quota_groups_and_disabled_accounts(self):
        self.service.add("hans@example.org", "Wort-1", employeeNumber=["2147483648"], departmentNumber=["cn=staff,ou=groups"])
        self.addCleanup(self.service.remove, "hans@example.org")
        client = self.server.imaplib("hans@example.org", "Wort-1")
        self.assertIn(b"(STORAGE 0 2097152)", client.getquotaroot("INBOX")[1][1][0])
        alice = self.server.imaplib(ALICE, PASSWORDS[ALICE])
        self.assertEqual("OK", alice.setacl("INBOX", "$staff", "lr")[0])
        self.assertIn(b"lr", client.myrights(f'"Other Users/{ALICE}/INBOX"')[1][0])
        alice.logout()
        client.logout()
        self.service.add("ida@example.org", "Wort-1", employeeType=["inactive"])
        self.addCleanup(self.service.remove, "ida@example.org")
        self.assertIn("CONTACTADMIN", self.ask.imap("ida@example.org", "Wort-1"))
        self.assertEqual("no", self.ask.imap("ida@example.org", "wrong"))
        self.assertEqual("ok", self.ask.lmtp("ida@example.org"), "mail is taken")

    def test_what_else_an_account_has(self):
        self.service.add("kim@example.org", "Wort-1", roomNumber=[ALICE, BOB], carLicense=["192.0.2.0/24", "127.0.0.0/8"],
                         pager=["7"])
        self.addCleanup(self.service.remove, "kim@example.org")
        with self.server.imap(user=None) as client:
            client.ok(b"AUTHENTICATE PLAIN " + base64.b64encode(f"{BOB}\0kim@example.org\0Wort-1".encode()))
        self.assertIn("login of kim@example.org as bob@example.org", self.server.log()[-300:])
        client = self.server.imaplib("kim@example.org", "Wort-1")
        self.assertIn(b"(MESSAGE 0 7)", client.getquotaroot("INBOX")[1][1][0])
        client.logout()
        self.service.add("lee@example.org", "Wort-1", carLicense=["192.0.2.0/24"])
        self.addCleanup(self.service.remove, "lee@example.org")
        self.assertIn("CONTACTADMIN", self.ask.imap("lee@example.org", "Wort-1"), "not from here")
        self.service.add("max@example.org", "Wort-1", carLicense=["here"])
        self.addCleanup(self.service.remove, "max@example.org")
        self.assertEqual("later", self.ask.imap("max@example.org", "Wort-1"))
        self.assertIn("the carLicense of uid=max@example.org", self.server.log()[-900:])

    def test_a_directory_that_hangs(self):
        self.check_that_a_service_may_hang()

    def test_names_cannot_change_the_filter(self):
        self.service.add("a(b)c@example.org", "Wort-1")  # no name of an account here: never asked for
        self.addCleanup(self.service.remove, "a(b)c@example.org")
        self.assertEqual("no", self.ask.imap("a(b)c@example.org", "Wort-1"))
        self.assertEqual("no", self.ask.imap("a*@example.org", PASSWORDS[ALICE]))


class LdapHashes(LdapCase, harness.ServerTest):
    """Over StartTLS."""

    def test_a_directory_that_hangs_does_not_hold_the_server(self):
        server = harness.Mailroom((), auth="", extra=self.service.source(time_limit="30 s"))
        self.addCleanup(server.close)
        server.start()
        self.service.pause()
        self.addCleanup(self.service.go_on)
        client = server.imap(user=None)
        self.addCleanup(client.close)
        client.send(b"a LOGIN kurt@example.org x\r\n")
        harness.wait_until(lambda: "session begins" in server.log() and "imap" in server.log(), 5, "it is asked")
        time.sleep(0.3)
        self.assertLess(server.stop(), harness.STOP_LIMIT)


class LdapBind(LdapCase, harness.ServerTest):
    """The directory checks passwords, over TLS from the first octet."""

    keys = {"servers": lambda service: [f"ldaps://127.0.0.1:{service.tls_port}"], "starttls": False,
            "password_attribute": None, "bind_as_user": True, "cache_time": "5 min"}

    def check_old_password(self, user, password):
        """What the directory said of it is remembered for [auth] cache_time."""
        self.assertEqual("ok", self.ask.imap(user, password))

    def test_an_account_without_password_has_none(self):
        self.service.modify(f"dn: {self.service.dn('jo@example.org')}\nchangetype: add\nobjectClass: inetOrgPerson\n"
                            "cn: jo\nsn: jo\nmail: jo@example.org\n")
        self.addCleanup(self.service.remove, "jo@example.org")
        self.assertEqual("no", self.ask.imap("jo@example.org", ""))
        self.assertEqual("no", self.ask.imap("jo@example.org", "x"))


class LdapTrust(harness.ServerTest):
    """A server whose certificate nobody vouches for gets no passwords."""

    users = ()

    @classmethod
    def setUpClass(cls):
        cls.service = Slapd()
        cls.addClassCleanup(cls.service.close)
        cls.service.start()
        cls.service.add(ALICE, PASSWORDS[ALICE])
        other = cls.service.directory / "other"
        other.mkdir()
        certificate, _ = harness.make_certificate(other)
        cls.options = {"auth": "", "extra": cls.service.source(ca_file=str(certificate))}
        super().setUpClass()

    def test_it_is_not_asked(self):
        client = self.server.imap(user=None)
        answer = client.command(f"LOGIN {ALICE} {PASSWORDS[ALICE]}")
        self.assertIn("[UNAVAILABLE]", str(answer))
        client.close()
        self.assertIn("cannot start TLS", self.server.log())
