"""What browsers and bots call themselves."""

_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5"
_CHROMIUM = "AppleWebKit/537.36 (KHTML, like Gecko)"

# By the kinds of devices that presets name.
BROWSERS = {
    "desktop": (
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROMIUM} Chrome/126.0.0.0 Safari/537.36",
        f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Safari/605.1.15",
        "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    ),
    "mobile": (
        f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) {_WEBKIT} Mobile/15E148 Safari/604.1",
        f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {_CHROMIUM} Chrome/126.0.0.0 Mobile Safari/537.36",
    ),
    "tablet": (f"Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) {_WEBKIT} Mobile/15E148 Safari/604.1",),
}
BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "python-requests/2.32.3",
    f"Mozilla/5.0 (X11; Linux x86_64) {_CHROMIUM} HeadlessChrome/126.0.0.0 Safari/537.36",
)
