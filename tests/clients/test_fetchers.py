"""fetchmail and getmail take mail away by IMAP and by POP3: with deletion, and keeping it on the server."""

import os
import shutil

import harness

MESSAGE = b"From: a@example.net\r\nTo: alice@example.org\r\nSubject: %s\r\nMessage-ID: <%s@example.net>\r\n\r\nText of %s\r\n.dot\r\n"


class Fetchers(harness.ServerTest):
    users = tuple(f"user{i}@example.org" for i in range(8))
    next_user = iter(users)

    def setUp(self):
        self.user = next(Fetchers.next_user)
        self.home = self.server.directory / self.user
        self.home.mkdir()
        self.fill("one", "two", "three")

    def fill(self, *subjects):
        for subject in subjects:
            name = subject.encode()
            self.server.deliver(MESSAGE % (name, name, name), self.user)

    def port(self, protocol):
        return self.server.imap_port if protocol == "imap" else self.server.pop3_port

    def left(self):
        return len(self.server.contents(self.user))

    def seen(self):
        return sum("\\Seen" in flags for _, flags, _ in self.server.contents(self.user))

    def fetchmail(self, protocol, *arguments, expect=(0,)):
        (self.home / "out").mkdir(exist_ok=True)
        script = self.home / "store"
        script.write_text(f'#!/bin/sh\ncat > "$(mktemp {self.home}/out/XXXXXXXX)"\n')
        script.chmod(0o755)
        rc = self.home / "fetchmailrc"
        rc.write_text(f'poll localhost protocol {protocol} port {self.port(protocol)} uidl user "{self.user}" '
                      f'password "{harness.PASSWORD}" ssl sslcertck sslcertfile "{self.server.certificate}" '
                      f'mda "{script}"\n' if protocol == "pop3" else
                      f'poll localhost protocol {protocol} port {self.port(protocol)} user "{self.user}" '
                      f'password "{harness.PASSWORD}" ssl sslcertck sslcertfile "{self.server.certificate}" '
                      f'mda "{script}"\n')
        rc.chmod(0o600)
        self.run_client("fetchmail", "-f", rc, "--nodetach", "--nosyslog", "-i", self.home / "ids", *arguments,
                        expect=expect, env={"HOME": str(self.home), "FETCHMAILHOME": str(self.home)})

    def test_fetchmail_imap_with_deletion(self):
        self.fetchmail("imap")
        self.received("one", "two", "three")
        self.assertEqual(0, self.left())
        self.fetchmail("imap", expect=(1,))  # 1: there was no mail

    def test_fetchmail_imap_keeps(self):
        self.fetchmail("imap", "--keep")
        self.received("one", "two", "three")
        self.assertEqual((3, 3), (self.left(), self.seen()))
        self.fill("four")
        self.fetchmail("imap", "--keep")
        self.received("one", "two", "three", "four")

    def test_fetchmail_pop3_with_deletion(self):
        self.fetchmail("pop3")
        self.received("one", "two", "three")
        self.assertEqual(0, self.left())
        self.fetchmail("pop3", expect=(1,))

    def test_fetchmail_pop3_keeps(self):
        self.fetchmail("pop3", "--keep")
        self.received("one", "two", "three")
        self.assertEqual(3, self.left())
        self.fill("four")
        self.fetchmail("pop3", "--keep")
        self.received("one", "two", "three", "four")

    def getmail(self, retriever, protocol, delete):
        for part in ("cur", "new", "tmp"):
            (self.home / "out" / part).mkdir(parents=True, exist_ok=True)
        owner = ""
        if os.geteuid() == 0:  # getmail delivers nothing as root
            owner = "user = mail\n"
            for path in (self.home / "out", *(self.home / "out").iterdir()):
                shutil.chown(path, "mail", "mail")
        rc = self.home / "getmailrc"
        rc.write_text(f"""[retriever]
type = {retriever}
server = localhost
port = {self.port(protocol)}
username = {self.user}
password = {harness.PASSWORD}
ca_certs = {self.server.certificate}

[destination]
type = Maildir
path = {self.home}/out/
{owner}
[options]
read_all = false
delete = {str(delete).lower()}
delivered_to = false
received = false
""")
        self.run_client("getmail", "--getmaildir", self.home, "--rcfile", rc, env={"HOME": str(self.home)})

    def test_getmail_imap_with_deletion(self):
        self.getmail("SimpleIMAPSSLRetriever", "imap", delete=True)
        self.received("one", "two", "three")
        self.assertEqual(0, self.left())

    def test_getmail_imap_keeps(self):
        self.getmail("SimpleIMAPSSLRetriever", "imap", delete=False)
        self.assertEqual(3, self.left())
        self.fill("four")
        self.getmail("SimpleIMAPSSLRetriever", "imap", delete=False)
        self.received("one", "two", "three", "four")

    def test_getmail_pop3_with_deletion(self):
        self.getmail("SimplePOP3SSLRetriever", "pop3", delete=True)
        self.received("one", "two", "three")
        self.assertEqual(0, self.left())

    def test_getmail_pop3_keeps(self):
        self.getmail("SimplePOP3SSLRetriever", "pop3", delete=False)
        self.assertEqual(3, self.left())
        self.fill("four")
        self.getmail("SimplePOP3SSLRetriever", "pop3", delete=False)
        self.received("one", "two", "three", "four")
