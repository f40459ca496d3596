"""Build the distribution that ships, for real, with the command that the README names."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from arkes_build.store.index import read_index

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = ROOT / ".arkes" / "repo"
ARCH = platform.machine()
NODES = ("bootstrap", "rootfs", "base", "base-slim", "atomic", "atomic-nvidia")
LEFT_OUT = "atomic-system76"
PACKAGE = "/usr/lib/arkes/arkes_build"
# Byte code with a hash that nobody looks at: the flags of PEP 552
UNCHECKED = 1
COLUMNS = ["NODE", "OUTCOME", "TIME", "SIZE", "COMMIT", "REF", "WHY"]

# Builds, on two cores: bootstrap, kernel, desktop and the driver's module.
pytestmark = [pytest.mark.system, pytest.mark.timeout(2700)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a command left: its exit code, its lines, its wall time in seconds."""

    code: int
    output: str
    errors: str
    seconds: float

    @property
    def rows(self) -> dict[str, dict[str, str]]:
        """Return the rows of the closing table by node."""
        lines = [re.split(r"\s{2,}", line) for line in self.output.splitlines()]
        if COLUMNS not in lines:
            return {}
        table = lines[lines.index(COLUMNS) + 1 :]
        body = table[: table.index([""])]
        return {cells[0]: dict(zip(COLUMNS, cells, strict=True)) for cells in body}


