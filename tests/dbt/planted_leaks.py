"""Ways to look ahead, one a model: what the model says, and what it would say if it did."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PlantedLeak:
    """``says`` stands in the SQL of ``model``; ``leaks`` in its place reads what is not known yet."""

    model: str
    says: str
    leaks: str

    def plant(self, sql: str) -> str:
        """The SQL that looks ahead."""
        return sql.replace(self.says, self.leaks)


def _ignored_arrival(model: str, facts: str, dates: str) -> PlantedLeak:
    return PlantedLeak(model, f"{facts}.known_on <= {dates}.as_of_date", f"{facts}.known_on is not null")


PLANTED_LEAKS = [
    _ignored_arrival("int_orders_as_of", "order_versions", "as_of_dates"),
    # Only the newest versions, as a warehouse that updates its rows has them.
    PlantedLeak(
        "int_orders_as_of",
        "(order_versions.replaced_on is null or order_versions.replaced_on > as_of_dates.as_of_date)",
        "order_versions.replaced_on is null",
    ),
    # Tomorrow's orders: the usual slip at the end of a window.
    PlantedLeak(
        "int_orders_as_of",
        "_on <= as_of_dates.as_of_date",
        "_on <= as_of_dates.as_of_date + 1",
    ),
    PlantedLeak("int_customer_starts", "min(greatest(ordered_on, known_on))", "min(ordered_on)"),
    PlantedLeak(
        "int_category_totals",
        "greatest(order_versions.ordered_on, order_versions.known_on, products.known_on)",
        "greatest(order_versions.ordered_on, order_versions.known_on)",
    ),
    _ignored_arrival("int_campaign_responses", "campaign_members", "customers_as_of"),
    _ignored_arrival("int_coupon_redemptions_as_of", "redemptions", "customers_as_of"),
    _ignored_arrival("int_email_counts", "message_days", "customers_as_of"),
    _ignored_arrival("int_email_rates", "message_days", "customers_as_of"),
    _ignored_arrival("int_support_tickets_as_of", "support_tickets", "customers_as_of"),
    # A closing that the row names ahead of time.
    PlantedLeak(
        "int_support_tickets_as_of",
        "support_tickets.closed_on <= customers_as_of.as_of_date",
        "support_tickets.closed_on is not null",
    ),
    _ignored_arrival("int_social_engagements_as_of", "social_engagements", "customers_as_of"),
    _ignored_arrival("int_customer_account_features", "customer_versions", "customers_as_of"),
    _ignored_arrival("int_account_call_features", "calls", "as_of_dates"),
    _ignored_arrival("int_account_touch_features", "rep_activities", "as_of_dates"),
    _ignored_arrival("int_deal_stage_changes_as_of", "stage_changes", "as_of_dates"),
    PlantedLeak(
        "int_deals_as_of", "deals_known.closed_on <= deals_known.as_of_date", "deals_known.closed_on is not null"
    ),
    # The stage that a deal had come to when the history was exported, as if it had been in it from the start.
    PlantedLeak("int_deals_as_of", "deals.stage_known_on <= as_of_dates.as_of_date", "deals.stage_known_on is not null"),
    PlantedLeak(
        "int_session_sums", "days.counts_from <= past_dates.as_of_date", "days.started_on <= past_dates.as_of_date"
    ),
    PlantedLeak(
        "int_current_session_sums",
        "days.counts_from <= current_as_of_date.as_of_date",
        "days.started_on <= current_as_of_date.as_of_date",
    ),
    PlantedLeak(
        "int_viewed_categories",
        "(product_views.replaced_on is null or product_views.replaced_on > as_of_dates.as_of_date)",
        "product_views.replaced_on is null",
    ),
    # A device's visits count for its owner before anybody knows whose it is.
    PlantedLeak(
        "int_customer_sessions", "greatest(session_versions.known_on, owners.known_on)", "session_versions.known_on"
    ),
    # A repetition counts beforehand because its original will be taken back.
    PlantedLeak("int_repeated_events", "greatest(known_at, repeats_until)", "known_at"),
]
