"""`python -m components.operate VERB --stack STACK`."""

from .cli import main

main()
