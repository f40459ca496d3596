# shellcheck shell=sh
# What a locked build does with the list of arkes.lock, for both families. Read by common.sh.
# shellcheck disable=SC2154 # common.sh and the script that reads it set what is not set here
#
# A line of the list, and of what is noted: NAME VERSION ARCH SIZE SHA256 FILE. What was built
# from the AUR has 0, "-" and aur:NAME@COMMIT. Lines on standard error that begin with
# "arkes-lock:" are read by arkes-build.

locked_list=$root/run/arkes-lock
noted=$root/usr/lib/sysimage/arkes/package-files

is_locked() {
    [ -e "$locked_list" ] || return 1
    IFS= read -r first <"$locked_list" || return 1
    [ "$first" = '# locked' ]
}

# The lines of the lock that are files to download
locked_files() {
    grep -v -e '^#' -e ' aur:' "$locked_list" || :
}

# The commit of the AUR that the lock names for a package
locked_commit() {
    if is_locked; then
        sed -n "s/.* aur:$(printf '%s' "$1" | sed 's/[.+]/\\&/g')@\\([0-9a-f]*\\)\$/\\1/p" "$locked_list" | head -n 1
    fi
}

# Write down the lines on standard input; in a locked build each must be one of the lock.
note_files() {
    mkdir -p "${noted%/*}"
    cat >"$noted.add"
    if is_locked; then
        awk '
            NR == FNR {
                if ($0 !~ /^#/) {
                    line[$1, $2, $3, $4, $5] = $0
                    known[$1] = known[$1] " " $2 " " $5
                }
                next
            }
            ($1, $2, $3, $4, $5) in line {
                # Where it came from is what the lock says: here it is a path of this build.
                if ($6 != "-" && line[$1, $2, $3, $4, $5] != $0) { bad = 1; other() } else
                print line[$1, $2, $3, $4, $5]
                next
            }
            { bad = 1; other() }
            function other() {
                print "arkes-lock: differs", $1, $2, $5, $6, known[$1] > "/dev/stderr"
            }
            END { exit bad ? 65 : 0 }
        ' "$locked_list" "$noted.add" >"$noted.checked"
        mv -f "$noted.checked" "$noted.add"
    fi
    { cat "$noted" 2>/dev/null || :; cat "$noted.add"; } | LC_ALL=C sort -u >"$noted.new"
    rm -f "$noted.add"
    chmod 0644 "$noted.new"
    mv -f "$noted.new" "$noted"
}

has_sum() {
    [ -e "$1" ] || return 1
    found=$(sha256sum <"$1")
    [ "${found%% *}" = "$2" ]
}

# Bring each file of the lock under its sha256 into $locked_files_kept, from the downloads kept
# in $1, else from a server. What differs ends it; what is nowhere is told when it is wanted.
collect_locked() {
    locked_files_kept=${1:+$1/locked}
    locked_files_kept=${locked_files_kept:-$locked_place/files}
    mkdir -p "$locked_place" "$locked_files_kept"
    : >"$locked_place/gone"
    (
        flock 9
        collect_now "$1"
    ) 9>>"$locked_files_kept/lock"
}

collect_now() {
    locked_files | while read -r name version arch _size sum file; do
        if has_sum "$locked_files_kept/$sum" "$sum"; then continue; fi
        rm -f "$locked_files_kept/$sum"
        kept=$(family_kept "$1" "$name" "$version" "$arch" "$file")
        if [ -n "$1" ] && has_sum "$kept" "$sum"; then
            ln -f "$kept" "$locked_files_kept/$sum" 2>/dev/null ||
                cp -- "$kept" "$locked_files_kept/$sum"
            continue
        fi
        printf '%s %s\n' "$sum" "$file"
    done >"$locked_place/wanted"
    [ -s "$locked_place/wanted" ] || return 0
    mkdir -p "$locked_files_kept/new"
    family_fetch "$locked_files_kept/new"
    locked_files | while read -r name version _arch _size sum file; do
        new=$locked_files_kept/new/$sum
        if [ -e "$locked_files_kept/$sum" ]; then continue; fi
        if has_sum "$new" "$sum"; then
            # apt makes a link of a file on this machine.
            cp -L -- "$new" "$locked_files_kept/$sum.new"
            mv -f "$locked_files_kept/$sum.new" "$locked_files_kept/$sum"
        elif [ -e "$new" ]; then
            found=$(sha256sum <"$new")
            echo "arkes-lock: differs $name $version ${found%% *} $file $version $sum" >&2
            rm -rf "$locked_files_kept/new"
            exit 65
        else
            echo "arkes-lock: gone $name $version $sum $file" >>"$locked_place/gone"
        fi
    done || exit 65
    rm -rf "$locked_files_kept/new"
}

# A package manager that does not get what it wants cannot know why.
tell_what_is_gone() {
    cat "$locked_place/gone" >&2
    exit 69
}
