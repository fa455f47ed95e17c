"""Visits, mails, service, social networks and business of the two shops; sources as in presets.py."""

from dataclasses import replace

from ml.simulate.config_families import (
    Business,
    Channel,
    Depth,
    Devices,
    Families,
    Mailing,
    Outage,
    Privacy,
    SocialLife,
    Support,
    Tracking,
    Visits,
)

# Weights of the hours 0 to 23: views peak at 19 (read, REES46); the rest is assumption.
_VISIT_HOURS = (
    *(1.8, 1.0, 0.6, 0.4, 0.4, 0.6, 1.2, 2.0, 2.9, 3.6, 4.1, 4.4),
    *(4.7, 4.6, 4.5, 4.6, 4.9, 5.5, 6.2, 6.9, 6.7, 6.0, 4.8, 3.2),
)
# Shares read, GA4; other than organic, direct, cpc, the shop itself and lost ones they are split by assumption.
# Conversion of cpc is 0.97 and of the shop's own pages 2.0 where all channels have 1.34 % (read, GA4).
_CHANNELS = (
    Channel("google", "organic", 0.31),
    Channel("(direct)", "direct", 0.23),
    Channel("partner.example", "referral", 0.10),
    Channel("instagram", "social", 0.09),
    Channel("affiliates", "affiliate", 0.09),
    Channel("shop.example", "referral", 0.08, conversion=1.5),
    Channel(None, None, 0.06),
    Channel("google", "cpc", 0.04, conversion=0.72),
)
_VISITS = Visits(
    tracked_days=365,  # assumption: the tracker was introduced in the second year
    per_year=1.0,  # assumption
    shape=0.6,  # assumption
    after_leaving=0.1,  # assumption
    research=0.45,  # assumption
    research_days=4.0,  # assumption
    passers_by=0.55,  # assumption
    sample=0.0101,  # so that 1.34 % of all visits end with an order (read, GA4)
    returns=0.33,  # read, GA4: 1.33 sessions per user in 92 days
    return_days=12.0,  # assumption after GA4's weekly return of 4.3, 1.9, 1.4, 1.2 %
    hours=_VISIT_HOURS,
    channels=_CHANNELS,
)
_DEPTH = Depth(
    pages_log=1.22,  # 11.9 events per session (read, GA4)
    pages_sd=1.15,
    views_passing=0.195,  # read, GA4: 21.2 % of all sessions
    views_customer=0.5,  # assumption
    product_pages=0.5,  # assumption
    carts=0.19,  # read, GA4: 4.2 % of sessions, buyers among them
    checkouts=0.62,  # read, GA4: 3.1 % of sessions, buyers among them
    content=0.03,  # assumption
    searches=0.05,  # read, RecSys 2025: 5.8 searches to 88 pages
    removes=0.4,  # read, RecSys 2025: 1.1 removed to 3.2 put into the cart, over all
    line_views=0.7,  # assumption
    gap_seconds=33.0,  # measured, REES46: median 33 s, p90 115 s
    gap_sd=0.97,
    page_views=1.0,
    scrolls=0.3,  # assumption
)
_DEVICES = Devices(
    per_person=1.56,  # read: 30,710 browsers for 19,708 log-ins of a portal in a month
    main_share=0.65,  # assumption
    shared=0.02,  # assumption
    known_on_order=0.35,  # assumption: 10 to 20 % of the sessions in the files are identified
    known_on_visit=0.05,
    known_on_registration=0.7,  # assumption  # assumption
    remembered=0.4,  # assumption
)
_PRIVACY = Privacy(gpc=0.04, asked=0.85, denied=0.12, leaking=0.15, erasures=0.004)  # assumption
_TRACKING = Tracking(
    untracked_orders=0.05,  # assumption
    lost_purchases=0.06,  # assumption
    lost_carts=0.5,  # read and measured: 35 to 67 % of buying sessions have no cart event
    purchases_without_order=0.155,  # read, GA4
    repeated_purchases=0.059,  # read, GA4
    repeated=0.003,  # assumption
    duplicates=0.0013,  # read, REES46
    broken=0.001,  # assumption
    late=0.001,  # assumption: 0.1 % come after more than three days
    late_days=12,  # assumption
    wrong_clocks=0.005,  # assumption
    no_category=0.32,  # read, REES46
    bots=0.02,  # assumption: 1 to 3 % of sessions
    bots_in_disguise=0.35,  # assumption
    bot_pages=14.0,  # assumption
    bot_pages_sd=1.0,  # assumption
    # Whole and half days are assumption; 18 days without carts read, GA4.
    outages=(Outage(97, 2, 1.0), Outage(204, 3, 0.8), Outage(255, 18, 1.0, only_carts=True)),
)
_MAILING = Mailing(
    opens_a=0.195,  # read, XCampaign: chance to open per person, mean 12.3 %, sd 20.5 %
    opens_b=1.387,
    level=0.62,
    mailing_sd=0.35,  # read, XCampaign: 3.6 of 9.1 points between mailings
    caused_by_click=0.6,  # assumption
    coupons_read=0.8,  # assumption
    clicks=0.08,  # read: 1 to 2.5 % of mails are clicked
    soft_bounces=0.004,  # read: 0.4 to 0.8 %
    lost_addresses=0.02,  # read, Clickpoint: within nine months
    by_mail=0.9,  # assumption; 0.1 to 0.5 % of mails are unsubscribed from (read)
    complaints=0.003,  # read, Clickpoint: 0.02 of 7.4 percent
)
_SUPPORT = Support(
    per_year=0.2,  # assumption: the measured 4.75 a year are of employees who call their help desk
    shape=0.31,  # measured on the incident log
    after_order=0.012,  # assumption, with the next two: 7.7 % of customers complain (read, telecom)
    after_late=0.20,
    after_return=0.12,
    late_deliveries=0.06,  # assumption
    churn_factor=2.5,  # assumption; 83 by 10 % (read, telecom) leaves the orders of this shop no room
    reopened=0.011,  # measured on the incident log
    rated=0.35,  # assumption
)
_SOCIAL = SocialLife(
    linked=0.12,  # assumption
    per_year=4.0,  # assumption
    shape=0.4,  # assumption
    networks=(("instagram", 0.45), ("facebook", 0.2), ("tiktok", 0.15), ("youtube", 0.1), ("pinterest", 0.1)),
)
_BUSINESS = Business(
    contacts=0.04,  # assumption
    contacts_per_account=2.2,  # assumption
    deals_per_account=4.0,  # assumption
    won=0.105,  # measured on Olist's marketing funnel
    median_days=14.0,  # measured on Olist's marketing funnel
    mean_days=48.0,
    calls=2.6,  # measured on the bank's calls
    touches=2.5,  # assumption
)

