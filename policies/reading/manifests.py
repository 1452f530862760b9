"""Reads Kubernetes manifests as resources."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from ..model import Resource
from ..values import Path, get

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STRING = "tag:yaml.org,2002:str"
_STRINGS = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value")
_CLOCK = (_STRING, re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$"))


@dataclass(frozen=True, kw_only=True)
class Manifest(Resource):
    """A Kubernetes object with its YAML node."""

    source: str
    """Name of the file."""
    node: yaml.Node = field(repr=False, compare=False)
    """Node in that file."""

    def location(self, path: Path) -> str:
        """File and line of a property, or of its nearest existing parent."""
        line = self.node.start_mark.line
        node: yaml.Node | None = self.node
        for part in path:
            node, line = _within(node, part, line)
        return f"{self.source}:{line + 1}"


def _within(node: yaml.Node | None, part: str | int, line: int) -> tuple[yaml.Node | None, int]:
    """A part of a node and its first line; None and the given line if there is no such part."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return value, key.start_mark.line
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line
    return None, line


class UnreadableError(Exception):
    """Text that cannot be read as Kubernetes objects."""

    def __init__(self, source: str, line: int, problem: str) -> None:
        super().__init__(f"{source}:{line}: {problem}")
        self.source = source
        self.line = line
        """Line, counted from 1."""
        self.problem = problem


class _ManifestLoader(_Loader):
    """YAML as Kubernetes reads it: dates, `12:30` and `=` are strings."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as PyYAML defines it
        first: [(_STRING if tag in _STRINGS else tag, pattern) for tag, pattern in [_CLOCK, *resolvers]]
        for first, resolvers in _Loader.yaml_implicit_resolvers.items()
    }


def load(text: str, source: str) -> list[Resource]:
    """Objects in a YAML stream or JSON, including those in lists; `source` is the file name in their origin.

    Raises UnreadableError for text that is neither, or for a document that is not a Kubernetes object.
    """
    loader = _ManifestLoader(_replace_tabs(text))
    try:
        found: list[Resource] = []
        while loader.check_node():
            node = loader.get_node()
            found += _objects(_plain(loader.construct_document(node), ()), node, source)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(filter(None, [error.context, error.problem]))
        raise UnreadableError(source, mark.line + 1 if mark else 1, f"not YAML: {problem}") from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise UnreadableError(source, line, f"not YAML: {error.reason}") from None
    except RecursionError:
        raise UnreadableError(source, 1, "nested too deeply, or recursive") from None
    else:
        return found
    finally:
        loader.dispose()


def _replace_tabs(text: str) -> str:
    """Replaces tabs in JSON by spaces: YAML does not allow tabs for indentation."""
    if "\t" in text and text.lstrip().startswith("{"):
        try:
            json.loads(text)
        except ValueError:
            return text
        return text.replace("\t", " ")
    return text


def _plain(value: Any, inside: tuple[int, ...]) -> Any:
    """The value with all keys as strings. Raises RecursionError if the value contains itself."""
    identity = id(value)
    if identity in inside:
        raise RecursionError
    if isinstance(value, dict):
        mapping = cast("dict[Any, Any]", value)
        return {_name(key): _plain(entry, (*inside, identity)) for key, entry in mapping.items()}
    if isinstance(value, list):
        return [_plain(entry, (*inside, identity)) for entry in cast("list[Any]", value)]
    return value


def _name(key: Any) -> str:
    return key if isinstance(key, str) else json.dumps(key, default=str)


def _objects(value: Any, node: Any, source: str) -> Iterator[Resource]:
    line = node.start_mark.line + 1
    if value is None:
        return  # an empty document
    if not isinstance(value, dict):
        raise UnreadableError(source, line, f"a Kubernetes object has to be a map, not a {_type(value)}")
    manifest = cast("dict[str, Any]", value)
    version, kind = manifest.get("apiVersion"), manifest.get("kind")
    for key, entry in (("apiVersion", version), ("kind", kind)):
        if not isinstance(entry, str) or not entry:
            problem = f"not a Kubernetes object: `{key}` is missing or not a string"
            raise UnreadableError(source, line, problem)
    version, kind = cast("str", version), cast("str", kind)
    if kind == "List" or (kind.endswith("List") and isinstance(manifest.get("items"), list)):
        yield from _list_items(manifest, version, kind, node, source)
        return
    yield Manifest(
        type=f"kubernetes:{version if '/' in version else f'core/{version}'}:{kind}",
        name=_full_name(manifest),
        props=manifest,
        origin=f"{source}:{line}",
        source=source,
        node=node,
    )


def _list_items(
    manifest: dict[str, Any], version: str, kind: str, node: Any, source: str
) -> Iterator[Resource]:
    """Objects in a list. In a typed list such as DeploymentList they may omit apiVersion and kind."""
    found = manifest.get("items")
    if found is None:
        return
    if not isinstance(found, list):
        line = node.start_mark.line + 1
        raise UnreadableError(source, line, f"`items` of a {kind} has to be a list, not a {_type(found)}")
    nodes = next(entry.value for key, entry in node.value if key.value == "items")
    known = {} if kind == "List" else {"apiVersion": version, "kind": kind.removesuffix("List")}
    for item, item_node in zip(cast("list[Any]", found), nodes, strict=True):
        yield from _objects({**known, **item} if isinstance(item, dict) else item, item_node, source)


def _full_name(manifest: dict[str, Any]) -> str:
    name = get(manifest, "metadata", "name") or get(manifest, "metadata", "generateName") or "unnamed"
    namespace = get(manifest, "metadata", "namespace")
    return f"{namespace}/{name}" if namespace else str(name)


def _type(value: Any) -> str:
    names = {list: "list", str: "string", bool: "boolean", int: "number", float: "number", dict: "map"}
    return names.get(value.__class__, "scalar")
