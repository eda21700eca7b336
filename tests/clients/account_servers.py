"""Databases and a directory with accounts, each run by the test in a temporary folder on a port of its own."""

import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile

import harness

SECRET = "Dienst-1947-wort"  # the server's own password at the databases and the directory


class AccountServer:
    """`start` and `stop` may be called again and again; `close` ends all."""

    user = None  # who runs it

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="mailroom-accounts-"))
        self.directory.chmod(0o755)
        self.port = harness.free_ports(1)[0]
        self.process = None
        self.create()

    def run(self, *arguments, stdin=None, check=True):
        result = subprocess.run([str(a) for a in arguments], input=stdin, capture_output=True, text=True, timeout=60)
        if check and result.returncode != 0:
            raise AssertionError(f"{arguments} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
        return result

    def as_user(self, *arguments):
        return ["runuser", "-u", self.user, "--", *(str(a) for a in arguments)]

    def start(self):
        """Does nothing when it runs."""
        if self.process:
            return
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=lambda: harness.LIBC.prctl(1, signal.SIGTERM))
        harness.wait_until(self.answers, 30, f"{type(self).__name__} answers")

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError((self.directory / "log").read_text(errors="replace")[-3000:])
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def stop(self, how=signal.SIGTERM):
        if self.process:
            process, self.process = self.process, None
            process.send_signal(how)
            process.wait(20)

    def pause(self):
        """It takes connections, and says no more; until go_on()."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


def hash_of(password, method="-6"):
    return subprocess.run(["openssl", "passwd", method, password], capture_output=True, text=True, check=True,
                          timeout=20).stdout.strip()


# As PostfixAdmin has them: mailbox(username, password, quota, active), alias(address, goto, active).
SCHEMA = """
CREATE TABLE mailbox (username varchar(255) NOT NULL PRIMARY KEY, password varchar(255) NOT NULL,
                      quota bigint NOT NULL DEFAULT 0, active smallint NOT NULL DEFAULT 1);
