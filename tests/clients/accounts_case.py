"""What holds for every source of accounts behind a service that may be down: the tests of test_accounts_*.py have it
in common."""

import collections
import imaplib
import poplib
import threading
import time

import harness

ALICE, BOB, CAROL = "alice@example.org", "bob@example.org", "carol@example.org"
PASSWORDS = {name: f"Wort-von-{name.split('@')[0]}-5811" for name in (ALICE, BOB, CAROL)}
INFO = "info@example.org"  # another address of bob's


class Outcomes:
    """How one login or recipient was answered: "ok", "later" (a temporary failure), "no" (a permanent one)."""

    def __init__(self, server):
        self.server = server

    def imap(self, user, password):
        client = imaplib.IMAP4_SSL("localhost", self.server.imap_port, ssl_context=self.server.tls(), timeout=30)
        try:
            client.login('"' + user.replace('"', '\\"') + '"', password)
            return "ok"
        except imaplib.IMAP4.error as refused:
            return {"[UNAVAILABLE]": "later", "[AUTHENTICATIONFAILED]": "no"}.get(str(refused.args[0]).split(" ")[0].strip("b'"),
                                                                                 str(refused))
        finally:
            client.shutdown()

    def pop3(self, user, password):
        client = poplib.POP3_SSL("localhost", self.server.pop3_port, context=self.server.tls(), timeout=30)
        try:
            client.user(user)
            client.pass_(password)
            client.quit()  # which gives the maildrop back before the next one comes
            return "ok"
        except poplib.error_proto as refused:
            text = str(refused)
            return "later" if "[SYS/TEMP]" in text else "no" if "[AUTH]" in text else text
        finally:
            client.close()

    def lmtp(self, address):
        with self.server.lmtp() as client:
            (code, lines), = client.deliver(f"Subject: to {address}\r\n\r\ntext\r\n".encode(), address)
            return {250: "ok", 451: "later", 550: "no"}.get(code, str(lines))


