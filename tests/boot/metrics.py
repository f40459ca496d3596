# x-nodes=base
# x-timeout=180
"""The machine tells its figures, and the timer's service writes them where they are looked for."""

FILE = "/var/lib/prometheus/node-exporter/arkes.prom"


def figures(text):
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_every_source_of_the_figures_can_be_read(guest):
    found = figures(guest.out("os", "metrics"))
    sources = {name: value for name, value in found.items() if "arkes_source_success" in name}
    assert set(sources.values()) == {1.0}, sources
    assert found['arkes_deployments{state="running"}'] == 1
    assert found['arkes_boot_duration_seconds{phase="kernel"}'] > 0
    assert found["arkes_storage_free_bytes"] > 0
    assert [name for name in found if guest.commit in name], "nothing names the commit"


def test_somebody_without_rights_can_read_them_too(guest):
    found = figures(guest.out("setpriv", "--reuid=65534", "--clear-groups", "os", "metrics"))
    assert found['arkes_source_success{source="deployments"}'] == 1


def test_the_service_writes_the_file(guest):
    guest.run("systemctl", "start", "arkes-metrics.service")
    assert figures(guest.file(FILE))["arkes_storage_size_bytes"] > 0
    assert guest.out("stat", "-c", "%a", FILE) == "644"
