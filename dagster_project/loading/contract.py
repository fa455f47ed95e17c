"""The contract of the raw tables, as data: a new table is a new entry and no code."""

from dagster_project.loading.columns import Table
from dagster_project.loading.tables import behaviour, business, campaigns, commerce, privacy, service

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        commerce.CUSTOMERS,
        commerce.ORDERS,
        commerce.ORDER_LINES,
        commerce.PRODUCTS,
        behaviour.EVENTS,
        behaviour.SOCIAL_ENGAGEMENTS,
        campaigns.CAMPAIGNS,
        campaigns.CAMPAIGN_MEMBERS,
        campaigns.COUPON_REDEMPTIONS,
        campaigns.EMAIL_EVENTS,
        service.SUPPORT_TICKETS,
        business.ACCOUNTS,
        business.DEALS,
        business.DEAL_STAGE_CHANGES,
        business.CALLS,
        business.REP_ACTIVITIES,
        privacy.CONSENTS,
        privacy.ERASURE_REQUESTS,
    )
}
