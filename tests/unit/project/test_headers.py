"""Check what headers mean; wrong ones are in the golden findings."""

import pytest

from arkes_build.project.headers import Headers, check_headers, decode_headers

TABLE = {
    "none at all": ("", Headers()),
    "every one of them": (
        (
            "# x-name=My Name\n# x-depends=a,b\n# x-templates=t-u, v\n# x-families=debian\n"
            "# x-arch=x86_64,riscv64\n# x-clean\n# x-no-iso\n"
        ),
        {
            "name": "My Name",
            "depends": ["a", "b"],
            "templates": ["t-u", "v"],
            "families": ["debian"],
            "arch": ["x86_64", "riscv64"],
            "clean": True,
            "no_iso": True,
        },
    ),
    "empty values count for nothing": ("# x-families=\n# x-name=\n# x-depends= ,\n", Headers()),
    "empty places in a list": ("# x-templates= a,, b ,\n", {"templates": ["a", "b"]}),
    "unknown ones": ("# x-something=else\n", Headers()),
}


def plain(headers):
    return {
        "name": headers.name,
        "clean": headers.clean,
        "no_iso": headers.no_iso,
        **{
            key: None if getattr(headers, key) is None else [i.text for i in getattr(headers, key)]
            for key in ("depends", "templates", "families", "arch")
        },
    }


@pytest.mark.parametrize(("text", "expected"), TABLE.values(), ids=TABLE.keys())
def test_decode(text, expected, parsed):
    wanted = expected if isinstance(expected, Headers) else Headers()
    found = decode_headers(parsed(f"{text}FROM x\n"))
    overlaid = expected if isinstance(expected, dict) else {}
    assert plain(found) == {**plain(wanted), **overlaid}


def test_items_know_their_own_places(parsed):
    file = parsed("# x-templates =  nvidia ,slim\nFROM x\n")
    assert [i.span.text for i in decode_headers(file).templates] == ["nvidia", "slim"]


def test_right_headers_have_no_findings(parsed):
    text = "# x-families=arch,debian\n# x-arch=aarch64\n# x-clean\n# x-name=A\nFROM x\n"
    assert list(check_headers(parsed(text))) == []
