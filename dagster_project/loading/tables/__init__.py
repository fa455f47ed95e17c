"""The raw tables of the contract, by family."""
