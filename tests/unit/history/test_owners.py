"""Who owns a path, by the lists of dpkg and pacman."""

import pytest

from arkes_build.history.owners import owners
from arkes_build.history.view import View

INFO = "usr/lib/sysimage/dpkg/info"
LOCAL = "usr/lib/sysimage/pacman/local"
FILES = {
    f"{INFO}/bash.list": "/.\n/etc\n/etc/bash.bashrc\n/bin/bash\n/usr/share/doc/bash/copyright\n",
    f"{INFO}/libc6:amd64.list": "/lib/x86_64-linux-gnu/libc.so.6\n/usr/share/doc/both\n",
    f"{INFO}/zsh.list": "/usr/share/doc/both\n/sbin/zshd\n",
    f"{INFO}/odd.list": b"/usr/share/\xff\n",
    f"{LOCAL}/python-six-1:1.16-2/files": "%FILES%\nusr/\nusr/lib/six.py\n\n%BACKUP%\n",
}


@pytest.mark.parametrize(
    ("path", "package"),
    [
        pytest.param("/usr/share/doc/bash/copyright", "bash", id="as it is listed"),
        pytest.param("/usr/bin/bash", "bash", id="listed before /usr was merged"),
        pytest.param("/usr/etc/bash.bashrc", "bash", id="listed in /etc"),
        pytest.param("/usr/lib/x86_64-linux-gnu/libc.so.6", "libc6", id="of one architecture"),
        pytest.param("/usr/bin/zshd", "zsh", id="sbin became bin"),
        pytest.param("/usr/share/doc/both", "libc6", id="the first of several"),
        pytest.param("/usr/share/\udcff", "odd", id="a name that is no text"),
        pytest.param("/usr/lib/six.py", "python-six", id="of pacman"),
        pytest.param(f"/{INFO}/libc6:amd64.list", "libc6", id="what dpkg keeps of it"),
        pytest.param(f"/{INFO}/python3.11.list", "python3.11", id="a name with a dot"),
        pytest.param(f"/{LOCAL}/python-six-1:1.16-2/files", "python-six", id="or pacman"),
        pytest.param("/usr/share/nobody", None, id="nobody"),
    ],
)
def test_owner(garden, path, package):
    view = View(garden.trees, garden.plant(FILES))
    assert owners(view, [path, "/usr/other"]) == ({path: package} if package else {})


def test_without_a_database_nobody_owns_anything(garden):
    assert owners(View(garden.trees, garden.plant({"usr/x": ""})), ["/usr/x"]) == {}
