# shellcheck shell=sh
# The debian family: apt and dpkg. Read by common.sh, which says what each function is for.
# shellcheck disable=SC2154 # root and system are common.sh's

APT_CONFIG=$system/families/apt.conf
DEBIAN_FRONTEND=noninteractive
DEBIAN_PRIORITY=critical
export APT_CONFIG DEBIAN_FRONTEND DEBIAN_PRIORITY

family_open() {
    mkdir -p "$root/usr/sbin" "$root/var/lib/apt/lists/partial" \
        "$root/var/cache/apt/archives/partial" "$root/var/log/apt" "$root/usr/lib/sysimage/apt"
    # 101: "action forbidden by policy"; no service starts inside a build.
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 0755 "$root/usr/sbin/policy-rc.d"
    apt_cache=$(cache_for apt)
    if [ -z "$apt_cache" ]; then
        apt-get update --error-on=any
        return
    fi
    mkdir -p "$apt_cache/lists/partial" "$apt_cache/archives"
    (
        flock 9
        apt_update_cache
        # A copy, so that another build may fetch newer lists while this one installs.
        cp -a "$apt_cache/lists/." "$root/var/lib/apt/lists/"
    ) 9>>"$apt_cache/lock"
}

# Fetch what changed. Without network the signed lists of the last time still serve: the
# downloads may all be in the cache, and if one is not, apt says which.
apt_update_cache() {
    if apt-get update --error-on=any \
        -o "Dir::State::lists=$apt_cache/lists" -o APT::Get::List-Cleanup=false; then
        return 0
    fi
    for list in "$apt_cache"/lists/*Release; do
        if [ -s "$list" ]; then
            say "the package lists could not be fetched: those of the last time serve"
            return 0
        fi
    done
    return 100
}

family_install() {
    apt_cache=$(cache_for apt)
    if [ -n "$apt_cache" ]; then
        # One download at a time, so that two builds do not fetch the same file twice;
        # the installation that follows holds no lock.
        (
            flock 9
            apt_link_cached
            apt-get install --download-only -- "$@"
            apt_keep_new
        ) 9>>"$apt_cache/lock"
    fi
    apt-get install -- "$@"
}

# apt accepts a link where it would put a download, if the size is right.
apt_link_cached() {
    mkdir -p "$root/var/cache/apt/archives/partial"
    find "$apt_cache/archives" -maxdepth 1 -type f -name '*.deb' \
        -exec ln -sf -t "$root/var/cache/apt/archives" -- {} +
}

# Into the cache under the final name only when complete: a build may be killed here.
apt_keep_new() {
    for package in "$root"/var/cache/apt/archives/*.deb; do
        if [ -f "$package" ] && [ ! -L "$package" ]; then
            new=$apt_cache/archives/${package##*/}
            cp -- "$package" "$new.new"
            mv -f -- "$new.new" "$new"
            ln -sf -- "$new" "$package"
        fi
    done
}

family_remove() {
    apt-get purge --auto-remove -- "$@"
}

family_remove_unused() {
    apt-get purge --auto-remove
}

# Names of installed packages that a shell pattern fits
family_list() {
    for pattern; do
        dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' "$pattern" 2>/dev/null || :
    done | sed -n 's/^installed //p' | LC_ALL=C sort -u
}

# The package with the headers of one kernel version
family_headers() {
    printf 'linux-headers-%s\n' "$1"
}

family_close() {
    rm -f "$root/usr/sbin/policy-rc.d"
    find "$root/var/lib/apt/lists" "$root/var/cache/apt" -mindepth 1 -delete
    dpkg_state=$root/usr/lib/sysimage/dpkg
    rm -f "$dpkg_state"/*-old "$dpkg_state"/available "$dpkg_state"/lock* \
        "$dpkg_state"/triggers/Lock "$root"/var/lib/apt/extended_states
    # Lists of the last time, kept by debconf for its own repair
    rm -f "$root"/var/cache/debconf/*-old
}
