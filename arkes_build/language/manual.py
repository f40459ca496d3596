"""Say in a sentence or two what each instruction, flag, header and directive is for.

An editor shows these texts where people write; ``keywords`` says how each is used, and
``docs/systemfile.md`` tells the whole story. The tests hold the three together.
"""

from __future__ import annotations

from arkes_build.language.keywords import EVERYWHERE, KEYWORDS

INSTRUCTIONS: dict[str, str] = {
    "ADD": "Copies files into the image, and unpacks local archives. For plain files `COPY` is "
    "clearer; give a URL a `--checksum`.",
    "ARG": "Declares build arguments, with defaults. One above the first `FROM` is known to every "
    "`FROM`, and to a stage that declares it again.",
    "AUR": "Builds packages from the AUR as a user without rights, and installs them. For the arch "
    "family.",
    "CMD": "Sets what a container of this image runs by default. A deployed system boots its init "
    "and never reads it.",
    "COPY": "Copies files of the context, of another stage or of another node into the image.",
    "DISABLE": "Turns systemd units off, also for a later `systemctl preset-all`.",
    "ENABLE": "Turns systemd units on, also for a later `systemctl preset-all`. They may come from "
    "a package or from an overlay.",
    "ENTRYPOINT": "Sets the program that a container of this image runs. A deployed system never "
    "reads it.",
    "ENV": "Sets environment variables for the instructions below and for containers of the image; "
    "a deployed system does not have them.",
    "EXPOSE": "Says which ports a container listens on; it opens none.",
    "FONT": "Sets the font of the console (`vconsole.conf`).",
    "FROM": "Begins a stage on top of an image. `arkes:NAME` is a node of the project, `scratch` "
    "an empty tree.",
    "HEALTHCHECK": "Tells a container engine how to see whether a container is well.",
    "HOSTNAME": "Sets the machine's name (`/etc/hostname`).",
    "KARGS": "Adds kernel arguments that the deployment boots with.",
    "KEYMAP": "Sets the keyboard layout of the console (`vconsole.conf`).",
    "LABEL": "Adds labels to the image: facts about it for people and programs.",
    "LOCALE": "Sets language and encoding of the system, and makes the locale.",
    "MAINTAINER": "Names the author. It is out of use: write "
    "`LABEL org.opencontainers.image.authors=…`.",
    "MASK": "Makes systemd units impossible to start.",
    "ONBUILD": "Keeps an instruction for whoever builds on top of this image.",
    "OVERLAY": "Lays the files of `overlay/NAME` over the tree, after everything else that writes "
    "settings: an overlay has the last word.",
    "PACKAGES": "Installs packages. Neighbours are installed in one transaction, which leaves no "
    "cache behind.",
    "REMOVE": "Removes packages, and what only they needed.",
    "REPOSITORY": "Adds a signed package repository.",
    "RUN": "Runs a command in the image, and keeps what it changed as a layer.",
    "SHELL": "Sets the shell that runs the commands of `RUN` written as text.",
    "STOPSIGNAL": "Sets the signal that ends a container of this image.",
    "SYSCTL": "Sets kernel parameters at boot (`sysctl.d`).",
    "TEMPLATE": "Applies the project's templates to this system, the first one lowest.",
    "TIMEZONE": "Sets the time zone (`/etc/localtime`).",
    "USER": "Sets who runs the commands below.",
    "VOLUME": "Says which folders a container keeps outside the image. A deployed system does not "
    "know them.",
    "WORKDIR": "Sets the folder in which the instructions below work, and makes it.",
}
"""What each instruction is for, in Markdown."""

FLAGS: dict[str, str] = {
    "arch": "The instruction counts only for these architectures: one, or several with commas.",
    "checksum": "The digest that the download must have: `sha256:…`.",
    "chmod": "The mode of what is copied, such as `0644`.",
    "chown": "The owner of what is copied: `user:group`.",
    "component": "The archive component, `main` by default (debian).",
    "device": "A device that the command may use.",
    "exclude": "A pattern of what is left out; may be given again.",
    "family": "The instruction counts only for these package-manager families: one, or several "
    "with commas.",
    "from": "Where to copy from: a stage, an image, or `arkes:NAME`.",
    "interval": "How long to wait between two checks: `30s`.",
    "keep-git-dir": "Keep the `.git` folder of a repository.",
    "key": "The fingerprint of the key that signs the repository.",
    "keyfile": "The key that signs the repository: a file of the context, or a URL.",
    "link": "Make a layer that does not depend on those below.",
    "mount": "Something the command can use while it runs: `type=bind`, `cache`, `tmpfs`, "
    "`secret` or `ssh`; may be given again.",
    "network": "The network that the command has: `default`, `none` or `host`.",
    "parents": "Keep the folders that the source's path names.",
    "platform": "The platform of the image: `linux/amd64`.",
    "retries": "How many checks in a row must fail.",
    "security": "The rights that the command has: `sandbox` or `insecure`.",
    "server": "A URL of the repository; may be given again.",
    "start-interval": "How long to wait between two checks while the container starts.",
    "start-period": "How long a container may take to start.",
    "suite": "The suite, by default the image's own code name (debian); one that ends in `/` is a "
    "flat repository.",
    "timeout": "How long a check may take: `30s`.",
    "unpack": "Unpack archives, or leave them as they are.",
    "user": "Units of users' sessions instead of the system's.",
}
"""What each flag is for, whatever instruction carries it."""

HEADERS: dict[str, str] = {
    "x-arch": "The architectures that the file is for; by default all.",
    "x-clean": "Continuous integration frees the runner's disk first.",
    "x-depends": "The nodes that the file uses. It may be left out; if it is there, it must agree "
    "with the instructions.",
    "x-families": "The package-manager families that the file is for: `arch`, `debian`; by "
    "default both.",
    "x-name": "The name for people: `VARIANT` of os-release.",
    "x-no-iso": "Continuous integration makes no ISO.",
    "x-templates": "Templates to combine with: `nvidia,slim` makes two nodes more, `nvidia-slim` "
    "puts slim on top of nvidia.",
}
"""What each header is for."""

DIRECTIVES: dict[str, str] = {
    "check": "`# check=skip=RULE reason` at the very top silences a rule for the whole file; right "
    "above an instruction, for that instruction.",
    "escape": "Chooses `` ` `` instead of `\\` to continue lines.",
    "syntax": "Is handed on to the engine.",
}
"""What each directive at the very top is for."""

ARGUMENTS: dict[str, str] = {
    "AUR_BASE": "Where the Git repositories of the AUR are: `[aur] base` of `arkes.toml`.",
    "BASE_VARIANT_ID": "In a template: the node right below.",
    "HASH": "The node's key: it changes with everything that the node is made from.",
    "TARGETARCH": "The architecture as engines call it: `amd64`.",
    "TARGETOS": "Always `linux`.",
    "TARGETPLATFORM": "System and architecture: `linux/amd64`.",
    "TARGETVARIANT": "The kind of the architecture, such as `v7`; empty for those we build.",
    "VARIANT": "The node's name for people.",
    "VARIANT_ID": "The node's name.",
    "VERSION_ID": "The project's version.",
}
"""What the build arguments hold that are supplied wherever a file declares them."""


def flags_of(keyword: str) -> tuple[str, ...]:
    """Return the names of the flags that an instruction knows, sorted; its own ones first."""
    known = KEYWORDS.get(keyword)
    own = sorted(known.valued | known.bare) if known else []
    return (*own, *sorted(EVERYWHERE - set(own)))
