#!/bin/sh
# demo.sh: give the demo its operator and two tenants, each with an owner, a connection to its simulator and an API key; what exists is kept.
# demo.sh logins: print their passwords and keys.
set -eu
umask 077
logins=/demo/logins
if [ "${1:-}" = logins ]; then
  [ -s "$logins" ] || { echo "demo.sh: no logins yet; remedy: PRIVATE_ADDRESSES=1 docker-compose --profile demo up" >&2; exit 1; }
  exec cat "$logins"
fi

[ "${LETTERLOCK_PRIVATE_ADDRESSES:-0}" = 1 ] || {
  echo "demo.sh: the simulators are on the containers' own network; remedy: PRIVATE_ADDRESSES=1 docker-compose --profile demo up" >&2
  exit 1
}
told() { jq -r "$1" /simulators/ready.json; }
# Kept before it is used, so that an interrupted run leaves nobody with an unknown password.
password_of() { [ -s "/demo/$1.password" ] || { openssl rand -hex 9 >"/demo/$1.password.new" && mv "/demo/$1.password.new" "/demo/$1.password"; }; cat "/demo/$1.password"; }
connections_of() { letterlock tenant list | awk -v name="$1" '$1 == name {print $3; exit}'; }

# add_person NAME EMAIL OPTION…: with the password kept as NAME; who is there already has it.
add_person() {
  name=$1 email=$2
  shift 2
  said=$(password_of "$name" | letterlock person create --email "$email" "$@" 2>&1) && return
  case "$said" in *"has this e-mail address already"*) ;; *) echo "demo.sh: $email: $said" >&2; exit 1 ;; esac
}

# add_tenant NAME PROVIDER SETTINGS SECRET (JSON)
add_tenant() {
  [ -n "$(connections_of "$1")" ] || letterlock tenant create --name "$1" >/dev/null
  add_person "$1" "admin@$1.example" --role owner --tenant "$1"
  [ "$(connections_of "$1")" != 0 ] ||
    printf '%s' "$4" | letterlock connection create --tenant "$1" --provider "$2" --name "$2 (simulated)" --settings "$3" --secret-file - >/dev/null
  [ -s "/demo/$1.key" ] || {
    letterlock api-key create --tenant "$1" --owner "admin@$1.example" --name "demo $(openssl rand -hex 3)" --role analyst \
      --scope alerts:read --scope alerts:write --scope messages:read --scope connections:read --scope connections:write >"/demo/$1.key.new" && mv "/demo/$1.key.new" "/demo/$1.key"
  }
}

add_person operator operator@letterlock.example --role operator
add_tenant northgate google "$(told '.google | {customer: "my_customer", admin_email, directory_root: .url, gmail_root: .url, token_url: (.url + "/token")}')" \
  "$(told .google.service_account_key)"
add_tenant southbank microsoft "$(told '.microsoft | {tenant, client_id, login_root: .url, graph_root: .url}')" "$(told '.microsoft | {client_secret}')"
{
  for tenant in northgate southbank; do
    echo "login admin@$tenant.example  password $(cat "/demo/$tenant.password")  api key $(cat "/demo/$tenant.key")"
  done
  echo "login operator@letterlock.example  password $(cat /demo/operator.password)"
} >"$logins.new"
mv "$logins.new" "$logins"
echo "the demo's tenants are made; docker-compose --profile demo run --rm demo demo.sh logins prints their logins"
