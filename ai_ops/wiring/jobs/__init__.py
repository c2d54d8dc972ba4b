"""The cycle in three jobs: one looks and holds the keys of the sources, one thinks and holds nothing, one acts.

    collect  ->  collected.json  ->  decide  ->  decided.json  ->  deliver

A training takes the first of them, and then one of its own, which may write as well:

    collect --for training  ->  collected.json  ->  train

So does a report, which writes nothing but itself and what was sent:

    collect --for report    ->  collected.json  ->  report

Each takes its steps from `wiring.steps`, as the cycle in one process does; here they only part.
"""
