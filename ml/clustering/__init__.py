"""Segmentations: choosing the number of segments, fitting, identity across retrains, names, profiles."""
