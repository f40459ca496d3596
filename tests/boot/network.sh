#!/bin/sh
# x-timeout=60
# The machine has an address on every wire that is plugged in.
set -eu

wires=$(networkctl --no-legend list 2>/dev/null | grep -c ether || true)
if [ "$wires" = 0 ] && ! ip -br link | grep -q '^e'; then
  echo "no wire is plugged in"
  exit 77
fi
# What NetworkManager configures may come a little after the boot.
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
  if ip -br -4 address | grep '^e' | grep -q 'UP.*[0-9]/'; then exit 0; fi
  sleep 2
done
ip -br address
echo "no wire has an address"
exit 1
