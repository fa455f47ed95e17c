from datetime import date

import dagster as dg
import pytest

from dagster_project.partitions import add_months, known_months, month_of, newest_month


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def test_partition_key_is_year_and_month():
    assert month_of(date(2017, 3, 31)) == "2017-03"


def test_days_of_one_month_are_one_partition(instance):
    assert add_months(instance, [date(2024, 6, 29), date(2024, 6, 30), date(2024, 5, 31)]) == ["2024-05", "2024-06"]


def test_months_are_known_oldest_first_in_whatever_order_they_come(instance):
    add_months(instance, [date(2024, 6, 30)])
    add_months(instance, [date(2023, 12, 31), date(2024, 6, 30)])
    assert known_months(instance) == ["2023-12", "2024-06"]


def test_newest_month_is_the_last_one(instance):
    add_months(instance, [date(2024, 6, 30), date(2023, 12, 31)])
    assert newest_month(instance) == "2024-06"


def test_newest_month_of_an_empty_mart_says_where_to_look(instance):
    with pytest.raises(LookupError, match=r"no complete day with an order"):
        newest_month(instance)