CREATE TABLE alias (address varchar(255) NOT NULL PRIMARY KEY, goto text NOT NULL, active smallint NOT NULL DEFAULT 1);
"""


class Database(AccountServer):
    def source(self, **more):
        """[[auth.source]] for it, with queries as for PostfixAdmin."""
        keys = {
            "type": "sql", "driver": self.driver, "connection": self.connection(),
            "login_query": "SELECT username AS name, password, quota, 1 - active AS disabled FROM mailbox "
                           "WHERE username = :name",
            "address_query": "SELECT username AS name FROM mailbox WHERE username = :name UNION "
                             "SELECT goto AS name FROM alias WHERE address = :name AND active = 1",
            "update_query": "UPDATE mailbox SET password = :password WHERE username = :name AND "
                            "password = :old_password",
            "default_scheme": "CRYPT", "time_limit": "2 s", **more}
        return "[[auth.source]]\n" + "".join(f'{key} = """{value}"""\n' if isinstance(value, str) else
                                             f"{key} = {value}\n" for key, value in keys.items())

    def fill(self, users, aliases):
        self.execute(SCHEMA)
        for name, password in users.items():
            self.add(name, password)
        for address, goto in aliases.items():
            self.execute(f"INSERT INTO alias (address, goto) VALUES ('{address}', '{goto}')")

    def add(self, name, password, quota=0):
        self.execute(f"INSERT INTO mailbox (username, password, quota) VALUES ('{name}', '{hash_of(password)}', {quota})")

    def remove(self, name):
        self.execute(f"DELETE FROM mailbox WHERE username = '{name}'")

    def disable(self, name):
        self.execute(f"UPDATE mailbox SET active = 0 WHERE username = '{name}'")

    def set_password(self, name, password):
        self.execute(f"UPDATE mailbox SET password = '{hash_of(password)}' WHERE username = '{name}'")


class Postgres(Database):
    user, driver = "postgres", "postgresql"

    def create(self):
        programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.programs, self.data = programs, self.directory / "data"
        self.data.mkdir()
        shutil.chown(self.data, self.user)
        password = self.directory / "password"
        password.write_text(SECRET)
        self.run(*self.as_user(programs / "initdb", "-D", self.data, "-U", "mailroom", "--auth=scram-sha-256",
                               "--pwfile", password, "--no-sync", "--no-locale", "-E", "UTF8"))

    def command(self):
        return self.as_user(self.programs / "postgres", "-D", self.data, "-k", self.data, "-p", self.port, "-h",
                            "127.0.0.1", "-F", "-c", "max_connections=40")

    def answers(self):
        return super().answers() and self.psql("SELECT 1", check=False).returncode == 0

    def stop(self, how=signal.SIGINT):
        """SIGINT ends its sessions, too. runuser hands signals on."""
        if self.process:
            first = (self.data / "postmaster.pid").read_text().split()[0]
            os.kill(int(first), how)
            self.process.wait(20)
            self.process = None

    def psql(self, text, check=True):
        return self.run("env", f"PGPASSWORD={SECRET}", "psql", "-h", "127.0.0.1", "-p", self.port, "-U", "mailroom",
                        "-q", "-v", "ON_ERROR_STOP=1", "postgres", stdin=text, check=check)

    execute = psql

    def connection(self):
        return f"host=127.0.0.1 port={self.port} dbname=postgres user=mailroom password={SECRET}"


class MariaDb(Database):
    user, driver = "mysql", "mysql"

    def stop(self, how=signal.SIGKILL):
        """At once: to end in order takes it many seconds. What it did is in its log, for the next start (log at
        commit: 2)."""
        super().stop(how)

    def create(self):
        self.data = self.directory / "data"
        self.data.mkdir()
        shutil.chown(self.data, self.user)
        self.run("mariadb-install-db", "--no-defaults", f"--datadir={self.data}", f"--user={self.user}",
                 "--skip-test-db", "--auth-root-authentication-method=normal")
        self.started_before = False

    def command(self):
        return ["mariadbd", "--no-defaults", f"--datadir={self.data}", f"--socket={self.data}/socket",
                f"--port={self.port}", "--bind-address=127.0.0.1", f"--user={self.user}", "--skip-log-bin",
                f"--pid-file={self.data}/pid", "--innodb-flush-log-at-trx-commit=2"]

    def start(self):
        super().start()
        if not self.started_before:
            self.started_before = True
            self.run("mariadb", "--no-defaults", f"--socket={self.data}/socket", "-u", "root",
                     stdin=f"CREATE DATABASE mail; CREATE USER mailroom@localhost IDENTIFIED BY '{SECRET}'; "
                           f"CREATE USER mailroom@127.0.0.1 IDENTIFIED BY '{SECRET}'; "
                           "GRANT ALL ON mail.* TO mailroom@localhost; GRANT ALL ON mail.* TO mailroom@127.0.0.1;")

    def execute(self, text):
        return self.run("mariadb", "--no-defaults", f"--socket={self.data}/socket", "-u", "root", "mail", stdin=text)

    def connection(self):
        return f"host=127.0.0.1 port={self.port} db=mail user=mailroom password={SECRET}"


class Sqlite(Database):
    """A file, which somebody else keeps locked while the service is stopped."""

    driver = "sqlite"

    def create(self):
        self.file, self.lock = self.directory / "mail.sqlite", None

    def start(self):
        if self.lock:
            self.lock.execute("COMMIT")
            self.lock.close()
            self.lock = None

    def stop(self, how=None):
        if self.file.exists() and not self.lock:
            self.lock = sqlite3.connect(self.file, isolation_level=None, check_same_thread=False, timeout=20)
            self.lock.execute("BEGIN EXCLUSIVE")

    def close(self):
        self.start()
        shutil.rmtree(self.directory, ignore_errors=True)

    def execute(self, text):
        database = sqlite3.connect(self.file, timeout=20)
        database.executescript(text)
        database.close()

    def connection(self):
        return f"dbname={self.file}"


BASE = "dc=example,dc=org"


class Slapd(AccountServer):
    """OpenLDAP with TLS; accounts are inetOrgPerson with mail, userPassword and more."""

    user = "openldap"

    def create(self):
        self.certificate, self.key = harness.make_certificate(self.directory)
        self.tls_port = harness.free_ports(1)[0]
        data = self.directory / "data"
        data.mkdir()
        for path in (data, self.key):
            shutil.chown(path, self.user, self.user)
        (self.directory / "slapd.conf").write_text(f"""
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {data}/pid
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {self.certificate}
TLSCertificateKeyFile {self.key}
database mdb
suffix "{BASE}"
rootdn "cn=admin,{BASE}"
rootpw {SECRET}
directory {data}
dbnosync
maxsize 10485760
index mail eq
access to attrs=userPassword by dn.exact="cn=mailroom,{BASE}" read by anonymous auth by * none
access to * by dn.exact="cn=mailroom,{BASE}" read by * none
""")
        (self.directory / "base.ldif").write_text(f"""
