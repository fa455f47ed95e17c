"""The session features as one DuckDB script by hand: from Parquet to the features of one day, nothing kept.

Free to use whatever DuckDB has. It sums events to half-hour slots before it makes sessions, as the models do.
Arguments: folder of events, file for the features, memory limit.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

from tests.benchmarks import session_features as wanted

_SLOT = 1_800_000_000
_USABLE = f"""
    event_type in {wanted.EVENT_TYPES}
    and greatest(arrived_at, occurred_at) <= occurred_at + interval {wanted.LATE_DAYS} day
    and greatest(arrived_at, occurred_at) < date '{wanted.AS_OF}' + 1
"""
_IS_AGENT = "(" + " or ".join(f"lower(user_agent) like '%{word}%'" for word in wanted.BOT_WORDS) + ")"


def _code(column: str, values: dict[str, int], otherwise: str) -> str:
    cases = " ".join(f"when '{value}' then {code}" for value, code in values.items())
    return f"min(epoch_us(occurred_at) * 16 + case {column} {cases} else {otherwise} end)"


def prepare(events: str) -> Iterator[str]:
    """Repeated events, few as they are, and slots."""
    # Few columns of all events find the few that may be repeated; only those are compared in all.
    fingerprint = "hash(anonymous_id, occurred_at)"
    yield f"""
        create temp table repeated as
        with suspicious as (
            select {fingerprint} as fingerprint from {events} group by all having count(*) > 1
        )
        select event_id from {events} where {_USABLE} and {fingerprint} in (from suspicious)
        qualify row_number() over (
            partition by {", ".join(wanted.SAMENESS)} order by greatest(arrived_at, occurred_at), event_id
        ) > 1"""
    counts = ",\n".join(
        f"count(*) filter (event_type = '{kind}') as {name}" for name, kind in wanted.TYPE_COUNTS.items()
    )
    devices = {device: code for code, device in enumerate(wanted.ALL_DEVICES)}
    media = {medium: wanted.TRAFFIC.index(name) for medium, name in wanted.MEDIUM_OF_TRAFFIC.items()}
    yield f"""
        create temp table slots as
        select
            coalesce(anonymous_id, 'customer ' || customer_id) as visitor_id, customer_id,
            epoch_us(occurred_at) // {_SLOT} as slot, min(occurred_at) as first_at, max(occurred_at) as last_at,
            count(*) as event_count, count(*) filter (event_type in {wanted.VIEWS}) as view_count, {counts},
            coalesce(sum(engaged_seconds), 0) as engaged_seconds,
            coalesce(sum(engaged_seconds) filter (event_type = 'content_view'), 0) as content_seconds,
            coalesce(sum(scroll_depth_percent), 0) as scroll_percent, count(scroll_depth_percent) as scroll_count,
            {_code("device_type", devices, "null")} as device, {_code("medium", media, "6")} as traffic,
            bool_or({_IS_AGENT}) as is_agent
        from {events} where {_USABLE} and event_id not in (from repeated)
        group by all"""
    yield """
        create temp table owners as
        select visitor_id, min(customer_id) as owner_id from slots
        where customer_id is not null group by all having min(customer_id) = max(customer_id)"""


def sessions() -> str:
    """One row per session of a customer that is no software."""
    sums = ", ".join(f"sum({name}) as {name}" for name in wanted.MEASURES if name != "duration_seconds")
    bot = f"""is_agent or event_count > {wanted.BOT_SESSION_EVENTS}
        or (event_count >= {wanted.BOT_BURST_EVENTS} and duration_seconds < event_count)"""
    return f"""
        create temp table sessions as
        with times as (
            select visitor_id, slot, min(first_at) as first_at, max(last_at) as last_at from slots group by all
        ), steps as (
            select visitor_id, slot, coalesce(first_at > interval 30 minute + lag(last_at) over by_time, true) as starts
            from times window by_time as (partition by visitor_id order by slot)
        ), numbered as (
            select visitor_id, slot, sum(starts::int) over (partition by visitor_id order by slot rows
                between unbounded preceding and current row) as number
            from steps
        ), summed as (
            select visitor_id, number, min(first_at) as started_at, min(customer_id) as customer_id,
                (epoch_us(max(last_at)) - epoch_us(min(first_at))) // 1000000 as duration_seconds,
                max(customer_id) as other_id, sum(event_count) as event_count, {sums},
                min(device) % 16 as device, min(traffic) % 16 as traffic, bool_or(is_agent) as is_agent
            from slots join numbered using (visitor_id, slot) group by all
        )
        select summed.* exclude (customer_id), coalesce(customer_id, owner_id) as customer_id,
            started_at::date as started_on, hour(started_at) as started_hour,
            view_count >= 2 or purchase_count > 0 or engaged_seconds >= 20 or duration_seconds >= 20 as is_engaged
        from summed left join owners using (visitor_id)
        where not ({bot}) and customer_id is not distinct from other_id
            and coalesce(customer_id, owner_id) is not null"""


def flags() -> dict[str, str]:
    """When a session counts, by the name of the count."""
    bought, browsed, cart = "purchase_count > 0", "product_view_count > 0", "add_to_cart_count > 0"
    found = {
        "session_count": "true", "engaged_session_count": "is_engaged", "converted_session_count": bought,
        "browsing_session_count": browsed, "bought_browsing_session_count": f"{browsed} and {bought}",
        "cart_session_count": cart, "abandoned_cart_count": f"{cart} and not {bought}",
        "night_session_count": "started_hour >= 22 or started_hour < 5",
    }  # fmt: skip
    for part, (start, end) in wanted.PARTS_OF_DAY.items():
        found[f"{part}_session_count"] = f"started_hour >= {start} and started_hour < {end}"
    for code, device in enumerate(wanted.DEVICES):
        found[f"{device}_session_count"] = f"device = {code}"
        found[f"{device}_converted_session_count"] = f"device = {code} and {bought}"
    for code, source in enumerate(wanted.TRAFFIC):
        found[f"{source}_session_count"] = f"traffic = {code}"
    for number, day in enumerate(wanted.WEEKDAYS, start=1):
        found[f"{day}_session_count"] = f"isodow(started_on) = {number}"
    return found


def features(events: str) -> str:
    """One row per customer."""
    conditions = flags()

    def total(name: str, condition: str = "true") -> str:
        if name in conditions:
            return f"count(*) filter (({conditions[name]}) and {condition})"
        return f"coalesce(sum({name}) filter ({condition}), 0)" if condition != "true" else f"sum({name})"

    within = f"started_on > date '{wanted.AS_OF}' - "
    columns = [f"{total(name)} as {name}" for name in (*wanted.FLAGS, *wanted.MEASURES)]
    for name, lengths in wanted.WINDOWS.items():
        columns += [f"{total(name, within + str(days))} as {name}_{days}d" for days in lengths]
    for act, name in wanted.LAST.items():
        condition = conditions.get(name, f"{name} > 0")
        last = f"max(started_on) filter ({condition})"
        columns.append(f"date_diff('day', {last}, date '{wanted.AS_OF}') as days_since_last_{act}")
    ratios = ", ".join(
        f"{top}::double / nullif({factor} * {bottom}::double, 0) as {name}"
        for name, (top, bottom, factor) in wanted.RATIOS.items()
    )
    kept = ", ".join((*wanted.COUNTS, *(f"days_since_last_{act}" for act in wanted.LAST)))
    return f"""
        with views as (
            select coalesce(customer_id, owner_id) as customer_id, category, count(*) as views
            from {events} left join owners on visitor_id = coalesce(anonymous_id, 'customer ' || customer_id)
            where {_USABLE} and event_type = 'product_view' and category is not null
                and occurred_at >= date '{wanted.AS_OF}' - 89 and event_id not in (from repeated)
                and not coalesce({_IS_AGENT}, false)
            group by all
        ), shares as (
            select customer_id, views::double / sum(views) over (partition by customer_id) as share
            from views where customer_id is not null
        ), categories as (
            select customer_id, count(*) as viewed_category_count_90d,
                -sum((share * ln(share))::decimal(18, 12))::double as viewed_category_entropy_90d,
                max(share) as top_viewed_category_share_90d
            from shares group by all
        ), totals as (
            select customer_id, {", ".join(columns)} from sessions group by all
        ), added as (
            select *, saturday_session_count + sunday_session_count as weekend_session_count,
                2 * session_count_90d - session_count_180d as session_count_gain
            from totals
        )
        select customer_id, {kept}, {ratios}, coalesce(viewed_category_count_90d, 0) as viewed_category_count_90d,
            viewed_category_entropy_90d, top_viewed_category_share_90d
        from added left join categories using (customer_id)"""


def main(folder: str, result: str, memory_limit: str) -> None:
    """Writes the features."""
    events = f"read_parquet('{folder}/*.parquet')"
    with duckdb.connect() as connection:
        connection.execute(
            f"set threads = 2; set memory_limit = '{memory_limit}'; set preserve_insertion_order = false"
        )
        connection.execute(f"set temp_directory = '{Path(result).with_suffix('.tmp')}'")
        for statement in (*prepare(events), sessions()):
            connection.execute(statement)
        connection.execute(f"copy ({features(events)}) to '{result}'")


if __name__ == "__main__":
    main(*sys.argv[1:])
