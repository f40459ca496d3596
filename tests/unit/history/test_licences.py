"""Say licences as SPDX does."""

import pytest
from cyclonedx.spdx import is_supported_id

from arkes_build.history import licences
from arkes_build.history.licences import (
    copyright_licences,
    debian_licence,
    is_one,
    pacman_licence,
    refs_in,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("GPL-2", "GPL-2.0-only", id="a version"),
        pytest.param("GPL-2+", "GPL-2.0-or-later", id="a version or a later one"),
        pytest.param("LGPL-2.1+", "LGPL-2.1-or-later", id="a version with two parts"),
        pytest.param("LGPL-3.0", "LGPL-3.0-only", id="as old SPDX had it"),
        pytest.param("Expat", "MIT", id="a name of Debian's own"),
        pytest.param("bsd-3-clause", "BSD-3-Clause", id="another case"),
        pytest.param("GPL-1+ or Artistic", "GPL-1.0-or-later OR Artistic-1.0-Perl", id="a choice"),
        pytest.param("ISC and Zlib", "ISC AND Zlib", id="both"),
        pytest.param(
            "Expat or GPL-2, and BSD-3-clause",
            "(MIT OR GPL-2.0-only) AND BSD-3-Clause",
            id="a comma binds less",
        ),
        pytest.param(
            "GPL-3+ with GCC exception",
            "GPL-3.0-or-later WITH GCC-exception-3.1",
            id="an exception that SPDX knows",
        ),
        pytest.param(
            "GPL-2 with Linux-syscall-note exception",
            "GPL-2.0-only WITH Linux-syscall-note",
            id="an exception that is called a note",
        ),
        pytest.param(
            "GPL-2+ with OpenSSL exception",
            "LicenseRef-GPL-2-or-later-with-OpenSSL-exception",
            id="an exception that it does not know",
        ),
        pytest.param("public-domain", "LicenseRef-public-domain", id="no licence of SPDX's"),
        pytest.param("Frob (v1)/2", "LicenseRef-Frob-v1-2", id="odd characters"),
        pytest.param("+++", "LicenseRef-or-later-or-later-or-later", id="nothing but signs"),
        pytest.param("???", "LicenseRef-unnamed", id="nothing that can be written"),
        pytest.param("other,", "LicenseRef-other", id="a comma too much"),
        pytest.param(" ", "", id="nothing"),
    ],
)
def test_a_short_name_of_debian(name, expected):
    assert debian_licence(name) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(["GPL-3.0-or-later"], "GPL-3.0-or-later", id="an identifier"),
        pytest.param(
            ["GPL-2.0-or-later OR MIT", "BSD-3-Clause"],
            "BSD-3-Clause AND (GPL-2.0-or-later OR MIT)",
            id="an expression and another",
        ),
        pytest.param(["GPL-2.0-or-later OR MIT"], "GPL-2.0-or-later OR MIT", id="a choice alone"),
        pytest.param(["GPL3", "MIT"], "GPL-3.0-only AND MIT", id="old names"),
        pytest.param(["custom:Frob"], "LicenseRef-Frob", id="a custom one"),
        pytest.param(["LicenseRef-Frob"], "LicenseRef-Frob", id="a reference"),
        pytest.param(["MIT AND"], "LicenseRef-MIT-AND", id="an expression cut short"),
        pytest.param(["a OR ;rm"], "LicenseRef-a-OR-rm", id="what only looks like one"),
        pytest.param([], "", id="none"),
    ],
)
def test_the_list_of_pacman(names, expected):
    assert pacman_licence(names) == expected


COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: frob

Files: *
Copyright: 2001 Somebody
License: GPL-2+ and MIT

Files: debian/*
License: GPL-2+
 Text below the short name.

License: BSD-3-clause
 A paragraph that only gives a text.
"""


def test_a_copyright_file_names_the_licences_of_its_files():
    assert copyright_licences(COPYRIGHT) == "GPL-2.0-or-later AND MIT"


@pytest.mark.parametrize("text", ["", "This package was debianised by hand.\nLicense: GPL\n"])
def test_a_copyright_file_for_people_only_says_nothing(text):
    assert copyright_licences(text) == ""


def test_a_very_long_list_is_cut_and_says_so():
    files = "".join(f"\nFiles: {at}\nLicense: Odd-{at}\n" for at in range(200))
    expression = copyright_licences("Format: https://example.org/copyright-format/1.0\n" + files)
    assert len(expression.split(" AND ")) == licences._MOST + 1
    assert expression.endswith("LicenseRef-and-others")


def test_references_are_found_and_single_identifiers_told_apart():
    assert refs_in("MIT AND (LicenseRef-b OR LicenseRef-a.1) AND LicenseRef-b") == (
        "LicenseRef-a.1",
        "LicenseRef-b",
    )
    told = {text: is_one(text) for text in ("MIT", "MIT AND ISC", "LicenseRef-x")}
    assert told == {"MIT": True, "MIT AND ISC": False, "LicenseRef-x": False}


def test_the_names_that_we_know_better_are_in_the_list_of_spdx():
    known = [*licences._ELSE.values(), *licences._EXCEPTIONS.values()]
    assert [name for name in known if not is_supported_id(name)] == []