def run(*arguments: str, under: tuple[str, ...] = ()) -> Run:
    start = time.monotonic()
    result = subprocess.run(
        [*under, "./run", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name != "COLUMNS"},
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(
        code=result.returncode,
        output=result.stdout,
        errors=result.stderr,
        seconds=time.monotonic() - start,
    )


def ostree(*arguments: str) -> str:
    argv = ["ostree", *arguments, f"--repo={REPOSITORY}"]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def ref(node: str) -> str:
    return f"arkes/{ARCH}/{node}"


@pytest.fixture(scope="module")
def whole() -> Run:
    """Run it as the README says. In a clean clone this is the build from nothing."""
    return run()


def test_it_ends_well_with_a_row_for_every_node(whole: Run) -> None:
    assert whole.code == 0, f"{whole.output}\n{whole.errors}"
    rows = whole.rows
    assert {node: rows[node]["REF"] for node in NODES} == {node: ref(node) for node in NODES}
    assert {rows[node]["OUTCOME"] for node in NODES} <= {"built", "reused", "unchanged"}
    assert set(rows) == {*NODES, LEFT_OUT}


def test_what_this_family_lacks_is_left_out_and_the_table_says_why(whole: Run) -> None:
    row = whole.rows[LEFT_OUT]
    assert (row["OUTCOME"], row["REF"]) == ("left out", "-")
    assert "templates/system76.Containerfile" in row["WHY"]


def test_the_refs_are_the_commits_of_the_table(whole: Run) -> None:
    shown = {node: whole.rows[node]["COMMIT"] for node in NODES}
    commits = {node: ostree("rev-parse", ref(node)).strip() for node in NODES}
    assert shown == {node: commits[node][: len(shown[node])] for node in NODES}


@pytest.mark.usefixtures("whole")
def test_refs_lists_the_same_commits() -> None:
    listed = json.loads(run("refs", "--json").output)["refs"]
    # Machines of earlier runs may be there as well.
    commits = {entry["node"]: entry["commit"] for entry in listed if entry["node"] in NODES}
    assert commits == {node: ostree("rev-parse", ref(node)).strip() for node in NODES}


@pytest.mark.usefixtures("whole")
def test_a_second_run_finds_nothing_to_do_in_less_than_a_second() -> None:
    again = [run() for _ in range(3)]
    assert {(one.code, one.errors) for one in again} == {(0, "")}
    assert all("Nothing to do" in one.output for one in again)
    # The best of three: other work on the machine is not what is measured.
    assert min(one.seconds for one in again) < 1


@pytest.mark.usefixtures("whole")
def test_the_plan_is_empty_afterwards() -> None:
    plan = json.loads(run("plan", "--json").output)
    assert {action["node"]: action["action"] for action in plan["actions"]} == dict.fromkeys(
        NODES, "reuse"
    )


@pytest.mark.usefixtures("whole")
@pytest.mark.parametrize("node", ["base", "atomic"])
def test_a_node_is_a_tree_that_ostree_can_deploy(node: str) -> None:
    top = {line.split()[-1].lstrip("/") for line in _links_and_names(ostree("ls", ref(node)))}
    assert {"usr", "var", "sysroot", "ostree", "home", "root"} <= top
    assert "etc" not in top
    machine_id = ostree("ls", ref(node), "/usr/etc/machine-id").split()
    assert machine_id[3] == "0"
    kernels = ostree("ls", ref(node), "/usr/lib/modules").splitlines()[1:]
    assert len(kernels) == 1
    names = {
        line.split("/")[-1] for line in ostree("ls", ref(node), kernels[0].split()[-1]).splitlines()
    }
    assert {"vmlinuz", "initramfs.img"} <= names
    var = [line.split()[-1] for line in ostree("ls", ref(node), "/var").splitlines()]
    assert var == ["/var"]


@pytest.mark.usefixtures("whole")
@pytest.mark.parametrize("node", [node for node in NODES if node != "bootstrap"])
def test_a_commit_tells_what_it_was_made_from(node: str) -> None:
    version = ostree("show", "--print-metadata-key=version", ref(node))
    assert version.strip().strip("'")
    release = ostree("cat", ref(node), "/usr/lib/os-release")
    assert f'VARIANT_ID="{node}"' in release or f"VARIANT_ID={node}\n" in release


@pytest.mark.usefixtures("whole")
def test_the_kernel_the_initramfs_and_all_below_come_out_the_same_again() -> None:
    """Base has all that every node has; the others would take ten minutes more."""
    ended = run("verify", "--rebuild", "base", "--json")
    document = json.loads(ended.output)
    told = [difference for node in document["nodes"] for difference in node["differences"]]
    assert (ended.code, told) == (0, [])
    contents = {node: ostree("show", ref(node)) for node in ("bootstrap", "rootfs", "base")}
    assert [node["node"] for node in document["nodes"]] == list(contents)
    assert all(node["rebuilt"] in contents[node["node"]] for node in document["nodes"])


@pytest.mark.usefixtures("whole")
def test_base_has_the_os_command_with_byte_code_that_python_believes() -> None:
    listed = ostree("ls", "-R", ref("base"), "/usr/lib/arkes/arkes_build").splitlines()
    names = [line.split()[-1] for line in listed]
    sources = {name for name in names if name.endswith(".py")}
    compiled = {name for name in names if name.endswith(".pyc")}
    assert f"{PACKAGE}/system/main.py" in sources
    assert f"{PACKAGE}/grammar/systemfile.lark" in names
    # One Python's, and nothing that lay about in the checkout
    assert len({name.split(".")[-2] for name in compiled}) == 1
    assert len(compiled) == len(sources)
    argv = ["ostree", "cat", f"--repo={REPOSITORY}", ref("base"), min(compiled)]
    head = subprocess.run(argv, capture_output=True, check=True).stdout[4:8]
    assert int.from_bytes(head, "little") == UNCHECKED
    assert "NAME" in ostree("cat", ref("base"), "/usr/share/man/man1/os.1")


@pytest.mark.usefixtures("whole")
def test_slim_has_neither_the_os_command_nor_its_units() -> None:
    listed = ostree("ls", "-R", ref("base-slim"), "/usr/lib", "/usr/etc", "/usr/bin").split("\n")
    names = [line.split(" -> ")[0].split()[-1] for line in listed if line]
    assert not [name for name in names if name.startswith("/usr/lib/arkes/arkes_build")]
    units = [name for name in names if "/systemd/system" in name and "/arkes-" in name]
    assert units == []
    assert "/usr/bin/os" not in names


def machine(folder: Path, package: str) -> str:
    """Write the Systemfile of a machine that wants one more package; return its path."""
    file = folder / "machine" / "Systemfile"
    file.parent.mkdir()
    file.write_text(f"FROM arkes:rootfs\n\nRUN /usr/lib/system/package_layer \\\n    {package}\n")
    return str(file)


@pytest.mark.usefixtures("whole")
def test_a_package_that_does_not_exist_is_underlined_in_the_systemfile(tmp_path: Path) -> None:
    file = machine(tmp_path, "nosuchpackage")
    ended = run("build", file)
    assert ended.code == 14
    lines = ended.errors.strip().splitlines()
    assert lines[0] == "error: machine: there is no package nosuchpackage"
    assert lines[1].endswith(f"{file}:4:5")
    assert "E: Unable to locate package nosuchpackage" in ended.errors


@pytest.mark.usefixtures("whole")
def test_without_a_network_the_server_is_named(tmp_path: Path) -> None:
    # With a folder of its own for the engine's caches: no file was fetched before.
    alone = ("env", f"TMPDIR={tmp_path}", "unshare", "--net")
    ended = run("build", machine(tmp_path, "cowsay"), under=alone)
    assert ended.code == 15
    assert "error: machine: no network: " in ended.errors


MACHINES = ("server", "workstation")


@pytest.fixture(scope="module")
def machines(whole: Run) -> Run:
    """Build both examples: each adds a few packages to what stands already."""
    assert whole.code == 0
    ended = run("build", *(f"examples/{name}/Systemfile" for name in MACHINES))
    assert ended.code == 0, f"{ended.output}\n{ended.errors}"
    return ended


def links(node: str, folder: str) -> dict[str, str]:
    """Return the links below a folder of a commit: path in it, and name of what they mean."""
    lines = ostree("ls", "-R", ref(node), folder).splitlines()
    pairs = (line.split(maxsplit=4)[4].split(" -> ") for line in lines if " -> " in line)
    return {path.removeprefix(f"{folder}/"): target.split("/")[-1] for path, target in pairs}


def test_both_examples_stand_on_what_was_built(machines: Run) -> None:
    rows = machines.rows
    assert {rows[node]["OUTCOME"] for node in MACHINES} <= {"built", "reused", "unchanged"}
    assert {rows[node]["OUTCOME"] for node in ("rootfs", "base", "atomic")} == {"reused"}


@pytest.mark.usefixtures("machines")
@pytest.mark.parametrize(
    ("node", "zone", "files"),
    [
        pytest.param(
            "server",
            "UTC",
            {
                "etc/hostname": "server\n",
                "etc/vconsole.conf": "KEYMAP=us\n",
                "lib/sysctl.d/90-arkes.conf": (
                    "net.core.somaxconn = 4096\nnet.ipv4.tcp_syncookies = 1\n"
                ),
                "lib/systemd/system-preset/50-arkes.preset": (
                    "disable ctrl-alt-del.target\nenable nftables.service\n"
                    "enable nginx.service\nenable ssh.service\n"
                ),
            },
            id="the server",
        ),
        pytest.param(
            "workstation",
            "Europe/Berlin",
            {
                "etc/hostname": "workstation\n",
                "etc/vconsole.conf": "KEYMAP=us\nXKBLAYOUT=us\n",
                "lib/sysctl.d/90-arkes.conf": (
                    "fs.inotify.max_user_watches = 1048576\nvm.swappiness = 100\n"
                ),
                "lib/systemd/system-preset/50-arkes.preset": (
                    "disable bluetooth.service\nenable fstrim.timer\n"
                ),
                "lib/systemd/user-preset/50-arkes.preset": "enable podman.socket\n",
            },
            id="the workstation",
        ),
    ],
)
def test_what_a_machines_file_says_is_in_its_commit(
    node: str, zone: str, files: dict[str, str]
) -> None:
    texts = {path: ostree("cat", ref(node), f"/usr/{path}") for path in files}
    said = {path: re.sub(r"(?m)^#.*\n", "", text) for path, text in texts.items()}
    assert said == files
    localtime = ostree("ls", ref(node), "/usr/etc/localtime").split(" -> ")[1].strip()
    assert localtime.endswith(f"/usr/share/zoneinfo/{zone}")


@pytest.mark.usefixtures("machines")
def test_the_server_has_its_packages_overlays_and_arguments() -> None:
    arguments = tomllib.loads(ostree("cat", ref("server"), "/usr/lib/bootc/kargs.d/80-arkes.toml"))
    assert arguments == {"kargs": ["console=tty0", "console=ttyS0,115200"]}
    assert "LANG=C.UTF-8\n" in ostree("cat", ref("server"), "/usr/etc/locale.conf")
    overlay = ROOT / "examples/server/overlay"
    for path in ("etc/nftables.conf", "etc/ssh/sshd_config.d/10-server.conf"):
        brought = (overlay / "server" / path).read_text()
        assert ostree("cat", ref("server"), f"/usr/{path}") == brought
    # nginx's own site is a link in the same place; ours wins over it.
    site = "etc/nginx/sites-enabled/default"
    assert (
        ostree("cat", ref("server"), f"/usr/{site}")
        == (overlay / "server-debian" / site).read_text()
    )
    running = links("server", "/usr/etc/systemd/system")
    assert running["multi-user.target.wants/nginx.service"] == "nginx.service"
    assert running["sysinit.target.wants/nftables.service"] == "nftables.service"
    assert running["ctrl-alt-del.target"] == "null"


@pytest.mark.usefixtures("machines")
def test_the_workstation_has_its_language_and_its_peoples_services() -> None:
    assert "LANG=en_GB.UTF-8\n" in ostree("cat", ref("workstation"), "/usr/etc/locale.conf")
    people = links("workstation", "/usr/etc/systemd/user")
    assert people["sockets.target.wants/podman.socket"] == "podman.socket"
    running = links("workstation", "/usr/etc/systemd/system")
    assert running["timers.target.wants/fstrim.timer"] == "fstrim.timer"
    assert "bluetooth.service" not in {path.split("/")[-1] for path in running}


@pytest.mark.usefixtures("machines")
def test_what_a_build_brought_is_known_without_libostree() -> None:
    known = read_index(ROOT / ".arkes", "server")
    assert known is not None
    assert {"nginx.service", "ssh.service", "getty@.service"} <= known.units
    assert "podman.socket" in known.user_units
    assert {"nginx", "logrotate", "systemd"} <= known.packages.keys()


def apt_repository(folder: Path, keys: Path, *, keyring: Path) -> str:
    """Make a signed archive of one package; export its key and return the fingerprint."""
    tree = folder / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    control = "Package: arkes-hello\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\n"
    (tree / "DEBIAN/control").write_text(f"{control}Description: hello\n")
    (tree / "usr/share").mkdir(parents=True)
    (tree / "usr/share/arkes-hello").write_text("hello\n")
    archive = folder / "archive"
    archive.mkdir()
    deb = archive / "arkes-hello_1_all.deb"
    subprocess.run(["dpkg-deb", "--build", str(tree), str(deb)], check=True, capture_output=True)
    digest = hashlib.sha256(deb.read_bytes()).hexdigest()
    entry = f"Filename: ./{deb.name}\nSize: {deb.stat().st_size}\nSHA256: {digest}\n"
    packages = f"{control}{entry}Description: hello\n"
    (archive / "Packages").write_text(packages)
    summed = hashlib.sha256(packages.encode()).hexdigest()
    (folder / "Release").write_text(
        "Date: Sun, 01 Nov 2026 00:00:00 UTC\n"
        f"SHA256:\n {summed} {len(packages.encode())} Packages\n"
    )
    keys.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(keys), "--batch", "--quiet"]
    make = ["--passphrase", "", "--quick-generate-key", "hello@example.org", "rsa2048", "sign"]
    signed = ["--clearsign", "--output", str(archive / "InRelease"), str(folder / "Release")]
    for words in (make, signed, ["--armor", "--output", str(keyring), "--export"]):
        subprocess.run([*gpg, *words], check=True, capture_output=True)
    listed = subprocess.run(
        [*gpg, "--with-colons", "-k"], check=True, capture_output=True, text=True
    )
    subprocess.run(["gpgconf", "--homedir", str(keys), "--kill", "all"], check=True)
    return next(line.split(":")[9] for line in listed.stdout.splitlines() if line[:3] == "fpr")


