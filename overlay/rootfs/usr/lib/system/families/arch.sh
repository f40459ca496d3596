# shellcheck shell=sh
# The arch family: pacman. Read by common.sh, which says what each function is for.
# shellcheck disable=SC2154 # common.sh and the script that reads it set what is not set here

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

# Files of an image carry the project's date, so that a changed database beside them looks
# older than the copy of the last time.
pacman_has_local_server() {
    grep -qsE '^[[:space:]]*Server[[:space:]]*=[[:space:]]*file:' \
        "$root"/etc/pacman.conf "$root"/etc/pacman.d/*list
}

family_open() {
    mkdir -p "$pacman_db/sync" "$root/var/cache/pacman/pkg" "$root/var/log"
    pacman_open_keyring
    pacman_cache=$(cache_for pacman)
    if [ -z "$pacman_cache" ] || pacman_has_local_server; then
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

# The fingerprints of the keys in a file
arch_fingerprints() {
    gpg --homedir "$root/etc/pacman.d/gnupg" --batch --no-autostart --with-colons --show-keys "$1" |
        awk -F: '$1 == "pub" { own = 1 } $1 == "fpr" && own { print $10; own = 0 }'
}

# Keep a repository's public keys where every later layer's new keyring finds them:
# arch_keep_key FINGERPRINT FILE SERVER, the first or the others may be empty.
arch_keep_key() {
    pacman_open_keyring
    keys=$1
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
    *)
        if [ -z "$keys" ]; then keys=$(arch_fingerprints "$2"); fi
        [ -n "$keys" ] || die 69 "there is no key in $2"
        pacman-key --add "$2"
        ;;
    esac
    mkdir -p "$root/usr/lib/arkes/keys"
    for key in $keys; do
        kept=$root/usr/lib/arkes/keys/$key.gpg
        gpg --homedir "$root/etc/pacman.d/gnupg" --batch --export "$key" >"$kept.new"
        [ -s "$kept.new" ] || die 69 "key $key is not what --keyfile holds"
        pacman-key --lsign-key "$key"
        chmod 0644 "$kept.new"
        mv -f "$kept.new" "$kept"
    done
    pacman_stop_agent
}

# Reads what add_pacman_repository was told: name, servers, key, keyfile, keyserver.
family_add_repository() {
    case $name in
    options | local) die 64 "pacman keeps the name '$name' for itself" ;;
    esac
    [ -z "$suite$components" ] || die 64 "--suite and --component are for apt, this tree is of the arch family"
    config=$root/etc/pacman.conf
    wanted=$(
        echo 'SigLevel = Required DatabaseOptional'
        for server in $servers; do printf 'Server = %s\n' "$server"; done
    )
    if grep -qxF "[$name]" "$config"; then
        there=$(awk -v section="[$name]" '/^\[/ { own = $0 == section; next } own && NF' "$config")
        [ "$there" = "$wanted" ] || die 64 "$config has a repository '$name' already"
    fi
    arch_keep_key "$key" "$keyfile" "$keyserver"
    if grep -qxF "[$name]" "$config"; then return 0; fi
    # pacman takes a package from the first repository that has it: ours before theirs.
    printf '%s\n' "$wanted" | awk -v section="[$name]" -v config="$config" '
        { own = own $0 "\n" }
        END {
            while ((getline line < config) > 0) {
                if (line ~ /^\[/ && line != "[options]" && !done) {
                    printf "%s\n%s\n", section, own
                    done = 1
                }
                print line
            }
            if (!done) printf "%s\n%s", section, own
        }
    ' >"$config.new"
    chmod 0644 "$config.new"
    mv -f "$config.new" "$config"
}
