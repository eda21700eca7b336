#!/bin/sh
# Configures Postfix from the environment and runs it in the foreground.
#   MAIL_DOMAINS    domains whose mail Mailroom keeps, set apart by blanks (needed)
#   MAIL_HOSTNAME   this MTA's name, as in the MX record (default: the container's)
#   LMTP_SERVER     host:port of Mailroom (default mailroom:10024)
#   SMTP_PORT       where to listen (default 25)
set -eu

: "${MAIL_DOMAINS:?set it to the domains whose mail is taken, for example example.org}"

cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf
[ -e /etc/postfix/main.cf ] || : >/etc/postfix/main.cf
# Unknown recipients are refused while their sender is still there, not bounced later: Postfix asks
# Mailroom for each recipient and remembers the answer. Only this container itself may relay.
postconf -e \
    compatibility_level=3.6 \
    maillog_file=/dev/stdout \
    "myhostname=${MAIL_HOSTNAME:-$(hostname)}" \
    mydestination= \
    'mynetworks=127.0.0.0/8 [::1]/128' \
    "virtual_mailbox_domains=$MAIL_DOMAINS" \
    "virtual_transport=lmtp:inet:${LMTP_SERVER:-mailroom:10024}" \
    'smtpd_recipient_restrictions=reject_unauth_destination, reject_unverified_recipient' \
    unverified_recipient_reject_code=550 \
    smtputf8_enable=no \
    message_size_limit=52428800 \
    mailbox_size_limit=0 \
    smtp_tls_security_level=may \
    lmtp_host_lookup=native
postconf -F '*/*/chroot=n'
postconf -M "smtp/inet=${SMTP_PORT:-25} inet n - n - - smtpd"
exec postfix start-fg
