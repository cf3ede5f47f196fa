#!/bin/sh
# Makes the secrets of the installation, once: passwords, keys, service tokens, certificates, and for each service a file of
# settings with what it alone may know. Each folder below /secrets is the volume of one service, and is mounted there as
# /run/letterlock. What is there is kept; certificates that end within 30 days, or lack a name, are made anew.
set -eu
umask 077
cd /secrets
names=${CONSOLE_NAMES:-}  # further names of the console, with spaces between

# put FILE: standard input becomes the file, whole or not at all.
put() { cat >"$1.new" && mv "$1.new" "$1"; }
password() { [ -s "$1" ] || openssl rand -hex 24 | put "$1"; }
ends_soon() { ! openssl x509 -in "$1" -noout -checkend 2592000 >/dev/null 2>&1; }

for name in superuser api scheduler; do password "postgresql/$name.password"; done
password rabbitmq/password

if [ ! -s api/service.pub ]; then  # made last: without it the others are a first start's that was cut short
  rm -f api/master.key api/service.key
  letterlock keys create --dir api >/dev/null
fi
put storage/service.pub <api/service.pub

for target in storage ingestion analysis; do
  [ -s "$target/service.token" ] || LETTERLOCK_SERVICE_KEY_FILE=api/service.key letterlock service-token create --target "$target" | put "$target/service.token"
done

# --- certificates: an authority of the installation's own, one certificate for each target

if ends_soon setup/ca.pem; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout setup/ca.key -out setup/ca.pem.new -days 3650 \
    -subj '/O=Letterlock installation/CN=Letterlock CA' -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign,cRLSign' 2>/dev/null
  rm -f -- */tls.pem
  mv setup/ca.pem.new setup/ca.pem
fi
for target in api storage scheduler ingestion analysis; do
  wanted="DNS:$target,DNS:localhost,IP:127.0.0.1"
  if [ "$target" = api ]; then for name in $names; do wanted="$wanted,DNS:$name"; done; fi
  put "$target/ca.pem" <setup/ca.pem
  if ends_soon "$target/tls.pem" || [ "$(cat "$target/tls.names" 2>/dev/null)" != "$wanted" ]; then
    openssl req -x509 -CA setup/ca.pem -CAkey setup/ca.key -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 397 \
      -keyout "$target/tls.key" -out "$target/tls.pem.new" -subj "/O=Letterlock installation/CN=$target" \
      -addext "subjectAltName=$wanted" -addext 'basicConstraints=critical,CA:FALSE' -addext 'extendedKeyUsage=serverAuth' 2>/dev/null
    mv "$target/tls.pem.new" "$target/tls.pem"
    echo "$wanted" | put "$target/tls.names"
  fi
done

# --- settings: what is no secret stands in compose.yaml

database() { echo "LETTERLOCK_DATABASE_URL=postgresql://$1:$(cat "postgresql/$2.password")@postgresql:5432/letterlock"; }
broker() { echo "LETTERLOCK_AMQP_URL=amqp://letterlock:$(cat rabbitmq/password)@rabbitmq:5672/"; }
files() { printf 'LETTERLOCK_%s=/run/letterlock/%s\n' CA_FILE ca.pem TLS_CERTIFICATE_FILE tls.pem TLS_KEY_FILE tls.key "$@"; }

printf 'default_user = letterlock\ndefault_pass = %s\n' "$(cat rabbitmq/password)" | put rabbitmq/login.conf
database postgres superuser | put migrate/settings
{ files MASTER_KEY_FILE master.key SERVICE_KEY_FILE service.key SERVICE_PUBLIC_KEY_FILE service.pub; database api api; } | put api/settings
files SERVICE_PUBLIC_KEY_FILE service.pub SERVICE_TOKEN_FILE service.token | put storage/settings
{ files; database scheduler scheduler; broker; } | put scheduler/settings
for target in ingestion analysis; do { files SERVICE_TOKEN_FILE service.token; broker; } | put "$target/settings"; done
echo "secrets: in place"
