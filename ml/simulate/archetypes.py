"""The kinds of customers that the simulated shops have.

What they are like is assumption throughout: no public set labels its customers. They are made to differ in
what orders and visits can show, and each overlaps with its neighbours.
"""

from ml.simulate.config import Archetype

PLAIN = Archetype("plain")

# Look at much, and read, for what is new, buy a bit dearer, respond to news rather than to discounts.
STYLE_BROWSER = Archetype(
    "style browser",
    order_rate=0.8,
    order_value=1.25,
    never_orders=0.3,
    promotion=0.5,
    discount_use=0.12,
    lift=0.8,
    visits=3.0,
    views=1.4,
    content=7.0,
    social=3.0,
)
# Buy on the weekends of flash sales, little at a time.
WEEKEND_FLASH_SALE_SHOPPER = Archetype(
    "weekend flash-sale shopper",
    order_rate=1.0,
    order_value=0.8,
    weekend=2.5,
    promotion=1.5,
    flash=6.0,
    discount_use=0.6,
    dropout=0.8,
    visits=1.2,
    carts=1.3,
)
# Buy with a discount or wait for one.
DISCOUNT_SEEKER = Archetype(
    "discount seeker",
    order_rate=1.2,
    order_value=0.85,
    promotion=3.0,
    flash=2.0,
    discount_use=0.8,
    lift=2.0,
    offer_response=0.02,
    dropout=0.8,
    visits=1.3,
    carts=2.5,
)
# Look much and buy seldom; many never do.
HIGH_FREQUENCY_BROWSER = Archetype(
    "high-frequency browser",
    order_rate=0.3,
    order_value=0.9,
    never_orders=0.5,
    discount_use=0.3,
    lift=0.5,
    visits=11.0,
    carts=0.8,
)
# One large order, and gone.
ONE_TIME_BIG_SPENDER = Archetype(
    "one-time big spender",
    order_rate=0.5,
    order_value=3.5,
    lines=1.5,
    leaves_after_first=0.85,
    discount_use=0.1,
    lift=0.3,
    visits=0.4,
    social=0.5,
)
# Buy presents before the holidays, and come back for the next ones.
SEASONAL_GIFT_BUYER = Archetype(
    "seasonal gift buyer",
    order_rate=0.7,
    order_value=1.1,
    gift_season=0.95,
    dropout=0.5,
    discount_use=0.2,
    visits=0.6,
)
# Ordered long ago; an offer is what brings them back.
DORMANT_DISCOUNT_RESPONDER = Archetype(
    "dormant discount responder",
    order_rate=0.12,
    order_value=0.9,
    came_early=True,
    dropout=0.2,
    discount_use=0.85,
    offer_response=0.15,
    visits=0.3,
)

ARCHETYPES = (
    PLAIN,
    STYLE_BROWSER,
    WEEKEND_FLASH_SALE_SHOPPER,
    DISCOUNT_SEEKER,
    HIGH_FREQUENCY_BROWSER,
    ONE_TIME_BIG_SPENDER,
    SEASONAL_GIFT_BUYER,
    DORMANT_DISCOUNT_RESPONDER,
)
