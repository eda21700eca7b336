"""An Exim on a loopback port, with config and spool of its own. Debian's packages do not let it stand beside Postfix: its
program is unpacked (.ci/packages, group "unpack"), and what it needs beside that it finds in its folder."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

import harness

UNPACKED = pathlib.Path(os.environ.get("MAILROOM_UNPACKED", harness.ROOT / ".build/unpacked"))
PROGRAM = UNPACKED / "usr/sbin/exim4"
USER = "Debian-exim"  # compiled in
UID = 65534  # nobody's; a library shows it to Exim as that of USER


class Exim:
    """`config` is what stands behind the settings of its place: more of the main section, then the others. Certificate and
    key are files."""

    def __init__(self, config, certificate, key):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="mailroom-exim-"))
        self.directory.chmod(0o755)
        self.port = harness.free_ports(1)[0]
        self.config = self.directory / "exim.conf"
        self.spool = self.directory / "spool"
        self.spool.mkdir()
        os.chown(self.spool, UID, UID)
        for name, file in (("cert.pem", certificate), ("key.pem", key)):
            shutil.copy(file, self.directory / name)
            os.chown(self.directory / name, UID, UID)
        (self.directory / "passwd").write_text(f"root:x:0:0::/root:/bin/sh\n{USER}:x:{UID}:{UID}::/:/bin/false\n")
        (self.directory / "group").write_text(f"root:x:0:\n{USER}:x:{UID}:\n")
        self.config.write_text(f"""
exim_path = {PROGRAM}
spool_directory = {self.spool}
log_file_path = {self.spool}/log-%s
pid_file_path = {self.spool}/pid
# One user for all of it: there is no program with the bit of root.
deliver_drop_privilege = true
keep_environment = LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
local_interfaces = 127.0.0.1
daemon_smtp_ports = {self.port}
primary_hostname = mx.example.org
tls_advertise_hosts = *
tls_certificate = {self.directory}/cert.pem
tls_privatekey = {self.directory}/key.pem
{config}""")
        self.process = None

    def environment(self):
        libraries = sorted(pathlib.Path("/usr/lib").glob("*/libnss_wrapper.so"))
        return {"PATH": os.environ["PATH"], "LD_PRELOAD": str(libraries[0]),
                "NSS_WRAPPER_PASSWD": str(self.directory / "passwd"),
                "NSS_WRAPPER_GROUP": str(self.directory / "group")}

    def run(self, *arguments):
        return subprocess.run([PROGRAM, "-C", self.config, *arguments], capture_output=True, text=True, timeout=60,
                              env=self.environment())

    def start(self):
        with (self.directory / "output").open("wb") as output:
            self.process = subprocess.Popen([PROGRAM, "-C", self.config, "-bdf", "-q10s"], stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, env=self.environment(), start_new_session=True)
        harness.wait_until(self.accepts, 20, "Exim accepts")

    def accepts(self):
        if self.process.poll() is not None:
            raise AssertionError(f"Exim ended at its start:\n{(self.directory / 'output').read_text()}\n{self.log()}")
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def close(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)  # its group: what serves clients and queue, too
            self.process.wait(10)
        shutil.rmtree(self.directory, ignore_errors=True)

    def log(self):
        return "".join(path.read_text(errors="replace") for path in sorted(self.spool.glob("log-*")))

    def queued(self):
        """How many messages wait."""
        return int(self.run("-bpc").stdout)
