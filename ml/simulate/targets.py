"""The figures that a simulated shop is compared with, by preset, each with its source."""

from ml.simulate.config import Target
from ml.simulate.targets_families import BRAND_FAMILY_TARGETS, RETAIL_FAMILY_TARGETS

_CDNOW = "measured on CDNOW"
_ONLINE_RETAIL = "measured on Online Retail II"
_JOURNEY = "measured on Complete Journey"

_COMMON = {
    "orders cancelled": Target(0.018, _ONLINE_RETAIL),
    "value given back": Target(0.062, _ONLINE_RETAIL),
    "orders at the peak hour, 12, of the mean hour": Target(1.6, "assumption; REES46 buys most at 12 (read)"),
    "orders from desktop": Target(0.581, "read, GA4 sessions", 1.1),
    "customers in a campaign": Target(0.63, _JOURNEY),
    "of them who ever redeemed": Target(0.26, _JOURNEY, 2.0),
    "relative lift of offers": Target(1.19, "measured on Hillstrom", 1.5),
    "relative lift of news": Target(0.54, "measured on Hillstrom", 1.5),
    "refused contact within nine months": Target(0.074, "read, Clickpoint", 1.25),
    "refused in month one, of these": Target(0.30, "read, Clickpoint", 1.25),
    "rows said twice": Target(0.0013, "read, REES46", 1.5),
    "repeated lines": Target(0.013, _ONLINE_RETAIL, 1.25),
    "lines of nothing": Target(0.0027, "read, REES46", 1.5),
}

BRAND_TARGETS = {
    "no second order in 18 months": Target(0.51, _CDNOW, 1.1),
    "orders in 18 months, mean": Target(2.87, _CDNOW),
    "orders in 18 months, p90": Target(6, _CDNOW, 1.35),
    "orders in 18 months, p99": Target(19, _CDNOW, 1.35),
    "days between orders, p10": Target(4, _CDNOW, 1.8),
    "days between orders, median": Target(34, _CDNOW, 1.6),
    "days between orders, p90": Target(200, _CDNOW, 1.35),
    "order value, mean": Target(69, "read, GA4", 1.15),
    "order value, log sd": Target(0.74, _CDNOW, 1.15),
    "order value, log sd within customers": Target(0.59, _CDNOW, 1.15),
    "revenue of the top fifth in 18 months": Target(0.68, _CDNOW, 1.15),
    "units per order, mean": Target(2.41, _CDNOW, 1.35),
    "revenue index of September": Target(1.27, _ONLINE_RETAIL),
    "revenue index of October": Target(1.47, _ONLINE_RETAIL),
    "revenue index of November": Target(1.66, _ONLINE_RETAIL),
    "revenue index of January": Target(0.80, _ONLINE_RETAIL),
    "revenue index of February": Target(0.68, _ONLINE_RETAIL),
    "orders of December by January": Target(2.6, "read, GA4", 1.35),
    **_COMMON,
    **BRAND_FAMILY_TARGETS,
}

RETAIL_TARGETS = {
    "customers with one order in a year": Target(0.335, _ONLINE_RETAIL, 1.25),
    "orders in a year, mean": Target(4.4, _ONLINE_RETAIL),
    "orders in a year, median": Target(2, _ONLINE_RETAIL, 1.5),
    "orders in a year, p90": Target(9, _ONLINE_RETAIL, 1.35),
    "orders in a year, p99": Target(30, _ONLINE_RETAIL, 1.35),
    "days between orders, p10": Target(4.5, _ONLINE_RETAIL, 1.8),
    "days between orders, median": Target(28, _ONLINE_RETAIL, 1.6),
    "days between orders, p90": Target(110, _ONLINE_RETAIL, 1.35),
    "order value, mean": Target(40.79, "read, REES46 cosmetics", 1.15),
    "order value, log sd": Target(1.08, _ONLINE_RETAIL, 1.35),
    "order value, log sd within customers": Target(0.92, _ONLINE_RETAIL, 1.35),
    "revenue of the top fifth in a year": Target(0.74, _ONLINE_RETAIL, 1.15),
    "revenue of 16 and 17 November by other days": Target(4.5, "read, REES46", 1.35),
    "orders of a weekend day by a weekday": Target(1.2, _JOURNEY, 1.25),
    "customers of the fourth quarter only": Target(0.177, _ONLINE_RETAIL, 1.5),
    **_COMMON,
    **RETAIL_FAMILY_TARGETS,
}
