"""Reads pods, cluster objects, commands, and files such as Dockerfiles, systemd units and nginx sites."""
