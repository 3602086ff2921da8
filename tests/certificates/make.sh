#!/usr/bin/env bash
# Makes the certificates of this folder anew: a CA, a server for localhost and 127.0.0.1, a client, a CA that nobody
# trusts. Run by hand, with OpenSSL 3; the tests only read what it made. Valid from 2000 to 2099, whatever a machine's
# clock says. The keys lie open: they prove nothing to anybody, and nothing but the tests trusts this CA.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/ca.conf" <<CONF
[ca]
default_ca = here
[here]
new_certs_dir = $work
database = $work/index
serial = $work/serial
default_md = sha256
policy = any
[any]
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[server]
subjectAltName = DNS:localhost,IP:127.0.0.1,IP:::1
extendedKeyUsage = serverAuth
[client]
extendedKeyUsage = clientAuth
CONF
touch "$work/index"
echo 01 >"$work/serial"

# certificate NAME COMMON-NAME EXTENSIONS SIGNED-BY …
certificate() {
    local name=$1 subject=$2 extensions=$3
    shift 3
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$name-key.pem"
    openssl req -new -key "$name-key.pem" -subj "/CN=$subject" -out "$work/request"
    openssl ca -config "$work/ca.conf" -batch -notext -startdate 20000101000000Z -enddate 20991231235959Z \
        -extensions "$extensions" -in "$work/request" -out "$name.pem" "$@"
}

certificate ca "Sessionscope test CA" authority -selfsign -keyfile ca-key.pem
certificate other-ca "Sessionscope other test CA" authority -selfsign -keyfile other-ca-key.pem
certificate server localhost server -cert ca.pem -keyfile ca-key.pem
certificate client door client -cert ca.pem -keyfile ca-key.pem
openssl pkey -in client-key.pem -aes256 -passout pass:secret -out client-key-encrypted.pem
rm ca-key.pem other-ca-key.pem
chmod 644 ./*.pem
