"""No file loses a row without a word, whatever state it is in."""

import pytest

from dagster_project.loading.errors import LoadError, SourceError
from tests.dagster_project.loading.conftest import ORDERS
from tests.dagster_project.loading.malformed import CASES, Kept, Refused


def load(shop, case):
    """Load the file of a case; the counts of its rows."""
    shop.describe({"orders": ORDERS | {"files": "*"} | ({"csv": case.csv} if case.csv else {})})
    shop.write(case.name, case.make())
    return shop.load().tables[0].totals


def cases(kind):
    return [pytest.param(case, id=case.name) for case in CASES if isinstance(case.outcome, kind)]


@pytest.mark.parametrize("case", cases(Kept))
def test_every_row_of_a_malformed_file_is_accounted_for(shop, case):
    totals, outcome = load(shop, case), case.outcome
    counts = (totals.rows_loaded, totals.rows_quarantined, totals.rows_duplicate)
    assert counts == (outcome.loaded, len(outcome.rows), outcome.duplicates)
    assert totals.rows_read == sum(counts)
    assert shop.rows("select count(*) from raw.orders") == [(outcome.loaded,)]
    quarantined = shop.rows("select source_file, source_row, reason, row is null from quarantine.orders order by 2")
    assert [row for _, row, _, _ in quarantined] == list(outcome.rows)
    for file, _, reason, is_lost in quarantined:
        assert file == case.name
        assert outcome.reason in reason
        assert not is_lost


@pytest.mark.parametrize("case", cases(Refused))
def test_a_file_that_cannot_be_read_is_named_and_nothing_is_stored(shop, case):
    with pytest.raises((LoadError, SourceError)) as refused:
        load(shop, case)
    assert case.name in str(refused.value)
    assert case.outcome.reason in str(refused.value)
    stored = "select (select count(*) from raw.orders), (select count(*) from quarantine.orders)"
    assert shop.rows(stored) == [(0, 0)]
    assert shop.rows("select count(*) from ops.load_ledger") == [(0,)]
