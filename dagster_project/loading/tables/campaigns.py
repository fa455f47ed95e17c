"""What reaches out to people, and how they answer: campaigns, coupons and e-mails."""

from dagster_project.loading.columns import Table, moment, ratio, text

EMAIL_EVENT_TYPES = ("sent", "delivered", "opened", "clicked", "bounced", "unsubscribed", "complained")

CAMPAIGNS = Table(
    name="campaigns",
    description="One row per campaign and version.",
    key=("campaign_id",),
    required=("started_at",),
    occurred_at="started_at",
    columns=(
        text("campaign_id", "The campaign's identifier"),
        moment("started_at", "When the campaign began"),
        text("name", "What the campaign is called"),
        text("channel", "How it reached people"),
        moment("ended_at", "When the campaign ended"),
        text("offer_type", "Kind of offer"),
        ratio("discount_percent", "Discount offered, 0 to 100"),
    ),
)

CAMPAIGN_MEMBERS = Table(
    name="campaign_members",
    description="One row per campaign, customer and version.",
    key=("campaign_id", "customer_id"),
    occurred_at="assigned_at",
    columns=(
        text("campaign_id", "The campaign"),
        text("customer_id", "Who was addressed"),
        moment("assigned_at", "When the customer was assigned; NULL means at the campaign's start"),
        text("arm", "treatment or control"),
    ),
)

COUPON_REDEMPTIONS = Table(
    name="coupon_redemptions",
    description="One row per redeemed coupon and version.",
    key=("redemption_id",),
    required=("customer_id", "redeemed_at"),
    occurred_at="redeemed_at",
    has_happened=True,
    columns=(
        text("redemption_id", "The redemption's identifier"),
        text("customer_id", "Who redeemed"),
        moment("redeemed_at", "When the coupon was redeemed"),
        text("coupon_code", "Which coupon"),
        text("campaign_id", "Campaign that handed the coupon out"),
        text("order_id", "Order it was redeemed on"),
    ),
)

EMAIL_EVENTS = Table(
    name="email_events",
    description="One row per thing that happened to an e-mail, and version.",
    key=("event_id",),
    required=("customer_id", "campaign_id", "occurred_at", "event_type"),
    occurred_at="occurred_at",
    has_happened=True,
    columns=(
        text("event_id", "The event's identifier"),
        text("customer_id", "Whose e-mail it was"),
        text("campaign_id", "The mailing, or the automatic message, it belongs to"),
        moment("occurred_at", "When it happened"),
        text("event_type", "What happened", EMAIL_EVENT_TYPES),
    ),
)
