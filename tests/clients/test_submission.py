"""Submission by a real Postfix: logins by SASL, senders and recipients by socketmap, quota by the policy service, delivery
by LMTP, each on a unix socket, as docs/mta.md has it."""

from postfix import Postfix
import submission


class ByPostfix(submission.Submission):
    """Its port takes logins over STARTTLS only; its other port takes them without TLS, too."""

    @classmethod
    def start_mta(cls):
        sockets = cls.server.directory
        postfix = Postfix(cls.server.lmtp_port, settings=f"""
mynetworks = 127.0.0.2/32
smtpd_tls_cert_file = {cls.server.certificate}
smtpd_tls_key_file = {cls.server.key}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {sockets}/auth
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
service_throttle_time = 1s
virtual_mailbox_domains = socketmap:unix:{sockets}/socketmap:domains
virtual_mailbox_maps = socketmap:unix:{sockets}/socketmap:mailboxes
virtual_alias_maps = socketmap:unix:{sockets}/socketmap:aliases
smtpd_sender_login_maps = socketmap:unix:{sockets}/socketmap:senders
virtual_transport = lmtp:unix:{sockets}/lmtp
recipient_delimiter = +
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sender_restrictions = reject_authenticated_sender_login_mismatch
smtpd_recipient_restrictions = reject_unlisted_recipient, check_policy_service unix:{sockets}/policy
""", services="""
127.0.0.1:@OTHER_PORT@ inet n - n - - smtpd
  -o smtpd_tls_security_level=none
  -o smtpd_tls_auth_only=no
""")
        try:
            postfix.start()
        except BaseException:
            postfix.close()
            raise
        return postfix

    def test_a_password_that_came_without_tls_is_refused(self):
        code, text = self.refusal(tls=False, port=self.mta.other_port)
        self.assertEqual(535, code)
        self.assertIn("Passwords are taken over TLS only", text)
        self.log_in(mechanism="SCRAM-SHA-256", tls=False, port=self.mta.other_port).quit()
