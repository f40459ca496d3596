"""The published schemas are those of the types, and whatever is printed keeps to them."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from arkes_build.cli.main import main
from arkes_build.core import events
from arkes_build.core.diagnostics import Diagnostic, Edit, Fix, Label, SourceError
from arkes_build.core.source import Source
from arkes_build.ui import schemas, shapes

ROOT = Path(__file__).parents[3]
PUBLISHED = ROOT / "docs" / "schema" / f"v{shapes.SCHEMA}"
TINY = ROOT / "examples" / "tiny"
TEXT = Source("variants/a.Containerfile", "FROM arkes:b\nRUM x\n")
FOUND = Diagnostic(
    code="instruction-unknown",
    message="unknown instruction 'RUM'",
    span=TEXT.span(13, 16),
    remedy="did you mean 'RUN'?",
    related=(Label(span=TEXT.span(0, 4), text="here"),),
    fix=Fix(title="write RUN", edits=(Edit(span=TEXT.span(13, 16), text="RUN"),)),
)


def closed(schema):
    """Return a schema whose objects allow no field that it does not name."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(value) for name, value in schema.items()}
    return made | {"additionalProperties": False} if "properties" in made else made


def check(name, value):
    jsonschema.validate(value, closed(schemas.schema(name)), jsonschema.Draft202012Validator)


@pytest.mark.parametrize("name", schemas.NAMES)
def test_the_published_schema_is_that_of_the_types(name):
    jsonschema.Draft202012Validator.check_schema(schemas.schema(name))
    published = (PUBLISHED / f"{name}.json").read_text()
    assert published == schemas.text(name), "run .ci/schemas"


def test_nothing_else_is_published():
    assert sorted(path.stem for path in PUBLISHED.iterdir()) == sorted(schemas.NAMES)


def test_every_type_of_document_has_a_schema():
    known = {schemas.schema(name)["properties"]["type"]["const"] for name in PLAIN}
    assert known == {
        "check",
        "checkupdates",
        "cleared",
        "diff",
        "disk",
        "error",
        "etc-diff",
        "fmt",
        "fsck",
        "graph",
        "keys",
        "lock",
        "log",
        "machine-build",
        "machine-change",
        "machine-checks",
        "machine-file",
        "machine-kargs",
        "machine-log",
        "machine-status",
        "metrics",
        "model",
        "parse",
        "pins",
        "plan",
        "prune",
        "published",
        "pull",
        "rebuilt",
        "refs",
        "rendered",
        "rules",
        "size",
        "test",
        "upgrade",
        "usage",
        "verify",
    }
    lines = schemas.schema("event")["$defs"].values()
    types = {
        each["properties"]["type"].get("const") for each in lines if "schema" in each["properties"]
    }
    assert types == {*shapes._TYPES.values(), "report", "error"}


PLAIN = [name for name in schemas.NAMES if name not in ("arkes.toml", "event")]


def printed(capsys, *words):
    main(words)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("plan", ["plan", "--json"], id="plan"),
        pytest.param("graph", ["graph", "--json", "--actions"], id="graph with actions"),
        pytest.param("model", ["model"], id="model"),
        pytest.param("rendered", ["render", "hello", "--json"], id="render"),
        pytest.param("check", ["check", "--json"], id="check"),
        pytest.param("refs", ["refs", "--json"], id="refs"),
        pytest.param("fsck", ["fsck", "--json"], id="a look at nothing"),
        pytest.param("prune", ["prune", "--json"], id="a prune of nothing"),
        pytest.param("pins", ["pin", "--json"], id="no pins"),
        pytest.param("plan", ["all", "--dry-run", "--json"], id="a dry run"),
        pytest.param("error", ["build", "nobody", "--json"], id="an unknown node"),
    ],
)
def test_what_a_command_prints_keeps_to_its_schema(name, words, capsys, tmp_path):
    out = printed(capsys, *words, "--project", str(TINY), "--store", str(tmp_path / "store"))
    check(name, json.loads(out))


PARSED = """\
# escape=`
# x-name=Odd
# x-clean
FROM base AS one
run --mount=type=cache,target=/x <<EOT 3<<-"END"
$A
EOT
	b
	END
ONBUILD COPY <<EOF /x
c
EOF
HEALTHCHECK CMD ["true"]
FRM x
"""


def test_the_tree_of_a_file_keeps_to_its_schema(capsys, tmp_path):
    file = tmp_path / "Containerfile"
    file.write_text(PARSED)
    value = json.loads(printed(capsys, "parse", str(file), "--json"))
    check("parse", value)
    assert (value["exit_code"], len(value["instructions"])) == (3, 5)


@pytest.mark.parametrize("project", [ROOT, TINY], ids=["the distribution", "the small example"])
@pytest.mark.parametrize("family", ["arch", "debian"])
def test_the_model_of_a_real_project_keeps_to_its_schema(project, family, capsys, tmp_path):
    words = ["--project", str(project), "--family", family, "--store", str(tmp_path / "store")]
    check("model", json.loads(printed(capsys, "model", *words)))


@pytest.mark.parametrize(
    "event",
    [
        events.Notice(message="m"),
        events.RunPlanned(nodes=("a",)),
        events.NodeStarted(node="a", reason="r"),
        events.StepStarted(node="a", index=1, total=2, text="t"),
        events.OutputLine(node="a", text="t"),
        events.NodeFinished(node="a", outcome=events.Outcome.BUILT, seconds=1.0),
    ],
    ids=lambda event: type(event).__name__,
)
def test_every_event_keeps_to_the_schema(event):
    check("event", json.loads(shapes.line(shapes.event_shape(event))))


def test_findings_with_their_fix_keep_to_the_schema():
    check("check", json.loads(shapes.document(shapes.check_shape([FOUND], 3))))
    check("error", json.loads(shapes.document(shapes.error_shape(SourceError([FOUND])))))


@pytest.mark.parametrize("kind", ["error", "plan", "refs", "report"])
def test_the_golden_documents_keep_to_the_schema(kind):
    value = json.loads((ROOT / "tests" / "golden" / "ui" / f"{kind}.json").read_text())
    check("event" if kind == "report" else kind, value)


@pytest.mark.parametrize("folder", [ROOT, TINY], ids=["the distribution", "the small example"])
def test_a_real_arkes_toml_keeps_to_the_schema(folder):
    check("arkes.toml", tomllib.loads((folder / "arkes.toml").read_text()))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[project]\nnmae = 'x'", id="an unknown key"),
        pytest.param("[project]\nepoch = 'x'", id="a value of another type"),
        pytest.param("[bootstrap.debian]\ntool = 'pacstrap'", id="another family's tool"),
        pytest.param("[project]\nname = 'a-b'", id="a name with a -"),
    ],
)
def test_what_the_compiler_refuses_the_schema_of_arkes_toml_refuses(text):
    with pytest.raises(jsonschema.ValidationError):
        check("arkes.toml", tomllib.loads(text))
