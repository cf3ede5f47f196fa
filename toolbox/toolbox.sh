# The toolbox: one Debian forky root, made once from packages.txt, entered with bubblewrap.
# Sourced by ./dev on the host. Needs: $repo (absolute path of the clone). Sets: $toolbox_root.
# On a forky host with every package installed, no root is made and the host itself is used.

toolbox_suite=forky
cache_home=${LETTERLOCK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/letterlock}
toolbox_packages() { sed 's/#.*//' "$repo/toolbox/packages.txt" | tr -s ' \n' '\n' | sed '/^$/d' | LC_ALL=C sort -u; }
toolbox_hash() { { echo "$toolbox_suite"; cat "$repo/toolbox/toolbox.sh" | sed -n '/^toolbox_finish/,/^}/p'; toolbox_packages; } | sha256sum | cut -c1-16; }
toolbox_root="$cache_home/toolbox-$(toolbox_hash)"
toolbox_free_mib_min=6144   # the finished root takes about 3.2 GiB, its making about twice that

toolbox_fail() { printf 'dev: %s\n' "$1" >&2; printf '     remedy: %s\n' "$2" >&2; exit 1; }

# Print the Debian mirror that the host's own apt uses (its sources name it); LETTERLOCK_DEBIAN_MIRROR overrides.
toolbox_mirror() {
  local uri
  if [ -n "${LETTERLOCK_DEBIAN_MIRROR:-}" ]; then echo "$LETTERLOCK_DEBIAN_MIRROR"; return; fi
  if [ "$(. /etc/os-release 2>/dev/null; echo "${ID:-}")" = debian ]; then
    uri=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null |
      awk '/^URIs:/ {u=$2} /^Suites:/ {s=$2} /^$/ {if (u && s !~ /security/) {print u; exit} u=""} END {if (u && s !~ /security/) print u}' | head -n 1)
    [ -n "$uri" ] || uri=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
      awk '$1=="deb" {for (i=2;i<=NF;i++) if ($i ~ /^https?:/) {print $i; exit}}' | head -n 1)
  fi
  [ -n "$uri" ] || toolbox_fail "this host's apt names no Debian mirror" "set LETTERLOCK_DEBIAN_MIRROR to one that has $toolbox_suite"
  echo "$uri"
}

toolbox_is_host() {   # true where this is forky itself with every package of the list
  [ "${LETTERLOCK_TOOLBOX:-}" = host ] && return 0
  [ "${LETTERLOCK_TOOLBOX:-}" = root ] && return 1
  [ "$(. /etc/os-release 2>/dev/null; echo "${VERSION_CODENAME:-}")" = "$toolbox_suite" ] || return 1
  # shellcheck disable=SC2046
  dpkg -s $(toolbox_packages) >/dev/null 2>&1
}

