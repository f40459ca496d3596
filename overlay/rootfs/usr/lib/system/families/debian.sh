# shellcheck shell=sh
# The debian family: apt and dpkg. Read by common.sh, which says what each function is for.
# shellcheck disable=SC2154 # common.sh and the script that reads it set what is not set here

APT_CONFIG=$system/families/apt.conf
# In a locked build, once it is open
if [ -e "$locked_place/apt.conf" ]; then APT_CONFIG=$locked_place/apt.conf; fi
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
    if is_locked; then
        debian_open_locked
        return
    fi
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
    if is_locked; then
        apt-get install -- "$@" || tell_what_is_gone
        return
    fi
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

# Name, version, architecture, size, sha256 and path in the archive of each file on standard
# input. That an index has the same bytes is apt's affair only when it downloads; a file that
# was kept is compared here.
family_describe() {
    list=$(mktemp "$root/run/arkes-list.XXXXXX")
    while IFS= read -r deb; do
        # shellcheck disable=SC2016 # a format of dpkg's
        dpkg-deb --show --showformat '${Package} ${Version} ${Architecture}' "$deb"
        sum=$(sha256sum <"$deb")
        printf ' %s %s -\n' "$(stat -Lc %s "$deb")" "${sum%% *}"
    done >"$list"
    if is_locked; then
        cat "$list"
    else
        with_paths "$list"
    fi
    rm -f "$list"
}

# The same lines with the path that the signed lists have for those bytes
with_paths() {
    # shellcheck disable=SC2046 # one word for each package
    apt-cache show -- $(awk '{ print $1 ":" ($3 == "all" ? "" : $3) "=" $2 }' "$1" | sed 's/:=/=/') 2>/dev/null |
        debian_index |
        awk '
            index_is_read != 1 { path[$1, $2, $3, $5] = $6; sum[$1, $2, $3] = $5; next }
            ($1, $2, $3, $5) in path { $6 = path[$1, $2, $3, $5] }
            $6 == "-" && ($1, $2, $3) in sum {
                print "error: the file of " $1 " " $2 " is not what the lists say: sha256 " $5 \
                    ", wanted " sum[$1, $2, $3] > "/dev/stderr"
                exit 65
            }
            { print }
        ' - index_is_read=1 "$1"
}

# Lines of the same kind out of paragraphs of an index
debian_index() {
    awk '
        function out() {
            if (name != "" && file != "") print name, version, arch, size, sum, file
            name = version = arch = size = sum = file = ""
        }
        /^Package: / { out(); name = $2 }
        /^Version: / { version = $2 }
        /^Architecture: / { arch = $2 }
        /^Size: / { size = $2 }
        /^SHA256: / { sum = $2 }
        /^Filename: / { file = $2; sub(/^(\.\/)+/, "", file) }
        END { out() }
    '
}

