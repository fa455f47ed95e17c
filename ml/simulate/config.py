"""What describes a simulated shop: typed, frozen, and without values; the values are in the presets."""

from dataclasses import dataclass
from datetime import date

from ml.simulate.config_families import Families

# Monday first.
Week = tuple[float, float, float, float, float, float, float]


@dataclass(frozen=True)
class Archetype:
    """A kind of customer, as factors on what the plain customer of the shop does (1 is the same).

    ``order_rate``, ``order_value`` and ``lines`` are factors; ``weekend`` is the factor on orders of
    Saturday and Sunday, ``promotion`` and ``flash`` the factors on the extra demand of promotion days and
    flash weekends. ``gift_season`` is the share of demand that follows the gift season, not the shop's.
    ``never_orders`` is the share who register and never buy, ``leaves_after_first`` the share who are gone
    after one order, ``dropout`` a factor on the chance to leave after a repeat order, and ``came_early``
    says that all of them came in the first half-year of the files. ``discount_use`` is the mean chance of
    taking a discount, ``lift`` the factor on the shop's relative campaign effects and ``offer_response`` the
    chance that one campaign with an offer makes such a customer order who would not have. ``visits``, ``views``,
    ``content`` and ``carts`` are factors on visits without an order, on product pages and content pages in a
    visit, and on the chance to put something into the cart and leave; ``social`` one on acts in social networks.
    """

    name: str
    order_rate: float = 1.0
    order_value: float = 1.0
    lines: float = 1.0
    weekend: float = 1.0
    promotion: float = 1.0
    flash: float = 1.0
    gift_season: float = 0.0
    never_orders: float = 0.0
    leaves_after_first: float = 0.0
    dropout: float = 1.0
    came_early: bool = False
    discount_use: float = 0.3
    lift: float = 1.0
    offer_response: float = 0.0
    visits: float = 1.0
    views: float = 1.0
    content: float = 1.0
    carts: float = 1.0
    social: float = 1.0


@dataclass(frozen=True)
class Process:
    """How often the plain customer orders, and leaves: gamma-mixed rates, beta-mixed dropout (BG/NBD).

    ``orders_per_year`` is the mean rate of customers who are still there, ``rate_shape`` the gamma shape of
    rates between customers; ``dropout_a`` and ``dropout_b`` are of the chance to leave after each repeat
    order; ``regularity`` is the Erlang k of the time between orders (1 is memoryless).

    Source: Fader, Hardie and Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2).
    """

    orders_per_year: float
    rate_shape: float
    dropout_a: float
    dropout_b: float
    regularity: float


@dataclass(frozen=True)
class Promotion:
    """Days of the year with a discount for all: from ``month``/``day``, demand times ``demand``."""

    month: int
    day: int
    days: int
    discount_percent: int
    demand: float


@dataclass(frozen=True)
class Rhythm:
    """When people order: ``months`` (January first) and ``week`` are demand indexes of mean 1.

    ``gift_months`` is the season of gift buyers, ``hours`` the weights of the 24 hours, ``flash_every`` the
    weeks from one flash weekend to the next, with ``flash_demand`` and ``flash_discount_percent``.
    """

    months: tuple[float, ...]
    gift_months: tuple[float, ...]
    week: Week
    hours: tuple[float, ...]
    promotions: tuple[Promotion, ...]
    flash_every: int
    flash_demand: float
    flash_discount_percent: int


@dataclass(frozen=True)
class Basket:
    """What an order is worth and made of.

    The logarithm of an order's value is normal: mean ``log_value``, standard deviations between customers
    and within a customer. The number of lines is lognormal, rounded: ``median_lines``, ``lines_sd`` (of the
    logarithm), and grows with the value (``lines_by_value``, an elasticity).
    """

    log_value: float
    value_sd_between: float
    value_sd_within: float
    median_lines: float
    lines_sd: float
    lines_by_value: float


@dataclass(frozen=True)
class Aftermath:
    """What happens to orders afterwards, as shares of orders; a partial return gives half of it back."""

    cancelled: float
    returned: float
    partly_returned: float
    median_days_to_return: float


