"""What every competitor must compute: the columns of int_session_features, in terms of sums over sessions.

A competitor brings the sums; this module says which, and what is divided by what.
"""

from datetime import date

AS_OF = date(2025, 12, 30)
EVENT_TYPES = (
    "page_view", "product_view", "content_view", "search", "add_to_cart", "remove_from_cart", "checkout_started",
    "purchase", "scroll", "identify", "sign_up",
)  # fmt: skip
VIEWS = ("page_view", "product_view", "content_view")
# Events that agree in all of these are one event that was sent again.
SAMENESS = (
    "anonymous_id", "customer_id", "event_type", "occurred_at", "product_id", "page_path", "search_query", "content_id",
)  # fmt: skip
COLUMNS = (*SAMENESS, "category", "device_type", "medium", "user_agent", "scroll_depth_percent", "engaged_seconds",
           "arrived_at", "event_id")  # fmt: skip
BOT_WORDS = ("bot", "crawl", "spider", "headless", "scrape", "http-client", "python-requests", "curl/")
BOT_SESSION_EVENTS = 1000
BOT_BURST_EVENTS = 60
LATE_DAYS = 3
DEVICES = ("desktop", "mobile", "tablet")
ALL_DEVICES = (*DEVICES, "other")
TRAFFIC = ("organic", "paid", "email", "social", "referral", "direct", "other")
MEDIUM_OF_TRAFFIC = {"organic": "organic", "cpc": "paid", "email": "email", "social": "social",
                     "referral": "referral", "direct": "direct"}  # fmt: skip
PARTS_OF_DAY = {"morning": (5, 12), "afternoon": (12, 17), "evening": (17, 22)}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# Counted per event type, summed per session.
TYPE_COUNTS = {
    "product_view_count": "product_view", "content_view_count": "content_view", "search_count": "search",
    "add_to_cart_count": "add_to_cart", "checkout_count": "checkout_started", "purchase_count": "purchase",
}  # fmt: skip
MEASURES = ("view_count", *TYPE_COUNTS, "engaged_seconds", "content_seconds", "scroll_percent", "scroll_count",
            "duration_seconds")  # fmt: skip
# 1 or 0 for each session.
FLAGS = (
    "session_count", "engaged_session_count", "converted_session_count", "browsing_session_count",
    "bought_browsing_session_count", "cart_session_count", "abandoned_cart_count",
    *(f"{part}_session_count" for part in (*PARTS_OF_DAY, "night")),
    *(f"{device}_session_count" for device in DEVICES),
    *(f"{device}_converted_session_count" for device in DEVICES),
    *(f"{source}_session_count" for source in TRAFFIC),
    *(f"{day}_session_count" for day in WEEKDAYS),
)  # fmt: skip
WINDOWS = {
    "session_count": (7, 30, 90, 180, 365), "engaged_session_count": (90,), "converted_session_count": (90,),
    "cart_session_count": (90,), "abandoned_cart_count": (90,), "view_count": (30, 90),
    "product_view_count": (7, 30, 90), "content_view_count": (90,), "search_count": (30, 90),
    "add_to_cart_count": (7, 30, 90), "checkout_count": (90,), "duration_seconds": (90,),
}  # fmt: skip
# Days since the last session with such an act.
LAST = {"session": "session_count", "product_view": "product_view_count", "content_view": "content_view_count",
        "search": "search_count", "add_to_cart": "add_to_cart_count", "checkout": "checkout_count"}  # fmt: skip

_UNSEEN = {"engaged_session_count", "converted_session_count", "cart_session_count", "abandoned_cart_count",
           "duration_seconds"}  # fmt: skip
COUNTS = (
    "session_count", "view_count", "product_view_count", "add_to_cart_count", "content_view_count", "search_count",
    "checkout_count",
    *(f"{name}_{days}d" for name, lengths in WINDOWS.items() if name not in _UNSEEN
      for days in lengths if days != 180),
)  # fmt: skip
CATEGORY_FEATURES = ("viewed_category_count_90d", "viewed_category_entropy_90d", "top_viewed_category_share_90d")

# Feature: dividend, divisor, and what the divisor is multiplied by.
RATIOS: dict[str, tuple[str, str, int]] = {
    "average_session_minutes": ("duration_seconds", "session_count", 60),
    "average_session_minutes_90d": ("duration_seconds_90d", "session_count_90d", 60),
    "pages_per_session": ("view_count", "session_count", 1),
    "engaged_session_share": ("engaged_session_count", "session_count", 1),
    "engaged_session_share_90d": ("engaged_session_count_90d", "session_count_90d", 1),
    "click_to_cart_ratio": ("add_to_cart_count", "product_view_count", 1),
    "cart_abandonment_rate": ("abandoned_cart_count", "cart_session_count", 1),
    "cart_abandonment_rate_90d": ("abandoned_cart_count_90d", "cart_session_count_90d", 1),
    "session_conversion_rate": ("converted_session_count", "session_count", 1),
    "session_conversion_rate_90d": ("converted_session_count_90d", "session_count_90d", 1),
    **{f"{d}_conversion_rate": (f"{d}_converted_session_count", f"{d}_session_count", 1) for d in DEVICES},
    "browse_to_buy_ratio": ("bought_browsing_session_count", "browsing_session_count", 1),
    "average_scroll_depth": ("scroll_percent", "scroll_count", 1),
    "average_view_seconds": ("engaged_seconds", "view_count", 1),
    "content_view_share": ("content_view_count", "view_count", 1),
    "average_content_seconds": ("content_seconds", "content_view_count", 1),
    **{f"{part}_session_share": (f"{part}_session_count", "session_count", 1) for part in (*PARTS_OF_DAY, "night")},
    **{f"{day}_session_share": (f"{day}_session_count", "session_count", 1) for day in WEEKDAYS},
    "weekend_session_share": ("weekend_session_count", "session_count", 1),
    **{f"{source}_session_share": (f"{source}_session_count", "session_count", 1) for source in TRAFFIC},
    "session_count_trend_90d": ("session_count_gain", "session_count_180d", 1),
}
