"""A simulated shop: what people with known habits leave behind in a shop's files, and the truth about them.

No public data set follows one person through all families of the contract, so this one is made: calibrated
to figures that were measured on public sets, and with ground truth against which segments, predictions and
campaign effects can be checked. Pure functions of a preset and a seed; no clock, no files.
"""
