"""Rows with a list in them as one row per element."""

import json

import pytest

from dagster_project.loading.errors import LoadError, SourceError
from dagster_project.loading.source import Source
from tests.dagster_project.loading.conftest import ORDERS

ITEMS = {
    "files": "orders.jsonl",
    "each": {"item": "items"},
    "columns": {
        "order_id": "id",
        "customer_id": "who",
        "ordered_at": "day",
        "product_id": "item ->> '$.sku'",
        "quantity": "item ->> '$.n'",
        "net_amount": "item ->> '$.paid'",
    },
}


def order(number, items):
    return json.dumps({"id": number, "who": "c1", "day": "2024-05-01", "items": items}) + "\n"


def item(sku, n=1, paid=5):
    return {"sku": sku, "n": n, "paid": paid}


def load_items(shop, *lines, **config):
    shop.write("orders.jsonl", "".join(lines))
    shop.describe({"order_lines": ITEMS | config})
    return shop.load().tables[0]


def test_every_element_is_a_row_of_its_own(shop):
    load = load_items(shop, order("o1", [item("a", 2, 7.5), item("b")]), order("o2", [item("a")]))
    assert (load.totals.rows_read, load.totals.amount_loaded) == (3, 17.5)
    assert shop.rows("select order_id, line_number, product_id, quantity from raw.order_lines order by 1, 2") == [
        ("o1", 1, "a", 2),
        ("o1", 2, "b", 1),
        ("o2", 1, "a", 1),
    ]


def test_elements_are_counted_through_the_file(shop):
    load_items(shop, order("o1", [item("a"), item("b")]), "\n", order("o2", [item("c")]))
    assert shop.rows("select product_id, source_row from raw.order_lines order by 2") == [("a", 1), ("b", 2), ("c", 3)]


def test_an_expression_names_the_row_of_the_file_and_the_place_in_its_list(shop):
    columns = ITEMS["columns"] | {"order_id": "source_row", "line_number": "source_element"}
    where = "source_row <> 2"
    lines = [order("o1", [item("a"), item("b")]), order("o2", [item("c")]), "\n", order("o3", [item("d"), item("e")])]
    load_items(shop, *lines, columns=columns, where=where)
    found = "select order_id, line_number, product_id, source_row from raw.order_lines order by 4"
    assert shop.rows(found) == [("1", 1, "a", 1), ("1", 2, "b", 2), ("4", 1, "d", 4), ("4", 2, "e", 5)]


def test_orders_and_their_elements_agree_in_a_number_that_the_file_gives_neither(shop):
    order_columns = {"order_id": "source_row", "customer_id": "who", "ordered_at": "day"}
    line_columns = ITEMS["columns"] | {"order_id": "source_row"}
    shop.write("orders.jsonl", order("", [item("a"), item("b")]) + order("", [item("c")]))
    shop.describe(
        {
            "orders": {"files": "orders.jsonl", "columns": order_columns},
            "order_lines": ITEMS | {"columns": line_columns},
        }
    )
    shop.load()
    found = "select order_id, product_id from raw.orders join raw.order_lines using (order_id) order by 1, 2"
    assert shop.rows(found) == [("1", "a"), ("1", "b"), ("2", "c")]


def test_the_later_element_of_one_key_counts(shop):
    load_items(shop, order("o1", [item("a", 1), item("a", 2)]), columns=ITEMS["columns"] | {"line_number": 1})
    assert shop.rows("select quantity from raw.order_lines order by loaded_at desc, source_row desc limit 1") == [(2,)]


def test_no_list_and_an_empty_one_make_no_row(shop):
    load = load_items(shop, order("o1", []), order("o2", None), order("o3", [item("a")]))
    assert (load.totals.rows_read, load.totals.rows_loaded) == (1, 1)


def test_where_may_look_into_the_element(shop):
    load = load_items(shop, order("o1", [item("a"), item("gift")]), where="item ->> '$.sku' <> 'gift'")
    assert load.totals.rows_read == 1


def test_text_elements_are_texts(shop):
    load_items(
        shop, order("o1", ["a", "b"]), columns=ITEMS["columns"] | {"product_id": "item", "quantity": 1, "net_amount": 1}
    )
    assert shop.rows("select product_id from raw.order_lines order by 1") == [("a",), ("b",)]


def test_a_list_that_cannot_be_read_is_quarantined(shop):
    load_items(shop, order("o1", {"sku": "a"}), order("o2", [item("b")]), order("o3", "[a"))
    assert shop.rows("select source_row, reason from quarantine.order_lines order by 1") == [
        (1, 'item \'{"sku":"a"}\' is no list'),
        (3, "item '[a' is no list"),
    ]
    assert shop.rows("select product_id from raw.order_lines") == [("b",)]


def test_a_list_that_cannot_be_computed_is_quarantined(shop):
    each = {"item": "[cast(items as integer)]"}
    load_items(shop, order("o1", 1), order("o2", "x"), each=each, columns=ITEMS["columns"] | {"product_id": "item"})
    reasons = shop.rows("select source_row, reason from quarantine.order_lines where reason like 'item%'")
    assert reasons == [(2, "item cannot be computed by [cast(items as integer)]")]


