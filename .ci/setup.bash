# Set up what Arkēs needs on this machine: system packages, then a Python environment.
#
# Sourced by ./run and ./test. When nothing is missing, `set_up` starts no process at all:
# the stamp holds the very text it was made from, and bash compares the two.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the lists are used through their names

root=$(cd -P -- "${BASH_SOURCE[0]%/*}/.." && printf '%s.' "$PWD")
root=${root%.} # the full stop keeps a line end at the end of the path

readonly system_python=/usr/bin/python3 # the one that the system's gi binding belongs to
readonly oldest_python=3.11
readonly venv=$root/.venv
declare -rA locks=([run]=$root/requirements.lock [test]=$root/requirements-test.lock)

# Exit codes of docs/errors.md.
readonly tool_missing=10 tool_too_old=11

# Each list is complete without recommended packages. crun, netavark and what follow serve
# `podman build` where the machine can run containers; uidmap to pasta serve a user who is not root.
readonly apt_run=(
  python3 python3-venv python3-gi gir1.2-ostree-1.0 ostree
  podman crun runc netavark aardvark-dns iptables nftables uidmap fuse-overlayfs slirp4netns passt
  mmdebstrap debian-archive-keyring ca-certificates busybox-static xz-utils zstd gpg gpg-agent gpgconf
  fdisk dosfstools mtools e2fsprogs qemu-utils
)
readonly apt_test=(
  shellcheck attr libcap2-bin git procps pacman-package-manager makepkg libarchive-tools curl
  arch-install-scripts systemd gettext-base tzdata groff-base
  btrfs-progs prometheus openssh-client
)
readonly pacman_run=(
  python python-gobject ostree
  podman crun runc netavark aardvark-dns iptables nftables fuse-overlayfs slirp4netns passt
  arch-install-scripts ca-certificates busybox xz zstd gnupg
  util-linux dosfstools mtools e2fsprogs qemu-img
)
readonly pacman_test=(
  shellcheck attr libcap git procps-ng gettext tzdata groff
  btrfs-progs prometheus openssh
)
readonly dnf_run=(
  python3 python3-pip python3-gobject-base ostree ostree-libs
  podman crun runc netavark aardvark-dns iptables-nft nftables shadow-utils fuse-overlayfs slirp4netns passt
  mmdebstrap debian-keyring ca-certificates busybox xz zstd gnupg2
  util-linux dosfstools mtools e2fsprogs qemu-img
)
readonly dnf_test=(
  ShellCheck attr libcap git procps-ng systemd gettext tzdata groff-base
  btrfs-progs golang-github-prometheus openssh-clients
)
# `./run test` boots what was built, and so does `./run disk --root-fs xfs`; no other command.
readonly apt_boot=(qemu-system-x86 ovmf)
readonly pacman_boot=(qemu-system-x86 edk2-ovmf)
readonly dnf_boot=(qemu-system-x86-core edk2-ovmf)
readonly commands_run=(podman ostree busybox gpg)
readonly commands_test=(shellcheck getfattr setcap git ps)

say() { printf 'arkes set-up: %s\n' "$*" >&2; }

give_up() {
  local code=$1
  shift
  say "$@"
  exit "$code"
}

# Make this machine ready for $1 (run or test).
set_up() {
  is_ready "$1" && return
  # Two set-ups of one checkout take turns; the second finds everything done.
  exec {turn}<"$root"
  flock "$turn"
  if ! is_ready "$1"; then
    install_packages "$1"
    check_python
    make_environment "$1"
  fi
  exec {turn}<&-
}

# Make this machine, which is ready for `run`, able to boot what was built. Where no package
# manager is known, the command itself says what is missing.
set_up_boot() {
  type -P "qemu-system-$HOSTTYPE" >/dev/null && return
  [[ -z $(find_manager) ]] || install_packages boot
}

# Tell whether everything for $1 is there, by built-ins alone.
is_ready() {
  local stamp python tool
  local -n extra=commands_$1
  for tool in "${commands_run[@]}" "${extra[@]}"; do
    type -P "$tool" >/dev/null || return
  done
  compgen -G '/usr/lib*/girepository-1.0/OSTree-1.0.typelib' >/dev/null ||
    compgen -G '/usr/lib/*/girepository-1.0/OSTree-1.0.typelib' >/dev/null || return
  [[ -x $venv/bin/python && -e $venv/arkes-$1.stamp ]] || return
  read_whole stamp "$venv/arkes-$1.stamp"
  python=${stamp%%$'\n'*}
  [[ $system_python -ef /usr/bin/$python ]] || return
  fingerprint "$1" "$python"
  [[ $stamp == "$fingerprint" ]]
}

# Put all that the environment for $1 was made from into `fingerprint`; the first line is the
# Python it was made with, $2.
fingerprint() {
  local script lock
  read_whole script "${BASH_SOURCE[0]}"
  read_whole lock "${locks[$1]}"
  fingerprint=$2$'\n'$root$'\n'$script$lock
}

read_whole() { IFS= read -r -d '' "$1" <"$2" || true; }

# --- system packages -------------------------------------------------------------------------

