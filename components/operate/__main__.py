"""`python -m components.operate status|history|rollback --stack STACK`."""

from .cli import main

main()
