"""Rules about resources, checked in review and at every `up`.

pack.py has the engine check them, check.py checks manifests alone, summary.py shows what the engine found.
catalog.py lists rules/, whose modules see resources through reading/; judging/ asks them, reports/ tells.
What a rule is says model.py, and what properties are values.py.
"""
