"""Submission by a real Exim: logins by its dovecot authenticator, recipients by a callout over LMTP, quota by the policy
service, senders by a map, delivery by LMTP, as docs/mta.md has it."""

from exim import Exim
import submission

CONFIG = r"""
domainlist local_domains = example.org
auth_advertise_hosts = ${if def:tls_in_cipher {*}}
acl_smtp_rcpt = acl_rcpt
smtp_accept_max = 100
smtp_accept_queue_per_connection = 0

SOCKETS = @SOCKETS@
SENDER = senders $sender_address
QUESTION = request=smtpd_access_policy\nrecipient=$local_part@$domain\nsize=$message_size\n\n
TROUBLE = action=451 4.3.0 Mailboxes cannot be looked up now\n\n

begin acl

acl_rcpt:
  deny    message       = 5.7.1 Relaying is for users who log in
          !authenticated = *
          !domains      = +local_domains
  # Whose the sender's address is: a map answers "20:OK alice@example.org,", or TEMP when it cannot tell.
  warn    authenticated   = *
          set acl_m_owner = ${sg{${readsocket{SOCKETS/socketmap}{${strlen:SENDER}:SENDER,}{10s}{\n}{4:TEMP,}}}{\N^\d+:(.*),$\N}{\$1}}
  defer   authenticated   = *
          condition       = ${if match{$acl_m_owner}{\N^TEMP\N}}
  deny    message         = 5.7.1 This sender address is not one of yours
          authenticated   = *
          !condition      = ${if eq{$acl_m_owner}{OK $authenticated_id}}
  accept  domains       = !+local_domains
  # First, for it says why: what LMTP answers to the question after it, Exim keeps to itself.
  warn    set acl_m_policy = ${sg{${readsocket{SOCKETS/policy}{QUESTION}{10s}{\n}{TROUBLE}}}{\N\Aaction=(.*?)\n\n\Z\N}{\$1}}
  defer   condition     = ${if match{$acl_m_policy}{\N^4\N}}
          message       = $acl_m_policy
  deny    condition     = ${if match{$acl_m_policy}{\N^5\N}}
          message       = $acl_m_policy
  # Asks by RCPT of LMTP. The answer is not kept: an account may be made any time.
  require verify        = recipient/callout=30s,no_cache
  accept

begin routers

mailroom:
  driver    = accept
  domains   = +local_domains
  transport = mailroom

begin transports

mailroom:
  driver          = smtp
  protocol        = lmtp
  hosts           = 127.0.0.1
  port            = @LMTP_PORT@
  allow_localhost = true
  hosts_override  = true

begin retry

* * F,1h,10s

begin authenticators

plain:
  driver        = dovecot
  public_name   = PLAIN
  server_socket = SOCKETS/auth
  server_set_id = $auth1

login:
  driver        = dovecot
  public_name   = LOGIN
  server_socket = SOCKETS/auth
  server_set_id = $auth1

scram_sha_1:
  driver        = dovecot
  public_name   = SCRAM-SHA-1
  server_socket = SOCKETS/auth
  server_set_id = $auth1

scram_sha_256:
  driver        = dovecot
  public_name   = SCRAM-SHA-256
  server_socket = SOCKETS/auth
  server_set_id = $auth1

scram_sha_512:
  driver        = dovecot
  public_name   = SCRAM-SHA-512
  server_socket = SOCKETS/auth
  server_set_id = $auth1
"""


class ByExim(submission.Submission):
    @classmethod
    def start_mta(cls):
        server = cls.server
        config = CONFIG
        for name, value in (("SOCKETS", server.directory), ("LMTP_PORT", server.lmtp_port)):
            config = config.replace(f"@{name}@", str(value))
        exim = Exim(config, server.certificate, server.key)
        try:
            exim.start()
        except BaseException:
            exim.close()
            raise
        return exim
