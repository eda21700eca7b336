"""Runs the real program in a directory of its own, on loopback ports of its own, for as long as one test class lasts.

MAILROOM names the program (default: the release build). MAILROOM_TEST_PEER=dovecot runs the same tests
against Debian's Dovecot instead: a test that fails there as well is wrong, or asks for more than a peer gives.
"""

import ctypes
import imaplib
import os
import pathlib
import poplib
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

import wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("MAILROOM", str(ROOT / ".build/release/mailroom"))
PASSWORD = "Geheim-7391-wort"
START_LIMIT = 20.0  # seconds from the start of the program to its first accepted connection
STOP_LIMIT = 5.0  # seconds from SIGTERM to its end

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # <sys/prctl.h>

imaplib._MAXLINE = 10_000_000
poplib._MAXLINE = 10_000_000


_given_ports = set()


def free_ports(count):
    """Ports of 127.0.0.1 that nobody listens on, outside the range of outgoing connections; none is given twice."""
    ports = []
    candidate = 20000 + (os.getpid() * 37 + time.monotonic_ns() // 1_000_000) % 11000
    while len(ports) < count:
        candidate = candidate + 1 if candidate < 32000 else 20000
        if candidate in _given_ports:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
        _given_ports.add(candidate)
        ports.append(candidate)
    return ports


def make_certificate(directory):
    """An ECDSA certificate for localhost and 127.0.0.1, its own authority; gives (certificate, key)."""
    certificate, key = directory / "cert.pem", directory / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True, timeout=30)
    return certificate, key


def wait_until(condition, seconds, what):
    """Polls `condition` until it gives something true, and gives that."""
    limit = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > limit:
            raise AssertionError(f"after {seconds} s still not: {what}")
        time.sleep(0.01)


