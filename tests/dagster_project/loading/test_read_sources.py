"""Source YAMLs: what is accepted, and that every error names file, key and remedy."""

import textwrap
import traceback

import pytest

from dagster_project.loading.contract import TABLES
from dagster_project.loading.errors import SourceError
from dagster_project.loading.read_sources import read_sources

VALID = """
    name: shop
    title: Shop
    folder: files
    time_zone: Europe/London
    currency: GBP
    tables:
      orders:
        files: orders.csv
        columns:
          order_id: id
          customer_id: customer
          ordered_at: day
"""


def write(folder, text, name="shop.yml"):
    path = folder / name
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def refusal(folder, text):
    with pytest.raises(SourceError) as refused:
        read_sources(write(folder, text))
    return str(refused.value)


def test_a_valid_source_is_read_with_its_defaults(tmp_path):
    source = read_sources(write(tmp_path, VALID))[0]
    assert (source.name, source.naive_zone, source.max_rejected_share) == ("shop", "Europe/London", 0.02)
    assert source.tables["orders"].files == ("orders.csv",)
    assert source.yaml_path == tmp_path / "shop.yml"


def test_constants_may_be_written_as_yaml_values(tmp_path):
    text = VALID + "          net_amount: 1.5\n          shipping_amount: 0\n          channel: true\n"
    columns = read_sources(write(tmp_path, text))[0].tables["orders"].columns
    assert (columns["net_amount"], columns["shipping_amount"], columns["channel"]) == ("1.5", "0", "true")


PLAIN_WORDS = ("No", "YES", "on", "n", "1:30", "0123", "1_000", "2024-01-01", "1e3", "null", "true")


@pytest.mark.parametrize("word", PLAIN_WORDS)
def test_a_value_of_a_mapping_is_the_text_that_is_written(tmp_path, word):
    table = read_sources(write(tmp_path, VALID.replace("order_id: id", f"order_id: {word}")))[0].tables["orders"]
    assert table.columns["order_id"] == word


@pytest.mark.parametrize("word", [*PLAIN_WORDS, "~"])
def test_names_in_a_list_are_the_text_that_is_written(tmp_path, word):
    lists = f"files: [{word}]\n        may_lack: [{word}]\n        csv: {{column_names: [id, {word}]}}"
    table = read_sources(write(tmp_path, VALID.replace("files: orders.csv", lists)))[0].tables["orders"]
    assert (table.files, table.may_lack, table.csv.column_names) == ((word,), (word,), ("id", word))


def test_a_key_may_be_a_word_that_yaml_takes_for_a_switch(tmp_path):
    text = VALID.replace("files: orders.csv", "files: orders.csv\n        each: {on: yes}")
    assert read_sources(write(tmp_path, text))[0].tables["orders"].each == {"on": "yes"}


def test_what_is_no_name_keeps_its_kind(tmp_path):
    text = VALID.replace("title: Shop", "title: No\n    max_rejected_share: 0.5\n    timestamps_in: null").replace(
        "files: orders.csv", "files: 2024-01-01\n        optional: true\n        keep_extra: no\n        where: ~"
    )
    source = read_sources(write(tmp_path, text.replace("GBP", "NOK").replace("name: shop", "name: 1_000")))[0]
    table = source.tables["orders"]
    assert (source.name, source.title, source.currency, source.timestamps_in) == ("1_000", "No", "NOK", None)
    assert (source.max_rejected_share, table.optional, table.keep_extra, table.where) == (0.5, True, False, None)
    assert table.files == ("2024-01-01",)


def test_a_switch_that_is_neither_on_nor_off_is_an_error(tmp_path):
    text = refusal(tmp_path, VALID.replace("files: orders.csv", "files: orders.csv\n        optional: maybe"))
    assert "tables.orders.optional: Input should be a valid boolean" in text


def test_numbers_and_switches_of_a_paginator_stay_what_they_are(tmp_path):
    paginator = "{type: page_number, base_page: 0, total_path: null, stop_after_empty_page: true, page_param: p}"
    text = VALID.replace("folder: files", f"api: {{base_url: https://a.example, paginator: {paginator}}}").replace(
        "files: orders.csv", "endpoint: orders"
    )
    assert read_sources(write(tmp_path, text))[0].api.paginator == {
        "type": "page_number",
        "base_page": 0,
        "total_path": None,
        "stop_after_empty_page": True,
        "page_param": "p",
    }


