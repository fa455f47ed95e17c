import polars as pl
import pytest

from ml.simulate.shop import describe_shop, open_shop, simulate_parts


def simulate(shop, customers):
    (part,) = simulate_parts(shop, customers=customers)
    return part


def test_the_same_seed_gives_the_same_shop(shop, part):
    again = simulate(open_shop(shop.preset, seed=shop.seed), 6_000)
    for name, frame in part.files.items():
        assert again.files[name].equals(frame), name
    for name, frame in part.truth.items():
        assert again.truth[name].equals(frame), name


def test_another_seed_gives_another_shop(shop, part):
    other = simulate(open_shop(shop.preset, seed=shop.seed + 1), 200)
    assert not other.files["customers"].equals(part.files["customers"].head(len(other.files["customers"])))


def test_the_first_customers_live_alike_in_a_shop_of_any_size(shop, part):
    small = simulate(shop, 200)
    first = [f"C{number:07d}" for number in range(100)]
    names = ("customers", "consents", "campaign_members", "coupon_redemptions", "orders", "orders_update")
    for name in (*names, "email_events", "support_tickets", "support_tickets_update"):
        theirs = [shop_part.files[name].filter(pl.col("customer_id").is_in(first)) for shop_part in (small, part)]
        assert len(theirs[0]) > 0, name
        assert theirs[0].equals(theirs[1]), name
    for name, frame in small.truth.items():
        if name == "deals":
            continue
        theirs = [frames.filter(pl.col("customer_id").is_in(first)) for frames in (frame, part.truth[name])]
        assert theirs[0].equals(theirs[1]), name


def test_the_same_events_are_recorded_in_a_shop_of_any_size(shop, part):
    """Those of passers-by and bots too: they are counted with the customers."""
    small = simulate(shop, 200)
    recorded = part.files["events"].filter(pl.col("session_id").is_in(small.truth["sessions"]["session_id"].implode()))
    assert len(recorded) > 5_000
    assert recorded.equals(small.files["events"])


def test_a_shop_has_no_more_customers_than_asked_for(shop):
    assert simulate(shop, 150).truth["customers"]["customer_id"].to_list() == [f"C{n:07d}" for n in range(150)]


def test_large_shops_come_in_parts(shop, monkeypatch):
    monkeypatch.setattr("ml.simulate.shop.CHUNKS_PER_PART", 1)
    parts = list(simulate_parts(shop, customers=2_500))
    assert [len(part.truth["customers"]) for part in parts] == [2_000, 500]


def test_a_shop_without_customers_is_refused(shop):
    with pytest.raises(ValueError, match="ask for 1 or more"):
        next(simulate_parts(shop, customers=0))


def test_no_truth_is_in_the_files(part, shop):
    told = {column for frame in {**part.files, **describe_shop(shop)}.values() for column in frame.columns}
    truths = {column for frame in part.truth.values() for column in frame.columns}
    shared = {"customer_id", "order_id", "ordered_at", "campaign_id", "arm", "net_amount"}
    shared |= {"anonymous_id", "session_id", "started_at", "deal_id", "created_at"}
    assert told & truths == shared
    archetypes = {kind.name for kind in shop.preset.archetypes}
    for name, frame in part.files.items():
        for column in frame.select(pl.col(pl.String)).iter_columns():
            assert not archetypes & set(column.unique().to_list()), (name, column.name)


def test_orders_are_those_of_the_truth_as_far_as_the_files_go(part):
    known = part.files["orders"].filter(pl.col("order_id").is_not_null())
    assert known.join(part.truth["orders"], on="order_id", how="anti").is_empty()


def test_every_line_belongs_to_an_order_of_the_truth(part):
    lines = pl.concat([part.files["order_lines"], part.files["order_lines_update"]])
    assert lines.join(part.truth["orders"], on="order_id", how="anti").is_empty()


def test_updates_come_in_the_order_of_their_arrival(part):
    assert part.files["order_lines_update"]["received_at"].is_sorted()
    assert part.files["orders_update"]["received_at"].is_sorted()


def test_nothing_arrives_after_the_files_end(part, shop):
    for name in ("orders", "orders_update", "order_lines", "order_lines_update"):
        assert part.files[name]["received_at"].max().date() < shop.preset.end, name


def test_an_order_that_was_given_back_says_so_in_a_later_version(part):
    updates = part.files["orders_update"]
    assert set(updates["status"].unique()) == {"paid", "returned", "cancelled"}
    assert (updates.filter(pl.col("status") == "returned")["refund_amount"] > 0).all()
    assert set(part.files["orders"]["status"].unique()) == {"paid", "cancelled"}
