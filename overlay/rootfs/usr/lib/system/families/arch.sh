# shellcheck shell=sh
# The arch family: pacman. Read by common.sh, which says what each function is for.
# shellcheck disable=SC2154 # common.sh and the script that reads it set what is not set here

# Hooks of the kernel and dracut would each build an initramfs; the stand-ins in
# deferred/ note that one is wanted, and prepare_kernels makes it, once.
pacman_do() {
    if [ -e "$locked_place/pacman.conf" ]; then set -- --config "$locked_place/pacman.conf" "$@"; fi
    env PATH="$system/deferred:$PATH" pacman --noconfirm --noprogressbar "$@"
}

# Install: the hook notes the file of each package before it is unpacked.
pacman_add() { pacman_do --hookdir "$system/families/hooks" "$@"; }

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
    if is_locked; then
        arch_open_locked
        return
    fi
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
    if is_locked; then
        pacman_add -Su --needed "$@" || tell_what_is_gone
        return
    fi
    pacman_cache=$(cache_for pacman)
    if [ -z "$pacman_cache" ]; then
        pacman_add -Su --needed "$@"
        return
    fi
    mkdir -p "$pacman_cache/pkg"
    (
        flock 9
        pacman_do -Suw --needed --cachedir "$pacman_cache/pkg" "$@"
    ) 9>>"$pacman_cache/lock"
    pacman_add -Su --needed --cachedir "$pacman_cache/pkg" "$@"
}

family_install() {
    pacman_install -- "$@"
}

# Lines "NAME VERSION ARCH SIZE SHA256 REPOSITORY/FILE" of all that the databases know
arch_index() {
    for repository in $(pacman-conf --repo-list); do
        database=$pacman_db/sync/$repository.db
        [ -e "$database" ] || continue
        bsdtar -xOf "$database" '*/desc' | awk -v repository="$repository" '
            function out() {
                if ("NAME" in v) {
                    sum = v["SHA256SUM"] == "" ? "-" : v["SHA256SUM"]
                    print v["NAME"], v["VERSION"], v["ARCH"], v["CSIZE"] + 0, sum, \
                        repository "/" v["FILENAME"]
                }
                split("", v)
            }
            /^%FILENAME%$/ { out() }
            /^%[A-Z0-9]+%$/ { field = substr($0, 2, length($0) - 2); next }
            NF && field != "" { if (!(field in v)) v[field] = $0; field = "" }
            END { out() }
        '
    done
}

# The lines of the names on standard input, with what is true of the very files. pacman
# leaves a hash alone when the signature is good; here the two are compared.
family_describe() {
    list=$(mktemp "$root/run/arkes-list.XXXXXX")
    cat >"$locked_place.names"
    # The first repository that has a package is the one that pacman takes it from.
    arch_described | awk 'NR == FNR { wanted[$1] = 1; next } $1 in wanted && !seen[$1]++' \
        "$locked_place.names" - >"$list"
    while read -r named version arch _size sum file; do
        package=$(arch_package "${file##*/}")
        found=$(sha256sum <"$package")
        found=${found%% *}
        if [ "$sum" != - ] && [ "$sum" != "$found" ]; then
            die 65 "the file of $named $version is not what the database says: sha256 $found, wanted $sum"
        fi
        printf '%s %s %s %s %s %s\n' "$named" "$version" "$arch" "$(stat -Lc %s "$package")" "$found" "$file"
    done <"$list"
    rm -f "$list" "$locked_place.names"
}

# In a locked build the database has other paths than the servers.
arch_described() {
    if is_locked; then locked_files; else arch_index; fi
}

# Where pacman keeps a file that it is about to install
arch_package() {
    kept=$(cache_for pacman)
    for folder in "$root/var/cache/pacman/pkg" ${kept:+"$kept/pkg"} "$locked_place"; do
        if [ -e "$folder/$1" ]; then
            printf '%s\n' "$folder/$1"
            return
        fi
    done
    die 66 "the file $1 is nowhere"
}

# What -Su would do, and which files it would take. A repository's own replacement of a
# package shows as the new one only.
family_updates() {
    plan=$(mktemp "$root/run/arkes-list.XXXXXX")
    pacman_do -Sup --print-format '%n' >"$plan"
    arch_index | awk 'NR == FNR { wanted[$1] = 1; next } $1 in wanted && !seen[$1]++' "$plan" - | sed 's/^/+ /'
    printf '%s\n' "$@" >"$plan"
    arch_index | awk 'NR == FNR { wanted[$1] = 1; next } $1 in wanted && !seen[$1]++' "$plan" - | sed 's/^/? /'
    rm -f "$plan"
}

