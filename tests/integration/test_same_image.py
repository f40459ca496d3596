"""Build odd Containerfiles with plain podman and through the compiler: the images are the same.

One project has a variant for each case. What podman makes of the very same text, standing on
the same root file system, is the measure. A here-document has a second text beside it: what
the reference says it means, in words that every podman understands.
"""

import hashlib
import io
import json
import os
import stat
import subprocess
import tarfile
import textwrap
from pathlib import Path

import pytest

from arkes_build.core.names import Arch, Family
from arkes_build.pipeline.options import Options
from arkes_build.pipeline.pipeline import Pipeline

pytestmark = pytest.mark.engine

NAME = "same"
CONFIG = f"""\
[project]
name = "{NAME}"
title = "Same"
version = "1.0"
epoch = 1735689600

[bootstrap.debian]
tool = "files"
files = ["/usr/bin/busybox"]
"""
ROOTFS = """\
FROM arkes:bootstrap
RUN ["/usr/bin/busybox", "sh", "-c", "b=/usr/bin/busybox && \\
$b mkdir -p /etc /tmp /var/cache/arkes /usr/lib && \\
$b ln -s usr/bin /bin && $b --install -s /usr/bin"]
RUN printf 'root:x:0:0::/:/bin/sh\\nweb:x:33:34::/:/bin/sh\\n' > /etc/passwd && \\
    printf 'root:x:0:\\nweb:x:34:\\nstaff:x:50:\\n' > /etc/group
ENV FROM_PARENT=yes PATH=/usr/bin:/bin
LABEL parent=yes
"""
IGNORED = "ignored*\n!ignored-not.txt\n**/*.bak\n# said\n/deep/*/x\n"

