#!/bin/sh
# Checks the model of runs, boots and the handshake exhaustively, with spin and gcc (Debian: spin, gcc).
#
#   test/model/check.sh [-DNC=controllers] [-DNB=boots] [-DH=ticks] [-DNORUNORDER | -DNOBUSY | -DNOBOOT | -DNOHAND]
#
# CFLAGS says how it is compiled, -O2 unless told otherwise: a small model is checked before that is through.
#
# Exit code: 0 no state in which both lights are non-red, 1 there is one, 2 it could not be checked.
set -eu
model=$(cd "$(dirname "$0")" && pwd)/takeover.pml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
spin "$@" -a "$model" >spin.log || { cat spin.log >&2; exit 2; }
# A state takes 8 bytes less this way; what is compressed is still the whole state, so nothing is left out.
gcc ${CFLAGS:--O2} -DSAFETY -DCOLLAPSE -w -o pan pan.c || exit 2
./pan -m100000 >pan.log || exit 2
grep -E 'errors:|states, stored|total actual memory|elapsed' pan.log
grep -q 'max search depth too small' pan.log && { echo 'the search was cut off' >&2; exit 2; }
grep -q 'errors: 0' pan.log
