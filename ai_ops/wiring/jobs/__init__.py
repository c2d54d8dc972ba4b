"""The cycle in three jobs: one looks and holds the keys of the sources, one thinks and holds nothing, one acts.

    collect  ->  collected.json  ->  decide  ->  decided.json  ->  deliver

A training takes the first of them, and then one of its own, which may write as well:

    collect --for training  ->  collected.json  ->  train

Each takes its steps from `wiring.steps`, as the cycle in one process does; here they only part.
"""