CASES = {
    "a command with everything in its way": r"""
        FROM arkes:rootfs
        # a comment
        RUN set -e; \
            # inside
            echo "a   b" > /a; \

            echo 'c \
        d' >> /a ; \
           # more, with a quote's end
            printf '%s\n' "$FROM_PARENT" \$x "\\" '\\' >> /a \
          && echo "# not a comment" >> /a
        run echo lower > /b
        """,
    "a list instead of a command": r"""
        FROM arkes:rootfs
        RUN ["/bin/sh", "-c", "echo \"$FROM_PARENT\" 'a  b' \u00e9 \\\\ > /a"]
        RUN [ "touch" , "/with space" ]
        CMD ["a", "b c", "\"d\"", "$FROM_PARENT"]
        ENTRYPOINT [ "/bin/sh" ]
        """,
    "a list with something behind it": """
        FROM arkes:rootfs
        CMD ["a", "b"] and more
        ENTRYPOINT ["c"]]
        """,
    "what only looks like a list": """
        FROM arkes:rootfs
        CMD ['a', 'b']
        ENTRYPOINT [ -f /etc/passwd ] && echo yes
        RUN [ -f /etc/passwd ] && touch /yes
        """,
    "commands of all kinds for a start": """
        FROM arkes:rootfs
        ENTRYPOINT exec top -b
        CMD
        STOPSIGNAL SIGQUIT
        """,
    "an entrypoint takes the command away": """
        FROM arkes:rootfs AS one
        CMD ["a"]
        ENTRYPOINT ["b"]
        FROM one
        ENTRYPOINT ["c"]
        """,
    "variables of all forms": r"""
        FROM arkes:rootfs
        ENV A=1 B="two words" C='$A' D=three\ words E="say \"x\"" F="it's" G=
        ENV H old  form   "kept"
        ENV I=$A$B J=${A}${NONE}x K="${NONE:-de fault}" L=${A:+yes} M=${NONE:+no} N=\$A O="\$A"
        ENV P='a'"b"c
        ENV PATH=$PATH:/extra Q=${FROM_PARENT}
        ENV A=2 R=$A
        ENV S $A and $B
        ENV T="a\
        b" \
            # not this
            U=c
        RUN env | sort | grep -E '^[A-Z]=|^PATH|^FROM' > /env
        """,
    "arguments and their scopes": r"""
        ARG BASE=rootfs
        ARG ABOVE=above TWICE=above
        FROM arkes:${BASE} AS one
        ARG ABOVE
        ARG TWICE=inside
        ARG HERE=here THERE="th ere"
        ENV A=$ABOVE-$TWICE-$HERE-$THERE
        RUN echo "$ABOVE $TWICE $HERE $THERE" > /one
        FROM arkes:rootfs
        ARG TWICE
        COPY --from=one /one /one
        ENV B=${ABOVE:-unset} C=$TWICE D=${HERE:-gone}
        ENV E=env
        ARG E=argument
        RUN echo "$E ${ABOVE:-unset}" > /two
        """,
    "labels of all forms": r"""
        FROM arkes:rootfs
        ARG V=1.0
        LABEL a=b "c d"="e f" g='h i' v=$V
        LABEL old form of  it
        LABEL multi="one \
        two" \
          next=x\ y
        LABEL parent=no json='{"a": ["b"]}'
        """,
    "ports, volumes, user and place": r"""
        FROM arkes:rootfs
        ARG PORT=8080
        EXPOSE 80 443/tcp 53/udp $PORT 9000-9002
        VOLUME /v1 /v2
        VOLUME ["/v 3"]
        WORKDIR /work
        WORKDIR inside/deep
        RUN pwd > /where && touch here
        WORKDIR /with space
        RUN touch here
        USER web:staff
        WORKDIR /back
        """,
    "another user runs the commands": """
        FROM arkes:rootfs
        RUN mkdir -m 777 /open
        USER 33
        RUN id -u > /open/id && touch /open/file
        USER web
        RUN id -g > /open/group
        """,
    "another shell": """
        FROM arkes:rootfs
        SHELL ["/bin/sh", "-e", "-u", "-c"]
        RUN false || echo "$-" > /flags
        CMD echo a
        SHELL ["/bin/sh", "-c"]
        ENTRYPOINT echo b
        """,
    "health and triggers": """
        FROM arkes:rootfs
        HEALTHCHECK --interval=5s --timeout=3s --retries=2 CMD test -f /x
        ONBUILD RUN touch /later
        ONBUILD COPY a.txt /later/
        """,
    "copies of files and folders": """
        FROM arkes:rootfs
        COPY a.txt /one/a
        COPY a.txt b.sh /two/
        COPY dir /three
        COPY dir/ /four/
        COPY dir/sub .
        COPY ["with space.txt", "/five/with space"]
        WORKDIR /rel
        COPY a.txt ./
        COPY a.txt ../up
        COPY ./dir/./sub/../sub/x ./x
        """,
    "copies by pattern": """
        FROM arkes:rootfs
        COPY *.txt /one/
        COPY d?r /two/
        COPY dir/*/x /three/
        COPY [ab].* /four/
        COPY numbers/[0-2]* /five/
        """,
    "copies of everything but what is ignored": """
        FROM arkes:rootfs
        COPY . /all/
        """,
    "copies with other owners and modes": """
        FROM arkes:rootfs
        COPY --chown=33:34 a.txt /one
        COPY --chown=web:staff dir /two/
        COPY --chown=web b.sh /three
        COPY --chmod=600 a.txt /four
        COPY --chmod=0755 --chown=1234 dir /five/
        ADD --chmod=640 --chown=web:web a.txt /six
        """,
    "copies of links": """
        FROM arkes:rootfs
        COPY links /links/
        """,
    "a link's target when it is named": """
        FROM arkes:rootfs
        COPY links/to-file /file
        """,
    "copies onto what is there": """
        FROM arkes:rootfs
        RUN mkdir -m 700 /there && echo old > /there/a.txt && echo kept > /there/kept
        COPY a.txt /there/
        COPY dir/ /there
        """,
    "archives are unpacked by ADD only": """
        FROM arkes:rootfs
        ADD plain.tar /one/
        ADD packed.tar.gz /two/
        COPY plain.tar /three/
        ADD a.txt plain.tar /four/
        """,
    "stages by name, by number, in any case": (
        """
        FROM arkes:rootfs AS Builder
        RUN mkdir -p /out/sub && echo 1 > /out/one && echo 2 > /out/sub/two; chmod 750 /out/sub
        FROM arkes:rootfs as second
        RUN echo second > /s
        FROM arkes:rootfs
        COPY --from=builder /out /by-name
        COPY --from=0 /out/one /by-number/
        COPY --from=SECOND /s /by-case
        COPY --from=builder /out/* /by-pattern/
        """,
        """
        FROM arkes:rootfs AS Builder
        RUN mkdir -p /out/sub && echo 1 > /out/one && echo 2 > /out/sub/two; chmod 750 /out/sub
        FROM arkes:rootfs as second
        RUN echo second > /s
        FROM arkes:rootfs
        COPY --from=Builder /out /by-name
        COPY --from=0 /out/one /by-number/
        COPY --from=second /s /by-case
        COPY --from=Builder /out/* /by-pattern/
        """,
    ),
    "a stage on a stage": """
        FROM arkes:rootfs AS one
        ENV A=one
        WORKDIR /w
        RUN echo 1 > f
        USER web
        FROM one AS two
        ENV B=${A}-two
        FROM two
        ENV C=$B
        LABEL last=$C
        """,
    "stages that nobody needs": """
        FROM arkes:rootfs AS unused
        RUN touch /unused
        FROM arkes:rootfs
        RUN touch /used
        """,
    "mounts leave nothing": """
        FROM arkes:rootfs AS source
        RUN mkdir /s && echo s > /s/s
        FROM arkes:rootfs
        RUN mkdir /m /t /b
        RUN --mount=type=bind,from=source,source=/s,target=/m cat /m/s > /out
        RUN --mount=type=tmpfs,target=/t touch /t/x
        RUN --mount=type=bind,source=dir,target=/b cp /b/sub/x /x
        RUN --mount=type=cache,target=/m touch /m/cached
        """,
    "what is removed stays removed": """
        FROM arkes:rootfs
        COPY dir /dir
        RUN rm -r /dir/sub && echo new > /dir/new
        RUN rm -r /dir && ln -s etc /dir
        """,
    "modes and links made by a command": """
        FROM arkes:rootfs
        RUN umask 027; mkdir /d; touch /d/f; ln /d/f /d/hard; ln -s f /d/soft; \\
            chmod 4755 /d/f; chmod 1777 /d; mkfifo /d/pipe; chown 1:2 /d/pipe
        """,
    "a backtick continues": (
        r"""
        # escape=`
        FROM arkes:rootfs
        RUN echo a\b > /a `
          && echo `
             c >> /a
        ENV A=C:\dir B="`"q`"" C=a` b D="\"
        LABEL path=C:\x\ other='y'
        WORKDIR /back\slash
        COPY a.txt `
            /copied
        """,
        r"""
        FROM arkes:rootfs
        RUN echo a\b > /a && echo c >> /a
        ENV A=C:\\dir B="\"q\"" C=a\ b D="\\"
        LABEL path=C:\\x\\ other='y'
        WORKDIR /back\\slash
        COPY a.txt /copied
        """,
    ),
    "odd lines": """
        from arkes:rootfs
        \trun\techo tabs > /tabs
          Env   A=b
        RUN echo one \\
        \\
          two > /split
        RUN echo a\\
        b\\
         c > /joined
        RUN echo x \\

          y > /gap
        LABEL é=ü
        RUN echo 'ünï ☃' > /ü
        CMD echo end \\
        """,
    "CRLF": 'FROM arkes:rootfs\r\nRUN echo a \\\r\n  b > /a\r\nENV A=b \\\r\n C=d\r\nCMD ["x"]\r\n',
    "a script of several lines": (
        r"""
        FROM arkes:rootfs
        ENV E=env
        RUN <<EOT
        set -e
        x=1
        echo "$x $E 'a'" \
          b > /a

        # a comment
        printf '\\t\n' >> /a
        EOT
        """,
        r"""
        FROM arkes:rootfs
        ENV E=env
        RUN ["/bin/sh", "-c", "set -e\nx=1\necho \"$x $E 'a'\" \\\n  b > /a\n\n# a comment\n\
        printf '\\\\t\\n' >> /a\n"]
        """,
    ),
    "scripts for other programs": (
        """
        FROM arkes:rootfs
        RUN <<EOT
        #!/bin/awk -f
        BEGIN { print "awk" > "/a" }
        EOT
        RUN <<-'EOT' sh -e
        \techo "$0" > /b
        \tEOT
        RUN cat <<one > /c && cat <<-two >> /c
        1 $FROM_PARENT
        one
        \t2
        two
        """,
        """
        FROM arkes:rootfs
        RUN echo awk > /a
        RUN echo sh > /b
        RUN echo "1 $FROM_PARENT" > /c && echo 2 >> /c
        """,
    ),
    "files from here-documents": (
        r"""
        FROM arkes:rootfs
        ARG NAME="the  name" NONE=
        COPY <<EOT /one
        $NAME ${NAME:+yes} ${NONE:-no} "q" \$NAME \\ a\b
        EOT
        COPY <<-"EOT" /two
        ⇥$NAME
        ⇥  \$NAME
        ⇥EOT
        COPY --chmod=755 --chown=33:34 <<a <<b a.txt /three/
        A
        a
        B
        b
        ADD <<EOT /four/five
        EOT
        """,
        r"""
        FROM arkes:rootfs
        ARG NAME="the  name"
        RUN printf '%s\n' 'the  name yes no "q" $NAME \ ab' > /one && \
            printf '%s\n' '$NAME' '  \$NAME' > /two && mkdir /three /four && \
            echo A > /three/a && echo B > /three/b && touch /four/five && \
            chmod 644 /one /two /four/five && chmod 755 /three/*
        COPY --chmod=755 --chown=33:34 a.txt /three/
        RUN chown -R 33:34 /three
        """,
    ),
    "a script behind a trigger's keyword is a word": (
        """
        FROM arkes:rootfs
        ONBUILD RUN <<EOT
        touch /x
        EOT
        RUN touch /y
        """,
        """
        FROM arkes:rootfs
        RUN touch /y
        """,
    ),
}
"""Case → its text; or its text, and one that means the same to every podman."""

