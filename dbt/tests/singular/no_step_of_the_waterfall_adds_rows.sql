-- A failure means that a step of the waterfall counts more rows than the step before it: rows were counted twice.
select *
from {{ ref('revenue_waterfall') }}
where rows_removed < 0
