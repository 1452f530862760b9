"""A provider's answers as the protocol's messages."""

from __future__ import annotations

from typing import NoReturn

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from local.plugins.base_diff import Diff, top_key
from local.plugins.base_provider import Failure, PartialFailure
from local.plugins.base_values import Values, encode


def check_response(inputs: Values, failures: list[Failure]) -> provider_pb2.CheckResponse:
    return provider_pb2.CheckResponse(inputs=encode(inputs), failures=failure_messages(failures))


def failure_messages(failures: list[Failure]) -> list[provider_pb2.CheckFailure]:
    return [provider_pb2.CheckFailure(property=f.property, reason=f.reason) for f in failures]


def diff_response(diff: Diff) -> provider_pb2.DiffResponse:
    kinds = provider_pb2.PropertyDiff.Kind
    replacing = [top_key(change.path) for change in diff.changes.values() if change.kind.endswith("-replace")]
    replaces = list(dict.fromkeys([*diff.replaces, *replacing]))
    some = bool(diff.changes or replaces)
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if some else provider_pb2.DiffResponse.DIFF_NONE,
        replaces=replaces,
        diffs=list(dict.fromkeys(top_key(path) for path in diff.changes)),
        deleteBeforeReplace=diff.delete_before_replace,
        hasDetailedDiff=True,
        detailedDiff={
            path: provider_pb2.PropertyDiff(
                kind=kinds.Value(change.kind.upper().replace("-", "_")), inputDiff=change.input_diff
            )
            for path, change in diff.changes.items()
        },
    )


def abort_partial(context: grpc.ServicerContext, failure: PartialFailure) -> NoReturn:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=failure.id,
        properties=encode(failure.outputs),
        reasons=failure.reasons,
        inputs=None if failure.inputs is None else encode(failure.inputs),
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(failure))
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, str(failure))
    raise AssertionError("abort() always raises")