@pytest.mark.usefixtures("whole")
def test_a_signed_archive_serves_packages_and_an_overlay_wins_over_a_setting(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "signed"
    folder.mkdir()
    key = apt_repository(folder, tmp_path / "gnupg", keyring=folder / "hello.asc")
    (folder / "overlay/own/etc").mkdir(parents=True)
    (folder / "overlay/own/etc/hostname").write_text("from-the-overlay\n")
    file = folder / "Systemfile"
    file.write_text(
        "FROM arkes:rootfs\n"
        "COPY archive/ /usr/share/archive/\n"
        "OVERLAY own\n"
        "HOSTNAME from-the-setting\n"
        "PACKAGES arkes-hello\n"
        f"REPOSITORY hello --server=file:///usr/share/archive --suite=./ --key={key} \\\n"
        "    --keyfile=hello.asc\n"
    )
    ended = run("build", str(file))
    assert ended.code == 0, f"{ended.output}\n{ended.errors}"
    assert ostree("cat", ref("signed"), "/usr/share/arkes-hello") == "hello\n"
    assert ostree("cat", ref("signed"), "/usr/etc/hostname") == "from-the-overlay\n"
    known = read_index(ROOT / ".arkes", "signed")
    assert known is not None
    # gpg was there to hold the key against its fingerprint, and went again.
    assert "arkes-hello" in known.packages
    assert "gpg" not in known.packages


def _links_and_names(listing: str) -> list[str]:
    """Return the lines of ``ostree ls`` with link targets taken away."""
    return [line.partition(" -> ")[0] for line in listing.splitlines()]
