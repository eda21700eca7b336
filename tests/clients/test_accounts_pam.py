"""Passwords by PAM, with modules that answer, refuse, hang and crash."""

import pathlib
import tempfile
import time

import harness
from account_servers import Sqlite, hash_of
from accounts_case import ALICE, BOB, INFO, PASSWORDS, AccountsCase, Outcomes


class PasswordFile(Sqlite):
    """Passwords in a file for pam_pwdfile; who there is in a database, without passwords. Both are stopped at once."""

    def create(self):
        super().create()
        self.passwords, self.all = self.directory / "passwords", {}
        folder = self.directory / "pam.d"
        folder.mkdir()
        (folder / "mail").write_text(f"auth required pam_pwdfile.so pwdfile={self.passwords} nodelay\n"
                                     "account required pam_permit.so\n")

    def write(self):
        new = self.passwords.with_suffix(".new")
        new.write_text("".join(f"{name}:{hashed}\n" for name, hashed in self.all.items()))
        new.rename(self.passwords)

    def start(self):
        super().start()
        self.write()

    def stop(self, how=None):
        super().stop()
        self.passwords.unlink()

    def add(self, name, password, quota=0):
        super().add(name, "not this one", quota)
        self.set_password(name, password)

    def set_password(self, name, password):
        self.all[name] = hash_of(password)
        self.write()

    def remove(self, name):
        super().remove(name)
        del self.all[name]
        self.write()

    def source(self, **more):
        inner = super().source(login_query="SELECT username AS name FROM mailbox WHERE username = :name")
        inner = inner.replace("[[auth.source]]", "[auth.source.source]")
        return f"""
[[auth.source]]
type = "pam"
service = "mail"
folder = "{self.directory}/pam.d"
users = "source"
time_limit = "2 s"
{inner}"""


class PamAccounts(AccountsCase, harness.ServerTest):
    users = ()

    @classmethod
    def setUpClass(cls):
        cls.service = PasswordFile()
        cls.addClassCleanup(cls.service.close)
        cls.service.start()
        cls.service.fill(PASSWORDS, {INFO: BOB})
        cls.options = {"auth": "", "extra": cls.service.source()}
        super().setUpClass()

    def check_old_password(self, user, password):
        """What PAM said of it is remembered for [auth] cache_time."""
        self.assertEqual("ok", self.ask.imap(user, password))


# Called by pam_exec with the password on standard input; its parent is the process that asks PAM.
SCRIPT = """#!/bin/sh
IFS= read -r password
case $password in
right*) exit 0 ;;
near) [ "$PAM_RHOST" = 127.0.0.1 ] && exit 0 ;;
hang) sleep 100 ;;
crash) kill -SEGV $PPID; sleep 1 ;;
esac
exit 7
"""


class Modules(harness.ServerTest):
    """Two connections, modules of all kinds, accounts by domain and by the system."""

    users = ()

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="mailroom-pam-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.folder.chmod(0o755)
        script = cls.folder / "script"
        script.write_text(SCRIPT)
        script.chmod(0o755)
        (cls.folder / "mail").write_text(f"auth required pam_exec.so quiet expose_authtok {script}\n"
                                         "account required pam_permit.so\n")
        (cls.folder / "expired").write_text("auth required pam_permit.so\naccount required pam_deny.so\n")
        source = f"""
[[auth.source]]
type = "pam"
folder = "{cls.folder}"
time_limit = "1 s"
connections = 2
"""
        cls.options = {"auth": "", "extra": source + 'service = "mail"\nusers = "domains"\ndomains = ["example.org"]\n'
                                            + source + 'service = "expired"\nusers = "system"\n'}
        super().setUpClass()

    def setUp(self):
        self.ask = Outcomes(self.server)

    def test_modules_that_hang_or_crash_are_no_wrong_password(self):
        self.assertEqual("ok", self.ask.imap(ALICE, "right"))
        for _ in range(3):  # more than there are connections
            began = time.monotonic()
            self.assertEqual("later", self.ask.imap(ALICE, "hang"))
            self.assertLess(time.monotonic() - began, 3)
            self.assertEqual("later", self.ask.pop3(BOB, "crash"))
        self.assertEqual("ok", self.ask.imap(BOB, "right again"))
        self.assertRegex(self.server.log(), "the PAM service mail cannot be asked.*: ")

    def test_modules_learn_where_the_client_is(self):
        for _ in range(2):
            self.server.imap(ALICE, "near").close()
            with self.server.imap(user=None, source=("127.0.0.5", 0)) as client:
                answer = str(client.command(f"LOGIN {ALICE} near"))
            self.assertIn("[UNAVAILABLE]", answer, "what was right elsewhere says nothing of here, and pam_exec has no other no")

    def test_every_name_of_the_domain_gets_mail(self):
        self.assertEqual("ok", self.ask.lmtp("anybody@example.org"))
        self.assertEqual("no", self.ask.lmtp("anybody@example.net"))

    def test_expired_accounts_are_refused_as_such(self):
        self.assertIn("CONTACTADMIN", self.ask.imap("nobody", "x"))  # the system's user of this name

    def test_the_systems_own_users_get_no_mail(self):
        self.assertEqual("no", self.ask.lmtp("root"))
        self.assertEqual("ok", self.ask.lmtp("nobody"))
        self.assertEqual("no", self.ask.imap("root", "right"))
