"""Business customers: accounts, deals with their stages, calls and what representatives do."""

from dagster_project.loading.columns import Table, moment, money, ratio, text, whole_number

ACCOUNTS = Table(
    name="accounts",
    description="One row per account, that is a company, and version.",
    key=("account_id",),
    occurred_at="created_at",
    columns=(
        text("account_id", "The account's identifier"),
        moment("created_at", "When the account was created"),
        text("name", "What the company is called"),
        text("industry", "Its industry"),
        whole_number("employee_count", "How many people work there"),
        text("owner_id", "The representative who looks after it"),
    ),
)

DEALS = Table(
    name="deals",
    description="One row per deal and version.",
    key=("deal_id",),
    required=("account_id",),
    occurred_at="created_at",
    columns=(
        text("deal_id", "The deal's identifier"),
        text("account_id", "The account it is with"),
        moment("created_at", "When the deal was opened"),
        money("amount", "What it is worth"),
        text("stage", "Stage at that version, where no deal_stage_changes are kept; `won` and `lost` close it"),
        moment("closed_at", "When it was won or lost"),
        text("owner_id", "The representative who works on it"),
    ),
)

DEAL_STAGE_CHANGES = Table(
    name="deal_stage_changes",
    description="One row per move of a deal to another stage, and version.",
    key=("stage_change_id",),
    required=("deal_id", "stage", "changed_at"),
    occurred_at="changed_at",
    has_happened=True,
    columns=(
        text("stage_change_id", "The move's identifier"),
        text("deal_id", "The deal that moved"),
        text("stage", "Where it moved to; `won` and `lost` close it"),
        moment("changed_at", "When it moved"),
        money("amount", "What the deal is worth from then on"),
        text("owner_id", "The representative who moved it"),
    ),
)

CALLS = Table(
    name="calls",
    description="One row per call with an account, and version.",
    key=("call_id",),
    required=("account_id", "occurred_at"),
    occurred_at="occurred_at",
    has_happened=True,
    columns=(
        text("call_id", "The call's identifier"),
        text("account_id", "The account at the other end"),
        moment("occurred_at", "When it began"),
        text("customer_id", "The person spoken to, where known"),
        text("deal_id", "The deal it was about, where known"),
        text("owner_id", "The representative"),
        whole_number("duration_seconds", "How long it took"),
        ratio("talk_ratio", "Share of the time in which the representative spoke, 0 to 1"),
        ratio("sentiment_score", "How friendly its words are, -1 to 1"),
        text("kind", "What kind of call, e.g. discovery, demo, support"),
        text("outcome", "How it ended"),
    ),
)

REP_ACTIVITIES = Table(
    name="rep_activities",
    description="One row per thing a representative did for an account, or was asked by it, and version.",
    key=("activity_id",),
    required=("account_id", "occurred_at"),
    occurred_at="occurred_at",
    has_happened=True,
    columns=(
        text("activity_id", "The activity's identifier"),
        text("account_id", "The account it was for"),
        moment("occurred_at", "When it happened"),
        text("customer_id", "The person it was for, where known"),
        text("deal_id", "The deal it was for, where known"),
        text("owner_id", "The representative"),
        text("kind", "What was done, e.g. email, meeting, note; `inbound` is a message of the account"),
        text("outcome", "How it ended"),
    ),
)