def test_what_shapes_the_rows_shapes_the_hash_of_a_mapping(tmp_path):
    def hash_with(text):
        return read_sources(write(tmp_path, text))[0].mapping_hash("orders")

    words = [
        f"currency: GBP\n    {key}" for key in ("zone_words: {BST: +1}", "no_identifier: [x]", "is_identifier: [0]")
    ]
    said = [VALID.replace("currency: GBP", word) for word in words]
    skipping = VALID.replace("files: orders.csv", "files: orders.csv\n        csv: {skip: 1}")
    assert len({hash_with(text) for text in (VALID, *said, skipping)}) == 5
    assert hash_with(skipping.replace("skip: 1", "skip: 0")) == hash_with(VALID)


@pytest.mark.parametrize("meaning", ["Europe/Lundon", "2", "+2h", "BST"])
def test_a_zone_word_needs_a_meaning(tmp_path, meaning):
    text = refusal(tmp_path, VALID.replace("currency: GBP", f"currency: GBP\n    zone_words: {{NO: {meaning}}}"))
    assert f"zone_words: NO: {meaning!r} is neither an offset such as +02:00 nor an IANA time zone" in text


def test_consents_allow_no_rejection_unless_the_table_says_so(tmp_path):
    text = (
        VALID
        + """
      consents:
        files: consents.csv
        columns: {consent_event_id: id, customer_id: c, purpose: p, decision: d, occurred_at: t}
    """
    )
    source = read_sources(write(tmp_path, text))[0]
    assert source.rejected_share_allowed(TABLES["consents"]) == 0
    assert source.rejected_share_allowed(TABLES["orders"]) == 0.02


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title: Shop", "titel: Shop", "titel: unknown key; known keys here are name, title, folder"),
        ("title: Shop", "", "title: this key is needed"),
        (
            "files: orders.csv",
            "file: orders.csv",
            "tables.orders.file: unknown key; known keys here are files, table",
        ),
        ("files: orders.csv", "files: ../orders.csv", "'../orders.csv' leads out of the source's folder"),
        ("files: orders.csv", "files: /etc/passwd", "'/etc/passwd' leads out of the source's folder"),
        (
            "files: orders.csv",
            "files: [a.csv]\n        csv: {encoding: utf-32}",
            "'utf-32' cannot be read; write utf-8",
        ),
        (
            "files: orders.csv",
            "files: [a.csv]\n        csv: {sep: x}",
            "csv.sep: unknown key; known keys here are delimiter",
        ),
        (
            "Europe/London",
            "Europe/Lundon",
            "time_zone: 'Europe/Lundon' is no IANA time zone; did you mean Europe/London?",
        ),
        ("currency: GBP", "currency: pounds", "currency: String should match pattern"),
        ("name: shop", "name: My Shop", "name: String should match pattern"),
        ("orders:", "order:", "tables.order: no table of the contract; did you mean orders?"),
        ("order_id: id", "order_no: id", "tables.orders.columns.order_no: no column of orders; did you mean order_id?"),
        ("ordered_at: day", "", "tables.orders.columns: ordered_at must be mapped"),
        ("order_id: id", "order_id: id\n          order_id: nr", "key 'order_id' is given twice"),
        ("order_id: id", "order_id: [id]", "tables.orders.columns.order_id: Input should be a valid string"),
        ("title: Shop", "title: [Shop", "no valid YAML"),
        (
            "order_id: id",
            "order_id: list_filter(a, lambda x: x > 0)[1]",
            "goes on a line of its own, indented, behind `>-`",
        ),
        ("title: Shop", "title: !!python/object/apply:os.system [ls]", "no valid YAML"),
        ("currency: GBP", "currency: GBP\n    max_rejected_share: 2", "max_rejected_share: Input should be less than"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(tmp_path, old, new, message):
    text = refusal(tmp_path, VALID.replace(old, new, 1))
    assert message in text
    assert str(tmp_path / "shop.yml") in text


DATABASE = VALID.replace("folder: files", "database: {system: sqlite, path: shop.sqlite}").replace(
    "files: orders.csv", "table: orders"
)


def test_a_database_is_a_source(tmp_path):
    source = read_sources(write(tmp_path, DATABASE))[0]
    assert (source.database.path, source.tables["orders"].table, source.folder) == ("shop.sqlite", "orders", None)


POSTGRES = "{system: postgresql, name: shop, password: '${SHOP_PASSWORD}'}"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("database:", "folder: files\n    database:", "one of a `folder` of files, a `database` or an `api`"),
        ("database: {system: sqlite, path: shop.sqlite}", "", "one of a `folder` of files, a `database` or an `api`"),
        (
            "table: orders",
            "files: orders.csv",
            "files: only a source with `folder` has it; here say either",
        ),
        ("table: orders", "", "tables.orders: say either `table` or `query`"),
        ("table: orders", "table: orders\n        query: select 1", "tables.orders: say either `table` or `query`"),
        (
            "table: orders",
            "table: orders\n        optional: true",
            "optional: only a source with `folder` has it",
        ),
        ("path:", "file:", "database.sqlite.file: unknown key; known keys here are system, path"),
        ("system: sqlite", "system: oracle", "database: Input tag 'oracle' found using 'system' does not match"),
        (
            "{system: sqlite, path: shop.sqlite}",
            POSTGRES.replace("name: shop", "nam: shop"),
            "database.postgresql.nam: unknown key; known keys here are system, name, host",
        ),
    ],
)
def test_a_mistake_in_a_database_is_named_with_its_remedy(tmp_path, old, new, message):
    text = refusal(tmp_path, DATABASE.replace(old, new, 1))
    assert message in text
    assert str(tmp_path / "shop.yml") in text


