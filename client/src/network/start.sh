#!/bin/sh
# Starts @TITLE@.
# Further words go to assay-node: ./start --prometheus-external
# assay-node is the file named in ASSAY_NODE_PROGRAM, else the one beside this script, else in PATH.
set -eu

program=${ASSAY_NODE_PROGRAM:-}
case $program in
/* | '') ;;
*/*) program=$PWD/$program ;;
esac
cd "$(dirname "$0")"
if [ -z "$program" ]; then
    program=assay-node
    if [ -x ./assay-node ]; then
        program=./assay-node
    fi
fi
if ! command -v "$program" >/dev/null; then
    echo "start: no $program: put assay-node beside this script or into PATH" >&2
    exit 1
fi

# A consortium's machines may have private addresses, and find each other by the file of peers.
exec "$program" --chain consortium --base-path data --role @ROLE@ --name @NAME@ \
    --port @PORT@ --rpc-port @RPC_PORT@ --prometheus-port @PROMETHEUS_PORT@ \
    --public-addr @PUBLIC_ADDRESS@ --peers peers --allow-private-ip --no-mdns "$@"
