"""Feature frames made ready to learn from, and the words in which people read them."""