BRAND_FAMILIES = Families(
    visits=_VISITS,
    depth=_DEPTH,
    devices=_DEVICES,
    privacy=_PRIVACY,
    tracking=_TRACKING,
    mailing=_MAILING,
    support=_SUPPORT,
    social=_SOCIAL,
    business=_BUSINESS,
)
RETAIL_FAMILIES = replace(
    BRAND_FAMILIES,
    visits=replace(
        _VISITS,
        per_year=2.0,
        passers_by=2.1,
        sample=0.055,  # so that 4.4 % of all visits end with an order (read, REES46)
    ),
    depth=replace(
        _DEPTH,
        pages_log=0.25,  # measured, REES46: 3.44 events per session, median 2, p90 8, p99 21, 41 % single
        pages_sd=1.2,
        views_passing=0.97,  # REES46 records what concerns products and nothing else
        views_customer=0.97,
        product_pages=0.95,
        carts=0.055,  # read, REES46: 8.2 % of sessions, buyers among them
        content=0.004,
        searches=0.02,
        removes=0.7,
        line_views=0.15,
        page_views=0.05,
        scrolls=0.0,
    ),
    # Campaigns cause more orders here than mails are clicked: most of them find the shop another way.
    mailing=replace(_MAILING, caused_by_click=0.1, coupons_read=0.4),
    tracking=replace(_TRACKING, lost_carts=0.31, bot_pages=8.0),
)
