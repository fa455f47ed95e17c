"""Two shops: a brand's own shop and a mass retailer, every constant with its unit and where it comes from.

Sources by name: CDNOW (1997-98, 23,570 customers), Online Retail II (British giftware), Complete Journey (US
grocer), GA4 (Google Merchandise Store sample), REES46 (multi-category shop), RecSys 2025, XCampaign, Clickpoint,
Hillstrom (e-mail test). "Measured" was computed on the set itself, "read" is from a third party's publication,
"assumption" has no figure behind it.
"""

from dataclasses import replace
from datetime import date

from ml.simulate.archetypes import ARCHETYPES
from ml.simulate.config import (
    Aftermath,
    Basket,
    CampaignPlan,
    Catalogue,
    Category,
    Consent,
    Dirt,
    Offer,
    Preset,
    Process,
    Promotion,
    Rhythm,
)
from ml.simulate.presets_families import BRAND_FAMILIES, RETAIL_FAMILIES
from ml.simulate.targets import BRAND_TARGETS, RETAIL_TARGETS

# Weights of the hours 0 to 23: purchases peak at 12 (read, REES46), with a lower peak after work (assumption).
_HOURS = (
    *(0.9, 0.5, 0.3, 0.2, 0.2, 0.4, 0.9, 1.8, 3.0, 4.4, 5.6, 6.3),
    *(6.8, 6.1, 5.4, 5.0, 5.0, 5.1, 5.3, 5.7, 5.9, 5.2, 3.8, 2.0),
)
# Gift buyers' season: almost all demand in October to December (assumption; 17.7 % of the customers of Online
# Retail II buy only in the fourth quarter).
_GIFT_MONTHS = (0.1, 0.3, 0.15, 0.2, 0.35, 0.15, 0.1, 0.1, 0.35, 1.1, 4.0, 5.1)

_DIRT = Dirt(
    guests=0.06,  # assumption; 12.5 % of the value of Online Retail II has no customer (measured)
    duplicates=0.0013,  # read, REES46
    repeated_lines=0.013,  # measured, Online Retail II: 6,748 of 525,461 lines
    zero_quantities=0.0027,  # read, REES46: prices of zero or less
    broken_orders=0.002,  # assumption
    broken_lines=0.001,  # assumption
    late=0.005,  # assumption
    late_days=(2, 30),  # assumption
    corrections=0.003,  # assumption
    outage_from=430,  # assumption
    outage_days=18,  # read, GA4: cart tracking off for 18 days
)
_CONSENT = Consent(
    asked=0.9,  # assumption
    denied_profiling=0.02,  # assumption
    denied_contact=0.1,  # assumption
    withdrawn_contact=0.074,  # read, Clickpoint: opt-outs within nine months
    first_month=0.30,  # read, Clickpoint: of the opt-outs
    second_month=0.29,  # read, Clickpoint: of the opt-outs
    withdrawn_profiling=0.01,  # assumption
    granted_again=0.1,  # assumption
    median_days_to_grant=120,  # assumption
)
_CAMPAIGNS = CampaignPlan(
    # Relative lifts of orders: Hillstrom's e-mails raised purchases by 119 and 54 % in two weeks (measured), here
    # less what archetypes add. That an offer does the former and news the latter is assumption.
    offers=(
        Offer("15 percent on everything", "percent_off", 15, 0.85),
        Offer("New this month", None, 0, 0.45),
        Offer("20 percent with coupon", "percent_off", 20, 0.85),
    ),
    every_days=21,  # assumption
    days=14,  # measured, Hillstrom: effects were observed for two weeks
    reachable=0.72,  # measured, Complete Journey: 63 % of the households were in a campaign
    audience=0.5,  # assumption
    control=0.2,  # assumption; Hillstrom held out a third
    coupon_use=1.0,  # assumption
)
_DEVICES = (("desktop", 0.581), ("mobile", 0.397), ("tablet", 0.022))  # read, GA4: sessions
_ACQUISITION = (("organic", 0.33), ("direct", 0.25), ("referral", 0.26), ("email", 0.08), ("cpc", 0.08))  # after GA4