OURS = ("arkes.", "org.opencontainers.image.", "os-release.", "io.buildah.")
OUR_LABELS = frozenset({"hash", "packages", "mirrorlist"})
OUR_FILES = frozenset({"usr/lib/os-release", "etc/os-release"})
ENGINES_FILES = frozenset({"etc/resolv.conf", "etc/hosts", "etc/hostname", "run/.containerenv"})


def texts(case):
    both = CASES[case]
    meant, plain = both if isinstance(both, tuple) else (both, both)
    return dedented(meant), dedented(plain)


def dedented(text):
    """Return a text without its margin; an arrow is a tab that stands to the margin's right."""
    return textwrap.dedent(text).lstrip("\n").replace("⇥", "\t")


def podman(*words):
    done = subprocess.run(["podman", *words], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode().strip()


def archive(mode):
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as tar:
        for name, kind, body in (("d", tarfile.DIRTYPE, b""), ("d/f", tarfile.REGTYPE, b"f\n")):
            member = tarfile.TarInfo(name)
            member.type, member.size, member.mode = kind, len(body), 0o750
            member.uid, member.gid = 33, 34
            tar.addfile(member, io.BytesIO(body))
        link = tarfile.TarInfo("d/l")
        link.type, link.linkname = tarfile.SYMTYPE, "f"
        tar.addfile(link)
    return held.getvalue()


def lay_out_context(root):
    files = {
        "a.txt": "a\n",
        "b.sh": "#!/bin/sh\n",
        "with space.txt": "space\n",
        "ignored-too.txt": "no\n",
        "ignored-not.txt": "yes\n",
        "old.bak": "no\n",
        "dir/sub/x": "x\n",
        "dir/sub/y.bak": "no\n",
        "dir/.hidden": "hidden\n",
        "dir/$name": "name\n",
        "deep/one/x": "no\n",
        "deep/one/z": "yes\n",
        **{f"numbers/{number}.log": f"{number}\n" for number in range(5)},
        "links/file": "file\n",
        ".containerignore": IGNORED + "/arkes.toml\n/variants\n/.arkes\n",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "b.sh").chmod(0o755)
    for name, target in (("to-file", "file"), ("broken", "/nowhere"), ("to-folder", "../links")):
        (root / "links" / name).symlink_to(target)
    (root / "plain.tar").write_bytes(archive("w"))
    (root / "packed.tar.gz").write_bytes(archive("w:gz"))


@pytest.fixture(scope="module")
def own_storage(tmp_path_factory):
    """Give podman a storage of its own: it is empty, so every look-up is quick."""
    folder = tmp_path_factory.mktemp("storage")
    settings = folder / "storage.conf"
    settings.write_text(
        f'[storage]\ndriver = "overlay"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n'
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONTAINERS_STORAGE_CONF", str(settings))
        yield
        # "system reset" would take the locks of this machine's own podman along
        podman("rmi", "--all", "--force")
    subprocess.run(["umount", folder / "graph" / "overlay"], check=False, capture_output=True)


@pytest.fixture(scope="module")
def ours(own_storage, tmp_path_factory):
    """Return the name of the image of each case, built in one run of the pipeline."""
    umask = os.umask(0o022)
    root = tmp_path_factory.mktemp("same")
    lay_out_context(root)
    os.umask(umask)
    (root / "arkes.toml").write_text(CONFIG)
    (root / "variants").mkdir()
    names = {case: f"case{number}" for number, case in enumerate(CASES)}
    (root / "variants/rootfs.Containerfile").write_text(ROOTFS)
    for case, name in names.items():
        (root / f"variants/{name}.Containerfile").write_bytes(texts(case)[0].encode())
    pipeline = Pipeline(
        Options(project=root, family=Family.DEBIAN, arch=Arch.X86_64, jobs=2), lambda event: None
    )
    try:
        report = pipeline.build(())
    finally:
        pipeline.close()
    assert "\n\n".join(f"{error.brief}\n{error.details}" for error in report.errors) == ""
    return root, {case: f"localhost/{NAME}:{name}" for case, name in names.items()}


@pytest.fixture(scope="module")
def plain(ours, tmp_path_factory):
    """Return a function that builds a case with podman alone, and returns the image."""
    root, _ = ours
    work = tmp_path_factory.mktemp("plain")

    def build(case):
        text = texts(case)[1].replace("arkes:", f"localhost/{NAME}:")
        file = work / "Containerfile"
        file.write_bytes(text.encode())
        options = [
            "--isolation=chroot",
            "--layers=false",
            "--pull-never",
            "--quiet",
            f"--file={file}",
        ]
        return podman("build", *options, str(root)).splitlines()[-1]

    return build


def config(image):
    found = json.loads(podman("image", "inspect", image))[0]
    kept = dict(found["Config"] or {})
    labels = kept.pop("Labels", None) or {}
    return kept | {
        "Env": sorted(kept.get("Env") or []),
        "Healthcheck": found.get("Healthcheck"),
        "Labels": {
            name: value
            for name, value in labels.items()
            if not name.startswith(OURS) and name not in OUR_LABELS
        },
    }


def tree(image):
    folder = Path(podman("image", "mount", image))
    try:
        return {
            path: about
            for path, about in walk(folder)
            if path not in OUR_FILES | ENGINES_FILES and not path.startswith("usr/bin/")
        }
    finally:
        podman("image", "unmount", image)


def walk(folder):
    seen = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        about = (stat.filemode(status.st_mode), status.st_uid, status.st_gid)
        if path.is_symlink():
            about += (str(path.readlink()),)
        elif path.is_file():
            first = seen.setdefault(status.st_ino, path)
            linked = str(first.relative_to(folder)) if status.st_nlink > 1 else ""
            about += (hashlib.sha256(path.read_bytes()).hexdigest()[:12], linked)
            about += (path.read_bytes()[:200],)
        yield str(path.relative_to(folder)), about


@pytest.mark.parametrize("case", CASES)
def test_the_image_is_the_one_that_podman_makes(case, ours, plain):
    mine, measure = ours[1][case], plain(case)
    assert config(mine) == config(measure)
    assert tree(mine) == tree(measure)
