"""Bring the agent into a guest whose image knows nothing of it: as systemd credentials.

systemd 256 and newer start units, and take drop-ins of units, that come as credentials
(systemd-debug-generator(8)). The agent is one unit more, wanted by multi-user.target.
"""

from __future__ import annotations

from pathlib import Path

_UNIT = """\
[Unit]
Description=Answer the host that runs this machine for a test
DefaultDependencies=no
After=sysinit.target
IgnoreOnIsolate=yes

[Service]
ExecStart=/usr/bin/python3 -I %d/arkes.agent
ImportCredential=arkes.agent
Restart=always
RestartSec=1
OOMScoreAdjust=-900
StandardOutput=journal+console
"""
_WANTED = """\
[Unit]
Wants=arkes-agent.service
"""


def credentials() -> dict[str, bytes]:
    """Return the credentials that start the agent, by name."""
    return {
        "arkes.agent": Path(__file__).with_name("agent.py").read_bytes(),
        "systemd.extra-unit.arkes-agent.service": _UNIT.encode(),
        "systemd.unit-dropin.multi-user.target~arkes": _WANTED.encode(),
    }
