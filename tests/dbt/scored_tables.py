"""The tables that the models of ml write: a row of their own for every customer with features, the others empty."""

from pathlib import Path
from typing import Any

import duckdb

# What each table with a row a customer holds beside customer_id, as_of_date and the stamp of the run.
_OF_CUSTOMERS = {
    "segment_assignments": """
        'behaviour' as segmentation, 1::bigint as segment_id, 'Regulars' as segment_name, 0.5::double as strength,
        2::bigint as next_segment_id, 1::bigint as segment_id_by_previous_model
    """,
    "customer_scores": """
        'churn' as prediction, 30::bigint as horizon_days, 0.5::double as value, null::double as value_low,
        null::double as value_high, 1::bigint as decile, true as is_in_population
    """,
    "customer_explanations": """
        'churn' as subject, 1::bigint as rank, 'order_count' as feature, 1::double as feature_value,
        1::double as usual_value, 1::double as contribution, 'Has one order.' as sentence
    """,
}
_OTHERS = ("segment_profiles", "segmentation_candidates", "prediction_candidates", "model_cards", "data_audit")


def write_scored_tables(warehouse: Path, manifest: Any) -> None:
    """Schema segmentation as scoring leaves it; the empty tables have the columns of the models that publish them."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema segmentation")
        for table, columns in _OF_CUSTOMERS.items():
            connection.execute(f"""
                create table segmentation.{table} as
                select customer_id, as_of_date, {columns},
                    timestamp '2024-07-10 07:00:00' as computed_at, 'v1' as model_version
                from marts.fct_customer_features where is_current
            """)
        for table in _OTHERS:
            columns = manifest.nodes[f"model.segments.{table}"].columns.values()
            body = ", ".join(f'"{column.name}" {column.data_type}' for column in columns)
            connection.execute(f"create table segmentation.{table} ({body})")
