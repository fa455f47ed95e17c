"""What describes the families beside orders: visits and their tracking, mails, service, social networks, business.

Typed, frozen and without values, as config.py is; the values are in presets_families.py.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Channel:
    """Where a visit came from, as the tracker says it; ``share`` of visits, ``conversion`` a factor on orders.

    ``source`` and ``medium`` are None where the tracker lost them.
    """

    source: str | None
    medium: str | None
    share: float
    conversion: float = 1.0


@dataclass(frozen=True)
class Visits:
    """How often people come to the shop's pages, in the last ``tracked_days`` days of the files.

    ``per_year`` is the mean number of visits of a plain customer who is still there, apart from those that
    lead to an order, ``shape`` the gamma shape of that rate between people; ``after_leaving`` the factor on it
    for the half-year after the last order of whoever is gone. ``research`` are the mean visits before an order,
    ``research_days`` their mean days before it. ``passers_by`` are the visitors per customer who never
    register: the files hold the share ``sample`` of them only. ``returns`` are the mean further visits of a
    passer-by, ``return_days`` the mean days between them. ``hours`` are the weights of the 24 hours.
    """

    tracked_days: int
    per_year: float
    shape: float
    after_leaving: float
    research: float
    research_days: float
    passers_by: float
    sample: float
    returns: float
    return_days: float
    hours: tuple[float, ...]
    channels: tuple[Channel, ...]


@dataclass(frozen=True)
class Depth:
    """What happens in one visit.

    Pages are lognormal, rounded up: ``pages_log`` and ``pages_sd``. Of passers-by and customers the shares
    ``views_passing`` and ``views_customer`` look at products (then ``product_pages`` of their pages are
    products), ``carts`` of those put one into the cart, ``checkouts`` of those begin to check out and leave.
    ``content`` and ``searches`` are shares of pages, ``removes`` the chance that what was put into the cart
    without being bought is taken out again, ``line_views`` the share of bought lines, beside the first of an
    order, whose page was seen in the visit of the order. ``gap_seconds`` and ``gap_sd`` are of the lognormal
    time from page to page. The tracker records the shares ``page_views`` and ``scrolls`` of pages.
    """

    pages_log: float
    pages_sd: float
    views_passing: float
    views_customer: float
    product_pages: float
    carts: float
    checkouts: float
    content: float
    searches: float
    removes: float
    line_views: float
    gap_seconds: float
    gap_sd: float
    page_views: float
    scrolls: float


@dataclass(frozen=True)
class Devices:
    """Browsers of one person: ``per_person`` on average, of which the first has ``main_share`` of the visits.

    ``shared`` is the share of the other browsers that are the main one of somebody else in the household.
    ``known_on_order`` and ``known_on_visit`` are the chances that the shop knows who it is, by a log-in or a
    name, in a visit with an order and in another one; ``remembered`` of those are known from the first page on.
    Of the visits in which an account is opened the tracker sees the share ``known_on_registration``.
    """

    per_person: float
    main_share: float
    shared: float
    known_on_order: float
    known_on_visit: float
    known_on_registration: float
    remembered: float


@dataclass(frozen=True)
class Privacy:
    """Decisions by browser, and requests to be erased.

    ``gpc`` is the share of browsers that send Global Privacy Control; ``asked`` of the others answer a banner,
    and ``denied`` of those refuse to be analysed. Their events are not recorded, but for the share ``leaking``
    of these browsers, on which the tracker does not heed it. ``erasures`` of customers ask in a year to be erased.
    """

    gpc: float
    asked: float
    denied: float
    leaking: float
    erasures: float


@dataclass(frozen=True)
class Outage:
    """Days without tracking: from day ``begins`` of the tracked period, for ``days``; ``lost`` of the events.

    ``only_carts`` says that events of the cart are lost and others are not.
    """

    begins: int
    days: int
    lost: float
    only_carts: bool = False


@dataclass(frozen=True)
class Tracking:
    """What is wrong with the events, as shares.

    ``untracked_orders`` have no visit at all, ``lost_purchases`` of visits with an order no purchase event,
    ``lost_carts`` of them no cart event, ``purchases_without_order`` do not say which order it was and
    ``repeated_purchases`` are sent twice. Of events ``repeated`` are sent twice under two identifiers,
    ``duplicates`` are recorded twice, ``broken`` miss time, type or visitor, and ``late`` come 3 to
    ``late_days`` days later. ``wrong_clocks`` of browsers are hours off. ``no_category`` of product events
    do not say the category. ``bots`` are visits of software, by those of people; ``bots_in_disguise`` of them
    call themselves a browser; ``bot_pages`` is the median of their pages, ``bot_pages_sd`` the spread (log sd).
    """

    untracked_orders: float
    lost_purchases: float
    lost_carts: float
    purchases_without_order: float
    repeated_purchases: float
    repeated: float
    duplicates: float
    broken: float
    late: float
    late_days: int
    wrong_clocks: float
    no_category: float
    bots: float
    bots_in_disguise: float
    bot_pages: float
    bot_pages_sd: float
    outages: tuple[Outage, ...]


@dataclass(frozen=True)
class Mailing:
    """How mails are received. People open with a chance of their own: Beta(``opens_a``, ``opens_b``).

    ``level`` is a factor on it that makes room for those who opened because they used the coupon; it varies
    between mailings (``mailing_sd``, relative). ``clicks`` of opened mails are clicked,
    ``caused_by_click`` of the orders that a campaign caused follow a click, and ``coupons_read`` of the coupons that
    are used were read in a mail. ``soft_bounces`` of
    mails bounce, and the addresses of ``lost_addresses`` of people die within nine months. Of withdrawals of
    contact ``by_mail`` are made in a mail, ``complaints`` of those by calling it spam.
    """

    opens_a: float
    opens_b: float
    level: float
    mailing_sd: float
    clicks: float
    caused_by_click: float
    coupons_read: float
    soft_bounces: float
    lost_addresses: float
    by_mail: float
    complaints: float


@dataclass(frozen=True)
class Support:
    """Tickets. Questions: ``per_year`` on average while a customer is there, gamma-mixed (``shape``).

    Complaints follow orders: with the chance ``after_order``, ``after_late`` where the delivery was late (the
    share ``late_deliveries``) and ``after_return`` where something was sent back. Whoever complains leaves
    ``churn_factor`` times as likely as otherwise. ``reopened`` of tickets are opened again; ``rated`` of the
    closed ones have a score from 1 to 5.
    """

    per_year: float
    shape: float
    after_order: float
    after_late: float
    after_return: float
    late_deliveries: float
    churn_factor: float
    reopened: float
    rated: float


@dataclass(frozen=True)
class SocialLife:
    """Acts in social networks: ``linked`` of customers are known there, with ``per_year`` acts (gamma ``shape``)."""

    linked: float
    per_year: float
    shape: float
    networks: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Business:
    """Business customers: ``contacts`` is the share of customers who buy for a company.

    ``contacts_per_account`` and ``deals_per_account`` are means. ``won`` of deals are won; the days until a deal
    is won or lost are lognormal (``median_days``, ``mean_days``). ``calls`` are the mean calls per contact,
    ``touches`` the representative's other acts per deal.
    """

    contacts: float
    contacts_per_account: float
    deals_per_account: float
    won: float
    median_days: float
    mean_days: float
    calls: float
    touches: float


@dataclass(frozen=True)
class Families:
    """All families of a shop beside orders, campaigns and consents."""

    visits: Visits
    depth: Depth
    devices: Devices
    privacy: Privacy
    tracking: Tracking
    mailing: Mailing
    support: Support
    social: SocialLife
    business: Business
