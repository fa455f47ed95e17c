"""A SaaS API as a source, end to end against a help desk's API that is faked on this machine."""

import json
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dagster_project.loading.errors import LoadError, SourceError
from dagster_project.settings import override_environment
from tests.dagster_project.loading.conftest import ORDERS

TOKEN = "canary-91be"
PAGE_ROWS = 3


class HelpDesk(ThreadingHTTPServer):
    """Tickets in pages of three; ``troubles`` are the first answers instead: status, headers and body."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tickets: list[dict[str, Any]] = [make_ticket(number) for number in range(1, 9)]
        self.troubles: list[tuple[int, dict[str, str], bytes]] = []
        self.pages_without_rows: set[int] = set()
        self.requests: list[tuple[float, str, str | None]] = []

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.server_address[1]}/api/"


class _Handler(BaseHTTPRequestHandler):
    server: HelpDesk

    def do_GET(self) -> None:
        self.server.requests.append((time.monotonic(), self.path, self.headers["Authorization"]))
        if self.server.troubles:
            self._answer(*self.server.troubles.pop(0))
            return
        page = int(parse_qs(urlsplit(self.path).query).get("page", ["1"])[0])
        rows = self.server.tickets[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
        has_more = page * PAGE_ROWS < len(self.server.tickets)
        document = {"next": f"{self.server.url}tickets?page={page + 1}" if has_more else None}
        if page not in self.server.pages_without_rows:
            document |= {"results": rows}
        self._answer(200, {"Content-Type": "application/json"}, json.dumps(document).encode())

    def log_message(self, *_: Any) -> None:
        """Nothing: the tests look at ``requests``."""

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def make_ticket(number: int) -> dict[str, Any]:
    opened_at = f"2024-05-0{number % 9 + 1}T10:00:00Z"
    return {"id": number, "requester": {"id": f"c{number % 3}"}, "created_at": opened_at, "score": 4.5, "tags": ["a"]}


@pytest.fixture
def desk() -> Iterator[HelpDesk]:
    pytest.importorskip("dlt", reason="the extra `saas` is not installed")
    with HelpDesk() as server, override_environment({"DESK_TOKEN": TOKEN}):
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def describe(shop, desk):
    """Writes the YAML of the help desk beside that of a shop with an order."""
    shop.write("orders.csv", "id,customer,day\n1,c1,2024-05-01\n")
    columns = {"order_id": "id", "customer_id": "customer", "ordered_at": "day"}
    shop.describe({"orders": {"files": "orders.csv", "columns": columns}})

    def write(**changes: Any) -> None:
        api = {
            "base_url": desk.url,
            "auth": {"type": "bearer", "token": "${DESK_TOKEN}"},
            "paginator": {"type": "json_link", "next_url_path": "next"},
        }
        tickets = {
            "endpoint": "tickets",
            "params": {"page": 1},
            "rows": "results",
            "columns": {
                "ticket_id": "id",
                "customer_id": "requester ->> '$.id'",
                "opened_at": "created_at",
                "csat_score": "score",
            },
        }
        shop.describe({"support_tickets": tickets}, name="desk", folder=None, api=api | changes)

    write()
    return write


def load_tickets(shop):
    return next(load for load in shop.load().tables if load.table_name == "support_tickets")


def refusal(shop):
    with pytest.raises((LoadError, SourceError)) as refused:
        shop.load()
    assert TOKEN not in "".join(traceback.format_exception(refused.value))
    assert shop.rows("select (select count(*) from raw.support_tickets), (select count(*) from raw.orders)") == [(0, 0)]
    assert not list(shop.folder.glob("*.extracts"))
    return str(refused.value)


def test_all_pages_arrive_although_the_api_asks_for_patience(shop, desk, describe):
    desk.troubles = [(429, {"Retry-After": "1"}, b""), (503, {"Retry-After": "0"}, b"")]
    load = load_tickets(shop)
    assert (load.totals.rows_read, load.totals.rows_loaded, load.files_loaded) == (8, 8, ("tickets",))
    first, second, *_ = desk.requests
    assert second[0] - first[0] >= 1
    assert {token for _, _, token in desk.requests} == {f"Bearer {TOKEN}"}
    columns = "customer_id, opened_at, csat_score, extra ->> 'tags', source_row"
    assert shop.rows(f"select {columns} from raw.support_tickets where ticket_id = '4'") == [
        ("c1", datetime(2024, 5, 5, 10), Decimal("4.5"), '["a"]', 4)
    ]


def test_unchanged_tickets_are_passed_over_and_a_changed_one_replaces_the_old_one(shop, desk, describe):
    shop.load()
    assert load_tickets(shop).files_skipped == ("tickets",)
    desk.tickets[2]["score"] = 1
    totals = load_tickets(shop).totals
    assert (totals.rows_duplicate, totals.rows_replaced) == (7, 1)


def test_values_that_do_not_fit_are_quarantined_and_not_emptied(shop, desk, describe):
    """dlt's own loading would put the text aside and leave the column empty."""
    desk.tickets[7]["score"] = "very good"
    desk.tickets[6]["created_at"] = None
    load = load_tickets(shop)
    assert (load.totals.rows_read, load.totals.rows_loaded, load.totals.rows_quarantined) == (8, 6, 2)
    assert shop.rows("select source_row, reason from quarantine.support_tickets order by 1") == [
        (7, "opened_at is missing"),
        (8, "csat_score 'very good' is no number"),
    ]


