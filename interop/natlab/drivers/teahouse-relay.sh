#!/bin/sh
# Start Teahouse's relay in a lab host. Build it before: several hosts start at a time.
# usage: teahouse-relay.sh TEAHOUSE DIR IP HTTPS_PORT QAD_PORT CERT KEY     (IP: address to bind, [::] for all)
#
# TEAHOUSE_CLASS_PATH  runs the classes that are there, with JAVA_HOME's Java, in place of the program TEAHOUSE
set -eu
bin=$1 dir=$2 ip=$3 port=$4 qad=$5 cert=$6 key=$7
f=$dir/relay-$(hostname).toml
{
  echo "http_bind_addr = \"$ip:80\""
  echo "enable_metrics = false"
  echo "enable_quic_addr_discovery = true"
  echo "[tls]"
  echo "https_bind_addr = \"$ip:$port\""
  echo "quic_bind_addr = \"$ip:$qad\""
  echo "cert_mode = \"Manual\""
  echo "manual_cert_path = \"$cert\""
  echo "manual_key_path = \"$key\""
} > "$f"
# Hosts have process numbers of their own, and would share one file of performance data.
options="-XX:-UsePerfData -Xmx256m"
if [ -n "${TEAHOUSE_CLASS_PATH:-}" ]; then
  # shellcheck disable=SC2086 # several options
  exec "$JAVA_HOME/bin/java" $options --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -cp "$TEAHOUSE_CLASS_PATH" io.teahouse.cli.Main relay --config-path "$f"
fi
export TEAHOUSE_JAVA_OPTS="$options ${TEAHOUSE_JAVA_OPTS:-}"
exec "$bin" relay --config-path "$f"
