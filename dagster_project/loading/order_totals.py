"""Orders whose lines do not make their total, among what a load brought.

The total is what counts (docs/decisions/0006-what-counts-as-revenue.md); a difference that nobody explains may be a
file of lines that is missing, so it is named.
"""

import duckdb

from dagster_project.loading.wording import several

# Differences up to this are rounding.
ROUNDING = "0.01"


def find_total_gaps(connection: duckdb.DuckDBPyConnection, load_id: str) -> list[str]:
    """How many orders that a load touched have lines that do not make their total, in words; nothing if all do."""
    gaps = connection.execute(_GAPS, [load_id, load_id]).fetchall()
    if not gaps:
        return []
    difference, net = sum(abs(gap) for _, gap in gaps), sum(gap for _, gap in gaps)
    return [
        f"Lines and totals of {several(len(gaps), 'order')} differ by {difference:,.2f} ({net:+,.2f} in all), e.g. "
        f"{[order_id for order_id, _ in gaps[:3]]}; the totals count. Look whether all files of lines are there"
    ]


def find_lines_without_order(connection: duckdb.DuckDBPyConnection, load_id: str) -> list[str]:
    """Lines of a load that have no time and whose order is not there to give them one, in words."""
    count, amount, examples = connection.execute(_WITHOUT_ORDER, [load_id]).fetchall()[0]
    if not count:
        return []
    return [
        f"{several(count, 'line')} worth {amount:,.2f} without an order that is there, e.g. {examples}, not counted; "
        "look whether the order_id is written alike in orders and lines"
    ]


_WITHOUT_ORDER = """
    select count(*), coalesce(sum(net_amount), 0), list(distinct order_id order by order_id)[:3]
    from raw.order_lines
    where load_id = ? and ordered_at is null and is_deleted is null
        and order_id not in (select order_id from raw.orders where order_id is not null)
"""

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
            coalesce(is_return, quantity < 0 and net_amount < 0, false) as gives_back
        from raw.order_lines semi join touched using (order_id)
        qualify row_number() over (partition by order_id, line_number order by loaded_at desc, source_row desc) = 1
    ),
    told_once as (
        select *, kind = 'product' and not gives_back and quantity > 0 and net_amount > 0 as is_sale,
            coalesce(discount_amount, 0) + coalesce(coupon_discount_amount, 0) as discounted,
            row_number() over (
                partition by order_id, product_id, quantity, net_amount, discount_amount, coupon_discount_amount,
                    gives_back, ordered_at, customer_id
            ) as nth
        from lines where is_deleted is null
    ),
    sums as (
        select order_id,
            sum(net_amount) filter (is_sale) as all_products,
            sum(net_amount) filter (is_sale and nth = 1) as products,
            coalesce(sum(discounted) filter (is_sale and nth = 1), 0) as line_discount,
            coalesce(sum(net_amount) filter (kind = 'discount' and not gives_back), 0) as discounts,
            coalesce(sum(net_amount) filter (kind not in ('product', 'discount') and not gives_back), 0) as others,
            coalesce(sum(net_amount) filter (gives_back), 0) as given_back
        from told_once group by order_id
    ),
    compared as (
        select order_id, net_amount as total, coalesce(discount_amount, 0) as discount, line_discount, discounts,
            others, given_back,
            discounts + case
                when abs(net_amount - all_products - discounts) < abs(net_amount - products - discounts)
                    then all_products
                else products
            end as sold
        from orders inner join sums using (order_id)
        where is_deleted is null and net_amount is not null and products is not null
            and status is distinct from 'cancelled'
    ),
    gaps as (
        select order_id, discount, line_discount - discounts - discount as discount_apart,
            case
                when abs(total - sold - others - given_back) <= {ROUNDING} then 0
                when abs(total - sold - given_back) <= {ROUNDING} then 0
                when abs(total - others - sold) <= abs(total - sold) then total - others - sold
                else total - sold
            end as gap
        from compared
    )
    select order_id, gap from gaps
    where abs(gap) > {ROUNDING} and abs(gap + discount) > {ROUNDING}
        and (discount = 0 or abs(gap - discount_apart) > {ROUNDING}) order by abs(gap) desc, order_id
"""