def test_a_new_property_is_kept_and_named(shop, desk, describe):
    shop.load()
    desk.tickets.append(make_ticket(9) | {"satisfaction_survey": {"sent": True}})
    assert load_tickets(shop).changes == ("tickets: new: satisfaction_survey (kept in extra unless mapped)",)
    kept = "select extra ->> '$.satisfaction_survey' from raw.support_tickets where ticket_id = '9'"
    assert shop.rows(kept) == [('{"sent":true}',)]


def test_a_renamed_property_is_named(shop, desk, describe):
    for ticket in desk.tickets:
        ticket["rating"] = ticket.pop("score")
    message = refusal(shop)
    assert "desk.yml: tables.support_tickets.columns.csat_score: 'score' names score" in message
    assert f"tickets of {desk.url} does not have" in message


PATIENCE_FOR_NOTHING = [(500, {"Retry-After": "0"}, b"")] * 20


@pytest.mark.parametrize(
    ("troubles", "message"),
    [
        (PATIENCE_FOR_NOTHING, "500 Server Error"),
        ([(401, {}, b"")], "401 Client Error"),
        ([(404, {}, b"")], "404 Client Error"),
        ([(200, {"Content-Type": "text/html"}, b"<html>Log in</html>")], "tickets answered with text/html"),
        ([(200, {"Content-Type": "application/json"}, b'{"results": [{"id": 1}')], "no whole JSON"),
        ([(200, {"Content-Type": "application/json"}, b'{"tickets": []}')], "answered without results"),
    ],
    ids=["500 for ever", "401", "404", "html", "cut off", "rows elsewhere"],
)
def test_what_is_no_whole_answer_is_named_and_nothing_is_stored(shop, desk, describe, troubles, message):
    desk.troubles = list(troubles)
    assert message in refusal(shop)


def test_a_later_page_without_rows_is_no_end(shop, desk, describe):
    desk.pages_without_rows = {3}
    assert "tickets answered without results, where its rows should be" in refusal(shop)


def test_an_api_that_asks_for_a_day_of_patience_is_given_up(shop, desk, describe):
    describe(timeout_seconds=4)
    desk.troubles = [(429, {"Retry-After": "86400"}, b"")]
    assert "not all rows were there after 4 s" in refusal(shop)


def test_a_key_in_the_address_is_not_repeated(shop, desk, describe):
    describe(auth={"type": "api_key", "name": "key", "api_key": "${DESK_TOKEN}", "location": "query"})
    desk.troubles = [(403, {}, TOKEN.encode())]
    assert "key=***" in refusal(shop)


def test_a_token_must_not_stand_in_the_file(shop, desk, describe):
    describe(auth={"type": "bearer", "token": TOKEN})
    assert "desk.yml: api.auth: a secret must not stand in the file" in refusal(shop)


def test_the_token_is_nowhere_in_the_warehouse(shop, desk, describe):
    report = shop.load()
    shop.connection.execute("checkpoint")
    assert TOKEN not in repr(report)
    assert TOKEN.encode() not in (shop.folder / "warehouse.duckdb").read_bytes()


def test_an_api_without_rows_loads_nothing(shop, desk, describe):
    desk.tickets = []
    assert load_tickets(shop).totals.rows_read == 0


def test_without_the_extra_it_is_named(shop, monkeypatch):
    tickets = {"endpoint": "t", "columns": {"ticket_id": "id", "customer_id": "c", "opened_at": "t"}}
    shop.write("orders.csv", "id,customer,day,amount\n1,c1,2024-05-01,1\n")
    shop.describe({"orders": ORDERS})
    shop.describe({"support_tickets": tickets}, name="desk", folder=None, api={"base_url": "http://127.0.0.1:1/"})
    monkeypatch.setattr("dagster_project.loading.extracts.api.find_spec", lambda name: None)
    assert "desk.yml: api: an API needs the extra `saas`; install it" in refusal(shop)
