#!/bin/sh
# Starts the server in the container; any other subcommand of mailroom may be given instead of "serve":
#   docker compose exec mailroom mailroom user add alice@example.org
#
# Environment: MAILROOM_HOSTNAME, the name that clients use (default: the container's).
# Data, users file and certificate are in /var/lib/mailroom. Put a real certificate there as
# tls/certificate.pem and tls/private_key.pem; a self-signed one is made where there is none.
set -eu
umask 077

data=/var/lib/mailroom
config=/etc/mailroom/mailroom.toml
name=${MAILROOM_HOSTNAME:-$(hostname)}

if [ "${1:-serve}" != serve ]; then
    exec mailroom "$@"
fi

if [ ! -w "$data" ]; then
    echo "entrypoint: user $(id -u) may not write to $data; give the volume to it: chown -R $(id -u) $data" >&2
    exit 1
fi
mkdir -p "$data/tls" "$data/store"
[ -e "$data/users" ] || : >"$data/users"
if [ ! -e "$data/tls/certificate.pem" ]; then
    echo "entrypoint: no $data/tls/certificate.pem; making a self-signed one for $name" >&2
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
        -keyout "$data/tls/private_key.pem" -out "$data/tls/certificate.pem" -subj "/CN=Mailroom" \
        -addext "subjectAltName=DNS:$name,DNS:localhost" -addext extendedKeyUsage=serverAuth 2>"$data/tls/openssl.log" || {
        cat "$data/tls/openssl.log" >&2
        exit 1
    }
fi
# The name is the one key that differs from place to place.
sed "s/^hostname = .*/hostname = \"$name\"/" "$config" >"$data/mailroom.toml"
exec mailroom serve --config "$data/mailroom.toml"
