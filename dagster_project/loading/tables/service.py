"""Where people ask for help."""

from dagster_project.loading.columns import Table, moment, ratio, text

SUPPORT_TICKETS = Table(
    name="support_tickets",
    description="One row per ticket and version; a ticket that is closed later comes again with closed_at.",
    key=("ticket_id",),
    required=("customer_id", "opened_at"),
    occurred_at="opened_at",
    has_happened=True,
    columns=(
        text("ticket_id", "The ticket's identifier"),
        text("customer_id", "Who asked"),
        moment("opened_at", "When it was opened"),
        moment("closed_at", "When it was closed; NULL while it is open"),
        text("channel", "How it came, e.g. phone, email, chat"),
        text("category", "What it is about"),
        text("priority", "How urgent it is"),
        ratio("csat_score", "How content the customer said to be, on the source's scale"),
        ratio("sentiment_score", "How friendly its words are, -1 to 1"),
    ),
)
