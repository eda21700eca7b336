"""OAUTHBEARER, XOAUTH2 and ANONYMOUS by curl, ImapFlow, GNU SASL and Python, with keys that openssl made and a login
service that answers by HTTPS (RFC 7662)."""

import base64
import http.server
import imaplib
import json
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse

import harness
from imapflow import ImapFlow, Refused
from terminal import run_in_terminal

ALICE = "alice@example.org"
ISSUER = "https://login.example.org"
LETTER = b"From: a@example.net\r\nTo: alice@example.org\r\nSubject: kept\r\n\r\nkept\r\n"
TIME_LIMIT = 1  # second, that the server waits for the login service


def encode(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def openssl(*arguments, stdin=b""):
    return subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True, check=True,
                          timeout=30).stdout


class Signer:
    """Keys of openssl, as a JWK Set, and tokens that they sign."""

    def __init__(self, directory):
        self.rsa, self.ed = directory / "rsa.pem", directory / "ed25519.pem"
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.rsa)
        openssl("genpkey", "-algorithm", "ED25519", "-out", self.ed)
        self.directory = directory

    def jwks(self):
        modulus = openssl("rsa", "-in", self.rsa, "-noout", "-modulus").split(b"=")[1].strip().decode()
        point = openssl("pkey", "-in", self.ed, "-pubout", "-outform", "DER")[-32:]
        return json.dumps({"keys": [
            {"kty": "RSA", "kid": "r", "alg": "RS256", "n": encode(bytes.fromhex(modulus)), "e": "AQAB"},
            {"kty": "OKP", "crv": "Ed25519", "kid": "e", "x": encode(point)}]})

    def token(self, algorithm="RS256", **claims):
        header = {"alg": algorithm, "typ": "JWT", "kid": "r" if algorithm == "RS256" else "e"}
        body = {"iss": ISSUER, "aud": "mailroom", "scope": "openid mail", "email": ALICE,
                "exp": int(time.time()) + 300, **claims}
        text = ".".join(encode(json.dumps(part).encode()) for part in (header, body)).encode()
        return (text + b"." + encode(self.sign(algorithm, text)).encode()).decode()

    def sign(self, algorithm, text):
        if algorithm == "RS256":
            return openssl("dgst", "-sha256", "-sign", self.rsa, stdin=text)
        if algorithm != "EdDSA":
            return b""
        message = self.directory / "message"  # pkeyutl signs no pipe by this algorithm
        message.write_bytes(text)
        return openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.ed, "-in", message)


class LoginService:
    """Says of tokens what `answers` has, and counts who asks."""

    def __init__(self, certificate, key):
        self.answers, self.asked, self.wrong, self.delay, self.status = {}, [], [], 0.0, 200
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                token = form["token"][0]
                service.asked.append(token)
                if self.headers["Authorization"] != "Basic " + base64.b64encode(b"mailroom:s3cret").decode():
                    service.wrong.append(self.headers["Authorization"])
                time.sleep(service.delay)
                body = json.dumps(service.answers.get(token, {"active": False})).encode()
                self.send_response(service.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):  # clients that hang up are what some tests are about
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def bearer(token, user=ALICE):
    return f"n,a={user},\x01host=localhost\x01port=993\x01auth=Bearer {token}\x01\x01".encode()


def google(token, user=ALICE):
    return f"user={user}\x01auth=Bearer {token}\x01\x01".encode()


class TokenTest(harness.ServerTest):
    """A server that takes JWTs by its own keys and asks about all else."""

    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="mailroom-tokens-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.signer = Signer(cls.directory)
        cls.jwks = cls.directory / "jwks.json"
        cls.jwks.write_text(cls.signer.jwks())
        (cls.directory / "secret").write_text("s3cret\n")
        cls.authority, key = harness.make_certificate(cls.directory)
        cls.service = LoginService(cls.authority, key)
        cls.addClassCleanup(cls.service.close)
        cls.starttls = harness.free_ports(1)[0]
        cls.options = {"plain_passwords": True, "more_auth": 'anonymous_account = "archive@example.org"',
                       "limits": {"failed_logins": 1000}, "extra": cls.extra()}
        super().setUpClass()

    users = (ALICE, "bob@example.org", "archive@example.org")

    @classmethod
    def extra(cls):
        return f"""
[auth.oauth]
jwks_files = ["{cls.jwks}"]
issuer = "{ISSUER}"
audience = ["mailroom"]
scope = "mail"
openid_configuration = "{ISSUER}/.well-known/openid-configuration"
hosts = ["localhost"]
[auth.oauth.introspection]
url = "https://localhost:{cls.service.port}/introspect"
ca_file = "{cls.authority}"
client_id = "mailroom"
client_secret_file = "{cls.directory}/secret"
time_limit = "{TIME_LIMIT} s"
cache_time = "1 h"
[[listener]]
protocol = "imap"
address = "127.0.0.1:{cls.starttls}"
tls = "starttls"
"""

    def setUp(self):
        self.service.answers.clear()
        self.service.delay, self.service.status = 0.0, 200

    def login(self, mechanism, response):
        """Gives "OK", or the refusal and the explanation before it."""
        client = imaplib.IMAP4_SSL("localhost", self.server.imap_port, ssl_context=self.server.tls(), timeout=30)
        heard = []

        def answer(challenge):
            heard.append(challenge)
            return response if challenge == b"" else b"\x01"
        try:
            client.authenticate(mechanism, answer)
            return client.select("INBOX")[0]
        except imaplib.IMAP4.error as refusal:
            return str(refusal), json.loads(heard[-1])
        finally:
            client.shutdown()

    def refused(self, response, code, mechanism="OAUTHBEARER"):
        text, explanation = self.login(mechanism, response)
        self.assertIn(f"[{code}]", text)
        return explanation

    def curl(self, protocol, path, token, *options, expect=(0,)):
        port = self.server.imap_port if protocol == "imaps" else self.server.pop3_port
        return self.run_client("curl", "-sS", "--max-time", "30", "--cacert", self.server.certificate,
                               "--user", ALICE, "--oauth2-bearer", token, f"{protocol}://localhost:{port}/{path}",
                               *options, expect=expect).stdout


