"""How dbt nodes look as Dagster assets: groups, owners, kinds, descriptions."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject

from dagster_project import names

_GROUP_OF_FOLDER = {
    "staging": names.STAGING,
    "intermediate": names.INTERMEDIATE,
    "marts": names.MARTS,
    "seeds": names.RAW,
}


class SegmentsDbtTranslator(DagsterDbtTranslator):
    """Groups a model by its layer; the published models have a group of their own."""

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """The asset of a dbt node; its schema is the prefix of its key, so sources meet what Python writes."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        properties = self.get_resource_props(manifest, unique_id)
        if properties["resource_type"] == "source":
            return spec
        return spec.replace_attributes(
            group_name=_group_of(properties),
            owners=names.OWNERS,
            kinds={"dbt", "duckdb", properties["config"]["materialized"]},
        )


def _group_of(properties: Mapping[str, Any]) -> str:
    # A published table that needs no model is built with the marts, and its meta says so.
    own_group = properties["config"]["meta"].get("dagster", {}).get("group")
    if own_group:
        return own_group
    if properties["schema"] == "segments":
        return names.SEGMENTS
    if properties["resource_type"] == "seed":
        return names.RAW
    return _GROUP_OF_FOLDER[properties["fqn"][1]]
