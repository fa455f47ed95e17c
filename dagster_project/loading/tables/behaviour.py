"""What people do on the shop's pages and apps, and in social networks."""

from dagster_project.loading.columns import Column, Kind, Table, moment, money, ratio, text

# Other values are kept and counted, and used by no feature.
EVENT_TYPES = (
    *("page_view", "product_view", "content_view", "search", "add_to_cart", "remove_from_cart"),
    *("checkout_started", "purchase", "scroll", "identify", "sign_up"),
)

EVENTS = Table(
    name="events",
    description="One row per event of a visitor, and version.",
    key=("event_id",),
    required=("occurred_at", "event_type"),
    any_of=("anonymous_id", "customer_id"),
    occurred_at="occurred_at",
    has_happened=True,
    columns=(
        text("event_id", "The event's identifier"),
        moment("occurred_at", "When it happened"),
        text("event_type", f"What happened: {', '.join(EVENT_TYPES)}; other values are kept and used by no feature"),
        text("anonymous_id", "The device or browser"),
        text("customer_id", "Who it was, where the visitor was logged in or gave a name"),
        text("session_id", "The tracker's own session; sessions are made from the times, not from this"),
        text("product_id", "The product it was about"),
        text("category", "The product's category, where the event says it"),
        text("search_query", "What was searched for"),
        text("page_path", "The page"),
        text("content_id", "The article, guide or video"),
        text("device_type", "desktop, mobile, tablet or other"),
        text("traffic_source", "Where the visitor came from"),
        text("medium", "How the visitor came: organic, cpc, email, social, referral, affiliate, direct"),
        text("campaign_id", "The campaign that brought the visitor"),
        ratio("scroll_depth_percent", "How far the page was scrolled, 0 to 100"),
        Column("engaged_seconds", Kind.QUANTITY, "Seconds the visitor spent on it"),
        money("price", "Price shown or paid"),
        text("user_agent", "What the visitor's software calls itself; says which visitors are bots"),
        Column("properties", Kind.JSON, "Further properties as a JSON object"),
    ),
)

SOCIAL_ENGAGEMENTS = Table(
    name="social_engagements",
    description="One row per act of a customer in a social network, and version.",
    key=("engagement_id",),
    required=("customer_id", "occurred_at", "network", "kind"),
    occurred_at="occurred_at",
    has_happened=True,
    columns=(
        text("engagement_id", "The act's identifier"),
        text("customer_id", "Who acted"),
        moment("occurred_at", "When it happened"),
        text("network", "The social network, e.g. instagram"),
        text("kind", "The act, e.g. like, comment, share, follow, mention"),
        ratio("sentiment_score", "How friendly its words are, -1 to 1"),
    ),
)
