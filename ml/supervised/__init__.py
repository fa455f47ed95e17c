"""Predictions: horizon, labels, candidates, rolling-origin evaluation, champion, scores."""
