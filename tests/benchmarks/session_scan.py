"""Reads the columns that the features need from Parquet, and nothing else. Argument: folder of events."""

import sys

import duckdb

from tests.benchmarks import session_features as wanted

if __name__ == "__main__":
    columns = ", ".join(f"count({column}), max({column})" for column in wanted.COLUMNS)
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute(f"select {columns} from read_parquet('{sys.argv[1]}/*.parquet')").fetchall()
