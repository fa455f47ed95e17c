"""Published generations: immutable folders and one link that readers follow."""
