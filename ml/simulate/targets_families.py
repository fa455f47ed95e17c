"""The figures of visits, mails, service and business that a simulated shop is compared with, each with its source."""

from ml.simulate.config import Target

_GA4 = "read, GA4"
_REES46 = "read, REES46"
_REES46_SAMPLE = "measured on REES46's first two million events"
_XCAMPAIGN = "read, XCampaign"
_INCIDENTS = "measured on the incident log"
_OLIST = "measured on Olist's marketing funnel"
_ASSUMED = "assumption"

_COMMON = {
    "sessions from desktop": Target(0.581, _GA4, 1.1),
    "sessions from mobile": Target(0.397, _GA4, 1.1),
    "sessions from tablet": Target(0.022, _GA4, 1.5),
    "sessions by organic search": Target(0.31, _GA4, 1.1),
    "sessions by direct": Target(0.23, _GA4, 1.1),
    "sessions by paid search": Target(0.04, _GA4),
    "sessions by the shop's own pages": Target(0.08, _GA4),
    "sessions without a source": Target(0.06, _GA4),
    "sessions at the peak hour, 19, of the mean hour": Target(1.9, "assumption; REES46 views peak at 19 (read)"),
    "browsers per person": Target(1.56, "read, a portal's log-ins in a month", 1.1),
    "sessions identified, of those in the files": Target(0.15, "assumption: 10 to 20 %", 1.35),
    "bots by people, sessions": Target(0.02, "assumption: 1 to 3 %", 1.35),
    "browsers with Global Privacy Control": Target(0.04, _ASSUMED),
    "removals by additions to the cart": Target(0.34, "read, RecSys 2025", 1.35),
    "events per browser, p99 by mean": Target(12.7, "read, RecSys 2025", 2.0),
    "purchases without an order": Target(0.155, _GA4),
    "purchases said again": Target(0.059, _GA4, 1.35),
    "events recorded twice": Target(0.0013, _REES46, 1.35),
    "product views without a category": Target(0.32, _REES46, 1.1),
    "events here within a minute": Target(0.95, _ASSUMED, 1.05),
    "events later than three days": Target(0.001, _ASSUMED, 1.5),
    "true chance to open, sd by mean of customers": Target(1.67, _XCAMPAIGN, 1.25),
    "openings on the same day": Target(0.85, _XCAMPAIGN, 1.1),
    "openings within a week": Target(0.98, _XCAMPAIGN, 1.05),
    "mails bounced": Target(0.006, "read, industry: 0.4 to 0.8 %", 1.5),
    "mails unsubscribed from": Target(0.003, "read, industry: 0.1 to 0.5 %", 2.5),
    "hours to close a ticket, median": Target(22, _INCIDENTS, 1.35),
    "hours to close a ticket, p75": Target(149, _INCIDENTS, 1.35),
    "hours to close a ticket, p90": Target(382, _INCIDENTS),
    "tickets opened again": Target(0.011, _INCIDENTS, 1.5),
    "tickets of a Monday by the mean day": Target(1.45, "assumption; most on Mondays in the incident log"),
    "chance to leave with a complaint by without": Target(2.5, _ASSUMED, 1.35),
    "deals won": Target(0.105, _OLIST, 1.35),
    "days to close a deal, median": Target(14, _OLIST),
    "days to close a deal, mean": Target(48, _OLIST, 1.5),
    "calls per contact": Target(2.6, "measured on a bank's calls"),
    "customers of business": Target(0.04, _ASSUMED),
}

BRAND_FAMILY_TARGETS = {
    "sessions with a product view": Target(0.212, _GA4),
    "sessions with a cart": Target(0.042, _GA4, 1.35),
    "sessions with a checkout": Target(0.031, _GA4, 1.35),
    "sessions with an order": Target(0.0134, _GA4),
    "buying sessions without a cart event": Target(0.51, "read, several shops: 35 to 67 %", 1.3),
    "events per session, mean": Target(11.9, _GA4),
    "sessions per passer-by": Target(1.33, _GA4, 1.15),
    "mails opened": Target(0.091, _XCAMPAIGN),
    "mails opened, mean of customers": Target(0.123, _XCAMPAIGN, 1.35),
    "mails opened, sd of customers": Target(0.205, _XCAMPAIGN, 1.35),
    "mails clicked": Target(0.0175, "read, industry: 1 to 2.5 %", 1.45),
    "customers who complained": Target(0.077, "read, telecom", 1.35),
    **_COMMON,
}

RETAIL_FAMILY_TARGETS = {
    "sessions with a cart": Target(0.082, _REES46),
    "sessions with an order": Target(0.044, _REES46),
    "buying sessions without a cart event": Target(0.35, _REES46, 1.35),
    "events per session, mean": Target(3.44, _REES46_SAMPLE),
    "events per session, median": Target(2, _REES46_SAMPLE, 1.5),
    "events per session, p90": Target(8, _REES46_SAMPLE, 1.35),
    "events per session, p99": Target(21, _REES46_SAMPLE, 1.35),
    "sessions of one event": Target(0.41, _REES46_SAMPLE),
    "seconds between product views, median": Target(33, _REES46_SAMPLE, 1.35),
    "seconds between product views, p90": Target(115, _REES46_SAMPLE, 1.35),
    **_COMMON,
}
