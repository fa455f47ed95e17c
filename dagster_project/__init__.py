"""Wires sources, dbt and ml together as Dagster assets; holds no rule of its own."""
