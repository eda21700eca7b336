"""Accounts in PostgreSQL, MariaDB and SQLite, by queries as mail panels need them."""

import re

import harness
from account_servers import MariaDb, Postgres, Sqlite
from accounts_case import ALICE, BOB, CAROL, INFO, PASSWORDS, AccountsCase


class SqlCase(AccountsCase):
    users = ()

    @classmethod
    def setUpClass(cls):
        cls.service = cls.database()
        cls.addClassCleanup(cls.service.close)
        cls.service.start()
        cls.service.fill(PASSWORDS, {INFO: BOB})
        cls.options = {"auth": "", "extra": cls.service.source()}
        super().setUpClass()

    def test_quota_and_disabled_accounts(self):
        self.service.add("fritz@example.org", "Wort-1", quota=6_442_450_944)  # beyond 32 bits
        self.service.add("gerd@example.org", "Wort-1")
        for user in ("fritz@example.org", "gerd@example.org"):
            self.addCleanup(self.service.remove, user)
        client = self.server.imaplib("fritz@example.org", "Wort-1")
        self.assertIn(b"(STORAGE 0 6291456)", client.getquotaroot("INBOX")[1][1][0])
        client.logout()
        self.service.disable("gerd@example.org")
        self.assertIn("CONTACTADMIN", self.ask.imap("gerd@example.org", "Wort-1"))
        self.assertEqual("no", self.ask.imap("gerd@example.org", "wrong"))
        self.assertEqual("ok", self.ask.lmtp("gerd@example.org"), "mail is taken")


class PostgresAccounts(SqlCase, harness.ServerTest):
    database = Postgres


class MariaDbAccounts(SqlCase, harness.ServerTest):
    database = MariaDb

    def test_a_database_that_hangs(self):
        self.check_that_a_service_may_hang()


class SqliteAccounts(SqlCase, harness.ServerTest):
    database = Sqlite


class Queries(harness.ServerTest):
    """What is wrong with queries is told when they run, in the log, and to users as a temporary failure."""

    users = ()

    @classmethod
    def setUpClass(cls):
        cls.service = Sqlite()
        cls.addClassCleanup(cls.service.close)
        cls.service.fill(PASSWORDS, {INFO: BOB})
        query = "SELECT username AS name, password AS passwort FROM mailbox WHERE username = :name"
        cls.options = {"auth": "", "extra": cls.service.source(login_query=query)}
        super().setUpClass()

    def test_an_unknown_column_is_named(self):
        client = self.server.imap(user=None)
        answer = client.command(f"LOGIN {CAROL} {PASSWORDS[CAROL]}")
        self.assertIn("[UNAVAILABLE]", str(answer))
        client.close()
        self.assertRegex(self.server.log(), "the SQLite database cannot be asked.* column passwort.*there are name, password")

    def test_mistakes_in_the_config_are_named_with_their_line(self):
        config = self.server.config.read_text()
        try:
            self.server.config.write_text(config.replace(":name", ":nmae").replace("cache", "cash"))
            checked = self.server.command("config", "check", check=False)
        finally:
            self.server.config.write_text(config)
        self.assertEqual(1, checked.returncode)
        line = next(i for i, text in enumerate(config.split("\n"), 1) if text.startswith("login_query"))
        self.assertRegex(checked.stderr, rf"mailroom.toml:{line}:\d+: auth.source.login_query: :nmae is no parameter")
        self.assertIsNone(re.search("Traceback|terminate", checked.stderr))


class Updates(harness.ServerTest):
    """A hash that cannot be stored does not concern the login."""

    users = ()

    @classmethod
    def setUpClass(cls):
        cls.service = Sqlite()
        cls.addClassCleanup(cls.service.close)
        cls.service.fill(PASSWORDS, {})
        query = "UPDATE nowhere SET password = :password WHERE username = :name AND password = :old_password"
        cls.options = {"auth": "", "extra": cls.service.source(update_query=query)}
        super().setUpClass()

    def test_logins_go_on_and_the_log_says_what_is_wrong(self):
        for user in (ALICE, BOB, ALICE):
            self.server.imaplib(user, PASSWORDS[user]).logout()
        told = [line for line in self.server.log().splitlines() if "SQLite" in line]
        self.assertRegex("".join(told), "better password hashes cannot be stored in the SQLite database: .*nowhere")
        self.assertEqual(1, len(told), told)
