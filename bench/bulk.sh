#!/usr/bin/env bash
# Downloads in bulk over QUIC, on the loopback address, between two processes of the same library, in turn by each library: how
# fast, and what it costs. Prints a line of a table for each library.
#
#   bench/bulk.sh [-n ROUNDS] [-b BYTES] [-k FILE] [LIBRARY ...]
#
#   -n       rounds (default 5); medians are printed, with the lowest and the highest
#   -b       bytes of a download (default 1000000000)
#   -k       keep the results of each download, one line each, in this file
#   LIBRARY  teahouse, kwik, quic-go, quinn or noq (default: all of them)
#
# Needs interop/peers/install-quic, and what this leaves in interop/target:
#   mvn -q -pl interop -am test-compile dependency:build-classpath -Dmdep.outputFile=target/classpath
# JAVA_OPTIONS  for the JVMs of teahouse and kwik
#
# A server runs for all rounds. A client is started for each, and downloads twice; the first time is for it to warm up, and does
# not count.
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
rounds=5 bytes=1000000000 keep=""

usage() {
    sed -n '2,19p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//' >&2
    exit 2
}
while getopts "n:b:k:h" option; do
    case $option in
    n) rounds=$OPTARG ;;
    b) bytes=$OPTARG ;;
    k) keep=$OPTARG ;;
    *) usage ;;
    esac
done
shift $((OPTIND - 1))
libraries=("$@")
[ $# -gt 0 ] || libraries=(teahouse kwik quic-go quinn noq)

die() {
    echo "bulk: $*" >&2
    exit 1
}
# shellcheck source=../.ci/jdk.sh
. "$root/.ci/jdk.sh"
find_jdk || exit 1
classpath=${TEAHOUSE_CLASSPATH:-$root/interop/target/test-classes:$(cat "$root/interop/target/classpath" 2>/dev/null || true)}

command_of() { # library
    local java=("$JDK/bin/java" -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED)
    # shellcheck disable=SC2206 # several words
    java+=(${JAVA_OPTIONS:-} -cp "$classpath")
    case $1 in
    teahouse) command=("${java[@]}" io.teahouse.interop.TeahousePeer) ;;
    kwik) command=("${java[@]}" io.teahouse.interop.KwikPeer) ;;
    quic-go | quinn | noq) command=("$root/.peers/quic/$1-peer") ;;
    *) die "library: $1 (expected: teahouse, kwik, quic-go, quinn or noq)" ;;
    esac
}

work=$(mktemp -d)
servers=()
trap 'kill ${servers[@]+"${servers[@]}"} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
[ -n "$keep" ] || keep=$work/results
: >"$keep"

authority=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
openssl req -x509 "${authority[@]}" -days 30 -subj "/CN=bulk test authority" -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
openssl req "${authority[@]}" -subj /CN=localhost -keyout "$work/key.pem" -out "$work/request.pem" 2>/dev/null
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n' >"$work/extensions"
openssl x509 -req -in "$work/request.pem" -CA "$work/ca.pem" -CAkey "$work/ca.key" -days 30 -extfile "$work/extensions" \
    -out "$work/cert.pem" 2>/dev/null

# CPU of a process so far, in hundredths of a second.
cpu_of() {
    awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"
}

start_server() { # library
    command_of "$1"
    : >"$work/$1.log"
    "${command[@]}" server --cert "$work/cert.pem" --key "$work/key.pem" >"$work/$1.log" 2>&1 &
    servers+=($!)
    echo $! >"$work/$1.pid"
    for ((i = 0; i < 600; i++)); do
        ! grep -q '^listening ' "$work/$1.log" || return 0
        kill -0 $! 2>/dev/null || break
        sleep 0.1
    done
    cat "$work/$1.log" >&2
    die "$1 does not listen"
}

# What children that have ended have used, in hundredths of a second, of what `times` has said.
cpu_of_children() {
    awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, part, /[ms]/); sum += part[1] * 60 + part[2] } printf "%d", sum * 100 }' "$work/times"
}

# One client's two downloads; the second one becomes a line: library, seconds, CPU of the server and of the client. To be run in a
# shell of its own.
download() { # library
    local server line client seconds="" at_server at_client downloads=0
    server=$(<"$work/$1.pid")
    command_of "$1"
    mkfifo "$work/out"
    "${command[@]}" client --connect "$(sed -n 's/^listening //p' "$work/$1.log")" --ca "$work/ca.pem" --get "$bytes" \
        --connections 2 --unchecked >"$work/out" 2>&1 &
    client=$!
    while IFS= read -r line; do
        case $line in
        "got "*)
            downloads=$((downloads + 1))
            if [ $downloads = 1 ]; then
                at_server=$(cpu_of "$server") at_client=$(cpu_of "$client")
            else
                seconds=${line##* in } seconds=${seconds% s} at_server=$(($(cpu_of "$server") - at_server))
            fi
            ;;
        "failed: "*) echo "bulk: $1: $line" >&2 ;;
        esac
    done <"$work/out"
    wait "$client" || true
    rm "$work/out"
    times >"$work/times" # not in a shell below this one, which has had no children
    if [ -n "$seconds" ]; then
        echo "$1 $seconds $at_server $(($(cpu_of_children) - at_client))" >>"$keep"
    else
        echo "bulk: $1: a download failed" >&2
    fi
}

for library in "${libraries[@]}"; do
    start_server "$library"
done
for ((round = 1; round <= rounds; round++)); do
    for library in "${libraries[@]}"; do
        (trap - EXIT; download "$library")
    done
done

echo "| library | MB/s | server, CPU s a GB | client, CPU s a GB |"
echo "|---|---|---|---|"
for library in "${libraries[@]}"; do
    awk -v name="$library" -v bytes="$bytes" '
        function median(values, count, format,    i, j, kept) {
            for (i = 2; i <= count; i++)
                for (j = i; j > 1 && values[j - 1] > values[j]; j--) {
                    kept = values[j]; values[j] = values[j - 1]; values[j - 1] = kept
                }
            return sprintf(format " (" format " to " format ")", values[int((count + 1) / 2)], values[1], values[count])
        }
        $1 == name {
            count++
            rate[count] = bytes / 1e6 / $2
            server[count] = $3 / 100 / (bytes / 1e9)
            client[count] = $4 / 100 / (bytes / 1e9)
        }
        END {
            if (count == 0) { printf "| %s | failed | | |\n", name; exit }
            printf "| %s | %s | %s | %s |\n", name, median(rate, count, "%.0f"), median(server, count, "%.2f"), median(client, count, "%.2f")
        }' "$keep"
done
