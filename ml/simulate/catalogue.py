"""What the shop sells: products in categories, with prices, a few of which sell much better than the rest."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ml.simulate.config import Preset
from ml.simulate.randomness import Floats, Integers, name_things, open_stream

# Products lie sorted by price within their category; one of each row of this many is the one that sells.
_ROW = 5
_BESTSELLER_SHARE = 0.4
# How far from the price that fits best people choose, in products of the category (sd); assumption.
_CHOICE_SPREAD = 4.0
# Parts the logarithms of prices of one category from those of the next.
_CATEGORY_STEP = 100.0


@dataclass(frozen=True, eq=False)
class Products:
    """The catalogue as arrays, sorted by category and price; ``cents`` are list prices.

    ``position`` of a product in the arrays stands for it everywhere in the simulation.
    """

    category: Integers
    cents: Integers
    per_category: int

    def choose(self, category: Integers, cents: Floats, rng: np.random.Generator) -> Integers:
        """A product for each line: of the category, at about the price, rather a bestseller."""
        keys = self.category * _CATEGORY_STEP + np.log(self.cents)
        fitting = np.searchsorted(keys, category * _CATEGORY_STEP + np.log(cents))
        place = fitting + np.rint(rng.normal(0, _CHOICE_SPREAD, len(category))).astype(np.int64)
        place = np.clip(place - category * self.per_category, 0, self.per_category - 1)
        is_bestseller = rng.random(len(category)) < _BESTSELLER_SHARE
        return category * self.per_category + np.where(is_bestseller, place // _ROW * _ROW, place)


def build_products(preset: Preset, *, seed: int) -> Products:
    """The products of the preset; they do not depend on how many customers the shop has."""
    rng = open_stream(seed, "catalogue")
    count, prices = preset.catalogue.products_per_category, []
    for category in preset.catalogue.categories:
        drawn = np.sort(rng.lognormal(np.log(category.median_price * 100), category.price_sd, count))
        # Prices end in 9 tenths or, from 10 on, in 99 hundredths.
        prices.append(np.where(drawn < 1000, np.ceil(drawn / 10) * 10 - 1, np.ceil(drawn / 100) * 100 - 1))
    return Products(
        category=np.repeat(np.arange(len(prices)), count),
        cents=np.concatenate(prices).astype(np.int64),
        per_category=count,
    )


def name_products(positions: Integers) -> pl.Series:
    """The shop's product identifiers."""
    return name_things([f"P{position:05d}" for position in positions.tolist()])


def describe_products(preset: Preset, products: Products, *, seed: int) -> pl.DataFrame:
    """One row per product, as the shop exports it; ``list_price`` in the preset's currency."""
    rng = open_stream(seed, "product descriptions")
    size, categories = len(products.cents), preset.catalogue.categories
    brand = rng.choice(len(preset.catalogue.brands), size)
    kind = rng.integers(0, [len(categories[index].subcategories) for index in products.category])
    described = [
        (categories[index], categories[index].subcategories[part])
        for index, part in zip(products.category, kind, strict=True)
    ]
    return pl.DataFrame(
        {
            "product_id": name_products(np.arange(size)),
            "name": [f"{part.capitalize()} {number:03d}" for number, (_, part) in enumerate(described)],
            "category": [category.name for category, _ in described],
            "subcategory": [part for _, part in described],
            "brand": [preset.catalogue.brands[index] for index in brand],
            "list_price": to_money(products.cents),
            "is_seasonal": [category.is_seasonal for category, _ in described],
        }
    )


def to_money(cents: Integers) -> pl.Series:
    """Whole cents as exact decimals of the currency."""
    return pl.Series(cents).cast(pl.Decimal(18, 2)) / 100
