#!/bin/sh
# install_packages.sh NAME…: install Debian packages into an image's layer, and leave neither archives nor lists there.
set -eu
apt-get update -qq
apt-get install -y -qq -o Dpkg::Options::=--force-confold "$@"
apt-get clean
rm -rf /var/lib/apt/lists/*
