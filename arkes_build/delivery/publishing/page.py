"""Tell people what a published repository has: one page, by itself, without a script.

Whatever comes from a commit may be anything: every text is escaped, and the page lets
nothing be loaded from elsewhere.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from arkes_build.core.amounts import size
from arkes_build.core.atomic import write_atomically
from arkes_build.delivery.publishing.remote import PLACEHOLDER, keys_file, remote_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from arkes_build.delivery.publishing.published import Published, PublishedRef, PublishedRelease

PAGE = "index.html"
BOMS = "sbom"
_BOM_KINDS = (("CycloneDX", "cdx"), ("SPDX", "spdx"))
_SHORT = 12

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2330; --paper: #f7f8fa; --card: #fff;
  --line: #dfe3ea; --soft: #5b6576; --mark: #2457c5; --bar: #dbe6fb; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --paper: #12151b;
  --card: #1a1f28; --line: #2d3440; --soft: #98a2b3; --mark: #8ab0ff; --bar: #24365c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 68rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
p { margin: .5rem 0; } .soft { color: var(--soft); }
a { color: var(--mark); }
code, pre, .mono { font-family: ui-monospace, monospace; font-size: .875em; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: .9rem 1rem; overflow-x: auto; }
.table { overflow-x: auto; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .6rem .9rem; vertical-align: top; white-space: nowrap; }
th { font-size: .8rem; font-weight: 600; color: var(--soft); }
tr + tr td, tbody tr:first-child td { border-top: 1px solid var(--line); }
.number { text-align: right; }
.name { font-weight: 600; }
.small { font-size: .85rem; color: var(--soft); }
details { margin-top: .25rem; } summary { cursor: pointer; }
ul { margin: .4rem 0 0; padding-left: 1.1rem; }
"""


def write(repository: Path, published: Published) -> None:
    """Write the page, unless it is there already as it would be."""
    data = html(published, boms=_boms(repository)).encode()
    path = repository / PAGE
    if not path.exists() or path.read_bytes() != data:
        write_atomically(path, data)


def html(published: Published, *, boms: frozenset[str] = frozenset()) -> str:
    """Return the page; ``boms`` are the names of the files in ``sbom`` that it may link."""
    name = escape(published.project)
    body = "\n".join((*_head(published), *_nodes(published, boms), *_howto(published)))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{name}: updates</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def _head(published: Published) -> Iterator[str]:
    nodes = len({one.ref for one in published.refs})
    newest = max((one.newest.timestamp for one in published.refs), default=0)
    signed = (
        f'signed with the keys in <a href="{_link(keys_file(published.project))}">'
        f"{escape(keys_file(published.project))}</a>"
        if published.is_signed
        else "<strong>not signed</strong>"
    )
    yield f"<h1>{escape(published.project)}</h1>"
    yield (
        f'<p class="soft">Systems that machines boot and update from, as an OSTree repository: '
        f"{nodes} {'system' if nodes == 1 else 'systems'}, the newest of {_date(newest)}, "
        f"{signed}.</p>"
    )


def _nodes(published: Published, boms: frozenset[str]) -> Iterator[str]:
    yield "<h2>Systems</h2>"
    if not published.refs:
        yield "<p>There is none yet.</p>"
        return
    yield '<div class="table"><table>'
    yield (
        '<thead><tr><th>System</th><th>Version</th><th class="number">Update</th>'
        '<th class="number">First download</th><th>Commit</th></tr></thead><tbody>'
    )
    for one in published.refs:
        yield _row(one, boms)
    yield "</tbody></table></div>"
    yield (
        '<p class="small">Update: what a machine with the release before fetches. '
        "Sizes are what goes over the network.</p>"
    )