# pacman knows nothing but what is installed and the files of the lock, which were compared:
# it needs no database of any server and cannot take another version.
arch_open_locked() {
    mkdir -p "$locked_place/db"
    collect_locked "${pacman_cache:-}"
    for entry in "$pacman_db"/local/*/desc; do
        [ -e "$entry" ] || continue
        folder=${entry%/desc}
        mkdir -p "$locked_place/db/${folder##*/}"
        arch_entry_of_installed <"$entry" >"$locked_place/db/${folder##*/}/desc"
    done
    locked_files | while read -r package version _arch size sum file; do
        [ -e "$locked_files_kept/$sum" ] || continue
        ln -sf "$locked_files_kept/$sum" "$locked_place/${file##*/}"
        # Another version of it that is installed must not be offered.
        for entry in "$locked_place/db/$package"-*-*/; do
            same=${entry%/}
            same=${same##*/}
            if [ "${same%-*-*}" = "$package" ]; then rm -rf "$entry"; fi
        done
        mkdir -p "$locked_place/db/$package-$version"
        {
            printf '%%FILENAME%%\n%s\n\n%%CSIZE%%\n%s\n\n%%SHA256SUM%%\n%s\n\n' "${file##*/}" "$size" "$sum"
            bsdtar -xOqf "$locked_files_kept/$sum" .PKGINFO | arch_entry_of_package
        } >"$locked_place/db/$package-$version/desc"
    done
    [ -n "$(ls "$locked_place/db")" ] || tell_what_is_gone
    (cd "$locked_place/db" && bsdtar -czf ../arkes-locked.db -- *)
    {
        awk '/^\[/ { own = $0 == "[options]" } own' "$root/etc/pacman.conf"
        printf '\n[arkes-locked]\nSigLevel = Never\nServer = file://%s\n' "$locked_place"
    } >"$locked_place/pacman.conf.new"
    mv -f "$locked_place/pacman.conf.new" "$locked_place/pacman.conf"
    pacman_do -Sy
}

arch_entry_of_installed() {
    awk '
        /^%[A-Z0-9]+%$/ {
            own = $0 ~ /^%(NAME|VERSION|BASE|DESC|ARCH|LICENSE|DEPENDS|GROUPS|OPTDEPENDS|CONFLICTS|PROVIDES|REPLACES)%$/
        }
        own
    '
}

arch_entry_of_package() {
    awk '
        BEGIN {
            split("pkgname NAME pkgver VERSION pkgbase BASE pkgdesc DESC arch ARCH size ISIZE " \
                "license LICENSE depend DEPENDS group GROUPS optdepend OPTDEPENDS " \
                "conflict CONFLICTS provides PROVIDES replaces REPLACES", words, " ")
            for (i = 1; i in words; i += 2) called[words[i]] = words[i + 1]
        }
        /^#/ { next }
        {
            at = index($0, " = ")
            field = called[substr($0, 1, at - 1)]
            if (at && field != "") text[field] = text[field] substr($0, at + 3) "\n"
        }
        END { for (field in text) printf "%%%s%%\n%s\n", field, text[field] }
    '
}

family_kept() {
    printf '%s/pkg/%s\n' "$1" "${5##*/}"
}

# Lines "SHA256 REPOSITORY/FILE" become the files $1/SHA256, from the first server that has them.
family_fetch() {
    while read -r sum file; do
        for server in $(pacman-conf --repo "${file%%/*}" Server 2>/dev/null); do
            if [ ! -e "$1/$sum" ]; then
                # What one server lacks the next may have; what is missing is told at the end.
                if curl --fail --silent --show-error --location --retry 3 \
                    --output "$1/$sum.part" -- "$server/${file#*/}"; then
                    mv -f "$1/$sum.part" "$1/$sum"
                fi
            fi
        done
    done <"$locked_place/wanted"
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

# The database has the second of each installation, which would make every build another
# one. Only what says something else is written anew, or each layer would have all of it.
arch_forget_dates() {
    find "$pacman_db/local" -name desc -exec awk -v date="$SOURCE_DATE_EPOCH" '
        FNR > 1 && last == "%INSTALLDATE%" && $0 != date { print FILENAME }
        { last = $0 }
    ' {} + | while IFS= read -r entry; do
        sed -i "/^%INSTALLDATE%\$/{n;s/.*/$SOURCE_DATE_EPOCH/}" "$entry"
    done
}

family_close() {
    if [ -d "$pacman_db/local" ]; then arch_forget_dates; fi
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
