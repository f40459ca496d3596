# shellcheck shell=sh
# Change one field of os-release. Read after common.sh, never run.
# shellcheck disable=SC2154 # root is common.sh's

# Quoted for a shell, as os-release(5) asks; the other lines keep their order.
set_os_release() {
    check_line "$1" "$2"
    file=$root/usr/lib/os-release
    [ -e "$file" ] || die 69 "$file is missing"
    quoted=$(printf '%s' "$2" | sed 's/[\\"$`]/\\&/g')
    {
        sed "/^$1=/d" "$file"
        printf '%s="%s"\n' "$1" "$quoted"
    } >"$file.new"
    chmod 0644 "$file.new"
    mv -f "$file.new" "$file"
}