dn: {BASE}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,{BASE}
objectClass: organizationalUnit
ou: people

dn: cn=mailroom,{BASE}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: mailroom
userPassword: {SECRET}
""")
        self.run(*self.as_user("slapadd", "-q", "-f", self.directory / "slapd.conf", "-l", self.directory / "base.ldif"))

    def command(self):
        return ["slapd", "-f", str(self.directory / "slapd.conf"), "-u", self.user, "-g", self.user, "-d", "0", "-h",
                f"ldap://127.0.0.1:{self.port}/ ldaps://127.0.0.1:{self.tls_port}/"]

    def modify(self, ldif):
        self.run("ldapmodify", "-x", "-H", f"ldap://127.0.0.1:{self.port}/", "-D", f"cn=admin,{BASE}", "-w", SECRET,
                 stdin=ldif)

    def dn(self, name):
        return f"uid={name},ou=people,{BASE}"

    def add(self, name, password, **more):
        extra = "".join(f"{key}: {value}\n" for key, values in more.items() for value in values)
        self.modify(f"dn: {self.dn(name)}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\n"
                    f"sn: {name}\nmail: {name}\nuserPassword: {{CRYPT}}{hash_of(password)}\n{extra}")

    def set(self, name, attribute, value):
        self.modify(f"dn: {self.dn(name)}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n")

    def set_password(self, name, password):
        self.set(name, "userPassword", "{CRYPT}" + hash_of(password))

    def remove(self, name):
        self.modify(f"dn: {self.dn(name)}\nchangetype: delete\n")

    def source(self, **more):
        """[[auth.source]] for it: hashes of userPassword, StartTLS."""
        keys = {"type": "ldap", "servers": [f"ldap://127.0.0.1:{self.port}"], "starttls": True,
                "ca_file": str(self.certificate), "bind_dn": f"cn=mailroom,{BASE}", "bind_password": SECRET,
                "base": f"ou=people,{BASE}", "filter": "(&(objectClass=inetOrgPerson)(mail=%u))",
                "address_filter": "(|(mail=%u)(labeledURI=%u))", "name_attribute": "mail",
                "password_attribute": "userPassword", "quota_attribute": "employeeNumber",
                "groups_attribute": "departmentNumber", "disabled_attribute": "employeeType",
                "networks_attribute": "carLicense", "master_attribute": "roomNumber",
                "quota_messages_attribute": "pager",
                "time_limit": "2 s", **more}
        text = "[[auth.source]]\n"
        for key, value in keys.items():
            if value is None:
                continue
            if isinstance(value, bool):
                value = str(value).lower()
            elif isinstance(value, list):
                value = "[" + ", ".join(f'"{each}"' for each in value) + "]"
            elif isinstance(value, str):
                value = f'"{value}"'
            text += f"{key} = {value}\n"
        return text