class Keys(TokenTest):
    def test_tokens_that_openssl_signed(self):
        for algorithm in ("RS256", "EdDSA"):
            token = self.signer.token(algorithm)
            self.assertEqual("OK", self.login("OAUTHBEARER", bearer(token)))
            self.assertEqual("OK", self.login("XOAUTH2", google(token)))
        self.assertEqual([], self.service.asked, "nobody is asked about a JWT")

    def test_what_is_wrong_with_a_token_is_told_and_logged(self):
        now = int(time.time())
        for claims, reason in (({"exp": now - 100}, "has expired"), ({"aud": "other"}, "another audience"),
                               ({"iss": "https://evil.example"}, "another issuer"), ({"scope": "x"}, "lacks the scope"),
                               ({"nbf": now + 100}, "not valid yet"), ({"email": None}, "names no user"),
                               ({"email_verified": False}, "not verified"),
                               ({"email": "nobody@example.org"}, "has no account here")):
            with self.subTest(reason):
                explanation = self.refused(bearer(self.signer.token(**claims)), "AUTHENTICATIONFAILED")
                self.assertEqual({"status": "invalid_token", "scope": "mail",
                                  "openid-configuration": f"{ISSUER}/.well-known/openid-configuration"}, explanation)
                self.assertIn(reason, self.server.log())
        for algorithm in ("none", "HS256"):
            self.refused(bearer(self.signer.token(algorithm)), "AUTHENTICATIONFAILED")
        token = self.signer.token()
        self.refused(bearer(token[:-8] + "AAAAAAAA"), "AUTHENTICATIONFAILED")
        self.assertEqual("access_denied", self.refused(bearer(token, "bob@example.org"), "CONTACTADMIN")["status"])
        elsewhere = bearer(token).replace(b"host=localhost", b"host=mail.example.com")
        self.refused(elsewhere, "AUTHENTICATIONFAILED")

    def test_keys_change_without_a_restart(self):
        self.addCleanup(self.jwks.write_text, self.jwks.read_text())
        other = self.directory / "other"
        other.mkdir()
        signer = Signer(other)
        self.refused(bearer(signer.token()), "AUTHENTICATIONFAILED")
        self.jwks.write_text("nonsense")
        self.assertEqual("OK", self.login("OAUTHBEARER", bearer(self.signer.token())))
        self.assertIn("the keys of tokens stay as they were", self.server.log())
        self.jwks.write_text(signer.jwks())
        self.assertEqual("OK", self.login("OAUTHBEARER", bearer(signer.token())))
        self.refused(bearer(self.signer.token()), "AUTHENTICATIONFAILED")

    def test_curl(self):
        token = self.signer.token()  # with it, curl takes OAUTHBEARER wherever that is offered
        self.assertIn(b"INBOX", self.curl("imaps", "", token))
        self.curl("pop3s", "", token)
        self.curl("imaps", "", self.signer.token(exp=1), expect=(67,))
        self.curl("pop3s", "", self.signer.token(exp=1), expect=(67,))
        self.assertIn(f"login of {ALICE} by OAUTHBEARER", self.server.log())

    def test_mutt(self):
        token = self.signer.token()
        for method in ("oauthbearer", "xoauth2"):
            rc = self.server.directory / "muttrc"
            rc.write_text(f"""
set ssl_force_tls=yes certificate_file="{self.server.certificate}" imap_authenticators="{method}"
set imap_user="{ALICE}" imap_oauth_refresh_command="echo {token}"
set folder="imaps://localhost:{self.server.imap_port}/" record="" postponed="" mbox="" move=no quit=yes wait_key=no
set beep=no header_cache="" message_cachedir=""
""")
            code, drawn = run_in_terminal(
                ["mutt", "-n", "-F", str(rc), "-f", f"imaps://localhost:{self.server.imap_port}/INBOX", "-e", 'push "<quit>"'],
                env={"HOME": str(self.server.directory)})
            self.assertEqual(0, code, drawn[-3000:].decode(errors="replace"))
            self.assertIn(f"login of {ALICE} by {method.upper()}", self.server.log())

    def test_imapflow(self):
        flow = ImapFlow(self.server, auth={"user": ALICE, "accessToken": self.signer.token()})
        self.addCleanup(flow.close)
        self.assertIn("INBOX", [box["path"] for box in flow.call("list")])
        flow.call("logout")
        self.assertTrue([line for line in flow.sent if "AUTHENTICATE" in line and "OAUTH" in line], flow.sent)
        with self.assertRaises(Refused):
            ImapFlow(self.server, auth={"user": ALICE, "accessToken": self.signer.token(exp=1)})


