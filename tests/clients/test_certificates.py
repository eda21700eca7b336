"""TLS as clients meet it: certificates renewed under live sessions, by name and by kind of key, ALPN, OCSP, tickets,
clients' own certificates; and the PROXY protocol in front of it."""

import contextlib
import imaplib
import os
import poplib
import socket
import ssl
import struct
import time
import unittest

import authority
import harness

ALICE = "alice@example.org"
SESSIONS = 200


class TlsServer(harness.Mailroom):
    """With certificates of an authority of its own, renewed as certbot does it, and listeners behind a proxy."""

    def configure(self):
        self.authority = authority.Authority(self.directory)
        self.clients = authority.Authority(self.directory, "clients")
        self.proxied_port, self.proxied_plain_port, self.pop3_starttls_port = harness.free_ports(3)
        self.live = self.directory / "live"
        self.live.mkdir()
        self.turn_to("first")
        self.certificate, self.key = self.live / "certificate.pem", self.live / "key.pem"
        self.authority.issue("second", "second", "DNS:*.example.net, DNS:example.net")
        self.authority.issue("rsa", "rsa", "DNS:localhost, IP:127.0.0.1", kind="rsa")
        self.response = self.directory / "response"
        self.authority.ocsp_response(self.certificate, self.response)
        super().configure()

    def turn_to(self, stem, common_name=None):
        """Makes a certificate, and turns the links to it, one after the other."""
        certificate, key = self.authority.issue(stem, common_name or stem, "DNS:localhost, IP:127.0.0.1")
        for name, file in (("certificate.pem", certificate), ("key.pem", key)):
            link = self.live / (name + ".new")
            link.symlink_to(file)
            os.replace(link, self.live / name)

    def toml(self):
        tls = f"""
ocsp_response = "{self.response}"
client_certificate = "{self.options.get("client_certificate", "optional")}"
client_ca = "{self.clients.certificate}"

[[tls.pair]]
certificate = "{self.directory}/second.pem"
private_key = "{self.directory}/second.key"

[[tls.pair]]
certificate = "{self.directory}/rsa.pem"
private_key = "{self.directory}/rsa.key"

[proxy]
networks = ["127.0.0.1"]

[[listener]]
protocol = "imap"
address = "127.0.0.1:{self.proxied_port}"
tls = "implicit"
proxy_protocol = true

[[listener]]
protocol = "imap"
address = "127.0.0.1:{self.proxied_plain_port}"
tls = "starttls"
proxy_protocol = true

[[listener]]
protocol = "pop3"
address = "127.0.0.1:{self.pop3_starttls_port}"
tls = "starttls"
"""
        return super().toml().replace("[[listener]]", tls + "[[listener]]", 1)

    def tls(self):
        return ssl.create_default_context(cafile=str(self.authority.certificate))

    def common_name(self, name="localhost"):
        """Whose certificate a new client is shown that asks for this name."""
        context = self.tls()
        context.check_hostname = False
        with socket.create_connection(("127.0.0.1", self.imap_port), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname=name) as client:
                return dict(pair[0] for pair in client.getpeercert()["subject"])["commonName"]


