# A container engine and a base image for the test of deploy/: sourced by ./dev on the host, because both need the host's own rights.
# Nothing is installed on the host; what Docker leaves there is its chains of packet filter rules.
# Where Docker answers, it is used; else root starts a private one out of the toolbox, which all clones share and the last one stops.
# Sets: $engine_socket (toolbox_enter binds it) and $engine_base (a tar file), or $engine_missing (why there is none, and the remedy).

engine_home="$cache_home/engine"   # socket, pid, log and data of the private engine
engine_socket='' engine_base='' engine_missing=''

engine_answers() { [ -S "$1" ] && engine_socket="$1" toolbox_enter docker version >/dev/null 2>&1; }

engine_pid() {   # of the private engine, if it runs
  local pid
  pid=$(cat "$engine_home/dockerd.pid" 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] && echo "$pid"
}

# Inside the toolbox with the host's rights: the engine makes networks, mounts and control groups.
engine_spawn() {
  local command=(dockerd --data-root "$engine_home/data" --pidfile "$engine_home/dockerd.pid" --host "unix://$engine_home/docker.sock" --group "$(id -g)")
  toolbox_is_host || command=(bwrap --dev-bind "$toolbox_root" / --dev-bind /dev /dev --dev-bind /sys /sys --proc /proc --tmpfs /run --dev-bind "$engine_home" "$engine_home"
    --ro-bind "$(readlink -f /etc/resolv.conf)" /etc/resolv.conf --cap-add ALL --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin "${command[@]}")
  setsid "${command[@]}" >"$engine_home/dockerd.log" 2>&1 </dev/null 6>&- 7>&- &
}

engine_start() {
  local begun=$SECONDS
  mkdir -p "$engine_home"
  exec 6>"$cache_home/engine.start"
  flock 6
  if ! engine_answers "$engine_home/docker.sock"; then
    echo "engine: starting a private one (log: $engine_home/dockerd.log)"
    rm -f "$engine_home/docker.sock" "$engine_home/dockerd.pid"
    engine_spawn
    until engine_answers "$engine_home/docker.sock"; do
      if [ $((SECONDS - begun)) -gt 60 ] || { [ $((SECONDS - begun)) -gt 5 ] && ! engine_pid >/dev/null; }; then
        engine_missing="a private container engine did not start: $(grep -v level=info "$engine_home/dockerd.log" | tail -n 1); remedy: start Docker on this host, or read $engine_home/dockerd.log"
        break
      fi
      sleep 1
    done
  fi
  exec 6>&-
  [ -n "$engine_missing" ] || engine_socket="$engine_home/docker.sock"
}

# A Debian root of the least size as the images' base, for hosts that reach no registry; made once.
engine_make_base() {
  local mode=root file mirror
  [ "$(id -u)" = 0 ] || mode=unshare
  file="$cache_home/base-$({ echo "$toolbox_suite"; sed -n '/^engine_make_base/,/^}/p' "$repo/toolbox/engine.sh"; } | sha256sum | cut -c1-16).tar"
  if [ ! -e "$file" ]; then
    mirror=$(toolbox_mirror) || return 1
    echo "engine: making the images' base, a Debian $toolbox_suite of the least size (once, half a minute; log: .letterlock/base.log)"
    mmdebstrap --mode=$mode --variant=minbase --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Retries "4"' "$toolbox_suite" "$file.new" \
      "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $toolbox_suite main" --format=tar >"$repo/.letterlock/base.log" 2>&1 || return 1
    mv "$file.new" "$file"
  fi
  engine_base=$file
}

# Find or start an engine, and hold it until engine_leave.
engine_enter() {
  local host_socket=${DOCKER_HOST:-unix:///var/run/docker.sock}
  exec 7>"$cache_home/engine.lock"
  flock -s 7
  if [[ $host_socket = unix://* ]] && engine_answers "${host_socket#unix://}"; then
    engine_socket=${host_socket#unix://}
  elif [ "$(id -u)" = 0 ]; then
    engine_start
  else
    engine_missing="no container engine answers at $host_socket, and only root can start one; remedy: start Docker and join its group, or run ./dev test as root"
  fi
  [ -n "$engine_missing" ] && return
  (toolbox_need_tools) && engine_make_base || engine_missing="the images' base could not be made; remedy: read .letterlock/base.log (mmdebstrap and the mirror are needed)"
}

# The last one out stops the private engine.
engine_leave() {
  local pid waited=0
  flock -u 7
  if flock -n -x 7 && pid=$(engine_pid); then
    kill -TERM "$pid"
    while kill -0 "$pid" 2>/dev/null && [ $((waited++)) -lt 60 ]; do sleep 0.5; done
    command -v ip >/dev/null && ip link delete docker0 2>/dev/null || true
  fi
  exec 7>&-
}

# The private engine's images and cache, and the images' base.
engine_remove() {
  engine_pid >/dev/null && toolbox_fail "the private container engine runs" "wait until ./dev test of another clone has ended"
  rm -rf -- "$engine_home" "$cache_home"/base-*.tar
}