class Introspection(TokenTest):
    def grant(self, token, **more):
        self.service.answers[token] = {"active": True, "email": ALICE, "scope": "mail", **more}
        return token

    def test_the_login_service_is_asked_once(self):
        token = self.grant("opaque-1")
        for _ in range(3):
            self.assertEqual("OK", self.login("OAUTHBEARER", bearer(token)))
        self.assertEqual("OK", self.login("XOAUTH2", google(token)))
        self.assertEqual(1, self.service.asked.count(token))
        self.assertEqual([], self.service.wrong, "it knew who asked")

    def test_what_it_refuses_is_refused(self):
        self.refused(bearer("unknown"), "AUTHENTICATIONFAILED")
        self.refused(bearer(self.grant("elsewhere", aud="other")), "AUTHENTICATIONFAILED")
        self.refused(bearer(self.grant("over", exp=1)), "AUTHENTICATIONFAILED")
        self.refused(bearer(self.grant("too-little", scope="x")), "AUTHENTICATIONFAILED")
        self.refused(bearer(self.grant("of-bob", email="bob@example.org")), "CONTACTADMIN")

    def test_no_answer_is_no_wrong_token(self):
        self.grant("patient")
        self.service.status = 503
        self.assertEqual("temporarily_unavailable", self.refused(bearer("patient"), "UNAVAILABLE")["status"])
        self.service.status, self.service.delay = 200, TIME_LIMIT + 5.0
        began = time.monotonic()
        self.assertEqual("503", self.refused(google("patient"), "UNAVAILABLE", "XOAUTH2")["status"])
        self.assertLess(time.monotonic() - began, TIME_LIMIT + 4.0)
        self.service.delay = 0.0
        self.assertEqual("OK", self.login("OAUTHBEARER", bearer("patient")), "it was not remembered as wrong")

    def test_only_the_right_service_hears_of_tokens(self):
        other = self.directory / "imposter"
        other.mkdir()
        imposter = LoginService(*harness.make_certificate(other))
        self.addCleanup(imposter.close)
        imposter.answers["caught"] = {"active": True, "email": ALICE, "scope": "mail"}
        before = self.server.config.read_text()
        self.addCleanup(self.restart, before)
        self.restart(before.replace(f":{self.service.port}/", f":{imposter.port}/"))
        self.refused(bearer("caught"), "UNAVAILABLE")
        self.assertEqual([], imposter.asked)
        self.assertIn("certificate verify failed", self.server.log())

    def restart(self, config):
        self.server.stop()
        self.server.config.write_text(config)
        self.server.start()


class Anonymous(TokenTest):
    def test_anybody_reads_and_nobody_writes(self):
        self.server.deliver(LETTER, "archive@example.org")
        client = imaplib.IMAP4_SSL("localhost", self.server.imap_port, ssl_context=self.server.tls(), timeout=30)
        client.authenticate("ANONYMOUS", lambda _: "me@example.net \u2603 \u201cquoted\u201d".encode())
        self.assertEqual("OK", client.select("INBOX", readonly=True)[0])  # else imaplib takes it for an error
        self.assertEqual(b"Subject: kept", client.fetch("1", "BODY[HEADER.FIELDS (SUBJECT)]")[1][0][1].strip())
        for refused in (lambda: client.store("1", "+FLAGS", "\\Deleted"), client.expunge,
                        lambda: client.create("New"), lambda: client.append("INBOX", None, None, LETTER),
                        lambda: client.subscribe("INBOX"), lambda: client.copy("1", "Trash")):
            self.assertEqual("NO", refused()[0])
        client.logout()
        log = self.server.log()
        self.assertIn('login of archive@example.org by ANONYMOUS, TLS, says "me@example.net \\xe2', log)
        self.assertEqual([], self.server.contents("archive@example.org")[0][1])

    def test_gsasl(self):
        self.run_client("gsasl", "--imap", "--starttls", "--x509-ca-file", self.server.certificate, "--mechanism",
                        "ANONYMOUS", "--anonymous-token", "gsasl@example.net", "localhost", self.starttls, stdin=b"")
        self.assertIn("by ANONYMOUS, TLS, says \"gsasl@example.net\"", self.server.log())