class Server:
    """A mail server with IMAP and POP3 over TLS and LMTP without, and accounts that share one password."""

    host = "127.0.0.1"

    def __init__(self, users=("alice@example.org", "bob@example.org"), directory=None, **options):
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="mailroom-clients-"))
        self.directory.chmod(0o755)
        self.store = pathlib.Path(options.pop("store", self.directory / "store"))
        self.users = list(users)
        self.options = options
        self.certificate, self.key = make_certificate(self.directory)
        self.imap_port, self.pop3_port, self.lmtp_port = free_ports(3)
        self.log_path = self.directory / "log"
        self.process = None
        self.configure()

    # What a kind of server says for itself.
    def configure(self):
        raise NotImplementedError

    def arguments(self):
        raise NotImplementedError

    def start(self):
        """Starts the program; gives the seconds until it accepted on every port."""
        began = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.arguments(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                restore_signals=self.options.get("restore_signals", True),
                preexec_fn=self.before_exec)
        for port in (self.lmtp_port, self.imap_port, self.pop3_port):
            wait_until(lambda: self.accepts(port), START_LIMIT, f"the server accepts on port {port}")
        return time.monotonic() - began

    def before_exec(self):
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # a killed test run leaves no server behind
        if "before_exec" in self.options:
            self.options["before_exec"]()

    def accepts(self, port):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode} at its start:\n{self.log()}")
        try:
            socket.create_connection((self.host, port), timeout=1).close()
            return True
        except OSError:
            return False

    def stop(self):
        """SIGTERM; gives the seconds until the end. A program that does not end is killed and reported."""
        if not self.process:
            return 0.0
        process, self.process = self.process, None
        began = time.monotonic()
        process.terminate()
        try:
            code = process.wait(STOP_LIMIT + 2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
            raise AssertionError(f"the server did not end within {STOP_LIMIT + 2} s of SIGTERM:\n{self.log()[-2000:]}")
        took = time.monotonic() - began
        if code != 0:
            raise AssertionError(f"the server ended with {code} after SIGTERM:\n{self.log()[-4000:]}")
        return took

    def kill(self):
        process, self.process = self.process, None
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    def close(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    # Clients.
    def tls(self):
        return ssl.create_default_context(cafile=str(self.certificate))

    def imaplib(self, user="alice@example.org", password=PASSWORD):
        client = imaplib.IMAP4_SSL("localhost", self.imap_port, ssl_context=self.tls(), timeout=30)
        client.login(user, password)
        return client

    def poplib(self, user="alice@example.org", password=PASSWORD):
        client = poplib.POP3_SSL("localhost", self.pop3_port, context=self.tls(), timeout=30)
        client.user(user)
        client.pass_(password)
        return client

    def imap(self, user="alice@example.org", password=PASSWORD, **kw):
        client = wire.Imap((self.host, self.imap_port), str(self.certificate), **kw)
        if user:
            client.login(user, password)
        return client

    def pop3(self, user="alice@example.org", password=PASSWORD, utf8=False):
        client = wire.Pop3((self.host, self.pop3_port), str(self.certificate))
        if utf8:  # a server that does not know it sends messages as they are anyway
            client.send(b"UTF8\r\n")
            client.line()
        client.login(user, password)
        return client

    def lmtp(self):
        return wire.Lmtp((self.host, self.lmtp_port))

    def deliver(self, message, *recipients):
        """Delivers one message by LMTP and insists on success."""
        with self.lmtp() as client:
            for code, lines in client.deliver(message, *(recipients or ("alice@example.org",))):
                if code != 250:
                    raise AssertionError(f"the delivery was refused: {lines}")

    def contents(self, user="alice@example.org", mailbox="INBOX"):
        """Every message of a mailbox as (uid, sorted flags, octets)."""
        with self.imap(user) as client:
            client.ok(f'EXAMINE "{mailbox}"')
            return [(uid, sorted(flag for flag in flags if flag.lower() != "\\recent"), body)
                    for uid, flags, body in client.messages_and_flags()]

    def uid_of(self, token, user="alice@example.org", mailbox="INBOX"):
        return [uid for uid, _, body in self.contents(user, mailbox) if token in body]


class Mailroom(Server):
    """The program of this project. Options: limits (keys and values), extra (more TOML), plain_passwords, auth
    (what stands in [auth] instead of the users file), more_auth (what stands there beside it)."""

    def configure(self):
        self.config = self.directory / "mailroom.toml"
        self.users_file = self.directory / "users"
        self.config.write_text(self.toml())
        if self.options.get("plain_passwords"):
            self.users_file.write_text("".join(f"{user} {{PLAIN}}{PASSWORD}\n" for user in self.users))
            self.users_file.chmod(0o600)
            return
        for user in self.users:
            self.command("user", "add", user, "--password-stdin", stdin=PASSWORD + "\n")

    def toml(self):
        limits = {"sessions": 15000, "sessions_per_address": 15000, "sessions_per_account": 15000}
        limits.update(self.options.get("limits", {}))
        lines = "\n".join(f"{key} = {value}" for key, value in limits.items())
        return f"""
config_version = 1
hostname = "mail.example.org"

[storage]
path = "{self.store}"

[tls]
certificate = "{self.certificate}"
private_key = "{self.key}"

[[listener]]
protocol = "imap"
address = "127.0.0.1:{self.imap_port}"
tls = "implicit"

[[listener]]
protocol = "pop3"
address = "127.0.0.1:{self.pop3_port}"
tls = "implicit"

[[listener]]
protocol = "lmtp"
address = "127.0.0.1:{self.lmtp_port}"
tls = "none"

[auth]
{self.options.get("auth", f'users_file = "{self.users_file}"')}
{"weak_schemes = true" if self.options.get("plain_passwords") else ""}
{"rehash = false" if self.options.get("plain_passwords") else ""}
{self.options.get("more_auth", "")}

[limits]
{lines}
{self.options.get("extra", "")}
"""

    def arguments(self):
        return [PROGRAM, "serve", "--config", str(self.config)]

    def command(self, *arguments, stdin="", check=True):
        """Runs a subcommand of the program with this server's config."""
        result = subprocess.run([PROGRAM, *arguments, "--config", str(self.config)], input=stdin,
                                capture_output=True, text=True, timeout=60)
        if check and result.returncode != 0:
            raise AssertionError(f"mailroom {' '.join(arguments)} ended with {result.returncode}:\n"
                                 f"{result.stdout}{result.stderr}")
        return result


def server_class():
    if os.environ.get("MAILROOM_TEST_PEER") == "dovecot":
        import dovecot
        return dovecot.Dovecot
    return Mailroom


class ServerTest(unittest.TestCase):
    """A test class with one server of its own; `options` go to it, and each test may have its own accounts."""

    users = ("alice@example.org", "bob@example.org")
    options = {}
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.server = server_class()(cls.users, **cls.options)
        cls.addClassCleanup(cls.server.close)
        cls.server.start()

    def run_client(self, *arguments, expect=(0,), stdin=None, env=None, cwd=None, timeout=60):
        """Runs a mail client to its end and insists on its exit code."""
        result = subprocess.run([str(a) for a in arguments], input=stdin, capture_output=True, timeout=timeout,
                                env={**os.environ, **(env or {})}, cwd=cwd)
        if result.returncode not in expect:
            self.fail(f"{arguments[0]} ended with {result.returncode}\n{result.stdout.decode(errors='replace')}\n"
                      f"{result.stderr.decode(errors='replace')}\nserver log:\n{self.server.log()[-1200:]}")
        return result

    def received(self, *subjects):
        """Insists that exactly these messages have come to a client, whole: files below out/ of the test's `home`."""
        found = [path.read_bytes().replace(b"\r\n", b"\n") for path in (self.home / "out").rglob("*") if path.is_file()]
        self.assertEqual(sorted(subjects), sorted(m.split(b"\nSubject: ")[1].split(b"\n")[0].decode() for m in found))
        for message in found:
            self.assertTrue(message.rstrip(b"\n").endswith(b"\n.dot"), message)


def raise_file_limit():
    """As many open files as this process may have."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
