"""What a load did, for people and for run metadata."""

from dataclasses import dataclass, field, fields

from dagster_project.loading.accounting import Rejections, Totals

# Of each table; the commonest first.
_WORDS_SHOWN = 10


@dataclass(frozen=True)
class TableLoad:
    """What a load did for one source and raw table.

    ``changes`` say how its files differ from earlier ones, ``warnings`` what could not be told and should be looked at,
    ``emptied`` how often which word of which column was taken for nothing.
    """

    source_name: str
    table_name: str
    files_loaded: tuple[str, ...] = ()
    files_skipped: tuple[str, ...] = ()
    totals: Totals = field(default_factory=Totals)
    rejections: Rejections = field(default_factory=Rejections)
    changes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    emptied: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class LoadReport:
    """What a load did, one entry per source and raw table; ``gaps`` say which totals their lines do not make."""

    load_id: str
    tables: tuple[TableLoad, ...]
    gaps: tuple[str, ...] = ()

    @property
    def rows_loaded(self) -> int:
        """Rows appended to the raw tables."""
        return sum(table.totals.rows_loaded for table in self.tables)

    @property
    def rows_quarantined(self) -> int:
        """Rows that break the contract."""
        return sum(table.totals.rows_quarantined for table in self.tables)

    @property
    def changes(self) -> tuple[str, ...]:
        """How files differ from all earlier ones of their table, each with the table in front."""
        return tuple(
            f"{table.source_name}.{table.table_name}: {text}" for table in self.tables for text in table.changes
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What could not be told and should be looked at, with the table in front."""
        of_tables = (
            f"{table.source_name}.{table.table_name}: {text}" for table in self.tables for text in table.warnings
        )
        return (*of_tables, *self.gaps)

    def as_table(self) -> list[dict[str, object]]:
        """One dictionary per source and raw table, with the same keys in all of them."""
        return [_as_row(table) for table in self.tables]


def _as_row(table: TableLoad) -> dict[str, object]:
    row: dict[str, object] = {
        "source": table.source_name,
        "table": table.table_name,
        "files_loaded": len(table.files_loaded),
        "files_skipped": len(table.files_skipped),
    }
    row |= {total.name: getattr(table.totals, total.name) for total in fields(Totals)}
    row["reasons"] = "; ".join(f"{reason} ({count:,})" for reason, count in table.rejections.reasons)
    row["emptied"] = "; ".join(f"{word} ({count:,})" for word, count in table.emptied[:_WORDS_SHOWN])
    row["changes"] = " | ".join(table.changes)
    row["warnings"] = " | ".join(table.warnings)
    return row
