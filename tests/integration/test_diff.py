"""Compare real commits: databases of dpkg and pacman, layers, what is served, images."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from arkes_build.cli.main import main
from arkes_build.core.errors import ExitCode
from arkes_build.engine.protocol import Image, Layer
from arkes_build.history.changes import changes
from arkes_build.history.commits import CommitUnknown, History
from arkes_build.history.model import Kind, NameChange, PackageChange, PathChange, Share
from arkes_build.pipeline.history import diff
from arkes_build.pipeline.options import Options
from arkes_build.plan.state import Origin
from arkes_build.store.model import LayerDiff, NodeMetadata
from arkes_build.store.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.engine

DPKG = "usr/lib/sysimage/dpkg"
PACMAN = "usr/lib/sysimage/pacman/local"
CONFIG = '[project]\nname = "tiny"\ntitle = "Tiny"\nid = "tiny"\nversion = "1.0"\nepoch = 100\n'


def run(*argv: str) -> str:
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def status(**packages: str) -> str:
    return "\n".join(
        f"Package: {name}\nStatus: install ok installed\nArchitecture: all\nVersion: {version}\n"
        for name, version in packages.items()
    )


class Place:
    """A project without variants, whose store gets layers of plain folders."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "arkes.toml").write_text(CONFIG)
        store = path / ".arkes"
        store.mkdir()
        (store / "store.json").write_text('{"arch":"x86_64","family":"debian","version":1}')
        self.repo = store / "repo"
        self.repository = Repository.open(self.repo)
        self.options = Options(project=path)
        self.count = 0

    def folder(self, files: dict[str, str]) -> Path:
        self.count += 1
        top = self.path / f"layer{self.count}"
        top.mkdir(mode=0o755)
        for name, text in files.items():
            file = top / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if text.startswith("→ "):
                file.symlink_to(text[2:])
            else:
                file.write_text(text)
        return top

    def layer(self, files: dict[str, str]) -> LayerDiff:
        folder = self.folder(files)
        return LayerDiff(chain_id=f"sha256:{self.count:064x}", path=folder)

    def commit(self, node: str, *layers: LayerDiff, packages: tuple[str, ...] = ()) -> str:
        done = self.repository.commit_layers(layers)
        origins = tuple(
            Origin(
                chain_id=one.chain_id, node=node, where=f"variants/{node}:{at}", brief=f"RUN {at}"
            )
            for at, one in enumerate(layers, 1)
        )
        about = NodeMetadata(
            node=node,
            version="1.0",
            key="k" * 64,
            image="sha256:" + "d" * 64,
            packages=packages,
            layers=origins,
        )
        ref = f"tiny/x86_64/{node}"
        return self.repository.commit_node(ref, done[-1], about, epoch=100).checksum


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


BASE = {
    f"{DPKG}/status": status(bash="5.1", gone="1.0"),
    f"{DPKG}/info/bash.list": "/bin/bash\n/etc/bash.bashrc\n",
    f"{DPKG}/info/gone.list": "/usr/lib/gone.so\n",
    "usr/bin/bash": "bash 5.1",
    "usr/lib/gone.so": "gone",
    "etc/bash.bashrc": "PS1=1",
    "etc/hosts": "x",
    "usr/share/same": "same",
}


def test_a_release_of_debian(place: Place) -> None:
    base = place.layer(BASE)
    place.commit("base", base, packages=("bash=5.1", "gone=1.0"))
    update = place.layer(
        {
            f"{DPKG}/status": status(bash="5.2~rc1"),
            "usr/bin/bash": "bash 5.2",
            "etc/bash.bashrc": "PS1=2",
            "usr/lib/systemd/system/a.service": "[Unit]",
            "etc/systemd/system/multi-user.target.wants/a.service": "→ /usr/lib/a.service",
            "usr/lib/bootc/kargs.d/a.toml": 'kargs = ["quiet"]',
            "usr/lib/sysusers.d/a.conf": "u a 900\n",
            "usr/lib/modules/6.12.4/vmlinuz": "kernel",
        }
    )
    removal = place.path / "removal"
    (removal / "usr/lib").mkdir(parents=True)
    run("mknod", str(removal / "usr/lib/gone.so"), "c", "0", "0")
    place.count += 1
    gone = LayerDiff(chain_id=f"sha256:{place.count:064x}", path=removal)
    place.commit("base", base, update, gone, packages=("bash=5.2~rc1",))

    found = diff(place.options, "base")
    assert found.packages == (
        PackageChange(name="bash", before="5.1", after="5.2~rc1", kind=Kind.UPGRADED),
        PackageChange(name="gone", before="1.0", after="", kind=Kind.REMOVED),
    )
    assert found.kernel == ("", "6.12.4")
    assert [(one.path, one.package, one.detail) for one in found.etc] == [
        ("/etc/bash.bashrc", "bash", "content"),
        ("/etc/systemd/system/multi-user.target.wants/a.service", "", ""),
    ]
    assert found.units == (
        NameChange(name="a.service", kind=Kind.ADDED),
        NameChange(name="a.service", kind=Kind.ADDED, detail="enabled by multi-user.target"),
    )
    assert [one.detail for one in found.users] == ["group", "user 900"]
    assert found.kernel_arguments == (NameChange(name="quiet", kind=Kind.ADDED, detail="a.toml"),)
    by_path = {one.path: one for one in found.files}
    assert by_path["/usr/lib/gone.so"] == PathChange(
        path="/usr/lib/gone.so",
        kind=Kind.REMOVED,
        size=4,
        package="gone",
        line="variants/base:1",
    )
    assert by_path["/usr/bin/bash"].line == "variants/base:2"
    assert "/usr/share/same" not in by_path
    assert Share(name="gone", files=1, size=0, removed=4) in found.by_package
    assert (found.download.layers, found.download.delta_bytes) == (2, None)


