"""Rules about resources, checked in review and at every `up`.

pack.py runs them in the engine, check.py on manifests without one; summary.py prints the engine's results.
model.py defines rules, rules/ holds them and catalog.py lists them. reading/ reads resources for the rules,
judging/ runs rules and applies exemptions, reports/ prints results. values.py reads properties.
"""