def test_an_element_of_a_quarantined_row_is_kept_with_it(shop):
    load_items(shop, order("o1", [item("a", "many")]))
    row = json.loads(shop.rows("select row from quarantine.order_lines")[0][0])
    assert (row["id"], json.loads(row["item"])) == ("o1", item("a", "many"))


def test_the_list_itself_is_not_kept_beside_its_elements(shop):
    load_items(shop, order("o1", [item("a")]))
    extra = json.loads(shop.rows("select extra from raw.order_lines")[0][0])
    assert {name: json.loads(value) for name, value in extra.items()} == {"item": item("a")}


def test_dates_in_columns_of_their_own_become_moves(shop):
    shop.write("orders.csv", "id,customer,day,amount\no1,c1,2024-05-01,1\n")
    shop.write("deals.csv", "id,stage,opened,closed\nd1,Won,2024-01-02,2024-02-03\nd2,Open,2024-01-05,\n")
    moves = "[struct_pack(stage := 'open', at := opened), struct_pack(stage := lower(stage), at := nullif(closed, ''))]"
    columns = {
        "stage_change_id": "concat_ws('-', id, move.stage)",
        "deal_id": "id",
        "stage": "move.stage",
        "changed_at": "move.at",
    }
    changes = {"files": "deals.csv", "each": {"move": moves}, "where": "move.at is not null", "columns": columns}
    shop.describe({"orders": ORDERS, "deal_stage_changes": changes})
    shop.load()
    found = "select stage_change_id, cast(changed_at as date)::varchar from raw.deal_stage_changes order by 1"
    assert shop.rows(found) == [("d1-open", "2024-01-02"), ("d1-won", "2024-02-03"), ("d2-open", "2024-01-05")]


def test_lists_of_a_parquet_file_keep_their_types(shop):
    path = shop.write("orders.parquet", b"")
    shop.connection.execute(
        "copy (select 'o1' as id, 'c1' as who, date '2024-05-01' as day, "
        f"[{{'sku': 'a', 'n': 2, 'paid': 1.25}}] as items) to '{path}' (format parquet)"
    )
    columns = ITEMS["columns"] | {"product_id": "item.sku", "quantity": "item.n", "net_amount": "item.paid * item.n"}
    shop.describe({"order_lines": ITEMS | {"files": "orders.parquet", "columns": columns}})
    shop.load()
    assert shop.rows("select product_id, quantity, net_amount from raw.order_lines") == [("a", 2, 2.5)]


def test_a_list_may_be_lacking(shop):
    load = load_items(shop, '{"id": "o1", "who": "c1", "day": "2024-05-01"}\n', may_lack=["items"])
    assert load.totals.rows_read == 0


def test_a_list_that_a_parquet_file_lacks_makes_no_row(shop):
    for name, items in (("a", "[{'sku': 'a', 'n': 2, 'paid': 1.25}] as items"), ("b", "1 as other")):
        path = shop.write(f"{name}.parquet", b"")
        shop.connection.execute(
            f"copy (select '{name}' as id, 'c1' as who, date '2024-05-01' as day, {items}) to '{path}' (format parquet)"
        )
    columns = ITEMS["columns"] | {"product_id": "item.sku", "quantity": "item.n", "net_amount": "item.paid * item.n"}
    shop.describe({"order_lines": ITEMS | {"files": "*.parquet", "columns": columns, "may_lack": ["items"]}})
    shop.load()
    assert shop.rows("select order_id, product_id from raw.order_lines") == [("a", "a")]


@pytest.mark.parametrize(
    ("each", "message"),
    [
        ({"item": "lines"}, "tables.order_lines.each.item: 'lines' names lines, which .* does not have"),
        ({"who": "items"}, "tables.order_lines.each.who: .*orders.jsonl has that column; give the element another"),
        ({"item": "length(items)"}, r"each.item: 'length\(items\)' gives BIGINT in .*, which is no list"),
        ({"item": "(select [1])"}, "each.item: .* contains a subquery"),
        ({"Item": "items"}, "each: 'Item' cannot be the name of an element"),
        ({"a": "items", "b": "items"}, "each: Dictionary should have at most 1 item"),
    ],
)
def test_a_mistake_is_named(shop, each, message):
    with pytest.raises(SourceError, match=message):
        load_items(shop, order("o1", [item("a")]), each=each)


def test_too_many_lists_that_cannot_be_read_refuse_the_load(shop):
    with pytest.raises(LoadError, match=r"1 of 1 rows .* is no list"):
        load_items(shop, order("o1", "x"), max_rejected_share=0.02)


def test_a_change_of_the_list_is_a_change_of_the_mapping():
    def hash_with(**config):
        frame = {"name": "shop", "title": "", "folder": ".", "time_zone": "UTC", "currency": "EUR"}
        return Source.model_validate(frame | {"tables": {"order_lines": ITEMS | config}}).mapping_hash("order_lines")

    assert hash_with() == hash_with()
    assert len({hash_with(), hash_with(each={"item": "lines"}), hash_with(each=None)}) == 3
