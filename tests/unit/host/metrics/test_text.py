import pytest

from arkes_build.host.metrics.text import Gauge, Sample, exposition


def gauge(*samples, name="arkes_x", said="What it is."):
    return Gauge(name=name, help=said, samples=samples)


def written(*gauges):
    return exposition(gauges).decode()


def test_a_metric_is_help_type_and_samples():
    assert written(gauge(Sample(value=1.5, labels={"b": "2", "a": "1"}), Sample(value=3))) == (
        '# HELP arkes_x What it is.\n# TYPE arkes_x gauge\narkes_x 3\narkes_x{a="1",b="2"} 1.5\n'
    )


def test_metrics_are_sorted_and_those_without_a_sample_left_out():
    text = written(
        gauge(Sample(value=1), name="arkes_b"), gauge(Sample(value=1), name="arkes_a"), gauge()
    )
    assert [line for line in text.splitlines() if line[0] != "#"] == ["arkes_a 1", "arkes_b 1"]


NUMBERS = {
    "a truth": (True, "1"),
    "bytes": (1_300_000_000_000, "1300000000000"),
    "seconds": (0.123456789, "0.123457"),
    "a small number": (1e-9, "0.0"),
}


@pytest.mark.parametrize(("value", "wanted"), NUMBERS.values(), ids=NUMBERS.keys())
def test_a_number_is_written(value, wanted):
    assert written(gauge(Sample(value=value))).splitlines()[-1] == f"arkes_x {wanted}"


HOSTILE = {
    "quotes and backslashes": ('a"b\\c', 'a\\"b\\\\c'),
    "a line end cannot begin a metric of its own": ("1\narkes_fake 1", "1\\narkes_fake 1"),
    "what a terminal would act on": ("\x1b[31m\0\r", "�[31m��"),
    "half a character": ("\ud800", "�"),
    "other scripts": ("Arkēs", "Arkēs"),
    "a long value": ("x" * 5000, "x" * 199 + "…"),
}


@pytest.mark.parametrize(("value", "wanted"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_label_s_value_is_escaped(value, wanted):
    text = written(gauge(Sample(value=1, labels={"version": value})))
    assert text.split("\n")[2:] == [f'arkes_x{{version="{wanted}"}} 1', ""]


def test_two_samples_with_the_same_labels_become_one():
    labels = {"check": "x"}
    text = written(gauge(Sample(value=1, labels=labels), Sample(value=0, labels=labels)))
    assert text.splitlines()[2:] == ['arkes_x{check="x"} 0']


@pytest.mark.parametrize("name", ["Arkes", "arkes x", "1"])
def test_names_are_ours_and_must_be_right(name):
    with pytest.raises(ValueError, match=name):
        exposition([gauge(Sample(value=1), name=name)])
    with pytest.raises(ValueError, match=name):
        exposition([gauge(Sample(value=1, labels={name: ""}))])