def test_a_release_of_arch(place: Place) -> None:
    first = {
        f"{PACMAN}/six-1.9-1/files": "%FILES%\nusr/lib/six.py\n",
        "usr/lib/six.py": "1",
    }
    place.commit("base", place.layer(first), packages=("six=1.9-1",))
    second = {f"{PACMAN}/six-1.10rc-1/files": "%FILES%\nusr/lib/six.py\n", "usr/lib/six.py": "22"}
    place.commit("base", place.layer(second), packages=("six=1.10rc-1",))
    found = diff(place.options, "base")
    assert [(one.name, one.kind) for one in found.packages] == [("six", Kind.UPGRADED)]
    assert {one.name for one in found.by_package} == {"six"}


@pytest.mark.parametrize("size", [10, 3_000_000], ids=["small files", "more than is tried"])
def test_what_is_served_is_known_to_the_byte(place: Place, tmp_path: Path, size: int) -> None:
    text = "".join(f"{at * at} " for at in range(size // 7 + 1))[:size]
    first = place.commit("base", place.layer(BASE))
    files = BASE | {"usr/share/new": text, "usr/share/link": "→ new", "usr/share/d/e": "e"}
    second = place.commit("base", place.layer(files))
    served = tmp_path / "served"
    run("ostree", "init", f"--repo={served}", "--mode=archive")
    client = tmp_path / "client"
    run("ostree", "init", f"--repo={client}", "--mode=archive")
    run("ostree", "pull-local", f"--repo={client}", str(place.repo), first)
    before = objects(client)
    run("ostree", "pull-local", f"--repo={served}", str(place.repo), first, second)
    run("ostree", "pull-local", f"--repo={client}", str(served), second)
    new = {name: bytes_ for name, bytes_ in objects(client).items() if name not in before}

    history, published = History(place.repo), History(served)
    found = changes(history, first, second, published=published).download
    assert (found.objects, found.object_bytes) == (len(new), sum(new.values()))
    assert not found.is_estimate
    quick = changes(history, first, second).download
    measured = changes(history, first, second, measure=True).download
    # The header of a link has its target, which nobody compresses to know.
    assert abs(measured.object_bytes - sum(new.values())) < 10
    assert quick.is_estimate is (size > 1 << 20)
    assert abs(quick.object_bytes - sum(new.values())) < 0.2 * sum(new.values()) + 10
    assert measured.layer_packed_bytes < measured.layer_bytes + 20_000


def objects(repo: Path) -> dict[str, int]:
    """Return the objects that a machine fetches; what is said of a commit is none of them."""
    found = (repo / "objects").glob("??/*")
    return {one.name: one.stat().st_size for one in found if one.suffix != ".commitmeta"}


def test_a_served_repository_says_the_same(place: Place, tmp_path: Path) -> None:
    first = place.commit("base", place.layer(BASE | {"etc/link": "→ a", "etc/mode": "x"}))
    layer = place.layer(BASE | {"etc/link": "→ b", "etc/mode": "x", "etc/hosts": "y"})
    (layer.path / "etc/mode").chmod(0o600)
    second = place.commit("base", layer)
    served = tmp_path / "served"
    run("ostree", "init", f"--repo={served}", "--mode=archive")
    run("ostree", "pull-local", f"--repo={served}", str(place.repo), first, second)
    mine, theirs = (changes(History(repo), first, second) for repo in (place.repo, served))
    assert mine.etc
    assert [replace(one, line="") for one in mine.etc] == list(theirs.etc)
    assert [(one.path, one.size) for one in mine.files] == [
        (one.path, one.size) for one in theirs.files
    ]


def test_a_delta_is_weighed(place: Place, tmp_path: Path) -> None:
    first = place.commit("base", place.layer(BASE))
    large = "".join(f"{at * at % 9973} " for at in range(300_000))
    second = place.commit("base", place.layer(BASE | {"usr/share/new": large}))
    served = tmp_path / "served"
    run("ostree", "init", f"--repo={served}", "--mode=archive")
    run("ostree", "pull-local", f"--repo={served}", str(place.repo), second, "--depth=1")
    make = ("ostree", "static-delta", "generate", f"--repo={served}", f"--from={first}", second)
    run(*make)
    parts = weight(served / "deltas")
    assert diff(place.options, "base", published=served).download.delta_bytes == parts
    # What is too large for a part is fetched as an object beside the delta.
    run(*make, "--min-fallback-size=1")
    found = diff(place.options, "base", published=served).download.delta_bytes
    beside = max(objects(served).values())
    assert found == weight(served / "deltas") + beside
    assert weight(served / "deltas") < 20_000 < beside


def weight(folder: Path) -> int:
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())


def test_without_the_layers_nobody_knows_the_lines(place: Place) -> None:
    place.commit("base", place.layer(BASE))
    place.commit("base", place.layer(BASE | {"usr/share/new": "1"}))
    run("ostree", "refs", f"--repo={place.repo}", "--delete", "arkes-layers")
    found = diff(place.options, "base")
    assert [one.name for one in found.by_line] == [""]
    assert (found.download.layers, found.download.layer_bytes) == (None, None)


class Engine:
    """An engine that has one image."""

    def __init__(self, name: str, image: Image) -> None:
        self.held = {name: image}
        self.is_closed = False

    def image(self, wanted: str) -> Image | None:
        return self.held.get(wanted)

    def close(self) -> None:
        self.is_closed = True


def test_an_image_is_compared_with_its_own_database(place: Place) -> None:
    base = place.layer(BASE)
    place.commit("base", base, packages=("bash=5.1", "gone=1.0"))
    more = place.folder(
        {
            "var/lib/dpkg/status": status(extra="1"),
            "var/lib/dpkg/info/extra.list": "/etc/extra\n",
            "etc/extra": "extra",
        }
    )
    layers = [
        Layer(diff_id="", chain_id=base.chain_id, path=base.path),
        Layer(diff_id="", chain_id=f"sha256:{'e' * 64}", path=more),
    ]
    image = Image(id="f" * 64, digest="", layers=tuple(layers), config={}, size=0)
    engine = Engine("localhost/mine:new", image)
    found = diff(
        place.options,
        "base",
        "localhost/mine:new",
        start_engine=lambda: engine,
    )
    assert [one.name for one in found.packages if one.kind is Kind.ADDED] == ["extra"]
    assert [(one.path, one.package) for one in found.etc] == [("/etc/extra", "extra")]
    assert (found.after.commit, found.download.layers) == ("", 1)
    assert engine.is_closed
    assert sorted(History(place.repo).refs()) == ["tiny/x86_64/base"]


@pytest.mark.parametrize("name", ["nobody", "localhost/nobody:x", "abcdef0123"])
def test_who_is_unknown_is_said_so(place: Place, name: str) -> None:
    place.commit("base", place.layer(BASE))
    engine = Engine("other", Image(id="", digest="", layers=(), config={}, size=0))
    with pytest.raises(CommitUnknown, match=name):
        diff(place.options, "base", name, start_engine=lambda: engine)


def test_the_command(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.commit("base", place.layer(BASE), packages=("bash=5.1",))
    place.commit("base", place.layer(BASE | {"usr/share/new": "1"}), packages=("bash=5.2",))
    words = ["diff", "base", "--project", str(place.path)]
    assert main(words) == ExitCode.OK
    assert "↑  bash  5.1 → 5.2" in capsys.readouterr().out
    assert main([*words, "--json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["packages"][0]["kind"] == "upgraded"
    page = place.path / "page.html"
    assert main([*words, "--html", str(page)]) == ExitCode.OK
    assert "<!DOCTYPE html>" in page.read_text()
    assert main(["diff", "base~7", "--project", str(place.path)]) == ExitCode.SOURCE
