"""Checks on who was scored, against the feature mart as it is stored and not as the scoring step read it."""

from dataclasses import asdict, dataclass

import dagster as dg

from dagster_project import names
from dagster_project.assets.scoring import ASSIGNMENTS, segment_assignments
from dagster_project.run_lock import RunLock
from dagster_project.warehouse import Warehouse


@dataclass(frozen=True)
class SegmentCounts:
    """Customers with an order in the mart at its newest as-of date, and where the assignments differ from them.

    ``without_segment`` of them have no row, ``with_several`` have more than one in a segmentation, and
    ``strangers`` are assigned at that date without being among them, or at another date.
    """

    customers: int
    without_segment: int
    with_several: int
    strangers: int

    @property
    def agree(self) -> bool:
        """Whether each customer has exactly one segment, and nobody else has any."""
        return not (self.without_segment or self.with_several or self.strangers)


def count_segments(warehouse: Warehouse) -> SegmentCounts:
    """The customers of the mart beside their assignments, of each segmentation that has any."""
    counts = warehouse.read(f"""
        with population as (
            select customer_id, as_of_date from marts.fct_customer_features
            where as_of_date = (select max(as_of_date) from marts.fct_customer_features) and order_count > 0
        ),
        segmentations as (select distinct segmentation from {ASSIGNMENTS}),
        expected as (select * from population cross join segmentations),
        assigned as (
            select segmentation, customer_id, as_of_date, count(*) as segment_count
            from {ASSIGNMENTS} group by segmentation, customer_id, as_of_date
        ),
        compared as (
            select expected.customer_id is not null as is_expected, coalesce(segment_count, 0) as segment_count
            from expected full outer join assigned using (segmentation, customer_id, as_of_date)
        ),
        differences as (
            select count(*) filter (is_expected and segment_count = 0) as without_segment,
                count(*) filter (is_expected and segment_count > 1) as with_several,
                count(*) filter (not is_expected) as strangers
            from compared
        ),
        whole as (
            select (select count(*) from population) as customers, exists (from segmentations) as is_assigned
        )
        select customers, case when is_assigned then without_segment else customers end as without_segment,
            with_several, strangers
        from whole cross join differences
    """)
    return SegmentCounts(**counts.row(0, named=True))


@dg.asset_check(
    asset=segment_assignments,
    name="everyone_has_one_segment",
    description="Each customer of the feature mart with at least one order by the as-of date has exactly one segment.",
    blocking=True,
    pool=names.WAREHOUSE_POOL,
)
def everyone_has_one_segment(warehouse: Warehouse, run_lock: RunLock) -> dg.AssetCheckResult:
    """Counts both tables anew: a customer lost or doubled on the way between them keeps the run from publishing."""
    counts = count_segments(warehouse)
    return dg.AssetCheckResult(passed=counts.agree, metadata=asdict(counts))


CHECKS = [everyone_has_one_segment]
