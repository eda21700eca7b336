"""Thunderbird without a screen: a profile with one account, and its own scripts run in it over Marionette, the remote
control that Mozilla's programs have for tests."""

import hashlib
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess

import harness

START_LIMIT = 60.0  # seconds until it takes commands
STOP_LIMIT = 30.0

PREAMBLE = """
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const server = MailServices.accounts.allServers.find(one => one.type == "imap");
const root = server.rootFolder;
const onlineName = one => one.QueryInterface(Ci.nsIMsgImapMailFolder).onlineName;
const folder = name => root.descendants.find(one => onlineName(one) == name);
const messages = name => [...folder(name).messages];
const bySubject = (name, ...subjects) => messages(name).filter(one => subjects.includes(one.mime2DecodedSubject));
const tell = action => new Promise((resolve, reject) => action({
    OnStartRunningUrl() {},
    OnStopRunningUrl: (url, status) => Components.isSuccessCode(status) ? resolve(null) : reject(new Error(`status ${status}`)),
}));
const update = name => tell(listener => folder(name).QueryInterface(Ci.nsIMsgImapMailFolder)
    .updateFolderWithListener(null, listener));
"""


def preferences(server, port):
    account = {
        "type": "imap", "hostname": "localhost", "port": server.imap_port, "userName": "alice@example.org",
        "name": "alice", "socketType": 3, "authMethod": 3, "offline_download": True, "autosync_offline_stores": True,
        "directory-rel": "[ProfD]ImapMail/localhost",
        # What comes without being asked for comes by IDLE.
        "login_at_startup": False, "check_new_mail": False,
    }
    quiet = {
        "app.update.enabled": False, "datareporting.policy.dataSubmissionEnabled": False, "mail.rights.version": 1,
        "mail.provider.suppress_dialog_on_startup": True, "mail.shell.checkDefaultClient": False,
        "mail.spotlight.firstRunDone": True, "mailnews.database.global.indexer.enabled": False,
        "mailnews.start_page.enabled": False, "services.settings.server": "data:,", "toolkit.telemetry.enabled": False,
        # To the web it shall not go.
        "network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9,
        "network.proxy.ssl": "127.0.0.1", "network.proxy.ssl_port": 9,
    }
    return {
        "mail.accountmanager.accounts": "account1", "mail.accountmanager.defaultaccount": "account1",
        "mail.account.account1.identities": "id1", "mail.account.account1.server": "server1", "mail.account.lastKey": 1,
        "mail.identity.id1.fullName": "Alice", "mail.identity.id1.useremail": "alice@example.org",
        "mail.identity.id1.valid": True, "marionette.port": port, **quiet,
        **{f"mail.server.server1.{name}": value for name, value in account.items()}}


class Thunderbird:
    def __init__(self, server, profile):
        self.server, self.profile = server, pathlib.Path(profile)
        self.process = self.stream = None
        self.sent = 0
        self.profile.mkdir()
        certificate = hashlib.sha256(ssl.PEM_cert_to_DER_cert(server.certificate.read_text())).hexdigest().upper()
        fingerprint = ":".join(re.findall("..", certificate))
        (self.profile / "cert_override.txt").write_text(
            f"localhost:{server.imap_port}:\tOID.2.16.840.1.101.3.4.2.1\t{fingerprint}\t\n")

    def start(self):
        port, = harness.free_ports(1)
        (self.profile / "user.js").write_text("".join(
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
            for name, value in preferences(self.server, port).items()))
        for old in self.profile.glob("imap*.moz_log"):
            old.unlink()
        sandboxes = ("CONTENT", "RDD", "SOCKET_PROCESS", "UTILITY", "GMP")  # a container may have no room for them
        with open(self.profile / "output", "wb") as output:
            self.process = subprocess.Popen(
                ["thunderbird", "--profile", str(self.profile), "--no-remote", "--headless", "--marionette",
                 "--remote-allow-system-access"], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True, preexec_fn=lambda: harness.LIBC.prctl(harness.PR_SET_PDEATHSIG, signal.SIGTERM),
                env={**os.environ, **{f"MOZ_DISABLE_{name}_SANDBOX": "1" for name in sandboxes}, "HOME": str(self.profile),
                     "MOZ_HEADLESS": "1", "MOZ_LOG": "IMAP:4,sync", "MOZ_LOG_FILE": str(self.profile / "imap")})
        self.stream = harness.wait_until(lambda: self.connect(port), START_LIMIT, "Thunderbird takes commands")
        self.receive()  # its greeting
        self.command("WebDriver:NewSession", {"capabilities": {}})
        self.command("Marionette:SetContext", {"value": "chrome"})

    def connect(self, port):
        if self.process.poll() is not None:
            raise AssertionError(f"Thunderbird ended with {self.process.returncode}: {self.output()}")
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        except OSError:
            return None
        with connection:
            return connection.makefile("rwb")

    def output(self):
        return (self.profile / "output").read_text(errors="replace")[-2000:]

    # Marionette: "length:json" both ways; a command is [0, id, name, parameters], an answer [1, id, error, result].
    def receive(self):
        size = b""
        while (octet := self.stream.read(1)) != b":":
            if not octet:
                raise AssertionError(f"Thunderbird has gone: {self.output()}")
            size += octet
        return json.loads(self.stream.read(int(size)))

    def command(self, name, parameters):
        self.sent += 1
        packet = json.dumps([0, self.sent, name, parameters]).encode()
        self.stream.write(b"%d:%s" % (len(packet), packet))
        self.stream.flush()
        _, _, error, result = self.receive()
        if error:
            raise AssertionError(f"{name}: {error['message']}\n{error.get('stacktrace')}")
        return result

    def run(self, script, *arguments):
        """Runs a function body with the arguments as `arguments`; a promise that it returns is waited for."""
        return self.command("WebDriver:ExecuteScript", {"script": PREAMBLE + script, "args": list(arguments)})["value"]

    def log_in(self):
        """Gives it the password, as its user would at the first question for it."""
        self.run("""
            const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
            login.init("imap://localhost", null, "imap://localhost", "alice@example.org", arguments[0], "", "");
            return Services.logins.addLoginAsync(login).then(() => null);
        """, harness.PASSWORD)

    def log(self):
        """What it sent and what it was answered."""
        return [line for path in sorted(self.profile.glob("imap*.moz_log"))
                for line in re.findall(r"SendData: (.*)|CreateNewLineFromSocket: (.*)", path.read_text(errors="replace"))]

    def commands(self):
        return [sent for sent, _ in self.log() if sent]

    def answers(self):
        return [answer for _, answer in self.log() if answer]

    def on_disk(self, mailbox):
        path = self.profile / "ImapMail/localhost" / mailbox
        return path.read_bytes() if path.exists() else b""

    def stop(self):
        """Quits as its user would."""
        if not self.process:
            return
        process, self.process = self.process, None
        try:
            self.command("Marionette:Quit", {"flags": ["eForceQuit"]})
            process.wait(STOP_LIMIT)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
            raise
        finally:
            self.stream.close()
