"""The whole shop, part by part: what its files hold, and the truth about it."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from ml.simulate import (
    browser_privacy,
    dirt,
    events,
    exports,
    exports_business,
    exports_families,
    tracking,
    truth,
    truth_visits,
)
from ml.simulate.baskets import draw_orders, fill_baskets
from ml.simulate.business import draw_business
from ml.simulate.campaigns import Campaign, draw_responses, plan_campaigns
from ml.simulate.catalogue import Products, build_products, describe_products
from ml.simulate.config import Preset
from ml.simulate.consents import draw_decisions
from ml.simulate.demand import Demand, build_demand
from ml.simulate.devices import draw_devices
from ml.simulate.emails import draw_mails
from ml.simulate.orders import draw_lives
from ml.simulate.pages import draw_pages
from ml.simulate.population import draw_people
from ml.simulate.randomness import CHUNK_CUSTOMERS, Integers, open_stream
from ml.simulate.social import draw_social_acts
from ml.simulate.tickets import draw_tickets
from ml.simulate.visit_draws import draw_visits

# Chunks that make one part, so that a part's files are neither tiny nor large.
CHUNKS_PER_PART = 10

_ORDER_COLUMNS = (
    *("order_id", "customer_id", "ordered_at", "status", "currency", "net_amount", "refund_amount"),
    *("shipping_amount", "coupon_code", "channel", "device_type", "received_at"),
)
_LINE_COLUMNS = (
    *("order_id", "line_number", "customer_id", "ordered_at", "product_id", "quantity", "unit_price"),
    *("net_amount", "discount_amount", "coupon_discount_amount", "received_at"),
)
_TICKET_COLUMNS = (
    *("ticket_id", "customer_id", "opened_at", "closed_at", "channel", "category", "priority"),
    *("csat_score", "sentiment_score", "received_at"),
)
_DEAL_COLUMNS = (*("deal_id", "account_id", "created_at", "amount", "stage", "closed_at", "owner_id", "received_at"),)


@dataclass(frozen=True)
class Part:
    """Up to 20,000 customers: ``files`` by the name of a table, or ``<table>_update``, and ``truth``."""

    files: dict[str, pl.DataFrame]
    truth: dict[str, pl.DataFrame]


@dataclass(frozen=True)
class Shop:
    """What is the same for all customers."""

    preset: Preset
    seed: int
    demand: Demand
    products: Products
    campaigns: list[Campaign]


def open_shop(preset: Preset, *, seed: int) -> Shop:
    """The shop of a preset, with its calendar, catalogue and campaigns."""
    demand = build_demand(preset)
    return Shop(preset, seed, demand, build_products(preset, seed=seed), plan_campaigns(preset, demand))


def describe_shop(shop: Shop) -> dict[str, pl.DataFrame]:
    """The files that do not grow with the customers: products and campaigns."""
    return {
        "products": describe_products(shop.preset, shop.products, seed=shop.seed),
        "campaigns": exports.export_campaigns(shop.campaigns, shop.demand),
    }


def simulate_parts(shop: Shop, *, customers: int) -> Iterator[Part]:
    """The customers in parts, one at a time in memory; the first ones are the same for every number."""
    if customers < 1:
        raise ValueError(f"a shop of {customers} customers cannot be simulated; ask for 1 or more")
    chunks = range(-(-customers // CHUNK_CUSTOMERS))
    for first in range(0, len(chunks), CHUNKS_PER_PART):
        parts = [_simulate_chunk(shop, chunk, customers) for chunk in chunks[first : first + CHUNKS_PER_PART]]
        yield Part(files=_stack([part.files for part in parts]), truth=_stack([part.truth for part in parts]))


def _stack(frames: list[dict[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """The frames of several chunks, what arrives one by one in the order of its arrival.

    Takes the frames out of ``frames``, so that no table is in memory twice but the one at hand.
    """
    stacked = {}
    for name in list(frames[0]):
        frame = pl.concat([part.pop(name) for part in frames])
        stacked[name] = frame.sort("received_at", maintain_order=True) if "received_at" in frame.columns else frame
    return stacked


def _simulate_chunk(shop: Shop, number: int, customers: int) -> Part:
    chunk = live_chunk(shop, number)
    files = _export(shop, chunk, number)
    known = {
        "customers": truth.describe_lives(chunk, shop.demand, shop.preset),
        "orders": truth.list_orders(chunk, shop.campaigns, shop.demand),
        "outcomes": truth.list_outcomes(chunk, shop.demand),
        "campaign_members": truth.list_effects(chunk, shop.campaigns),
        "sessions": truth_visits.list_visits(chunk, shop.demand, shop.preset),
        "identities": truth_visits.list_identities(chunk),
        "mails": exports_families.list_mails(chunk, shop.campaigns),
        "complaints": exports_families.list_complaints(chunk, shop.demand),
        "deals": exports_business.list_deals(chunk, shop.demand),
    }
    return Part(files=_cut(files, customers), truth=_cut(known, customers))


def live_chunk(shop: Shop, number: int) -> exports.Chunk:
    """Everything that happens to the people of one chunk, whatever the size of the shop."""
    preset, demand, key = shop.preset, shop.demand, {"seed": shop.seed, "chunk": number}
    people = draw_people(preset, demand, **key)
    lives = draw_lives(people, demand, preset, **key)
    decisions = draw_decisions(people, demand, preset, **key)
    responses = draw_responses(people, lives, decisions, shop.campaigns, demand, preset, **key)
    orders = draw_orders(people, lives, responses, shop.campaigns, demand, preset, **key)
    lines = fill_baskets(orders, people, shop.products, preset, **key)
    mails = draw_mails(people, responses, decisions, orders, shop.campaigns, preset, **key)
    devices = draw_devices(people, preset, **key)
    visits = draw_visits(people, lives, orders, mails, devices, demand, preset, **key)
    pages = draw_pages(visits, people, orders, lines, shop.products, preset, **key)
    tickets = draw_tickets(people, lives, orders, demand, preset, **key)
    social_acts = draw_social_acts(people, lives, demand, preset, **key)
    business = draw_business(people, lives, demand, preset, **key)
    return exports.Chunk(
        people,
        lives,
        decisions,
        responses,
        orders,
        lines,
        mails,
        devices,
        visits,
        pages,
        tickets,
        social_acts,
        business,
    )


def _export(shop: Shop, chunk: exports.Chunk, number: int) -> dict[str, pl.DataFrame]:
    preset, demand, rates = shop.preset, shop.demand, shop.preset.dirt
    rng = open_stream(shop.seed, "dirt", number)
    orders = exports.export_orders(chunk, demand, preset, seed=shop.seed, number=number)
    redemptions = exports.export_redemptions(chunk, orders, shop.campaigns, demand)
    orders = dirt.forget_guests(orders, rates, rng)
    guests = orders.filter(pl.col("customer_id") == dirt.GUEST)["position"].unique().to_numpy()
    orders = dirt.delay_orders(orders, demand, rates, rng)
    lines = exports.export_lines(chunk, orders, shop.products)
    lines = dirt.repeat_lines(dirt.correct_lines(lines, demand, rates, rng), rates, rng)
    orders = dirt.duplicate_rows(dirt.break_orders(_finish_orders(shop, orders), rates, rng), rates, rng)
    lines = dirt.duplicate_rows(dirt.break_lines(lines, rates, rng), rates, rng)
    return {
        "customers": exports.export_customers(chunk, demand, preset, seed=shop.seed, number=number).join(
            exports_business.list_contacts(chunk), on="customer_number", how="left", maintain_order="left"
        ),
        **_split_updates("orders", orders, _ORDER_COLUMNS),
        **_split_updates("order_lines", lines, _LINE_COLUMNS),
        "campaign_members": exports.export_members(chunk, shop.campaigns, demand),
        "coupon_redemptions": dirt.lose_redemptions(redemptions, demand, rates),
        "events": _export_events(shop, chunk, number, guests),
        **_export_families(shop, chunk, number),
    }


def _export_families(shop: Shop, chunk: exports.Chunk, number: int) -> dict[str, pl.DataFrame]:
    """Mails, service, social networks, business and privacy."""
    preset, demand, key = shop.preset, shop.demand, {"seed": shop.seed, "number": number}
    tickets = exports_families.export_tickets(chunk, demand, **key)
    deals = exports_business.export_deals(chunk, demand)
    of_browsers = browser_privacy.export_browser_decisions(chunk, demand)
    mails = exports_families.export_mail_events(chunk, shop.campaigns, demand)
    rng = open_stream(shop.seed, "mail dirt", number)
    return {
        "consents": pl.concat([exports.export_consents(chunk, demand), of_browsers]),
        "erasure_requests": browser_privacy.export_erasures(chunk, demand, preset, **key),
        "email_events": dirt.duplicate_rows(mails, preset.dirt, rng),
        **_split_updates("support_tickets", tickets, _TICKET_COLUMNS),
        "social_engagements": exports_families.export_social_acts(chunk, demand, preset),
        "accounts": exports_business.export_accounts(chunk, demand, **key),
        **_split_updates("deals", deals, _DEAL_COLUMNS),
        "deal_stage_changes": exports_business.export_stage_changes(chunk, demand),
        "calls": exports_business.export_calls(chunk, demand, **key),
        "rep_activities": exports_business.export_activities(chunk, demand, **key),
    }


def _export_events(shop: Shop, chunk: exports.Chunk, number: int, guests: Integers) -> pl.DataFrame:
    key = {"seed": shop.seed, "number": number}
    perfect = events.export_events(chunk, shop.products, shop.demand, shop.preset, **key)
    rng = open_stream(shop.seed, "tracking", number)
    return tracking.record_events(perfect, chunk, guests, shop.demand, shop.preset, rng)


def _finish_orders(shop: Shop, orders: pl.DataFrame) -> pl.DataFrame:
    codes = {str(place): exports.name_coupon(campaign) for place, campaign in enumerate(shop.campaigns)}
    return orders.with_columns(
        coupon_code=pl.col("coupon").replace_strict(codes, return_dtype=pl.String),
        currency=pl.lit(shop.preset.currency),
    )


def _split_updates(name: str, frame: pl.DataFrame, columns: tuple[str, ...]) -> dict[str, pl.DataFrame]:
    """The first file as the shop exports it, and the later one of what was late or changed."""
    kept = ["customer_number", *columns]
    return {
        name: frame.filter(~pl.col("is_update")).select(kept),
        f"{name}_update": frame.filter("is_update").select(kept),
    }


def _cut(frames: dict[str, pl.DataFrame], customers: int) -> dict[str, pl.DataFrame]:
    return {
        name: frame.filter(pl.col("customer_number") < customers).drop("customer_number")
        for name, frame in frames.items()
    }
