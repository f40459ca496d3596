# shellcheck shell=sh
# What all helper scripts share: where things are, how to complain, what a name may be.
#
# Read with `. "${0%/*}/common.sh"`, never run. Packages are another file's matter, one
# for each package-manager family, read at the end of this one; both define the same functions:
#
#   family_open               lists or databases are there and trusted, nothing starts or asks
#   family_install NAME…      install, from the shared download cache when there is one
#   family_remove NAME…       remove, with what only they needed
#   family_remove_unused      remove what nobody asked for and nobody needs
#   family_list PATTERN…      print the installed packages that fit shell patterns
#   family_headers VERSION    print the package with a kernel's headers
#   family_add_repository     add the repository that add_pacman_repository read
#   family_describe           print the files of a transaction, for record_packages
#   family_updates NAME…      print what would change today, for list_updates
#   family_close              nothing of the package manager's own work stays in the layer
#
# SYSTEM_ROOT is put before every absolute path (tests work in a folder of their own);
# SYSTEM_CACHE names the download cache when it is not the build's mount.

set -eu
umask 022

LC_ALL=C.UTF-8
export LC_ALL

# Files that carry a date get this one (1980, the first that FAT and zip can say), and
# Python compiles against a source's content instead of its time, which OSTree sets to 0.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-315532800}
export SOURCE_DATE_EPOCH

root=${SYSTEM_ROOT:-}
locked_place=$root/run/arkes-locked
system=$(CDPATH='' cd -- "${0%/*}" && pwd)
program=${0##*/}

say() { printf '[%s] %s\n' "$program" "$*" >&2; }

# Exit codes are those of sysexits.h: 64 wrong call, 69 not to be had here.
die() {
    code=$1
    shift
    say "error: $*"
    exit "$code"
}

# A name that a package manager cannot take for an option, a pattern, a path or a verb
# (apt reads "name-" as "remove name"). One may be followed by =version.
check_package() {
    case $1 in
    '' | -* | *[!A-Za-z0-9@._+:=~^-]*) die 64 "not a package name: '$1'" ;;
    esac
    case ${1%%=*} in
    [!A-Za-z0-9@_]* | *- | '' | *[~^]*) die 64 "not a package name: '$1'" ;;
    esac
    case $1 in
    *=*=* | *= | *=-*) die 64 "not a package version: '$1'" ;;
    esac
}

check_packages() {
    for name; do check_package "$name"; done
}

# One line without control characters: what a settings file can hold.
check_line() {
    case $2 in
    *[[:cntrl:]]*) die 64 "$1 holds a control character" ;;
    esac
}

# The folder for downloads of one kind ("apt", "pacman"), when something is mounted there;
# an empty folder left over from an earlier mount would end in the layer.
cache_for() {
    if [ -n "${SYSTEM_CACHE:-}" ]; then
        printf '%s\n' "$SYSTEM_CACHE/$1"
    elif mountpoint -q "$root/var/cache/arkes/$1" || mountpoint -q "$root/var/cache/arkes"; then
        printf '%s\n' "$root/var/cache/arkes/$1"
    fi
}

# shellcheck source=/dev/null
. "$system/locking.sh"

# Which package manager this tree belongs to. Both may be installed (apt is packaged for
# Arch and pacman for Debian), so the database decides.
find_family() {
    if [ -n "${SYSTEM_FAMILY:-}" ]; then
        family=$SYSTEM_FAMILY
    elif [ -e "$root/usr/lib/sysimage/dpkg/status" ] || [ -e "$root/var/lib/dpkg/status" ]; then
        family=debian
    elif [ -d "$root/usr/lib/sysimage/pacman" ] || [ -d "$root/var/lib/pacman" ]; then
        family=arch
    else
        die 69 "neither dpkg's nor pacman's database is in this tree"
    fi
    case $family in
    arch | debian) ;;
    *) die 64 "unknown package-manager family: '$family'" ;;
    esac
}

# Whoever opens closes: a script that another one calls between open and close finds
# everything ready and leaves it so. The mark is in /run, which no commit has.
opened_here=
open_packages() {
    [ -e "$root/run/arkes-packages" ] && return
    mkdir -p "$root/run"
    : >"$root/run/arkes-packages"
    opened_here=yes
    # After a failure the next caller must not believe that all is ready.
    trap 'rm -f "$root/run/arkes-packages"' EXIT
    family_open
}

close_packages() {
    [ -n "$opened_here" ] || return 0
    force_close_packages
}

force_close_packages() {
    family_close
    rm -f "$root/run/arkes-packages"
    trap - EXIT
    # In a tree that boots already, a new kernel or driver is made ready at once.
    rm -rf "${locked_place:?}"
    if [ -e "$root/var/lib/arkes/initramfs-wanted" ] && is_bootable; then
        "$system/prepare_kernels"
    fi
    "$system/tidy"
}

# Whether a kernel has been made ready here before
is_bootable() {
    for modules in "$root"/usr/lib/modules/*/; do
        if [ -e "$modules/modules.order" ] && [ -e "$modules/initramfs.img" ]; then return 0; fi
    done
    return 1
}

find_family
# shellcheck source=/dev/null
. "$system/families/$family.sh"
