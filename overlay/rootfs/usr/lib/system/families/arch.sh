# shellcheck shell=sh
# The arch family: pacman. Read by common.sh, which says what each function is for.
# shellcheck disable=SC2154 # root and system are common.sh's

# Hooks of the kernel and dracut would each build an initramfs; the stand-ins in
# deferred/ note that one is wanted, and prepare_kernels makes it, once.
pacman_do() { env PATH="$system/deferred:$PATH" pacman --noconfirm --noprogressbar "$@"; }

pacman_db=$root/usr/lib/sysimage/pacman

# A mirror answers "not modified" to a copy that is newer than its own, which after a
# change of snapshot would be the wrong one: so a place for each set of servers.
pacman_sync_cache() {
    servers=$(cat "$root"/etc/pacman.conf "$root"/etc/pacman.d/*list 2>/dev/null | sha256sum)
    printf '%s\n' "$1/sync-${servers%% *}"
}

family_open() {
    mkdir -p "$pacman_db/sync" "$root/var/cache/pacman/pkg" "$root/var/log"
    pacman_open_keyring
    pacman_cache=$(cache_for pacman)
    if [ -z "$pacman_cache" ]; then
        pacman_do -Sy
        return
    fi
    sync=$(pacman_sync_cache "$pacman_cache")
    mkdir -p "$pacman_cache/pkg" "$sync"
    (
        flock 9
        cp -a "$sync/." "$pacman_db/sync/"
        pacman_do -Sy
        cp -a "$pacman_db/sync/." "$sync/"
    ) 9>>"$pacman_cache/lock"
}

# The keyring has a secret key of its own, for local signatures. It is made where it is
# used and goes with family_close, so that no image carries one.
pacman_open_keyring() {
    [ -e "$root/etc/pacman.d/gnupg/trustdb.gpg" ] && return
    pacman-key --init
    pacman-key --populate
    for key in "$root"/usr/lib/arkes/keys/*.gpg; do
        [ -e "$key" ] || continue
        fingerprint=${key##*/}
        pacman-key --add "$key"
        pacman-key --lsign-key "${fingerprint%.gpg}"
    done
    pacman_stop_agent
}

# Without a process namespace an agent that gpg started would outlive the build.
pacman_stop_agent() {
    gpgconf --homedir "$root/etc/pacman.d/gnupg" --kill all
}

pacman_install() {
    # -u: what is installed and what comes new must be of one day. With a dated
    # archive, where the databases never change, it is nothing to do.
    pacman_cache=$(cache_for pacman)
    if [ -z "$pacman_cache" ]; then
        pacman_do -Su --needed "$@"
        return
    fi
    mkdir -p "$pacman_cache/pkg"
    (
        flock 9
        pacman_do -Suw --needed --cachedir "$pacman_cache/pkg" "$@"
    ) 9>>"$pacman_cache/lock"
    pacman_do -Su --needed --cachedir "$pacman_cache/pkg" "$@"
}

family_install() {
    pacman_install -- "$@"
}

# -c: what needs the package goes as well, as with apt.
family_remove() {
    pacman_do -Rcns -- "$@"
}

# What becomes unused by a removal is in the next answer; so ask until there is none.
family_remove_unused() {
    while unused=$(pacman -Qdtq) && [ -n "$unused" ]; do
        # shellcheck disable=SC2086 # package names hold no spaces
        pacman_do -Rns -- $unused
    done
}

# Names of installed packages that a shell pattern fits
family_list() {
    pacman -Qq | while IFS= read -r installed; do
        for pattern; do
            # shellcheck disable=SC2254 # it is a pattern
            case $installed in
            $pattern) printf '%s\n' "$installed" ;;
            esac
        done
    done | LC_ALL=C sort -u
}

# The package with the headers of one kernel version: each kernel says what it is called.
family_headers() {
    printf '%s-headers\n' "$(cat "$root/usr/lib/modules/$1/pkgbase")"
}

family_close() {
    if [ -d "$root/etc/pacman.d/gnupg" ]; then
        pacman_stop_agent
        rm -rf "$root/etc/pacman.d/gnupg"
    fi
    rm -rf "$pacman_db/sync" "$root/var/cache/pacman"
    rm -f "$pacman_db/db.lck" "$root/var/log/pacman.log"
}

# Keep a repository's public key where every later layer's new keyring finds it.
arch_keep_key() {
    pacman_open_keyring
    case $2 in
    '')
        if [ -n "$3" ]; then
            pacman-key --keyserver "$3" --recv-keys "$1"
        else
            pacman-key --recv-keys "$1"
        fi
        ;;
    https://*)
        curl --fail --location --proto =https --silent --show-error \
            --output "$root/run/arkes-key" -- "$2"
        pacman-key --add "$root/run/arkes-key"
        rm -f "$root/run/arkes-key"
        ;;
    /*) pacman-key --add "$2" ;;
    *) die 64 "a key file is an absolute path or an https address: '$2'" ;;
    esac
    pacman-key --lsign-key "$1"
    mkdir -p "$root/usr/lib/arkes/keys"
    gpg --homedir "$root/etc/pacman.d/gnupg" --batch --export "$1" \
        >"$root/usr/lib/arkes/keys/$1.gpg"
    [ -s "$root/usr/lib/arkes/keys/$1.gpg" ] || die 69 "key $1 is not what --keyfile holds"
    pacman_stop_agent
}
