"""What people have decided about their data."""

from dagster_project.loading.columns import Table, moment, text

CONSENT_PURPOSES = ("segmentation", "prediction", "recommendation", "sale_sharing", "activation", "analytics")
CONSENT_DECISIONS = ("granted", "denied", "withdrawn")

CONSENTS = Table(
    name="consents",
    description="One row per consent decision and version.",
    key=("consent_event_id",),
    required=("purpose", "decision", "occurred_at"),
    any_of=("customer_id", "anonymous_id"),
    occurred_at="occurred_at",
    # An opt-out that cannot be read must stop the load: 2 % of lost opt-outs is no rounding error.
    max_rejected_share=0.0,
    columns=(
        text("consent_event_id", "The decision's identifier"),
        text("purpose", "What the decision is about", CONSENT_PURPOSES),
        text("decision", "What was decided", CONSENT_DECISIONS),
        moment("occurred_at", "When it was decided"),
        text("customer_id", "Who decided, where known"),
        text("anonymous_id", "Device or visitor that decided, where no customer is known"),
        text("source", "form, gpc or import"),
        text("jurisdiction", "Law that applies"),
    ),
)

ERASURE_REQUESTS = Table(
    name="erasure_requests",
    description="One row per request to be erased, and version.",
    key=("request_id",),
    required=("customer_id", "requested_at"),
    occurred_at="requested_at",
    # As with opt-outs: a request that cannot be read must stop the load.
    max_rejected_share=0.0,
    columns=(
        text("request_id", "The request's identifier"),
        text("customer_id", "Who asks to be erased"),
        moment("requested_at", "When it was asked for"),
        text("reason", "Why, where it was said"),
    ),
)
