# Sourced by ./teahouse and ./check: finds a JDK that can build and run Teahouse. Starts no other program unless
# everything obvious fails, since ./teahouse does this on every start.

jdk_wanted=25

# Sets REPLY to the major version of the JDK in folder $1, or to 0 if there is none.
jdk_version() {
    REPLY=0
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
    local line
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        JAVA_VERSION=*)
            line=${line#*=}
            line=${line//\"/}
            line=${line%%[!0-9]*}
            REPLY=${line:-0}
            ;;
        esac
    done <"$1/release"
}

# Sets REPLY to the folder of the JDK whose java is first on the PATH; empty if there is none.
jdk_on_path() {
    REPLY=
    local java link
    java=$(command -v java) || return 0
    while [ -L "$java" ]; do
        link=$(readlink "$java")
        case $link in
        /*) java=$link ;;
        *) java=${java%/*}/$link ;;
        esac
    done
    REPLY=${java%/bin/java}
}

# Sets JDK to the folder of a JDK of $jdk_wanted or newer, or explains on standard error what to install and fails.
find_jdk() {
    local folder looked="" best="" best_version=0
    if [ -n "${TEAHOUSE_JDK:-}" ]; then
        jdk_version "$TEAHOUSE_JDK"
        if [ "$REPLY" -ge "$jdk_wanted" ]; then
            JDK=$TEAHOUSE_JDK
            return 0
        fi
        echo "TEAHOUSE_JDK is $TEAHOUSE_JDK, which is no JDK of version $jdk_wanted or newer (no such version in" \
            "its 'release' file, or no bin/javac)." >&2
        return 1
    fi
    if [ -n "${JAVA_HOME:-}" ]; then
        jdk_version "$JAVA_HOME"
        if [ "$REPLY" -ge "$jdk_wanted" ]; then
            JDK=$JAVA_HOME
            return 0
        fi
        looked="  JAVA_HOME is $JAVA_HOME: $(jdk_told "$REPLY")"$'\n'
    fi
    jdk_on_path
    folder=$REPLY
    if [ -n "$folder" ]; then
        jdk_version "$folder"
        if [ "$REPLY" -ge "$jdk_wanted" ]; then
            JDK=$folder
            return 0
        fi
        looked="$looked  java on the PATH is $folder: $(jdk_told "$REPLY")"$'\n'
    else
        looked="$looked  java is not on the PATH"$'\n'
    fi
    # Of several the oldest that will do: it is the one that this project is tested with.
    for folder in /usr/lib/jvm/* /usr/java/* /opt/* /opt/java/* /usr/local/openjdk-* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        "${HOME:-/}"/.sdkman/candidates/java/* "${HOME:-/}"/.jdks/*; do
        jdk_version "$folder"
        if [ "$REPLY" -ge "$jdk_wanted" ] && { [ -z "$best" ] || [ "$REPLY" -lt "$best_version" ]; }; then
            best=$folder
            best_version=$REPLY
        fi
    done
    if [ -n "$best" ]; then
        JDK=$best
        return 0
    fi
    cat >&2 <<EOF
Teahouse needs a JDK of version $jdk_wanted or newer, and there is none:
$looked  nothing in /usr/lib/jvm, /usr/java, /opt, /Library/Java/JavaVirtualMachines, ~/.sdkman, ~/.jdks
Install one, for example
  any system          Temurin $jdk_wanted (JDK, not JRE) from https://adoptium.net, unpacked into /opt
  Debian, Ubuntu      apt-get install openjdk-$jdk_wanted-jdk-headless, where the release has it
  Fedora              dnf install java-$jdk_wanted-openjdk-devel
  macOS               brew install openjdk@$jdk_wanted
or say where it is with TEAHOUSE_JDK=/path/to/jdk.
EOF
    return 1
}

jdk_told() {
    if [ "$1" = 0 ]; then
        echo "no JDK with a 'release' file and bin/javac"
    else
        echo "version $1"
    fi
}
