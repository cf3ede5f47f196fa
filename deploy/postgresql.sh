#!/bin/sh
# Entry of the postgresql image: the first time it makes the cluster, the database and its logins; then it becomes the server.
# api and scheduler sign in as roles of their own; the superuser is for migrations alone.
set -eu
data=/var/lib/postgresql/letterlock/data bin=/usr/lib/postgresql/18/bin secrets=/run/letterlock
if [ ! -e "$data/letterlock_made" ]; then
  rm -rf "$data"  # of a first start that was cut short
  "$bin/initdb" -D "$data" -U postgres -E UTF8 --locale=C.UTF-8 --auth=scram-sha-256 --pwfile="$secrets/superuser.password" >/dev/null
  echo 'host letterlock all samenet scram-sha-256' >>"$data/pg_hba.conf"
  "$bin/postgres" --single -D "$data" postgres >/dev/null <<END
CREATE DATABASE letterlock
CREATE ROLE letterlock_api NOLOGIN
CREATE ROLE letterlock_scheduler NOLOGIN
CREATE ROLE api LOGIN IN ROLE letterlock_api PASSWORD '$(cat "$secrets/api.password")'
CREATE ROLE scheduler LOGIN IN ROLE letterlock_scheduler PASSWORD '$(cat "$secrets/scheduler.password")'
END
  touch "$data/letterlock_made"
fi
exec "$bin/postgres" -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp "$@"