@dataclass(frozen=True)
class Category:
    """A category of the catalogue: its share of lines, and the median and spread (log sd) of list prices."""

    name: str
    subcategories: tuple[str, ...]
    share: float
    median_price: float
    price_sd: float = 0.6
    is_seasonal: bool = False


@dataclass(frozen=True)
class Catalogue:
    """What the shop sells: ``products_per_category`` products in each category."""

    categories: tuple[Category, ...]
    brands: tuple[str, ...]
    products_per_category: int


@dataclass(frozen=True)
class Offer:
    """A campaign's content: an ``offer_type`` with a discount, or None for news without an offer."""

    title: str
    offer_type: str | None
    discount_percent: int
    relative_lift: float


@dataclass(frozen=True)
class CampaignPlan:
    """Campaigns, one every ``every_days`` days for ``days`` days, with the offers in turn.

    ``reachable`` is the share of customers that can be written to, ``audience`` the share of those that one
    campaign addresses, ``control`` the share of an audience that is held out. ``coupon_use`` is a factor on
    a person's discount use: the chance that an order in an offer's window redeems its coupon.
    """

    offers: tuple[Offer, ...]
    every_days: int
    days: int
    reachable: float
    audience: float
    control: float
    coupon_use: float


@dataclass(frozen=True)
class Consent:
    """Decisions on being profiled and on being written to.

    Shares of customers: ``asked`` decide at registration; of them ``denied_profiling`` refuse segments and
    predictions, and ``denied_contact`` to be written to. ``withdrawn_contact`` withdraw the latter within
    nine months, ``first_month`` and ``second_month`` being the shares of them in those months;
    ``withdrawn_profiling`` withdraw the former within a year. ``granted_again`` of all who refuse change
    their mind, after ``median_days_to_grant`` days.
    """

    asked: float
    denied_profiling: float
    denied_contact: float
    withdrawn_contact: float
    first_month: float
    second_month: float
    withdrawn_profiling: float
    granted_again: float
    median_days_to_grant: float


@dataclass(frozen=True)
class Dirt:
    """What is wrong in the files, as shares of rows (of orders for guests and lateness).

    ``guests`` order without an account, ``duplicates`` are rows said twice, ``repeated_lines`` lines entered
    twice under two numbers, ``zero_quantities`` extra lines of nothing, ``broken_orders`` and
    ``broken_lines`` rows that cannot be read, ``late`` orders that arrive ``late_days`` (from, to) days
    later in a file of updates, ``corrections`` lines that are corrected there. Coupons are not tracked for
    ``outage_days`` from day ``outage_from`` of the files on.
    """

    guests: float
    duplicates: float
    repeated_lines: float
    zero_quantities: float
    broken_orders: float
    broken_lines: float
    late: float
    late_days: tuple[int, int]
    corrections: float
    outage_from: int
    outage_days: int


@dataclass(frozen=True)
class Target:
    """What a figure should be: the value, and where it was measured or read, or that it is assumed.

    ``tolerance`` is the factor by which the simulated figure may be off.
    """

    value: float
    source: str
    tolerance: float = 1.25


@dataclass(frozen=True)
class Preset:
    """A shop. ``shares`` are the shares of the archetypes; files hold ``[start, end)``.

    ``customers_before`` is the share of customers who came before the files begin, ``growth`` the factor by
    which new customers per day grow in a year. ``targets`` are what calibration compares with.
    """

    name: str
    currency: str
    start: date
    end: date
    archetypes: tuple[Archetype, ...]
    shares: tuple[float, ...]
    customers_before: float
    growth: float
    process: Process
    rhythm: Rhythm
    basket: Basket
    aftermath: Aftermath
    catalogue: Catalogue
    campaigns: CampaignPlan
    consent: Consent
    dirt: Dirt
    devices: tuple[tuple[str, float], ...]
    acquisition_channels: tuple[tuple[str, float], ...]
    families: Families
    targets: dict[str, Target]
