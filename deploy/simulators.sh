#!/bin/sh
# Entry of the simulators image: two companies whose mail ends at the time of the first start, with keys that are kept, so that a later start serves the same to the same connections.
set -eu
now=/simulators/now
[ -s "$now" ] || { date -u +%Y-%m-%dT%H:%M:%SZ >"$now.new" && mv "$now.new" "$now"; }
rm -f /simulators/ready.json
exec letterlock-sim --address 0.0.0.0 --host simulators --google-port 8081 --microsoft-port 8082 --control-port 8083 \
  --ready-file /simulators/ready.json --keys-file /simulators/keys.json --now "$(cat "$now")" --seed 7 "$@"
