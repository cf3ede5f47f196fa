#!/bin/sh
# collect.sh TREE OUT: gather what the images that run hold, from a build tree and the built console.
#
#   OUT/letterlock/  the executable and what it reads, at their paths in the image      OUT/letterlock.packages
#   OUT/simulators/  letterlock-sim                                                     OUT/simulators.packages
#
# The packages are those that own the libraries which the executable names, so that the list cannot fall behind it. Runs where it
# was compiled (Dockerfile's build stage, the toolbox): the package database there knows them.
set -eu
tree=$1 out=$2
cd "$(dirname "$0")/.."
for needed in "$tree/letterlock" "$tree/letterlock-sim" web/dist/index.html; do
  [ -e "$needed" ] || { echo "collect.sh: $needed is not there; remedy: ./dev build" >&2; exit 1; }
done

# What no executable names and yet opens: DuckDB's httpfs (its OpenSSL writes encrypted files) comes with the package duckdb, charsets of
# mail beyond the commonest with libc-gconv-modules-extra.
opened_by_letterlock="ca-certificates duckdb libc-gconv-modules-extra publicsuffix"

packages_of() {
  readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' | while read -r library; do
    file=$(ldconfig -p | awk -v name="$library" '$1 == name {print $NF; exit}')
    [ -n "$file" ] || { echo "collect.sh: $1 names $library, which is not here" >&2; exit 1; }
    dpkg-query -S "$(readlink -f "$file")" | cut -d: -f1
  done
}

rm -rf "$out"
share=$out/letterlock/usr/share/letterlock
mkdir -p "$out/letterlock/usr/local/bin" "$out/simulators/usr/local/bin" "$share/api" "$share/web"
strip --strip-debug -o "$out/letterlock/usr/local/bin/letterlock" "$tree/letterlock"
strip --strip-debug -o "$out/simulators/usr/local/bin/letterlock-sim" "$tree/letterlock-sim"
cp -R migrations rules "$share/"
cp api/openapi.yaml "$share/api/"
cp -R web/dist "$share/web/"
{ packages_of "$tree/letterlock"; printf '%s\n' $opened_by_letterlock; } | sort -u >"$out/letterlock.packages"
packages_of "$tree/letterlock-sim" | sort -u >"$out/simulators.packages"
