"""A chunk's lives as the shop's own exports: one frame per file, before anything goes wrong with them.

Every frame has, besides the columns of the file, ``customer_number`` (to cut the chunk to the shop's size)
and, where the shop sends updates, ``is_update`` (the row comes in the later file). Of orders, ``is_return`` marks
the version that says what was given back, ``position`` the order in the chunk.
Times are the shop's local times. What lies outside the files' period is left out.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ml.simulate.baskets import CANCELLED, PARTLY_RETURNED, PLACED, RETURNED, Lines, Orders, sum_orders
from ml.simulate.business import BusinessLives
from ml.simulate.campaigns import Campaign, Responses
from ml.simulate.catalogue import Products, name_products, to_money
from ml.simulate.columns import SECONDS_PER_DAY, to_moments
from ml.simulate.config import Preset
from ml.simulate.consents import CONTACT, PROFILING, Decisions
from ml.simulate.demand import Demand
from ml.simulate.devices import Devices
from ml.simulate.emails import Mails
from ml.simulate.orders import Lives, find_registrations
from ml.simulate.pages import Pages
from ml.simulate.population import People
from ml.simulate.randomness import (
    Integers,
    count_within,
    name_customers,
    name_things,
    open_stream,
    scramble_ids,
)
from ml.simulate.social import SocialActs
from ml.simulate.tickets import Tickets
from ml.simulate.visits import Visits

# Orders below this value pay for shipping, in cents; assumption.
_FREE_SHIPPING_FROM = 5_000
_SHIPPING = 495
# Delay of an order on its way to the shop's systems: lognormal, 95 % below a minute and 99 % below six
# hours (assumption E of the calibration: no measured distribution was found).
_DELAY_SECONDS_MEDIAN = 0.08
_DELAY_SPREAD = 4.0
_DECISIONS = ("granted", "denied", "withdrawn")
_STATUS = {PLACED: "paid", CANCELLED: "cancelled", RETURNED: "returned", PARTLY_RETURNED: "paid"}


@dataclass(frozen=True, eq=False)
class Chunk:
    """Everything that happened to the customers of one chunk."""

    people: People
    lives: Lives
    decisions: Decisions
    responses: Responses
    orders: Orders
    lines: Lines
    mails: Mails
    devices: Devices
    visits: Visits
    pages: Pages
    tickets: Tickets
    social_acts: SocialActs
    business: BusinessLives


def name_orders(orders: Orders, people: People) -> pl.Series:
    """The shop's order identifiers."""
    return scramble_ids("O", people.number[orders.person], orders.sequence)


def export_customers(chunk: Chunk, demand: Demand, preset: Preset, *, seed: int, number: int) -> pl.DataFrame:
    """One row per registered customer; country, region and age are drawn and mean nothing."""
    people, rng = chunk.people, open_stream(seed, "descriptions", number)
    created = find_registrations(people, chunk.lives)
    channels = [name for name, _ in preset.acquisition_channels]
    ages = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
    frame = pl.DataFrame(
        {
            "customer_number": people.number,
            "customer_id": name_customers(people.number),
            "created_at": to_moments(created, demand),
            "country_code": rng.choice(["DE", "AT", "NL"], len(people), p=(0.8, 0.1, 0.1)),
            "age_band": rng.choice(ages, len(people)),
            "acquisition_channel": [channels[index] for index in people.acquisition_channel],
        }
    )
    return frame.filter(pl.Series(created < demand.end))


