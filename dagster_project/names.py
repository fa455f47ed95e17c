"""Names that several modules share: groups, the pool, owners, asset keys."""

import dagster as dg

# Everything that opens the warehouse takes this pool, so that its steps queue: the file has one writer.
WAREHOUSE_POOL = "warehouse_writer"

OWNERS = ["team:data"]

# Groups, in the order of the flow.
RAW = "raw"
STAGING = "staging"
INTERMEDIATE = "intermediate"
MARTS = "marts"
AUDIT = "audit"
TRAINING = "training"
SCORING = "scoring"
SEGMENTS = "segments"
PUBLISHED = "published"

CUSTOMER_FEATURES = dg.AssetKey(["marts", "fct_customer_features"])
CUSTOMER_LABELS = dg.AssetKey(["marts", "fct_customer_labels"])
CUSTOMER_ORDER_DAYS = dg.AssetKey(["marts", "fct_customer_order_days"])
FEATURE_LOADS = dg.AssetKey(["marts", "fct_feature_loads"])
ORDER_TOTAL_GAPS = dg.AssetKey(["intermediate", "int_order_total_gaps"])
LOAD_LEDGER = dg.AssetKey(["ops", "load_ledger"])
REJECTED_ORDERS = dg.AssetKey(["quarantine", "orders"])

BEHAVIOUR = "behaviour"
CHURN = "churn"
MODELS = [BEHAVIOUR, CHURN]