def test_a_folder_has_no_tables_of_a_database(tmp_path):
    text = refusal(tmp_path, VALID.replace("files: orders.csv", "files: orders.csv\n        query: select 1"))
    assert "tables.orders.query: only a source with `database` has it; here say `files`" in text


def test_a_password_must_not_stand_in_the_file_and_is_not_repeated(tmp_path):
    secret = "canary-3f9a"
    document = DATABASE.replace("{system: sqlite, path: shop.sqlite}", POSTGRES.replace("${SHOP_PASSWORD}", secret))
    with pytest.raises(SourceError) as refused:
        read_sources(write(tmp_path, document))
    assert "name an environment variable: ${SHOP_PASSWORD}" in str(refused.value)
    assert secret not in "".join(traceback.format_exception(refused.value))


def test_all_mistakes_of_a_file_are_named_at_once(tmp_path):
    text = refusal(tmp_path, VALID.replace("order_id: id", "orderid: id").replace("ordered_at", "order_at"))
    assert "columns.orderid: no column" in text
    assert "ordered_at must be mapped" in text


def test_lines_without_orders_need_time_and_customer(tmp_path):
    lines = VALID.partition("tables:")[0] + (
        "tables: {order_lines: {files: l.csv, columns: "
        "{order_id: id, product_id: sku, quantity: n, net_amount: amount}}}"
    )
    text = refusal(tmp_path, lines)
    assert "ordered_at must be mapped, because the source has no orders table" in text
    assert "customer_id must be mapped, because the source has no orders table" in text


def test_some_source_must_have_orders(tmp_path):
    only_products = VALID.partition("tables:")[0] + "tables: {products: {files: p.csv, columns: {product_id: sku}}}"
    text = refusal(tmp_path, only_products)
    assert "no source maps orders or order_lines" in text
    assert "map `orders` to the same files, with a `where` that chooses the purchases" in text
    write(tmp_path, only_products.replace("name: shop", "name: catalogue"), "catalogue.yml")
    write(tmp_path, VALID)
    assert [source.name for source in read_sources(tmp_path)] == ["catalogue", "shop"]


def test_sources_of_one_folder_need_names_of_their_own(tmp_path):
    write(tmp_path, VALID)
    write(tmp_path, VALID, "other.yml")
    with pytest.raises(SourceError, match=r"name 'shop' is used by other\.yml and shop\.yml"):
        read_sources(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "key"), [("Europe/London", "Europe/Paris", "time_zone"), ("GBP", "EUR", "currency")]
)
def test_sources_of_one_folder_must_agree(tmp_path, old, new, key):
    write(tmp_path, VALID)
    write(tmp_path, VALID.replace("name: shop", "name: other").replace(old, new), "other.yml")
    with pytest.raises(SourceError, match=rf"the sources disagree in {key} \(other.yml: {new}, shop.yml: {old}\)"):
        read_sources(tmp_path)


def test_a_folder_without_sources_is_an_error(tmp_path):
    with pytest.raises(SourceError, match=r"holds no \.yml file"):
        read_sources(tmp_path)
    with pytest.raises(SourceError, match="does not exist; set SOURCES"):
        read_sources(tmp_path / "none")
