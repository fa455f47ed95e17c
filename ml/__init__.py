"""Segmentation and prediction in pure Python: frames in, frames or an estimator out."""
