"""SCRAM by clients that share no code with the server: GNU SASL, and Python's hashlib over IMAP and POP3."""

import base64
import hashlib
import hmac
import imaplib
import os
import poplib
import ssl
import subprocess

import harness
from terminal import run_in_terminal

ALICE = "alice@example.org"
STARTTLS_PORT, = harness.free_ports(1)
HASHES = {"SCRAM-SHA-1": "sha1", "SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512"}


class Scram:
    """The client's side of RFC 5802. `answer` takes what the server sent and gives what to send."""

    def __init__(self, hash_name, password=harness.PASSWORD, user=ALICE, header=b"n,,", binding=b""):
        self.hash_name, self.password, self.user = hash_name, password.encode(), user
        self.header, self.binding = header, binding
        self.bare = f"n={user},r={base64.b64encode(os.urandom(18)).decode()}".encode()
        self.expected = None
        self.steps = [self.first, self.last, self.acknowledge]
        self.sent = []

    def answer(self, challenge):
        self.sent.append(self.steps.pop(0)(challenge))
        return self.sent[-1]

    def hmac(self, key, text):
        return hmac.new(key, text, self.hash_name).digest()

    def first(self, challenge):
        assert challenge == b"", challenge
        return self.header + self.bare

    def last(self, challenge):
        fields = dict(field.split(b"=", 1) for field in challenge.split(b","))
        salted = hashlib.pbkdf2_hmac(self.hash_name, self.password, base64.b64decode(fields[b"s"]), int(fields[b"i"]))
        client_key = self.hmac(salted, b"Client Key")
        stored_key = hashlib.new(self.hash_name, client_key).digest()
        without_proof = b"c=" + base64.b64encode(self.header + self.binding) + b",r=" + fields[b"r"]
        message = self.bare + b"," + challenge + b"," + without_proof
        proof = bytes(a ^ b for a, b in zip(client_key, self.hmac(stored_key, message)))
        self.expected = b"v=" + base64.b64encode(self.hmac(self.hmac(salted, b"Server Key"), message))
        return without_proof + b",p=" + base64.b64encode(proof)

    def acknowledge(self, challenge):
        assert challenge == self.expected, (challenge, self.expected)
        return b""


