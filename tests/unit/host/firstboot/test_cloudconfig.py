"""What is taken of a cloud-config, and what is refused."""

from __future__ import annotations

import pytest

from arkes_build.host.firstboot.cloudconfig import read
from arkes_build.host.firstboot.model import Password, Source, User, Wishes

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE0123456789012345678901234567890123456789AB lea@home"
HASH = "$y$j9T$abcdefghijklmnop$0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"


def said(text: str, meta: str = "") -> Wishes:
    return read(Source(name="test", user_data=text, meta_data=meta))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", Wishes(), id="nothing is nothing"),
        pytest.param(
            f"#cloud-config\nhostname: box-1\nssh_authorized_keys: ['{KEY}']\n",
            Wishes(
                hostname="box-1",
                users=(User(name="arkes", groups=("sudo", "wheel"), keys=(KEY,), is_admin=True),),
            ),
            id="a key alone is for the default user",
        ),
        pytest.param(
            f"""#cloud-config
fqdn: box.example.org
timezone: Europe/Berlin
ssh_pwauth: true
users:
  - name: lea
    gecos: Lea Example
    groups: [sudo, audio]
    shell: /bin/bash
    sudo: ALL=(ALL) NOPASSWD:ALL
    hashed_passwd: {HASH}
    ssh_authorized_keys:
      - {KEY}
""",
            Wishes(
                hostname="box.example.org",
                timezone="Europe/Berlin",
                allows_passwords=True,
                users=(
                    User(
                        name="lea",
                        gecos="Lea Example",
                        groups=("sudo", "audio"),
                        keys=(KEY,),
                        password=Password(text=HASH, is_hash=True),
                        is_admin=True,
                    ),
                ),
            ),
            id="a user with all that is understood",
        ),
        pytest.param(
            '#cloud-config\n{"users": [{"name": "lea", "groups": "sudo, audio"}]}',
            Wishes(users=(User(name="lea", groups=("sudo", "audio")),)),
            id="JSON is YAML, and groups may be one text",
        ),
        pytest.param(
            "#cloud-config\npassword: 'with: colon'\nuser: lea\n",
            Wishes(
                users=(
                    User(
                        name="lea",
                        groups=("sudo", "wheel"),
                        password=Password(text="with: colon", is_hash=False),
                        is_admin=True,
                    ),
                )
            ),
            id="a password for a default user of another name",
        ),
        pytest.param(
            "#cloud-config\nchpasswd: {users: [{name: root, password: secret}]}\n",
            Wishes(users=(User(name="root", password=Password(text="secret", is_hash=False)),)),
            id="a password for root",
        ),
    ],
)
def test_what_is_understood_is_taken(text: str, expected: Wishes) -> None:
    assert said(text) == expected


def test_names_of_a_nocloud_disk_come_from_its_meta_data() -> None:
    assert said("", "instance-id: i-7\nlocal-hostname: seven\n") == Wishes(
        instance="i-7", hostname="seven"
    )


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        pytest.param(
            "#!/bin/sh\nrm -rf /\n",
            "user-data: its first line is not #cloud-config; scripts are not run",
            id="a script",
        ),
        pytest.param(
            "#cloud-config\nruncmd: [reboot]\n",
            "user-data: 'runcmd' is not understood",
            id="commands",
        ),
        pytest.param(
            "#cloud-config\nhostname: a/../b\n", "hostname: it cannot be one", id="a hostname"
        ),
        pytest.param(
            "#cloud-config\nhostname: 'x\\n127.0.0.1 example.org'\n",
            "hostname: it cannot be one",
            id="a hostname of two lines",
        ),
        pytest.param(
            "#cloud-config\ntimezone: ../../etc/shadow\n",
            "timezone: it cannot be one",
            id="a time zone that is a path",
        ),
        pytest.param(
            "#cloud-config\nusers: [{name: '../../root'}]\n",
            "users: one has no name that can be one",
            id="a name that is a path",
        ),
        pytest.param(
            "#cloud-config\nusers: [{name: '-rf'}]\n",
            "users: one has no name that can be one",
            id="a name that is an option",
        ),
        pytest.param(
            "#cloud-config\nusers: [{name: lea, gecos: 'x:0:0:/:/bin/sh'}]\n",
            "user lea: gecos cannot be one",
            id="a full name with fields in it",
        ),
        pytest.param(
            "#cloud-config\nusers: [{name: lea, shell: '/bin/sh -c x'}]\n",
            "user lea: shell is no path",
            id="a shell with arguments",
        ),
        pytest.param(
            "#cloud-config\nusers: [{name: lea, "
            "ssh_authorized_keys: ['command=\"x\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA']}]\n",
            "user lea: 1 of the keys cannot be one",
            id="a key with options",
        ),
        pytest.param(
            "#cloud-config\nusers: [{name: lea, passwd: $1$abc$defghijklmnop}]\n",
            "user lea: the password cannot be one",
            id="a hash that is broken",
        ),
        pytest.param(
            '#cloud-config\npassword: "two\\nroot:lines"\n',
            "user arkes: the password cannot be one",
            id="a password of two lines",
        ),
        pytest.param("#cloud-config\nusers: lea\n", "users: it is no list", id="no list"),
        pytest.param(
            "#cloud-config\n- a\n", "user-data: it is no list of names and values", id="a list"
        ),
        pytest.param(
            "#cloud-config\na: &a [x]\nb: [*a, *a]\n",
            "user-data: it has references (*name), which are not followed",
            id="references",
        ),
        pytest.param(
            f"#cloud-config\nhostname: {'[' * 2000}{']' * 2000}\n",
            "user-data: it cannot be read",
            id="depth",
        ),
        pytest.param(
            "#cloud-config\nx: !!python/object/apply:os.system [reboot]\n",
            "user-data: it is no YAML: could not determine a constructor",
            id="an object of Python",
        ),
    ],
)
def test_what_cannot_be_right_is_left_out_and_said(text: str, remark: str) -> None:
    found = said(text)
    assert [said for said in found.remarks if said.startswith(remark)]
    assert found.hostname == ""
    assert all(user.password is None and not user.keys for user in found.users)


def test_a_part_that_is_wrong_keeps_the_rest_from_nothing() -> None:
    found = said(
        "#cloud-config\nhostname: 'a b'\n"
        f"users: [{{name: X}}, {{name: lea, ssh_authorized_keys: ['{KEY}']}}]\n"
    )
    assert [user.name for user in found.users] == ["lea"]
    assert found.lets_in
    assert len(found.remarks) == 2


def test_credentials_for_root_become_a_user_called_root() -> None:
    source = Source(
        name="credentials", root_password=Password(text=HASH, is_hash=True), root_keys=f"{KEY}\n"
    )
    assert read(source) == Wishes(
        users=(User(name="root", keys=(KEY,), password=Password(text=HASH, is_hash=True)),)
    )


def test_a_hash_for_root_of_no_known_kind_is_refused() -> None:
    source = Source(name="credentials", root_password=Password(text="abJnggxhB/yWI", is_hash=True))
    assert read(source) == Wishes(
        remarks=("root: the hash of its password is of no kind that is taken",)
    )
