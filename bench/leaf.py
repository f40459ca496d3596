"""Measure what a client fetches for one changed file: as an OSTree commit and as an image.

`examples/tiny` is built twice by the engine, with one file of an overlay changed in between,
and published. The image way is what a registry would send: every blob of the new image that
the old one does not have (manifest, configuration, compressed layers).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(*arguments: str | Path) -> str:
    argv = [ROOT / "run", *arguments]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def blobs(image: str, folder: Path) -> dict[str, int]:
    """Return the blobs that a registry would have of an image, with their bytes."""
    save = ["podman", "save", "--quiet", "--format", "oci-dir", "--output", folder, image]
    subprocess.run(save, check=True, stdout=subprocess.DEVNULL)
    return {
        path.name: path.stat().st_size for path in (folder / "blobs").rglob("*") if path.is_file()
    }


def release(project: Path, site: Path, folder: Path) -> dict[str, int]:
    run("build", "hello", "--project", project)
    run("publish", site, "hello", "--unsigned", "--project", project)
    record = json.loads((project / ".arkes/records/hello.json").read_text())
    return blobs(record["image"], folder)


def main() -> None:
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    with tempfile.TemporaryDirectory(prefix="arkes-bench-", dir="/var/tmp") as made:
        folder = Path(made)
        project, site = folder / "tiny", folder / "site"
        shutil.copytree(ROOT / "examples/tiny", project, ignore=shutil.ignore_patterns(".arkes"))
        before = release(project, site, folder / "old")
        (project / "overlay/hello/etc/hello").write_text("another greeting\n")
        after = release(project, site, folder / "new")
        said = run("diff", "hello", "--repo", site, "--measure", "--json", "--project", project)
    image = sum(size for name, size in after.items() if name not in before)
    download = json.loads(said)["download"]
    update = download["delta_bytes"] or download["object_bytes"]
    print(f"one changed file: image {image:,} bytes, commit {update:,}: {update / image:.2f} of it")
    for name, size in sorted(after.items(), key=lambda item: item[1]):
        if name not in before:
            print(f"  blob {name[:12]} {size:,} bytes")


if __name__ == "__main__":
    main()
