"""Debian's Dovecot as the peer: it proves the tests right, and the benchmarks are run beside it."""

import os
import pwd

import harness


LIMITS = """
default_client_limit = 19000
default_vsz_limit = 2G
service anvil {
  client_limit = 19000
}
service auth {
  client_limit = 19000
}
service stats {
  client_limit = 19000
}
"""


class Dovecot(harness.Server):
    """Options: format ("mdbox" or "maildir"), fsync ("always" or "never"), processes ("reused", for speed, or
    "shipped": as Debian sets them, one for each login and one for each session). Needs root to run, as Dovecot does."""

    def configure(self):
        self.config = self.directory / "dovecot.conf"
        self.users_file = self.directory / "users"
        self.store.mkdir(parents=True, exist_ok=True)
        mail = pwd.getpwnam("vmail" if "vmail" in {p.pw_name for p in pwd.getpwall()} else "mail")
        os.chown(self.store, mail.pw_uid, mail.pw_gid)
        self.users_file.write_text("".join(f"{u}:{{PLAIN}}{harness.PASSWORD}:{mail.pw_uid}:{mail.pw_gid}::{self.store}/{u}::\n" for u in self.users))
        form = self.options.get("format", "mdbox")
        is_fast = self.options.get("processes", "reused") == "reused"
        self.config.write_text(f"""
base_dir = {self.directory}/run
state_dir = {self.directory}/run
instance_name = {self.directory.name}
protocols = imap pop3 lmtp
listen = 127.0.0.1
log_path = {self.log_path}
ssl = required
ssl_cert = <{self.certificate}
ssl_key = <{self.key}
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = {form}:{self.store}/%u
mail_fsync = {self.options.get("fsync", "always")}
mail_uid = {mail.pw_uid}
mail_gid = {mail.pw_gid}
first_valid_uid = 1
mail_max_userip_connections = 0
recipient_delimiter = +
pop3_lock_session = yes
lmtp_save_to_detail_mailbox = no
{LIMITS if is_fast else ""}
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {self.users_file}
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {self.users_file}
}}
# The fast settings are login processes that serve many connections, mail processes that are used again.
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {self.imap_port}
    ssl = yes
  }}
  {"service_count = 0" if is_fast else ""}
  {"process_min_avail = 2" if is_fast else ""}
  {"client_limit = 20000" if is_fast else ""}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = 0
  }}
  inet_listener pop3s {{
    address = 127.0.0.1
    port = {self.pop3_port}
    ssl = yes
  }}
  {"service_count = 0" if is_fast else ""}
  {"process_min_avail = 1" if is_fast else ""}
}}
service imap {{
  {"process_limit = 12000" if is_fast else ""}
  {"service_count = 1000" if is_fast else ""}
  {"process_min_avail = 2" if is_fast else ""}
}}
service pop3 {{
  {"service_count = 1000" if is_fast else ""}
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0
  }}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.lmtp_port}
  }}
  process_min_avail = 16
  service_count = 0
}}
""")

    def arguments(self):
        return ["/usr/sbin/dovecot", "-F", "-c", str(self.config)]
