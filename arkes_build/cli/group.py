"""Know the commands of `arkes-build` by name and summary."""

from __future__ import annotations

from arkes_build.front.group import Program

NAME = "arkes-build"

COMMANDS: dict[str, tuple[str, str]] = {
    "all": ("build:everything", "Build every node of the project."),
    "build": ("build:nodes", "Build the named nodes and what they need."),
    "disk": ("disk:command", "Make a disk image that boots."),
    "lock": ("lock:command", "Write down what every node is made of."),
    "update": ("update:command", "Move the lock forward, and say what changes."),
    "plan": ("plan:command", "Say what would be built, and why."),
    "graph": ("graph:command", "Draw what stands on what."),
    "render": ("render:command", "Print the Containerfile of a node."),
    "check": ("check:command", "Look for mistakes in the project's files."),
    "fmt": ("fmt:command", "Give files their canonical layout."),
    "explain": ("explain:command", "Say what a rule is about."),
    "parse": ("parse:command", "Print the tree of a Containerfile or Systemfile."),
    "refs": ("refs:command", "List what the OSTree repository holds."),
    "diff": ("diff:command", "Say what changed between two releases, nodes or images."),
    "log": ("log:command", "Tell the releases of a ref, and what each changed."),
    "size": ("size:command", "Say what the bytes of a node are spent on."),
    "fsck": ("fsck:command", "Look whether everything that was committed is whole."),
    "pin": ("pin:command", "Keep a release, whatever retention says."),
    "unpin": ("pin:unpin", "Let retention have a pinned release again."),
    "prune": ("prune:command", "Remove old releases and all that nothing needs."),
    "keys": ("keys:command", "Make and list signing keys, and sign with them."),
    "verify": ("verify:command", "Verify signatures, objects, and what commits say of themselves."),
    "pull": ("pull:command", "Bring published releases into the store, if they are signed."),
    "test": ("test:command", "Boot nodes in machines and look whether they are well."),
    "publish": ("publish:command", "Write a repository that any web server can serve."),
    "sbom": ("sbom:command", "Write the bill of materials of a release."),
    "model": ("model:command", "Print the nodes as the compiler understood them, as JSON."),
    "schema": ("schema:command", "Print the JSON Schema of a document."),
    "lsp": ("lsp:command", "Serve an editor as a language server."),
    "completion": ("completion:command", "Print a completion script for a shell."),
}
"""Name → where the command is (``module:attribute`` under ``cli.commands``), and its summary."""

EPILOGUE = """\
Examples:
  arkes-build all                     build everything that changed
  arkes-build plan                    what would be built, and why
  arkes-build build base              one node and what it needs
  arkes-build diff base               what the last release of base changed
  arkes-build publish DIR             a repository for a web server

Environment:
  NO_COLOR        no colours
  COLUMNS         width of tables
  CONTAINER_HOST  the podman service to use
  ARKES_KEYS      the folder of the secret signing keys
  ARKES_DEBUG=1   print the traceback of an internal error
"""


def _hint(word: str) -> str:
    """Say how to build a node that stands in the place of a command."""
    from arkes_build.cli.places import known_nodes

    return f"to build that node: {NAME} build {word}" if word in known_nodes(None) else ""


PROGRAM = Program(
    name=NAME,
    help="Compile a Systemfile into an operating system image.",
    package="arkes_build.cli.commands",
    commands=COMMANDS,
    epilogue=EPILOGUE,
    hint=_hint,
)
