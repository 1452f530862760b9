"""Guards objects of others: the plugin creates by upsert, and would take over one of the same name."""

import asyncio

import pulumi

from ..cluster import Kubectl, refuse_foreign, wait_until_gone

_AUTONAMED = "pulumi.com/autonamed"  # of what the plugin has given a random name


def ownership_guard(name: str, known: pulumi.Output[Kubectl], service: str) -> pulumi.ResourceHook:
    """Hook that fails the creation of an object that exists and is not the service's, in previews too.

    It waits for one of the service's that is still being deleted, as the new one would go with it.
    """
    preview = pulumi.runtime.is_dry_run()

    async def before_create(args: pulumi.ResourceHookArgs) -> None:
        wanted = dict(args.new_inputs or {})
        cluster = await known.future()
        # A cluster that is not known before the update has nothing yet.
        if _AUTONAMED in wanted["metadata"].get("annotations", {}) or cluster is None:
            return
        found = await asyncio.to_thread(refuse_foreign, cluster, wanted, service)
        if found and not preview:
            await asyncio.to_thread(wait_until_gone, cluster, found)

    options = pulumi.ResourceHookOptions(on_dry_run=True)
    return pulumi.ResourceHook(f"{name}-ownership", before_create, options)
