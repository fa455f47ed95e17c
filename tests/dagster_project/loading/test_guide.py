"""The guide "Bring your own data" says what is true: its sources are valid, and it names every column there is."""

import re
from pathlib import Path

import pytest
import yaml

from dagster_project.loading.contract import TABLES
from dagster_project.loading.expressions import ExpressionParser, parse_expressions
from dagster_project.loading.source import Source
from dagster_project.settings import PROJECT_ROOT

GUIDE = Path(PROJECT_ROOT, "docs", "guides", "bring-your-own-data.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES, ids=[text.split("\n")[0].strip() for text in EXAMPLES])
def test_every_example_is_a_valid_source(connection, text):
    document = yaml.safe_load(text)
    if "name" not in document:  # a table on its own
        frame = {"name": "shop", "title": "Shop", "folder": ".", "time_zone": "UTC", "currency": "EUR"}
        document = frame | {"tables": document}
    source = Source.model_validate(document)
    for name in source.tables:
        parse_expressions(ExpressionParser(connection), source, name)


def test_there_are_examples():
    assert len(EXAMPLES) == 11


@pytest.mark.parametrize("name", TABLES)
def test_every_column_is_in_the_guide_and_the_required_ones_are_bold(name):
    (row,) = re.findall(rf"^\| `{name}` \| (.*)$", GUIDE, flags=re.MULTILINE)
    table = TABLES[name]
    bold = set(re.findall(r"\*\*`(\w+)`\*\*", row))
    assert bold == set(table.key + table.required)
    assert set(table.column_names) <= set(re.findall(r"`(\w+)`", row))
