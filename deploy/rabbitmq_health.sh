#!/bin/bash
# Healthy when the broker answers AMQP 0-9-1's greeting with a method frame. rabbitmq-diagnostics would start an Erlang machine each time.
set -eu
exec 3<>/dev/tcp/127.0.0.1/5672
printf 'AMQP\0\0\11\1' >&3
[ "$(timeout 3 head -c 1 <&3 | od -An -tu1 | tr -d ' ')" = 1 ]
