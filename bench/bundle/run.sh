#!/bin/sh
# Measures webkan on this machine: ./run.sh --help. Refuses a GPU that the CPU emulates unless told --software.
case "$0" in */*) here=${0%/*} ;; *) here=. ;; esac
exec "$here/node" "$here/main.js" "$@"