class Certificates(harness.ServerTest):
    users = (ALICE,)
    options = {"plain_passwords": True}

    @classmethod
    def setUpClass(cls):
        cls.server = TlsServer(cls.users, **cls.options)
        cls.addClassCleanup(cls.server.close)
        cls.server.start()

    def s_client(self, *arguments, port=None, expect=(0,)):
        return self.run_client("openssl", "s_client", "-connect", f"127.0.0.1:{port or self.server.imap_port}", "-CAfile",
                               self.server.authority.certificate, *arguments, stdin=b"a1 LOGOUT\r\n",
                               expect=expect).stdout.decode()

    def all_alive(self, sessions):
        for session in sessions:
            self.assertEqual("OK", session.noop()[0])

    def test_renewal_under_live_sessions(self):
        with contextlib.ExitStack() as stack:
            sessions = []
            for _ in range(SESSIONS):
                sessions.append(self.server.imaplib(ALICE))
                stack.callback(sessions[-1].shutdown)
            began = time.monotonic()
            self.server.turn_to("renewed")
            harness.wait_until(lambda: self.server.common_name() == "renewed", 15, "the renewed certificate is shown")
            self.assertLess(time.monotonic() - began, 10)
            self.all_alive(sessions)

            broken = self.server.directory / "renewed.pem"
            whole = broken.read_bytes()
            broken.write_bytes(whole[:len(whole) // 3])
            harness.wait_until(lambda: "stays the old one" in self.server.log(), 15, "the log tells of the broken file")
            time.sleep(5)  # it is told once, not at each look
            self.assertEqual(1, self.server.log().count("stays the old one"))
            self.assertEqual("renewed", self.server.common_name())
            self.all_alive(sessions)
            broken.write_bytes(whole)
            self.server.turn_to("mended")
            harness.wait_until(lambda: self.server.common_name() == "mended", 15, "the mended certificate is shown")
            self.all_alive(sessions)

    def test_certificates_by_name_and_kind_of_key(self):
        own = self.server.common_name()
        self.assertEqual("second", self.server.common_name("mail.example.net"))
        self.assertEqual("second", self.server.common_name("MAIL.Example.NET"))
        self.assertIn("CN = second", self.s_client("-servername", "example.net."))
        self.assertEqual(own, self.server.common_name("unknown.example.com"))
        self.assertIn(f"CN = {own}", self.s_client("-noservername"))
        self.assertIn("CN = rsa", self.s_client("-servername", "localhost", "-sigalgs", "RSA-PSS+SHA256"))
        self.assertIn("CN = rsa", self.s_client("-tls1_2", "-servername", "localhost", "-cipher", "aRSA"))

    def test_application_protocols(self):
        self.assertIn("ALPN protocol: imap", self.s_client("-alpn", "h2,imap"))
        self.assertIn("ALPN protocol: pop3", self.s_client("-alpn", "pop3", port=self.server.pop3_port))
        self.assertIn("No ALPN negotiated", self.s_client())
        context = self.server.tls()
        context.set_alpn_protocols(["h2", "http/1.1"])
        with socket.create_connection(("127.0.0.1", self.server.imap_port), timeout=10) as plain:
            with self.assertRaisesRegex(ssl.SSLError, "(?i)no.application.protocol"):
                context.wrap_socket(plain, server_hostname="localhost")
        harness.wait_until(lambda: 'only "h2 http/1.1" and not "imap"' in self.server.log(), 5, "the log says why")

    def test_ocsp_response(self):
        def status():
            return self.s_client("-status", "-servername", "localhost", "-sigalgs", "ECDSA+SHA256")

        self.server.authority.ocsp_response(self.server.certificate, self.server.response)
        harness.wait_until(lambda: "Cert Status: good" in status(), 15, "the response is stapled")
        self.server.authority.ocsp_response(self.server.directory / "rsa.pem", self.server.response)
        harness.wait_until(lambda: "OCSP response: no response sent" in status(), 15, "another's response is not")
        self.assertIn("is not about the certificate", self.server.log())

    def test_every_thread_takes_up_sessions(self):
        context = self.server.tls()
        sessions = []

        def connect(session):
            with socket.create_connection(("127.0.0.1", self.server.imap_port), timeout=10) as plain:
                with context.wrap_socket(plain, server_hostname="localhost", session=session) as client:
                    client.recv(100)  # behind the ticket
                    sessions.append(client.session)
                    return client.session_reused

        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context.maximum_version = version
            sessions.clear()
            self.assertFalse(connect(None))
            self.assertEqual([True] * 20, [connect(sessions[-1]) for _ in range(20)])

    def test_certificates_of_clients(self):
        certificate, key = self.server.clients.issue("alice", "Alice", f"email:{ALICE}", usage="clientAuth")
        stranger, stranger_key = self.server.authority.issue("stranger", "alice", f"email:{ALICE}", usage="clientAuth")
        url = f"imaps://localhost:{self.server.imap_port}/INBOX"
        curl = ["curl", "-sv", "--max-time", "20", "--cacert", self.server.authority.certificate, "-u",
                f"{ALICE}:{harness.PASSWORD}", url, "-X", "NOOP"]
        self.run_client(*curl)  # none: they are optional
        self.run_client(*curl, "--cert", certificate, "--key", key)
        self.run_client(*curl, "--cert", stranger, "--key", stranger_key, expect=(35, 55, 56))
        harness.wait_until(lambda: "the client's certificate is refused: self-signed certificate in" in self.server.log(), 5,
                           "the log says why")
        self.assertIn("Test clients", self.s_client())  # whose certificates are wanted

    def test_logins_by_certificate(self):
        """EXTERNAL by curl, fetchmail, imaplib and poplib: no password anywhere."""
        certificate, key = self.server.clients.issue("by-mail", "Alice", f"email:{ALICE}", usage="clientAuth")
        log_in = ["curl", "-sS", "--max-time", "20", "--cacert", self.server.authority.certificate, "--cert", certificate,
                  "--key", key, "--login-options", "AUTH=EXTERNAL", "-u"]
        urls = (f"imaps://localhost:{self.server.imap_port}/", f"pop3s://localhost:{self.server.pop3_port}/")
        for url in urls:
            self.run_client(*log_in, f"{ALICE}:", url)
            self.run_client(*log_in, "bob@example.org:", url, expect=(67,))  # somebody else's
        self.assertIn(f"login of {ALICE} by EXTERNAL, TLS", self.server.log())
        stranger, stranger_key = self.server.clients.issue("nobody", "Nobody", "email:nobody@example.org", usage="clientAuth")
        log_in[log_in.index("--cert") + 1], log_in[log_in.index("--key") + 1] = stranger, stranger_key
        for url in urls:
            self.run_client(*log_in, ":", url, expect=(67,))
        # Without a certificate nobody is offered it, and nobody gets in by it.
        with self.server.imap(user=None) as client:
            self.assertNotIn("EXTERNAL", str(client.ok("CAPABILITY")))
            self.assertTrue(client.command("AUTHENTICATE EXTERNAL =")[1].startswith(b"NO"))
        context = self.server.tls()
        context.load_cert_chain(certificate, key)
        client = imaplib.IMAP4_SSL("localhost", self.server.imap_port, ssl_context=context, timeout=30)
        self.assertIn("AUTH=EXTERNAL", client.capabilities)
        client.authenticate("EXTERNAL", lambda _: b"")
        self.assertEqual("OK", client.select("INBOX")[0])
        client.logout()
        client = poplib.POP3_SSL("localhost", self.server.pop3_port, context=context, timeout=30)
        self.assertIn("EXTERNAL", client.capa()["SASL"])
        self.assertTrue(client._shortcmd("AUTH EXTERNAL =").startswith(b"+OK"))
        client.quit()

    def test_fetchmail_by_certificate(self):
        certificate, key = self.server.clients.issue("fetching", "Alice", f"email:{ALICE}", usage="clientAuth")
        self.server.deliver(b"Subject: fetched\r\n\r\nx\r\n", ALICE)
        home = self.server.directory / "home"
        home.mkdir()
        rc = home / "fetchmailrc"
        rc.write_text(f'poll localhost protocol imap port {self.server.imap_port} auth external user "{ALICE}" ssl sslcertck '
                      f'sslcertfile "{self.server.authority.certificate}" sslcert "{certificate}" sslkey "{key}" keep '
                      f'mda "cat >{home}/fetched"\n')
        rc.chmod(0o600)
        self.run_client("fetchmail", "-f", rc, "--nodetach", "--nosyslog", stdin=b"",
                        env={"HOME": str(home), "FETCHMAILHOME": str(home)})
        self.assertIn("Subject: fetched", (home / "fetched").read_text())

    # --- behind a proxy

    def proxied(self, header, port, source="127.0.0.1"):
        plain = socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))
        self.addCleanup(plain.close)
        plain.sendall(header)
        return plain

    def test_proxy_protocol_before_tls(self):
        v4 = socket.inet_aton("198.51.100.7") + socket.inet_aton("10.0.0.1") + struct.pack("!HH", 40123, 993)
        v6 = (socket.inet_pton(socket.AF_INET6, "2001:db8::7") + socket.inet_pton(socket.AF_INET6, "::1")
              + struct.pack("!HH", 40124, 993))
        signature = b"\r\n\r\n\0\r\nQUIT\n"
        for header, address in (
                (b"PROXY TCP4 198.51.100.5 10.0.0.1 40121 993\r\n", "198.51.100.5:40121"),
                (b"PROXY TCP6 2001:db8::5 2001:db8::1 40122 993\r\n", "[2001:db8::5]:40122"),
                (signature + b"\x21\x11" + struct.pack("!H", len(v4)) + v4, "198.51.100.7:40123"),
                (signature + b"\x21\x21" + struct.pack("!H", len(v6)) + v6, "[2001:db8::7]:40124")):
            with self.subTest(address):
                plain = self.proxied(header, self.server.proxied_port)
                with self.server.tls().wrap_socket(plain, server_hostname="localhost") as client:
                    self.assertTrue(client.recv(1000).startswith(b"* OK"))
                    client.sendall(f"a1 LOGIN {ALICE} {harness.PASSWORD}\r\n".encode())
                    self.assertIn(b"a1 OK", client.recv(4000))
                self.assertIn(f"imap {address}: login of {ALICE}", self.server.log())

    def test_tls_that_ends_at_the_proxy(self):
        ssl_field = b"\x20" + struct.pack("!H", 15) + b"\x01\0\0\0\0" + b"\x21\0\x07TLSv1.3"
        v4 = socket.inet_aton("198.51.100.8") + socket.inet_aton("10.0.0.1") + struct.pack("!HH", 1, 993)
        for rest, offered, missing in ((v4 + ssl_field, b"AUTH=PLAIN", b"STARTTLS"), (v4, b"STARTTLS", b"AUTH=PLAIN")):
            header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11" + struct.pack("!H", len(rest)) + rest
            greeting = self.proxied(header, self.server.proxied_plain_port).recv(4000)
            self.assertTrue(greeting.startswith(b"* OK [CAPABILITY "), greeting)
            self.assertIn(offered, greeting)
            self.assertNotIn(missing, greeting)

    def test_who_is_no_proxy_is_refused(self):
        header = b"PROXY TCP4 198.51.100.5 10.0.0.1 40121 993\r\n"
        self.assertEqual(b"", self.read_end(self.proxied(header, self.server.proxied_plain_port, "127.0.0.2")))
        self.assertIn("in none of [proxy] networks", self.server.log())
        self.assertEqual(b"", self.read_end(self.proxied(b"a1 NOOP\r\n", self.server.proxied_plain_port)))
        harness.wait_until(lambda: "header of the PROXY protocol: there is none" in self.server.log(), 5, "the log says why")
        health_check = self.proxied(b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", self.server.proxied_plain_port)
        self.assertTrue(health_check.recv(4000).startswith(b"* OK"))

    @staticmethod
    def read_end(plain):
        with contextlib.suppress(ConnectionResetError):
            return plain.recv(1000)
        return b""


class RequiredCertificates(unittest.TestCase):
    def test_who_has_none_is_refused(self):
        server = TlsServer((ALICE,), plain_passwords=True, client_certificate="required")
        self.addCleanup(server.close)
        server.start()
        certificate, key = server.clients.issue("alice", "Alice", f"email:{ALICE}", usage="clientAuth")
        with self.assertRaises((ssl.SSLError, imaplib.IMAP4.abort, ConnectionError)):
            server.imaplib(ALICE)
        context = server.tls()
        context.load_cert_chain(certificate, key)
        client = imaplib.IMAP4_SSL("localhost", server.imap_port, ssl_context=context, timeout=30)
        client.login(ALICE, harness.PASSWORD)
        client.logout()
        self.assertIn("peer did not return a certificate", server.log())
