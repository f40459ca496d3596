"""The comparison as JSON: whole, and as its schema says."""

import json

import jsonschema

from arkes_build.ui import schemas
from arkes_build.ui.changes.shape import changes_shape
from arkes_build.ui.shapes import document


def test_json(changes, golden):
    golden("changes/diff.json", [document(changes_shape(changes))])


def test_it_keeps_to_its_schema(changes, nothing):
    for each in (changes, nothing):
        value = json.loads(document(changes_shape(each)))
        jsonschema.validate(value, schemas.schema("diff"), jsonschema.Draft202012Validator)
