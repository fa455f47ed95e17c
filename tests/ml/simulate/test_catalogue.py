import numpy as np
import polars as pl

from ml.simulate.catalogue import describe_products, to_money


def test_products_are_chosen_from_the_category_asked_for(shop):
    category = np.repeat(np.arange(8), 200)
    chosen = shop.products.choose(category, np.full(1_600, 4_000.0), np.random.default_rng(0))
    assert np.array_equal(shop.products.category[chosen], category)


def test_dear_lines_get_dear_products(shop):
    rng, category = np.random.default_rng(0), np.zeros(2_000, np.int64)
    cheap, dear = (shop.products.choose(category, np.full(2_000, cents), rng) for cents in (1_500.0, 9_000.0))
    assert shop.products.cents[cheap].mean() < 2_500 < 6_000 < shop.products.cents[dear].mean()


def test_a_few_products_sell_much_more_than_the_others(part):
    sold = part.files["order_lines"].group_by("product_id").len()["len"].sort(descending=True)
    assert sold[: len(sold) // 5].sum() / sold.sum() > 0.4


def test_every_product_that_is_sold_is_in_the_catalogue(part, shop):
    products = describe_products(shop.preset, shop.products, seed=shop.seed)
    assert products["product_id"].is_unique().all()
    sold = part.files["order_lines"]["product_id"].drop_nulls().unique()
    assert sold.is_in(products["product_id"].implode()).all()


def test_only_the_seasonal_category_is_seasonal(shop):
    products = describe_products(shop.preset, shop.products, seed=shop.seed)
    assert products.filter("is_seasonal")["category"].unique().to_list() == ["Gifts"]


def test_money_is_exact():
    assert to_money(np.array([1999, -5])).cast(pl.String).to_list() == ["19.99", "-0.05"]