def export_orders(chunk: Chunk, demand: Demand, preset: Preset, *, seed: int, number: int) -> pl.DataFrame:
    """One row per order and version: as it was placed, and once more where something was given back."""
    orders, people, rng = chunk.orders, chunk.people, open_stream(seed, "arrivals", number)
    net = sum_orders(chunk.lines, len(orders.person))
    delay = rng.lognormal(np.log(_DELAY_SECONDS_MEDIAN), _DELAY_SPREAD, len(orders.person)) / SECONDS_PER_DAY
    placed = pl.DataFrame(
        {
            "position": np.arange(len(orders.person)),
            "customer_number": people.number[orders.person],
            "order_id": name_orders(orders, people),
            "customer_id": name_customers(people.number[orders.person]),
            "ordered_at": to_moments(orders.at, demand),
            "status": np.where(orders.fate == CANCELLED, "cancelled", "paid"),
            "net_amount": to_money(net),
            "refund_amount": to_money(np.zeros_like(net)),
            "shipping_amount": to_money(np.where(net < _FREE_SHIPPING_FROM, _SHIPPING, 0)),
            "coupon": name_things([str(place) if place >= 0 else None for place in orders.campaign.tolist()]),
            "channel": "web",
            "device_type": name_things([preset.devices[index][0] for index in people.device[orders.person].tolist()]),
            "received_at": to_moments(orders.at + delay, demand),
            "is_return": False,
            "is_update": False,
        }
    )
    gives_back = np.flatnonzero(np.isin(orders.fate, (RETURNED, PARTLY_RETURNED)))
    refund = np.where(orders.fate == RETURNED, net, net // 2)[gives_back]
    returned = placed[gives_back].with_columns(
        status=name_things([_STATUS[fate] for fate in orders.fate[gives_back].tolist()]),
        refund_amount=to_money(refund),
        received_at=to_moments(orders.returned_at[gives_back], demand),
        is_return=True,
        is_update=True,
    )
    return _keep_period(pl.concat([placed, returned]), demand)


def export_lines(chunk: Chunk, orders: pl.DataFrame, products: Products) -> pl.DataFrame:
    """One row per line of the exported orders, with what the order says of customer and times."""
    lines, has_coupon = chunk.lines, chunk.orders.has_coupon[chunk.lines.order]
    frame = pl.DataFrame(
        {
            "position": lines.order,
            "line_number": count_within(lines.order) + 1,
            "product_id": name_products(lines.product),
            "quantity": lines.quantity,
            "unit_price": to_money(products.cents[lines.product]),
            "net_amount": to_money(lines.net),
            "discount_amount": to_money(np.where(has_coupon, 0, lines.discount)),
            "coupon_discount_amount": to_money(np.where(has_coupon, lines.discount, 0)),
        }
    )
    placed = orders.filter(~pl.col("is_return")).select(
        "position", "customer_number", "order_id", "customer_id", "ordered_at", "received_at", "is_update"
    )
    return frame.join(placed, on="position", how="inner", maintain_order="left")


def export_campaigns(campaigns: list[Campaign], demand: Demand) -> pl.DataFrame:
    """One row per campaign; the last day is the last on which its coupon is taken."""
    return pl.DataFrame(
        {
            "campaign_id": name_things([campaign.campaign_id for campaign in campaigns]),
            "name": name_things([campaign.offer.title for campaign in campaigns]),
            "channel": "email",
            "started_at": to_moments(np.array([float(campaign.starts) for campaign in campaigns]), demand),
            "ended_at": to_moments(np.array([campaign.ends - 1.0 for campaign in campaigns]), demand),
            "offer_type": name_things([campaign.offer.offer_type for campaign in campaigns]),
            "discount_percent": [campaign.offer.discount_percent for campaign in campaigns],
        }
    )


def export_members(chunk: Chunk, campaigns: list[Campaign], demand: Demand) -> pl.DataFrame:
    """One row per campaign and customer, with the arm."""
    responses, people = chunk.responses, chunk.people
    starts = np.array([float(campaign.starts) for campaign in campaigns])
    return pl.DataFrame(
        {
            "customer_number": people.number[responses.person],
            "campaign_id": _name_campaigns(campaigns, responses.campaign),
            "customer_id": name_customers(people.number[responses.person]),
            "assigned_at": to_moments(starts[responses.campaign], demand),
            "arm": np.where(responses.is_control, "control", "treatment"),
        }
    )


def export_redemptions(chunk: Chunk, orders: pl.DataFrame, campaigns: list[Campaign], demand: Demand) -> pl.DataFrame:
    """One row per redeemed coupon."""
    placed = orders.filter(~pl.col("is_return"), pl.col("coupon").is_not_null())
    position = placed["position"].to_numpy()
    person = chunk.orders.person[position]
    return pl.DataFrame(
        {
            "customer_number": placed["customer_number"],
            "redemption_id": scramble_ids("R", chunk.people.number[person], chunk.orders.sequence[position]),
            "customer_id": placed["customer_id"],
            "redeemed_at": to_moments(chunk.orders.at[position], demand),
            "coupon_code": _name_coupons(campaigns, chunk.orders.campaign[position]),
            "campaign_id": _name_campaigns(campaigns, chunk.orders.campaign[position]),
            "order_id": placed["order_id"],
        }
    )


def export_consents(chunk: Chunk, demand: Demand) -> pl.DataFrame:
    """One row per decision on one purpose."""
    decisions, number = chunk.decisions, chunk.people.number[chunk.decisions.person]
    purposes = PROFILING + CONTACT
    return pl.DataFrame(
        {
            "customer_number": number,
            "consent_event_id": scramble_ids("E", number, count_within(decisions.person)),
            "customer_id": name_customers(number),
            "anonymous_id": pl.Series([None] * len(number), dtype=pl.String),
            "purpose": name_things([purposes[index] for index in decisions.purpose.tolist()]),
            "decision": name_things([_DECISIONS[index] for index in decisions.decision.tolist()]),
            "occurred_at": to_moments(decisions.at, demand),
            "source": "form",
        }
    )


def name_coupon(campaign: Campaign) -> str:
    """The code that a campaign hands out."""
    return f"{campaign.campaign_id}-{campaign.offer.discount_percent}"


def _name_coupons(campaigns: list[Campaign], positions: Integers) -> pl.Series:
    return name_things([name_coupon(campaigns[position]) for position in positions.tolist()])


def _name_campaigns(campaigns: list[Campaign], positions: Integers) -> pl.Series:
    return name_things([campaigns[position].campaign_id for position in positions.tolist()])


def _keep_period(frame: pl.DataFrame, demand: Demand) -> pl.DataFrame:
    begin, end = to_moments(np.array([demand.start, demand.end], dtype=np.float64), demand)
    return frame.filter(pl.col("ordered_at") >= begin, pl.col("received_at") < end)