class AccountsCase:
    """Mixed into a harness.ServerTest, whose class has `service`: an AccountServer with alice, bob and carol, and
    INFO as an alias of bob."""

    def setUp(self):
        self.ask = Outcomes(self.server)

    def test_logins_and_recipients(self):
        for user, password in PASSWORDS.items():
            self.assertEqual("ok", self.ask.imap(user, password))
        self.assertEqual("ok", self.ask.pop3(ALICE.upper(), PASSWORDS[ALICE]))
        self.assertEqual("no", self.ask.imap(ALICE, "wrong"))
        self.assertEqual("no", self.ask.imap(ALICE, ""))
        self.assertEqual("no", self.ask.pop3("nobody@example.org", "wrong"))
        self.assertEqual("no", self.ask.imap("*", PASSWORDS[ALICE]))
        self.assertEqual("no", self.ask.imap("alice@example.org' OR '1'='1", PASSWORDS[ALICE]))
        self.assertEqual("no", self.ask.imap("*)(mail=*", PASSWORDS[ALICE]))
        self.assertEqual("no", self.ask.imap(INFO, PASSWORDS[BOB]), "an alias takes mail only")
        self.assertEqual("ok", self.ask.lmtp(ALICE))
        self.assertEqual("no", self.ask.lmtp("nobody@example.org"))
        before = self.inbox_size(BOB)
        self.assertEqual("ok", self.ask.lmtp(INFO))
        self.assertEqual(before + 1, self.inbox_size(BOB))

    def inbox_size(self, user):
        client = self.server.imaplib(user, PASSWORDS[user])
        try:
            return int(client.select("INBOX", readonly=True)[1][0])
        finally:
            client.logout()

    def test_a_changed_password_holds(self):
        user = "dora@example.org"
        self.service.add(user, "first-3327")
        self.addCleanup(self.service.remove, user)
        self.assertEqual("ok", self.ask.imap(user, "first-3327"))
        self.service.set_password(user, "second-3327")
        self.assertEqual("ok", self.ask.imap(user, "second-3327"))
        self.assertEqual("no", self.ask.imap(user, "third-3327"))
        self.check_old_password(user, "first-3327")

    def check_old_password(self, user, password):
        self.assertEqual("no", self.ask.imap(user, password))

    def test_a_service_that_is_down_is_no_wrong_password(self):
        """Stopped and started again under load: whoever is refused is told to come again."""
        self.assertEqual("ok", self.ask.imap(ALICE, PASSWORDS[ALICE]))
        self.service.add("erna@example.org", "Wort-5811")
        self.addCleanup(self.service.remove, "erna@example.org")
        counts = collections.Counter()
        lock, ended = threading.Lock(), threading.Event()

        def load(*calls):
            for _ in range(2000):
                if ended.is_set():
                    return
                for call in calls:
                    outcome = call()
                    with lock:
                        counts[outcome] += 1

        threads = [threading.Thread(target=load, args=calls) for calls in (
            (lambda: "imap " + self.ask.imap(BOB, PASSWORDS[BOB]), lambda: "imap " + self.ask.imap(BOB, "wrong")),
            (lambda: "pop3 " + self.ask.pop3(CAROL, PASSWORDS[CAROL]),),
            (lambda: "unknown " + self.ask.imap("nobody@example.org", "x"),),
            (lambda: "lmtp " + self.ask.lmtp(CAROL), lambda: "unknown " + self.ask.lmtp(f"n{time.monotonic_ns()}@example.org")))]
        for thread in threads:
            thread.start()
        try:
            time.sleep(0.4)
            self.service.stop()
            self.addCleanup(self.restart)
            harness.wait_until(lambda: counts["unknown later"] > 0, 20, "somebody is told to come again")
            # What was right a while ago goes on; what was not asked for has to wait.
            self.assertEqual("ok", self.ask.imap(ALICE, PASSWORDS[ALICE]))
            self.assertEqual("later", self.ask.imap(ALICE, "wrong"))
            self.assertEqual("later", self.ask.pop3(ALICE, "wrong"))
            self.assertEqual("later", self.ask.imap("erna@example.org", "Wort-5811"))
            self.assertEqual("later", self.ask.lmtp("erna@example.org"))
            self.restart()
            harness.wait_until(lambda: self.ask.imap("erna@example.org", "Wort-5811") == "ok", 20, "it recovers by itself")
            self.assertEqual("no", self.ask.imap(ALICE, "wrong"))
        finally:
            ended.set()
            for thread in threads:
                thread.join(60)
        self.assertFalse(any(thread.is_alive() for thread in threads))
        allowed = {"imap ok", "imap no", "imap later", "pop3 ok", "pop3 later", "unknown no", "unknown later", "lmtp ok",
                   "lmtp later"}
        self.assertLessEqual(set(counts), allowed, counts)
        for outcome in ("imap ok", "imap no", "pop3 ok", "unknown no", "unknown later", "lmtp ok"):
            self.assertGreater(counts[outcome], 0, counts)
        self.assertIn("answers again", self.server.log())

    def check_that_a_service_may_hang(self):
        """Of one process: more users than there are connections wait no longer than the time limit of 2 s."""
        self.assertEqual("ok", self.ask.imap(ALICE, PASSWORDS[ALICE]))
        self.service.pause()
        began, outcomes = time.monotonic(), []
        try:
            threads = [threading.Thread(target=lambda: outcomes.append(self.ask.pop3("kurt@example.org", "x")))
                       for _ in range(12)]
            for thread in threads:
                thread.start()
            self.assertEqual("ok", self.ask.imap(ALICE, PASSWORDS[ALICE]), "as remembered")
            for thread in threads:
                thread.join(30)
        finally:
            self.service.go_on()
        self.assertEqual(["later"] * 12, outcomes)
        self.assertLess(time.monotonic() - began, 8)
        harness.wait_until(lambda: self.ask.pop3("kurt@example.org", "x") == "no", 20, "it recovers by itself")

    def restart(self):
        self.service.start()