toolbox_need_tools() {
  local missing=()
  command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
  command -v bwrap >/dev/null || missing+=(bubblewrap)
  [ ${#missing[@]} = 0 ] && return
  command -v apt-get >/dev/null ||
    toolbox_fail "missing: ${missing[*]}" "install ${missing[*]} (this host has no apt-get), then run the command again"
  if [ "$(id -u)" = 0 ]; then
    echo "toolbox: installing ${missing[*]} on the host (the only change made to it)"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$repo/.letterlock/toolbox-host.log" 2>&1 ||
      toolbox_fail "apt-get could not install ${missing[*]} (see .letterlock/toolbox-host.log)" "check the host's apt mirror, then run the command again"
  else
    toolbox_fail "missing on this host: ${missing[*]}" "sudo apt-get install ${missing[*]}"
  fi
}

# Make the root if it is not there. Atomic: it is built beside its place and renamed, so an interrupted run just starts again.
toolbox_make() {
  toolbox_is_host && return
  [ -e "$toolbox_root/.complete" ] && return
  mkdir -p "$cache_home" "$repo/.letterlock"
  toolbox_need_tools
  exec 8>"$cache_home/toolbox.lock"
  flock -n 8 || { echo "toolbox: another clone is making it; waiting"; flock 8; }
  [ -e "$toolbox_root/.complete" ] && { exec 8>&-; return; }

  local free mode=root building="$toolbox_root.building" mirror log="$repo/.letterlock/toolbox.log" started=$SECONDS pid
  free=$(df -Pm "$cache_home" | awk 'NR==2 {print $4}')
  [ "$free" -ge "$toolbox_free_mib_min" ] ||
    toolbox_fail "the toolbox needs $toolbox_free_mib_min MiB under $cache_home, which has $free MiB" "free some space, or set LETTERLOCK_CACHE to a folder on a larger disk"
  if [ "$(id -u)" != 0 ]; then
    mode=unshare
    grep -q "^$(id -un):" /etc/subuid 2>/dev/null && command -v newuidmap >/dev/null ||
      toolbox_fail "user $(id -un) has no sub-uids (or newuidmap is missing)" "sudo apt-get install uidmap && sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un)"
  fi
  toolbox_remove "$building"
  mirror=$(toolbox_mirror) || exit 1
  echo "toolbox: making a Debian $toolbox_suite root with $(toolbox_packages | wc -l) packages (once, about four minutes, 3.2 GiB; log: .letterlock/toolbox.log)"
  mmdebstrap --mode=$mode --variant=minbase \
    --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Retries "4"' --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --include="$(toolbox_packages | paste -sd,)" \
    "$toolbox_suite" "$building" \
    "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $toolbox_suite main" >"$log" 2>&1 &
  pid=$!
  trap 'kill $pid 2>/dev/null' EXIT
  while kill -0 $pid 2>/dev/null; do
    sleep 5
    printf '\rtoolbox: %4ds  %-70.70s' $((SECONDS - started)) "$(tail -n 1 "$log" 2>/dev/null | tr -d '\r')"
  done
  printf '\n'
  trap - EXIT
  wait $pid || { tail -n 5 "$log" >&2
    toolbox_fail "mmdebstrap failed (last lines above, all in .letterlock/toolbox.log)" "check that the mirror $mirror has $toolbox_suite and is reachable (LETTERLOCK_DEBIAN_MIRROR names another), then run the command again"; }
  toolbox_finish "$building"
  mv -T "$building" "$toolbox_root"
  exec 8>&-
  echo "toolbox: ready after $((SECONDS - started)) s"
}

# What the packages leave to the administrator: mount points for binds, readable by every uid the sandbox maps.
toolbox_finish() {
  local run=()
  [ "$(id -u)" = 0 ] || run=(unshare --map-auto --map-root-user --)
  "${run[@]}" sh -c 'cd "$1" && mkdir -p home root work mnt media srv opt data && chmod 755 root && touch etc/resolv.conf etc/ssl/certs/ca-certificates.crt &&
    echo "letterlock:x:1000:1000:Letterlock toolbox:/tmp:/bin/bash" >>etc/passwd && echo "letterlock:x:1000:" >>etc/group &&
    rm -rf var/cache/apt/archives/*.deb var/lib/apt/lists/* && touch .complete' sh "$1"
}

toolbox_remove() {
  [ -e "$1" ] || return 0
  if [ "$(id -u)" = 0 ]; then rm -rf -- "$1"; else unshare --map-auto --map-root-user -- rm -rf -- "$1"; fi
}

# toolbox_enter [--detached] CMD…: run CMD inside, in the present folder. Every host folder that is not part of an
# operating system is bound at its own path, so that paths mean the same inside and outside.
toolbox_enter() {
  local die=(--die-with-parent) dir binds=() late=() env=()
  if [ "${1:-}" = --detached ]; then die=(); shift; fi
  if toolbox_is_host; then ${engine_socket:+env "DOCKER_HOST=unix://$engine_socket"} "$@"; return; fi
  for dir in /*; do
    case "$dir" in
      /bin|/sbin|/lib|/lib32|/lib64|/libx32|/usr|/etc|/var|/boot|/dev|/proc|/sys|/run|/lost+found) ;;
      *) [ -d "$dir" ] && [ ! -L "$dir" ] && binds+=(--bind "$dir" "$dir") ;;
    esac
  done
  [ -e /var/tmp ] && binds+=(--bind /var/tmp /var/tmp)
  [ -e /etc/resolv.conf ] && binds+=(--ro-bind "$(readlink -f /etc/resolv.conf)" /etc/resolv.conf)
  if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    binds+=(--ro-bind /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt)
    env+=(--setenv NODE_EXTRA_CA_CERTS /etc/ssl/certs/ca-certificates.crt)
  fi
  if [ -n "${engine_socket:-}" ]; then   # toolbox/engine.sh; after /run is made
    late=(--bind "$(readlink -f "$engine_socket")" /run/docker.sock)
    env+=(--setenv DOCKER_HOST unix:///run/docker.sock)
  fi
  bwrap --bind "$toolbox_root" / "${binds[@]}" --dev /dev --tmpfs /dev/shm --proc /proc --tmpfs /run "${late[@]}" \
    --unshare-user --uid 1000 --gid 1000 "${die[@]}" "${env[@]}" \
    --setenv LANG C.UTF-8 --setenv CCACHE_DIR "$cache_home/ccache" --setenv CCACHE_BASEDIR "$repo" --setenv CCACHE_NOHASHDIR 1 --setenv CCACHE_MAXSIZE 8G \
    --setenv PATH /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    --chdir "$PWD" "$@"
}