class Sasl(harness.ServerTest):
    options = {"extra": f"""
[[listener]]
protocol = "imap"
address = "127.0.0.1:{STARTTLS_PORT}"
tls = "starttls"
"""}

    def end_point(self):
        """The hash of the server's certificate, as tls-server-end-point (RFC 5929) has it."""
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.server.certificate.read_text())).digest()

    def by_imap(self, mechanism, scram):
        client = imaplib.IMAP4_SSL("localhost", self.server.imap_port, ssl_context=self.server.tls())
        try:
            client.authenticate(mechanism, scram.answer)
            return client.select("INBOX")[0]
        finally:
            client.shutdown()

    def by_pop3(self, mechanism, scram):
        client = poplib.POP3_SSL("localhost", self.server.pop3_port, context=self.server.tls())
        try:
            line = client._shortcmd(f"AUTH {mechanism}")
            while line.startswith(b"+ "):
                line = client._shortcmd(base64.b64encode(scram.answer(base64.b64decode(line[2:]))).decode())
            return line
        finally:
            client.close()

    def gsasl(self, mechanism, *options, password=harness.PASSWORD, expect=(0,)):
        return self.run_client("gsasl", "--imap", "--starttls", "--x509-ca-file", self.server.certificate,
                               "--mechanism", mechanism, "--authentication-id", ALICE, "--password", password,
                               *options, "localhost", STARTTLS_PORT, stdin=b"", expect=expect)

    def test_every_mechanism_over_imap_and_pop3(self):
        for mechanism, name in HASHES.items():
            with self.subTest(mechanism):
                self.assertEqual("OK", self.by_imap(mechanism, Scram(name)))
                self.assertTrue(self.by_pop3(mechanism, Scram(name)).startswith(b"+OK"))
                bound = {"header": b"p=tls-server-end-point,,", "binding": self.end_point()}
                self.assertEqual("OK", self.by_imap(mechanism + "-PLUS", Scram(name, **bound)))
                self.assertTrue(self.by_pop3(mechanism + "-PLUS", Scram(name, **bound)).startswith(b"+OK"))

    def test_wrong_passwords_and_bindings_are_refused(self):
        with self.assertRaisesRegex(imaplib.IMAP4.error, "AUTHENTICATIONFAILED"):
            self.by_imap("SCRAM-SHA-256", Scram("sha256", password="wrong"))
        with self.assertRaisesRegex(imaplib.IMAP4.error, "AUTHENTICATIONFAILED"):
            self.by_imap("SCRAM-SHA-256", Scram("sha256", user="nobody@example.org"))
        another = {"header": b"p=tls-server-end-point,,", "binding": bytes(32)}
        with self.assertRaisesRegex(imaplib.IMAP4.error, "channel binding"):
            self.by_imap("SCRAM-SHA-256-PLUS", Scram("sha256", **another))
        with self.assertRaisesRegex(imaplib.IMAP4.error, "channel binding"):  # somebody hid the offer of -PLUS
            self.by_imap("SCRAM-SHA-256", Scram("sha256", header=b"y,,"))

    def test_what_was_heard_opens_nothing(self):
        """The lines of a login that succeeded, sent again; and a final message with another nonce, with its own proof."""
        heard = Scram("sha256")
        self.assertEqual("OK", self.by_imap("SCRAM-SHA-256", heard))
        again = Scram("sha256")
        again.steps = [lambda _: heard.sent[0], lambda _: heard.sent[1]]
        with self.assertRaisesRegex(imaplib.IMAP4.error, "The nonce is not the one that was sent"):
            self.by_imap("SCRAM-SHA-256", again)
        for change in (lambda nonce: nonce[:-1] + (b"A" if nonce[-1:] != b"A" else b"B"), lambda nonce: nonce[:24],
                       lambda nonce: nonce + b"A"):
            other = Scram("sha256")
            last = other.last
            other.steps[1] = lambda challenge: last(
                b",".join(b"r=" + change(field[2:]) if field.startswith(b"r=") else field
                          for field in challenge.split(b",")))
            with self.assertRaises(imaplib.IMAP4.error):
                self.by_imap("SCRAM-SHA-256", other)

    def curl(self, mechanism, protocol="imaps", password=harness.PASSWORD, expect=(0,)):
        port = self.server.imap_port if protocol == "imaps" else self.server.pop3_port
        return self.run_client("curl", "-sS", "--max-time", "30", "--cacert", self.server.certificate, "--user",
                               f"{ALICE}:{password}", "--login-options", f"AUTH={mechanism}",
                               f"{protocol}://localhost:{port}/", expect=expect)

    def test_passwords_in_the_clear_by_curl_and_gsasl(self):
        for mechanism in ("PLAIN", "LOGIN"):
            for protocol in ("imaps", "pop3s"):
                with self.subTest(mechanism, protocol=protocol):
                    self.curl(mechanism, protocol)
                    self.curl(mechanism, protocol, password="wrong", expect=(67,))
            self.gsasl(mechanism)
            self.gsasl(mechanism, password="wrong", expect=(1,))
            self.assertIn(f"login of {ALICE} by {mechanism}, TLS", self.server.log())

    def test_mutt(self):
        for method in ("plain", "login", "scram-sha-1", "scram-sha-256"):
            with self.subTest(method):
                rc = self.server.directory / "muttrc"
                rc.write_text(f"""
set ssl_force_tls=yes certificate_file="{self.server.certificate}" imap_authenticators="{method}"
set imap_user="{ALICE}" imap_pass="{harness.PASSWORD}" folder="imaps://localhost:{self.server.imap_port}/"
set record="" postponed="" mbox="" move=no quit=yes wait_key=no beep=no header_cache="" message_cachedir=""
""")
                code, drawn = run_in_terminal(
                    ["mutt", "-n", "-F", str(rc), "-f", f"imaps://localhost:{self.server.imap_port}/INBOX", "-e",
                     'push "<quit>"'], env={"HOME": str(self.server.directory)})
                self.assertEqual(0, code, drawn[-3000:].decode(errors="replace"))
                by = "LOGIN" if method == "login" else method.upper()
                self.assertRegex(self.server.log(), rf"login of {ALICE} by {by}\b")

    def test_gsasl_binds_to_the_connection(self):
        for mechanism in ("SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"):
            with self.subTest(mechanism):
                options = () if mechanism.endswith("-PLUS") else ("--no-cb",)
                self.gsasl(mechanism, *options)
                self.gsasl(mechanism, *options, password="wrong", expect=(1,))
        self.assertIn("SCRAM-SHA-256-PLUS", self.server.log())

    def test_keys_that_gsasl_made_are_taken(self):
        for mechanism in ("SCRAM-SHA-1", "SCRAM-SHA-256"):
            made = subprocess.run(["gsasl", "--mkpasswd", "--mechanism", mechanism, "--password", harness.PASSWORD],
                                  capture_output=True, text=True, check=True, timeout=30).stdout.strip()
            user = mechanism.lower() + "@example.org"
            before = self.server.users_file.read_text()
            self.addCleanup(self.server.users_file.write_text, before)
            with self.server.users_file.open("a") as users:
                users.write(f"{user} {made}\n")
            with self.subTest(mechanism):
                self.assertEqual("OK", self.by_imap(mechanism, Scram(HASHES[mechanism], user=user)))
                self.server.imaplib(user).logout()  # by its password
