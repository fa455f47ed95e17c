"""Figures of merit: how good a candidate is on rows it has not seen, and how sure that is."""
