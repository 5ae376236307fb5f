# Sourced by ./teahouse: how much memory and how many processors this process may use, by the machine and by the control
# groups (versions 1 and 2) that it is in. Starts at most one other program.

fs="" # what stands before /proc and /sys; tests have their own

# Sets REPLY to the smaller of REPLY (empty for nothing yet) and $1.
keep_smaller() {
    if [ -z "$REPLY" ] || [ "$1" -lt "$REPLY" ]; then
        REPLY=$1
    fi
}

# Hands each folder of a control group, from group $2 up to the root, to function $3. $1 is where its hierarchy is
# mounted. In a container $2 may be a path of the machine outside, of which only the root is there.
each_group() {
    local group=${2%/}
    while :; do
        [ ! -d "$1$group" ] || "$3" "$1$group"
        [ -n "$group" ] || break
        group=${group%/*}
    done
}

# Looks at the memory limit in the folder of a control group.
keep_memory_limit() {
    local file limit
    for file in "$1/memory.max" "$1/memory.limit_in_bytes"; do
        # Without a limit the value is "max", or in version 1 a number of 19 digits.
        if [ -r "$file" ] && read -r limit <"$file" && [ "$limit" != max ] && [ ${#limit} -lt 18 ]; then
            keep_smaller $((limit / 1048576))
        fi
    done
}

# Looks at the limit of processor time in the folder of a control group: whole processors, rounded up.
keep_processor_limit() {
    local quota="" period=""
    if [ -r "$1/cpu.max" ]; then
        read -r quota period <"$1/cpu.max" || true
    elif [ -r "$1/cpu.cfs_quota_us" ] && [ -r "$1/cpu.cfs_period_us" ]; then
        read -r quota <"$1/cpu.cfs_quota_us" || true
        read -r period <"$1/cpu.cfs_period_us" || true
    fi
    case $quota in
    "" | max | -*) ;;
    *) [ "${period:-0}" -le 0 ] || keep_smaller $(((quota + period - 1) / period)) ;;
    esac
}

# Calls function $2 for the folders of this process's control groups that have to do with controller $1.
each_own_group() {
    local line controllers
    [ -r "$fs/proc/self/cgroup" ] || return 0
    while IFS= read -r line; do
        controllers=${line#*:}
        controllers=${controllers%%:*}
        line=${line#*:*:}
        if [ -z "$controllers" ]; then
            each_group "$fs/sys/fs/cgroup" "$line" "$2"
        else
            case ,$controllers, in
            *,"$1",*) each_group "$fs/sys/fs/cgroup/$1" "$line" "$2" ;;
            esac
        fi
    done <"$fs/proc/self/cgroup"
}

# Sets REPLY to the memory this process may use, in MiB.
memory_mib() {
    local name kib
    REPLY=
    if [ -r "$fs/proc/meminfo" ]; then
        read -r name kib _ <"$fs/proc/meminfo"
        [ "$name" != MemTotal: ] || REPLY=$((kib / 1024))
    fi
    [ -n "$REPLY" ] || REPLY=$(($(sysctl -n hw.memsize 2>/dev/null || echo 2147483648) / 1048576))
    each_own_group memory keep_memory_limit
}

# Sets REPLY to the processors this process may use.
processors() {
    REPLY=$(nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)
    each_own_group cpu keep_processor_limit
}