install_packages() {
  local manager missing=()
  manager=$(find_manager)
  if [[ -z $manager ]]; then
    check_commands "$1"
    return
  fi
  local -n for_run=${manager}_run for_test=${manager}_test for_boot=${manager}_boot
  case $1 in
    run) local wanted=("${for_run[@]}") ;;
    test) local wanted=("${for_run[@]}" "${for_test[@]}" "${for_boot[@]}") ;;
    boot) local wanted=("${for_boot[@]}") ;;
  esac
  mapfile -t missing < <("missing_for_$manager" "${wanted[@]}")
  ((${#missing[@]})) || return 0
  say "installing with $manager: ${missing[*]}"
  "install_with_$manager" "${missing[@]}" </dev/null >&2 ||
    give_up "$tool_missing" "$manager could not install them: see its lines above"
}

find_manager() {
  if type -P apt-get >/dev/null; then
    echo apt
  elif type -P pacman >/dev/null && [[ -d /var/lib/pacman/local ]]; then
    echo pacman
  elif type -P dnf >/dev/null; then
    echo dnf
  fi
}

# A machine whose package manager we do not know: use what is there, or say what is not.
check_commands() {
  local -n extra=commands_$1
  local tool tools=(python3 "${commands_run[@]}") missing=()
  [[ $1 == run ]] || tools+=("${extra[@]}")
  for tool in "${tools[@]}"; do
    type -P "$tool" >/dev/null || missing+=("$tool")
  done
  ((${#missing[@]} == 0)) || give_up "$tool_missing" \
    "no package manager known here (apt, pacman, dnf). Install by hand: ${missing[*]}"
}

missing_for_apt() {
  local installed
  installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  local package
  for package; do
    grep -Fqx "installed $package" <<<"$installed" || printf '%s\n' "$package"
  done
}

install_with_apt() {
  local apt=(
    env DEBIAN_FRONTEND=noninteractive apt-get -qq
    -o Acquire::Retries=3 -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0
  )
  # What it does step by step is of no use to anyone; its errors come on the other stream.
  as_root "${apt[@]}" update >/dev/null || say "going on with the package lists that are here"
  as_root "${apt[@]}" install -y --no-install-recommends "$@" >/dev/null || return
  # Debian starts what it installs; of this one only promtool is wanted.
  if [[ " $* " == *" prometheus "* && -d /run/systemd/system ]]; then
    as_root systemctl --quiet disable --now prometheus.service
  fi
}

missing_for_pacman() { pacman -T "$@" || true; }

# A full upgrade, because Arch supports no partial one.
install_with_pacman() { as_root pacman -Syu --noconfirm --needed "$@"; }

missing_for_dnf() {
  local package
  for package; do
    rpm -q --whatprovides "$package" >/dev/null 2>&1 || printf '%s\n' "$package"
  done
}

# Not strict, because not every distribution with dnf has the tools of the Debian family:
# what only a bootstrap needs is asked for when one is made.
install_with_dnf() {
  as_root dnf -y --setopt=install_weak_deps=False --setopt=strict=False install "$@"
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif type -P sudo >/dev/null; then
    sudo "$@"
  else
    give_up "$tool_missing" "this needs root, and there is no sudo. As root, run: $*"
  fi
}

# --- Python ----------------------------------------------------------------------------------

check_python() {
  [[ -x $system_python ]] || give_up "$tool_missing" "$system_python is not there"
  "$system_python" -I -c "import sys; sys.exit(sys.version_info < (${oldest_python/./, }))" ||
    give_up "$tool_too_old" "$system_python is older than $oldest_python"
  "$system_python" -I -c 'import gi; gi.require_version("OSTree", "1.0"); import gi.repository.OSTree' ||
    give_up "$tool_missing" "$system_python cannot load OSTree through gi: see above"
}

make_environment() {
  local version site binding
  version=$("$system_python" -I -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
  binding=$("$system_python" -I -c 'import gi; print(gi.__path__[0])')
  site=$venv/lib/$version/site-packages
  # `arkes.pth` puts the checkout on the path without a variable that other programs would inherit.
  # Of the system's packages only `gi` is let in (no index has it ready-made): the rest would
  # hide what the locks lack, and slow every start.
  if [[ ! -x $venv/bin/pip || $(cat "$site/arkes.pth" 2>/dev/null) != "$root" ]]; then
    say "making the Python environment in $venv"
    # A link leads to the environment of another checkout, which is not for clearing.
    [[ ! -L $venv ]] || rm -- "$venv"
    "$system_python" -I -m venv --clear "$venv" >&2
    printf '%s\n' "$root" >"$site/arkes.pth"
  fi
  ln -sfnT -- "$binding" "$site/gi"
  say "installing the locked Python packages of ${locks[$1]##*/}"
  "$venv/bin/python" -I -m pip install --quiet --no-input --disable-pip-version-check \
    --root-user-action=ignore --no-deps --require-hashes -r "${locks[$1]}" </dev/null >&2 ||
    give_up "$tool_missing" "pip could not install them: see its lines above"
  write_stamp run "$version" # what the tests install includes what a run needs
  [[ $1 == run ]] || write_stamp "$1" "$version"
}

write_stamp() {
  fingerprint "$1" "$2"
  printf '%s' "$fingerprint" >"$venv/arkes-$1.stamp.new"
  mv -f "$venv/arkes-$1.stamp.new" "$venv/arkes-$1.stamp"
}
