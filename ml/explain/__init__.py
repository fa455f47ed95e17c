"""Reasons: exact signed contributions of features, with a sentence that a customer could be shown."""
