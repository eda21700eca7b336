#!/bin/sh
# Healthy is a server that greets over TLS.
printf 'a LOGOUT\r\n' | timeout 8 openssl s_client -quiet -connect 127.0.0.1:10993 2>/dev/null | grep -q '^\* OK '
