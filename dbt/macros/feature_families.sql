{#
    The features by the model that makes them. A model has no row for a customer where nothing of its family was known
    by then; what is NULL in the mart for that reason is unknown, not zero.
#}
{% macro feature_families() -%}
    {{ return({
        'int_order_features': [
            'order_count', 'repeat_order_count', 'order_count_7d', 'order_count_30d', 'order_count_90d',
            'order_count_365d', 'net_revenue', 'net_revenue_7d', 'net_revenue_30d', 'net_revenue_90d',
            'net_revenue_365d', 'average_order_value', 'average_repeat_order_value', 'median_days_between_orders',
            'stddev_days_between_orders', 'days_since_last_order', 'days_since_first_order', 'tenure_days',
            'days_between_first_and_last_order', 'discount_share', 'coupon_share', 'return_share', 'weekend_share',
            'morning_order_share', 'afternoon_order_share', 'evening_order_share', 'night_order_share',
            'holiday_revenue_share', 'same_season_last_year_revenue_share', 'average_items_per_order',
            'average_products_per_order', 'average_unit_price', 'net_revenue_trend_90d', 'order_count_trend_90d',
        ],
        'int_category_features': [
            'category_count', 'category_entropy', 'top_category_share', 'price_index',
        ],
        'int_campaign_features': [
            'campaign_exposure_count', 'campaign_response_count', 'campaign_response_rate',
            'discount_campaign_response_rate', 'no_discount_campaign_response_rate', 'coupon_redemption_count',
            'coupon_redemption_count_90d', 'days_since_last_campaign_exposure',
        ],
        'int_session_features': [
            'session_count', 'session_count_7d', 'session_count_30d', 'session_count_90d', 'session_count_365d',
            'view_count', 'view_count_30d', 'view_count_90d', 'product_view_count', 'product_view_count_7d',
            'product_view_count_30d', 'product_view_count_90d', 'add_to_cart_count', 'add_to_cart_count_7d',
            'add_to_cart_count_30d', 'add_to_cart_count_90d', 'content_view_count', 'content_view_count_90d',
            'search_count', 'search_count_30d', 'search_count_90d', 'checkout_count', 'checkout_count_90d',
            'average_session_minutes', 'average_session_minutes_90d', 'pages_per_session', 'engaged_session_share',
            'engaged_session_share_90d', 'click_to_cart_ratio', 'cart_abandonment_rate',
            'cart_abandonment_rate_90d', 'session_conversion_rate', 'session_conversion_rate_90d',
            'desktop_conversion_rate', 'mobile_conversion_rate', 'tablet_conversion_rate', 'browse_to_buy_ratio',
            'average_scroll_depth', 'average_view_seconds', 'content_view_share', 'average_content_seconds',
            'morning_session_share', 'afternoon_session_share', 'evening_session_share', 'night_session_share',
            'monday_session_share', 'tuesday_session_share', 'wednesday_session_share', 'thursday_session_share',
            'friday_session_share', 'saturday_session_share', 'sunday_session_share', 'weekend_session_share',
            'organic_session_share', 'paid_session_share', 'email_session_share', 'social_session_share',
            'referral_session_share', 'direct_session_share', 'other_session_share', 'session_count_trend_90d',
            'viewed_category_count_90d', 'viewed_category_entropy_90d', 'top_viewed_category_share_90d',
            'days_since_last_session', 'days_since_last_product_view', 'days_since_last_content_view',
            'days_since_last_search', 'days_since_last_add_to_cart', 'days_since_last_checkout',
        ],
        'int_email_features': [
            'email_sent_count', 'email_sent_count_30d', 'email_sent_count_90d', 'email_delivered_count',
            'email_delivered_count_30d', 'email_delivered_count_90d', 'email_bounce_count', 'email_open_rate',
            'email_click_rate', 'email_open_rate_90d', 'email_click_rate_90d', 'days_since_last_email_open',
            'days_since_last_email_click', 'email_unsubscribed',
        ],
        'int_support_features': [
            'ticket_count', 'ticket_count_90d', 'ticket_count_365d', 'open_ticket_count',
            'average_resolution_hours', 'median_resolution_hours', 'average_csat_score', 'last_csat_score',
            'average_ticket_sentiment', 'negative_ticket_share', 'days_since_last_ticket',
        ],
        'int_social_features': [
            'social_engagement_count', 'social_engagement_count_30d', 'social_engagement_count_90d',
            'social_instagram_count', 'social_facebook_count', 'social_tiktok_count', 'social_x_count',
            'social_youtube_count', 'social_pinterest_count', 'social_linkedin_count', 'social_other_count',
            'average_social_sentiment', 'days_since_last_social_engagement',
        ],
        'int_customer_account_features': [
            'deal_count', 'open_deal_count', 'won_deal_count', 'lost_deal_count', 'open_deal_amount',
            'won_deal_amount', 'lost_deal_amount', 'open_deal_count_lead', 'open_deal_count_qualified',
            'open_deal_count_proposal', 'open_deal_count_negotiation', 'open_deal_count_other',
            'open_deal_amount_lead', 'open_deal_amount_qualified', 'open_deal_amount_proposal',
            'open_deal_amount_negotiation', 'open_deal_amount_other', 'win_rate', 'average_days_per_stage',
            'average_days_to_win', 'call_count', 'call_count_90d', 'average_talk_ratio', 'average_call_sentiment',
            'call_sentiment_trend', 'days_since_last_call', 'rep_touch_count', 'rep_touch_count_90d',
            'average_rep_response_hours', 'days_since_last_rep_touch',
        ],
    }) }}
{%- endmacro %}

{# Counts and sums of orders: who has placed none has a true zero. #}
{% macro is_order_total(feature) -%}
    {{ return(
        feature == 'repeat_order_count'
        or (feature.startswith(('order_count', 'net_revenue')) and 'trend' not in feature)
    ) }}
{%- endmacro %}