def _row(one: PublishedRef, boms: frozenset[str]) -> str:
    newest = one.newest
    place = f'<div class="small mono">{escape(one.ref)}</div>'
    date = f'<div class="small">{_date(newest.timestamp)}</div>'
    commit = f'<span class="mono" title="{escape(newest.commit)}">{newest.commit[:_SHORT]}</span>'
    cells = (
        f'<div class="name">{escape(one.node)}</div>{place}',
        f"{escape(newest.version) or '–'}{date}",
        f'<div class="number">{_update(one)}</div>',
        f'<div class="number">{_first(one)}</div>',
        commit + _boms_of(newest.commit, boms) + _earlier(one, boms),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _update(one: PublishedRef) -> str:
    """Say what the step from the release before costs, and from older ones."""
    steps = [each for each in one.downloads if each.before]
    if not steps:
        return "–"
    sizes = [f"{size(each.delta or each.objects)}" for each in steps]
    older = f'<div class="small">older: {", ".join(sizes[1:])}</div>' if sizes[1:] else ""
    return sizes[0] + older


def _first(one: PublishedRef) -> str:
    whole = [each for each in one.downloads if not each.before]
    if not whole:
        return "–"
    delta, objects = whole[0].delta, whole[0].objects
    beside = f'<div class="small">{size(objects)} as objects</div>' if delta else ""
    return size(delta or objects) + beside


def _earlier(one: PublishedRef, boms: frozenset[str]) -> str:
    if not one.releases[1:]:
        return ""
    items = "".join(f"<li>{_release(each, boms)}</li>" for each in one.releases[1:])
    title = f"<summary>{len(one.releases) - 1} earlier</summary>"
    return f'<details class="small">{title}<ul>{items}</ul></details>'


def _release(one: PublishedRelease, boms: frozenset[str]) -> str:
    commit = f'<span class="mono" title="{escape(one.commit)}">{one.commit[:_SHORT]}</span>'
    version = f" {escape(one.version)}" if one.version else ""
    return f"{commit}{version}, {_date(one.timestamp)}{_boms_of(one.commit, boms)}"


def _boms_of(commit: str, boms: frozenset[str]) -> str:
    links = [
        f'<a href="{BOMS}/{commit}.{kind}.json">{name}</a>'
        for name, kind in _BOM_KINDS
        if f"{commit}.{kind}.json" in boms
    ]
    return f'<div class="small">{" · ".join(links)}</div>' if links else ""


def _howto(published: Published) -> Iterator[str]:
    project, url = published.project, published.url or PLACEHOLDER
    keys, conf = keys_file(project), remote_file(project)
    ref = published.refs[0].ref if published.refs else f"{project}/x86_64/NODE"
    yield "<h2>Update a machine from here</h2>"
    if not published.url:
        yield (
            f"<p>In these lines, <code>{escape(url)}</code> stands for the address of this page "
            "without its last part.</p>"
        )
    yield (
        f'<p>Put <a href="{_link(conf)}">{escape(conf)}</a> into '
        "<code>/etc/ostree/remotes.d/</code>. "
        + (
            f'A machine that does not have the keys yet gets them from <a href="{_link(keys)}">'
            f"{escape(keys)}</a>: compare their fingerprints over another way first."
            if published.is_signed
            else "Nothing here is signed: use it only where nobody can change what you fetch."
        )
        + "</p>"
    )
    lines = [f"curl -o /etc/ostree/remotes.d/{conf} {url}/{conf}"]
    if published.is_signed:
        lines.append(f"curl -o /usr/share/ostree/trusted.gpg.d/{keys} {url}/{keys}")
    lines += [f"ostree pull {project} {ref}", f"ostree admin deploy {project}:{ref}"]
    yield f"<pre>{escape(chr(10).join(lines))}</pre>"


def _boms(repository: Path) -> frozenset[str]:
    return frozenset(path.name for path in (repository / BOMS).glob("*.json"))


def _link(name: str) -> str:
    from urllib.parse import quote

    return escape(quote(name))


def _date(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, ValueError, OSError):
        return "an unknown day"
