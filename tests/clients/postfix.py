"""A Postfix on loopback ports, with config, queue, data and ports of its own. Needs root, as Postfix does."""

import pathlib
import re
import shutil
import smtplib
import subprocess
import tempfile

import harness


def without_overridden(lines):
    """Lines of main.cf without those that a later one takes the place of. Postfix takes the later one, too, but logs a
    warning in each of its processes at the start, and so many that postlogd can wait for itself for ever."""
    last = {line.split("=")[0].strip(): line for line in lines.splitlines() if "=" in line and not line.startswith("#")}
    return "\n".join(last.values()) + "\n"


class Postfix:
    """`settings` are lines of main.cf that take the place of earlier ones, `services` more of master.cf, in
    which @OTHER_PORT@ stands for `other_port`."""

    def __init__(self, lmtp_port, settings="", services=""):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="mailroom-postfix-"))
        self.directory.chmod(0o755)
        self.port, self.other_port = harness.free_ports(2)
        for name in ("config", "queue", "data"):
            (self.directory / name).mkdir()
        shutil.chown(self.directory / "data", "postfix")
        (self.directory / "config/main.cf").write_text(without_overridden(f"""
compatibility_level = 3.6
queue_directory = {self.directory}/queue
data_directory = {self.directory}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
multi_instance_enable = no
maillog_file = {self.directory}/log
maillog_file_prefixes = {self.directory}
myhostname = mx.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = example.org
virtual_transport = lmtp:inet:127.0.0.1:{lmtp_port}
default_transport = error:nothing leaves this test
relay_transport = error:nothing leaves this test
smtpd_recipient_restrictions = permit_mynetworks, reject
smtputf8_enable = no
# A failed connection to the server is tried again when the test says so.
minimal_backoff_time = 300s
maximal_backoff_time = 600s
lmtp_destination_concurrency_limit = 8
lmtp_destination_recipient_limit = 10
default_destination_concurrency_failed_cohort_limit = 0
{settings}
"""))
        standard = f"""
127.0.0.1:{self.port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
scache unix - - n - 1 scache
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""
        (self.directory / "config/master.cf").write_text(standard + services.replace("@OTHER_PORT@", str(self.other_port)))

    def run(self, program, *arguments):
        return subprocess.run([program, "-c", str(self.directory / "config"), *arguments],
                              capture_output=True, text=True, timeout=60)

    def start(self):
        done = self.run("postfix", "start")
        if done.returncode != 0:
            raise AssertionError(f"postfix did not start:\n{done.stdout}{done.stderr}{self.log()}")

    def close(self):
        self.run("postfix", "stop")
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self):
        path = self.directory / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def queued(self):
        """How many messages wait."""
        return len(re.findall(r"^[0-9A-F]{6,}", self.run("postqueue", "-p").stdout, re.MULTILINE))

    def send(self, sender, messages):
        """Hands over (recipients, octets) by SMTP."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as smtp:
            for recipients, text in messages:
                smtp.sendmail(sender, recipients, text, mail_options=["BODY=8BITMIME"])
