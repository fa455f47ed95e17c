"""Sources to raw tables: contract, ledger, quarantine."""