# What dist-upgrade would do, and which files it would take.
family_updates() {
    plan=$(mktemp "$root/run/arkes-list.XXXXXX")
    apt-get --simulate --auto-remove -o APT::NeverAutoRemove::KernelCount=1 dist-upgrade >"$plan"
    sed -n 's/^Remv \([^ :]*\).*/- \1/p' "$plan"
    wanted=$(awk '$1 == "Inst" {
        version = $0; sub(/^[^(]*\(/, "", version); sub(/ .*/, "", version); print $2 "=" version
    }' "$plan")
    # shellcheck disable=SC2086 # one word for each package
    if [ -n "$wanted" ]; then
        apt-cache show -- $wanted | debian_index | sort -u | awk '
            plan_is_read != 1 { if ($1 == "Inst" && /-[Ss]ecurity/) fixes[$2] = 1; next }
            { print "+", $0 ($1 in fixes ? " security" : "") }
        ' "$plan" plan_is_read=1 -
    fi
    rm -f "$plan"
    if [ $# -gt 0 ]; then
        apt-cache --no-all-versions show -- "$@" 2>/dev/null | debian_index | sort -u | sed 's/^/? /'
    fi
}

# apt knows nothing but the files of the lock, which were compared: it needs no list of any
# server and cannot take another version.
debian_open_locked() {
    mkdir -p "$locked_place/none"
    collect_locked "${apt_cache:-}"
    locked_files | while read -r _name _version _arch size sum _file; do
        [ -e "$locked_files_kept/$sum" ] || continue
        ln -s "$locked_files_kept/$sum" "$locked_place/$sum.deb"
        dpkg-deb --field "$locked_files_kept/$sum"
        printf 'Filename: ./%s.deb\nSize: %s\nSHA256: %s\n\n' "$sum" "$size" "$sum"
    done >"$locked_place/Packages"
    printf 'deb [trusted=yes] file:%s ./\n' "$locked_place" >"$locked_place/sources.list"
    {
        cat "$APT_CONFIG"
        printf 'Dir::Etc::sourcelist "%s/sources.list";\n' "$locked_place"
        printf 'Dir::Etc::sourceparts "%s/none";\n' "$locked_place"
        echo 'APT::Sandbox::User "root";'
    } >"$locked_place/apt.conf.new"
    mv -f "$locked_place/apt.conf.new" "$locked_place/apt.conf"
    APT_CONFIG=$locked_place/apt.conf
    apt-get update
}

# What apt calls a file that it keeps: an epoch's colon becomes %3a.
family_kept() {
    printf '%s/archives/%s_%s_%s.deb\n' "$1" "$2" "$(printf '%s' "$3" | sed 's/:/%3a/g')" "$4"
}

# Lines "SHA256 FILE" become the files $1/SHA256, from the first server that has them.
family_fetch() {
    # shellcheck disable=SC2016 # a format of apt's
    servers=$(apt-get indextargets --no-release-info --format '$(REPO_URI)' 'Created-By: Packages' | sort -u)
    for server in $servers; do
        set -- "$1"
        while read -r sum file; do
            [ -e "$1/$sum" ] || set -- "$@" "${server%/}/$file" "$1/$sum"
        done <"$locked_place/wanted"
        folder=$1
        shift
        if [ $# -gt 0 ]; then
            "$root/usr/lib/apt/apt-helper" -o APT::Sandbox::User=root download-file "$@" >&2 || :
        fi
        set -- "$folder"
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

# Fetch over https with apt's own means: a small tree has no other.
debian_fetch() {
    "$root/usr/lib/apt/apt-helper" -o APT::Sandbox::User=root download-file "$1" "$2" >&2
}

# The address at which a key server hands out one key
debian_key_address() {
    case $1 in
    http://* | hkp://*) die 64 "a key server is asked over https: '$1'" ;;
    esac
    host=${1#https://}
    host=${host#hkps://}
    printf 'https://%s/pks/lookup?op=get&options=mr&search=0x%s\n' "${host%/}" "$2"
}

# Write the keys that a repository may be signed with to $1, and nothing but those.
debian_keep_key() {
    command -v gpg >/dev/null || {
        # Only for this moment: to check signatures apt has something smaller.
        open_packages
        family_install gpg
        gpg_is_guest=yes
    }
    work=$(mktemp -d "$root/run/arkes-key.XXXXXX")
    case $keyfile in
    https://*) debian_fetch "$keyfile" "$work/key" ;;
    *) cp -- "$keyfile" "$work/key" ;;
    esac
    debian_gpg --import -- "$work/key"
    # shellcheck disable=SC2086 # without a fingerprint all keys are meant
    debian_gpg --export-options export-minimal --export -- $key >"$1"
    rm -rf "$work"
    [ -s "$1" ] || die 69 "there is no key ${key:+$key }in $keyfile"
    if [ -n "${gpg_is_guest:-}" ]; then
        family_remove gpg
        close_packages
    fi
}

debian_gpg() {
    gpg --homedir "$work" --no-options --no-autostart --batch --quiet "$@"
}

# The release that this image is made of
debian_own_suite() {
    sed -n 's/^VERSION_CODENAME="\{0,1\}\([a-z]*\).*/\1/p' "$root/usr/lib/os-release" 2>/dev/null || :
    sed -n 's/^Suites:[[:space:]]*\([^[:space:]]*\).*/\1/p' "$root"/etc/apt/sources.list.d/*.sources 2>/dev/null || :
}

# deb822, as sources.list(5) has it
debian_source() {
    printf 'Types: deb\nURIs:%s\nSuites: %s\n' "$servers" "$suite"
    case $suite in
    */) ;;
    *) printf 'Components:%s\n' "${components:- main}" ;;
    esac
    printf 'Signed-By: %s\n' "$1"
}

# Reads what add_pacman_repository was told: name, servers, key, keyfile, keyserver,
# suite, components.
family_add_repository() {
    case $name in
    # apt passes over files of such names.
    *[@+]*) die 64 "a repository's name for apt has letters, digits, '.', '_' and '-': '$name'" ;;
    esac
    if [ -n "$key" ] && [ ${#key} -ne 40 ] && [ ${#key} -ne 64 ]; then
        die 64 "a fingerprint has 40 or 64 digits: '$key'"
    fi
    if [ -z "$keyfile$keyserver" ]; then
        die 64 "where is the key? --keyfile=PATH|URL or --keyserver=HOST: apt has no key server of its own"
    fi
    if [ -z "$suite" ]; then suite=$(debian_own_suite | head -n 1); fi
    case $suite in
    '') die 69 "which release this image is of is not written anywhere: say --suite=" ;;
    -* | *[!A-Za-z0-9._/+~-]* | *..*) die 64 "not a suite: '$suite'" ;;
    */) [ -z "$components" ] || die 64 "a suite that ends in / has no components" ;;
    esac
    case $components in
    *' -'* | *[!A-Za-z0-9._/+\ -]*) die 64 "not a component:$components" ;;
    esac
    if [ -z "$keyfile" ]; then keyfile=$(debian_key_address "$keyserver" "$key"); fi
    keyring=/usr/share/keyrings/arkes-$name.gpg
    target=$root/etc/apt/sources.list.d/$name.sources
    wanted=$(debian_source "$keyring")
    if [ -e "$target" ] && [ "$(cat "$target")" != "$wanted" ]; then
        die 64 "${target#"$root"} is there already, with other contents"
    fi
    mkdir -p "${target%/*}" "$root/usr/share/keyrings" "$root/run"
    debian_keep_key "$root$keyring.new"
    chmod 0644 "$root$keyring.new"
    mv -f "$root$keyring.new" "$root$keyring"
    printf '%s\n' "$wanted" >"$target.new"
    chmod 0644 "$target.new"
    mv -f "$target.new" "$target"
}