BRAND_SHOP = Preset(
    name="brand_shop",
    currency="EUR",
    start=date(2024, 7, 1),
    end=date(2026, 7, 1),
    archetypes=ARCHETYPES,
    shares=(0.35, 0.12, 0.10, 0.14, 0.08, 0.08, 0.07, 0.06),  # assumption
    customers_before=0.3,  # assumption
    growth=1.0,  # assumption
    # CDNOW (measured): r 0.243, 1/alpha 11.8 a year over all, a 0.79, b 2.41. Rates vary less within an archetype
    # than over all.
    process=Process(orders_per_year=2.6, rate_shape=0.23, dropout_a=0.79, dropout_b=2.41, regularity=1.0),
    rhythm=Rhythm(
        months=(0.78, 0.78, 0.88, 0.84, 0.86, 0.84, 0.76, 0.88, 1.48, 1.58, 1.28, 1.48),  # after Online Retail II
        gift_months=_GIFT_MONTHS,
        week=(1.06, 1.03, 0.98, 1.0, 0.94, 0.96, 1.02),  # measured, CDNOW
        hours=_HOURS,
        promotions=(Promotion(11, 24, 5, 25, 2.2), Promotion(1, 2, 12, 30, 1.15), Promotion(7, 1, 12, 30, 1.2)),
        flash_every=2,  # assumption: weeks
        flash_demand=1.6,  # assumption
        flash_discount_percent=15,  # assumption
    ),
    # CDNOW (measured): sd 0.44 between and 0.59 within customers, here less what archetypes add; the level is
    # GA4's order value of 69.
    basket=Basket(
        log_value=3.88,
        value_sd_between=0.50,
        value_sd_within=0.55,
        median_lines=2.0,  # measured, CDNOW: 2.4 units on average, median 2
        lines_sd=0.55,  # assumption
        lines_by_value=0.5,  # assumption
    ),
    # Online Retail II (measured): 1.7 to 1.9 % of rows cancelled, 5.5 to 6.9 % of the value given back.
    aftermath=Aftermath(cancelled=0.018, returned=0.045, partly_returned=0.03, median_days_to_return=9),
    catalogue=Catalogue(  # assumption
        categories=(
            Category("Tops", ("shirts", "sweaters", "hoodies"), 0.22, 32.0),
            Category("Bottoms", ("trousers", "shorts", "skirts"), 0.16, 45.0),
            Category("Outerwear", ("jackets", "coats"), 0.09, 95.0),
            Category("Shoes", ("sneakers", "boots", "sandals"), 0.12, 70.0),
            Category("Bags", ("backpacks", "totes"), 0.10, 48.0),
            Category("Accessories", ("caps", "belts", "scarves"), 0.15, 16.0),
            Category("Home", ("mugs", "blankets", "candles"), 0.11, 18.0),
            Category("Gifts", ("gift sets", "advent calendars"), 0.05, 35.0, is_seasonal=True),
        ),
        brands=("Own label", "Own label premium", "Guest label"),
        products_per_category=60,
    ),
    campaigns=_CAMPAIGNS,
    consent=_CONSENT,
    dirt=_DIRT,
    devices=_DEVICES,
    acquisition_channels=_ACQUISITION,
    families=BRAND_FAMILIES,
    targets=BRAND_TARGETS,
)

MASS_RETAILER = replace(
    BRAND_SHOP,
    name="mass_retailer",
    shares=(0.40, 0.06, 0.10, 0.18, 0.08, 0.05, 0.08, 0.05),  # assumption
    # Online Retail II, all customers (measured): r 0.675, a 0.155, b 3.40, Erlang k 1.55.
    process=Process(orders_per_year=3.4, rate_shape=0.5, dropout_a=0.155, dropout_b=3.40, regularity=1.55),
    rhythm=Rhythm(
        months=(0.95, 0.90, 0.98, 0.97, 1.0, 0.98, 0.97, 0.97, 1.02, 1.05, 1.08, 1.13),  # assumption
        gift_months=_GIFT_MONTHS,
        week=(1.0, 0.98, 0.98, 1.0, 1.04, 1.0, 1.0),  # measured, Complete Journey, less what archetypes add to weekends
        hours=_HOURS,
        promotions=(Promotion(11, 16, 2, 20, 3.7), Promotion(6, 18, 3, 15, 2.0)),  # read, REES46: 16 and 17 November
        flash_every=2,  # assumption: weeks
        flash_demand=1.3,  # assumption
        flash_discount_percent=10,  # assumption
    ),
    # The level is the 40.79 of REES46's cosmetics shop (read); spread between and within as Online Retail II has
    # them (0.49 and 0.92, measured), less what archetypes and lines add.
    basket=Basket(
        log_value=3.24,
        value_sd_between=0.65,
        value_sd_within=0.90,
        median_lines=4.0,  # between cosmetics and a grocer's 5 (measured, Complete Journey); assumption
        lines_sd=0.7,  # assumption
        lines_by_value=0.7,  # assumption
    ),
    catalogue=Catalogue(  # assumption
        categories=(
            Category("Beauty", ("skin care", "make-up", "hair care"), 0.20, 8.0),
            Category("Household", ("cleaning", "paper goods", "laundry"), 0.18, 5.0),
            Category("Pantry", ("coffee", "snacks", "breakfast"), 0.16, 4.5),
            Category("Electronics", ("headphones", "chargers", "speakers"), 0.07, 30.0),
            Category("Kitchen", ("cookware", "glasses", "small appliances"), 0.08, 15.0),
            Category("Toys", ("games", "puzzles", "figures"), 0.07, 14.0),
            Category("Garden", ("plants", "tools"), 0.06, 12.0),
            Category("Pets", ("food", "toys for pets"), 0.08, 9.0),
            Category("Stationery", ("paper", "pens"), 0.06, 3.5),
            Category("Seasonal", ("decoration", "gift wrap", "gift boxes"), 0.04, 7.0, is_seasonal=True),
        ),
        brands=("House brand", "National brand", "Premium brand", "Import"),
        products_per_category=200,
    ),
    campaigns=replace(_CAMPAIGNS, coupon_use=0.5),  # assumption: more orders fall into a campaign by chance
    families=RETAIL_FAMILIES,
    targets=RETAIL_TARGETS,
)

PRESETS = {preset.name: preset for preset in (BRAND_SHOP, MASS_RETAILER)}
