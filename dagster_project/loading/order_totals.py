"""Orders whose lines do not make their total, among what a load brought.

The total is what counts (docs/decisions/0006-what-counts-as-revenue.md); a difference that nobody explains may be a
file of lines that is missing, so it is named.
"""

import duckdb

# Differences up to this are rounding.
ROUNDING = "0.01"


def find_total_gaps(connection: duckdb.DuckDBPyConnection, load_id: str) -> list[str]:
    """How many orders that a load touched have lines that do not make their total, in words; nothing if all do."""
    gaps = connection.execute(_GAPS, [load_id, load_id]).fetchall()
    if not gaps:
        return []
    orders = f"{len(gaps):,} order{'s' if len(gaps) > 1 else ''}"
    difference, net = sum(abs(gap) for _, gap in gaps), sum(gap for _, gap in gaps)
    return [
        f"Lines and totals of {orders} differ by {difference:,.2f} ({net:+,.2f} in all), e.g. "
        f"{[order_id for order_id, _ in gaps[:3]]}; the totals count. Look whether all files of lines are there"
    ]


# A total may include lines that are no products, or say what is left after returns; the best of these explanations is
# taken, and what the order's own discount accounts for is no gap.
_GAPS = f"""
    with touched as (
        select order_id from raw.orders where load_id = ? union select order_id from raw.order_lines where load_id = ?
    ),
    orders as (
        select * from raw.orders semi join touched using (order_id)
        qualify row_number() over (partition by order_id order by loaded_at desc, source_row desc) = 1
    ),
    lines as (
        select *, coalesce(line_kind, 'product') as kind,
            coalesce(is_return, quantity < 0 and net_amount < 0) as gives_back
        from raw.order_lines semi join touched using (order_id)
        qualify row_number() over (partition by order_id, line_number order by loaded_at desc, source_row desc) = 1
    ),
    sums as (
        select order_id,
            sum(net_amount) filter (kind = 'product' and not gives_back and quantity > 0 and net_amount > 0)
                as products,
            coalesce(sum(net_amount) filter (kind = 'discount' and not gives_back), 0) as discounts,
            coalesce(sum(net_amount) filter (kind not in ('product', 'discount') and not gives_back), 0) as others,
            coalesce(sum(net_amount) filter (gives_back), 0) as given_back
        from lines where is_deleted is null group by order_id
    ),
    compared as (
        select order_id, net_amount as total, coalesce(discount_amount, 0) as discount, products + discounts as sold,
            others, given_back
        from orders inner join sums using (order_id)
        where is_deleted is null and net_amount is not null and products is not null
            and status is distinct from 'cancelled'
    ),
    gaps as (
        select order_id, discount,
            case
                when abs(total - sold - others - given_back) <= {ROUNDING} then 0
                when abs(total - sold - given_back) <= {ROUNDING} then 0
                when abs(total - others - sold) <= abs(total - sold) then total - others - sold
                else total - sold
            end as gap
        from compared
    )
    select order_id, gap from gaps
    where abs(gap) > {ROUNDING} and abs(gap + discount) > {ROUNDING} order by abs(gap) desc, order_id
"""
