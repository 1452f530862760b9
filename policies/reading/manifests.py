"""Kubernetes manifests as resources to judge."""

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
    """An object, and the YAML it was read from."""

    source: str
    """File it stands in."""
    node: yaml.Node = field(repr=False, compare=False)
    """Its place there."""

    def place(self, path: Path) -> str:
        """File and line of a property, or of the nearest there is around it."""
        line = self.node.start_mark.line
        node: yaml.Node | None = self.node
        for part in path:
            node, line = _within(node, part, line)
        return f"{self.source}:{line + 1}"


def _within(node: yaml.Node | None, part: str | int, line: int) -> tuple[yaml.Node | None, int]:
    """A part of a node, and the line it begins in; where there is none, the line stays."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return value, key.start_mark.line
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line
    return None, line


class UnreadableError(Exception):
    """Text that holds no Kubernetes objects."""

    def __init__(self, source: str, line: int, problem: str) -> None:
        super().__init__(f"{source}:{line}: {problem}")
        self.source = source
        self.line = line
        """Line, the first is 1."""
        self.problem = problem


class _ManifestLoader(_Loader):
    """YAML as Kubernetes reads it: a date is a string, and so are `12:30` and `=`."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own name and form
        first: [(_STRING if tag in _STRINGS else tag, pattern) for tag, pattern in [_CLOCK, *resolvers]]
        for first, resolvers in _Loader.yaml_implicit_resolvers.items()
    }


def load(text: str, source: str) -> list[Resource]:
    """Objects of a YAML stream or of JSON, those in lists included; `source` names the file in their origin.

    Raises UnreadableError for text that is neither, or for a document that is no Kubernetes object.
    """
    loader = _ManifestLoader(_spaced(text))
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
        raise UnreadableError(source, 1, "nested too deep, or in itself") from None
    else:
        return found
    finally:
        loader.dispose()


def _spaced(text: str) -> str:
    """JSON with tabs between its parts is no YAML; with spaces it is."""
    if "\t" in text and text.lstrip().startswith("{"):
        try:
            json.loads(text)
        except ValueError:
            return text
        return text.replace("\t", " ")
    return text


def _plain(value: Any, inside: tuple[int, ...]) -> Any:
    """The value with names as strings, as JSON has them. Raises RecursionError for a value within itself."""
    place = id(value)
    if place in inside:
        raise RecursionError
    if isinstance(value, dict):
        mapping = cast("dict[Any, Any]", value)
        return {_name(key): _plain(entry, (*inside, place)) for key, entry in mapping.items()}
    if isinstance(value, list):
        return [_plain(entry, (*inside, place)) for entry in cast("list[Any]", value)]
    return value


def _name(key: Any) -> str:
    return key if isinstance(key, str) else json.dumps(key, default=str)


def _objects(value: Any, node: Any, source: str) -> Iterator[Resource]:
    line = node.start_mark.line + 1
    if value is None:
        return  # nothing between two `---`
    if not isinstance(value, dict):
        raise UnreadableError(source, line, f"a Kubernetes object is a map, this is a {_type(value)}")
    manifest = cast("dict[str, Any]", value)
    version, kind = manifest.get("apiVersion"), manifest.get("kind")
    for key, entry in (("apiVersion", version), ("kind", kind)):
        if not isinstance(entry, str) or not entry:
            raise UnreadableError(source, line, f"no Kubernetes object: `{key}` is missing or no string")
    version, kind = cast("str", version), cast("str", kind)
    if kind == "List" or (kind.endswith("List") and isinstance(manifest.get("items"), list)):
        yield from _listed(manifest, version, kind, node, source)
        return
    yield Manifest(
        type=f"kubernetes:{version if '/' in version else f'core/{version}'}:{kind}",
        name=_full_name(manifest),
        props=manifest,
        origin=f"{source}:{line}",
        source=source,
        node=node,
    )


def _listed(manifest: dict[str, Any], version: str, kind: str, node: Any, source: str) -> Iterator[Resource]:
    """Objects of a list; those of a DeploymentList may leave out what the list says already."""
    found = manifest.get("items")
    if found is None:
        return
    if not isinstance(found, list):
        line = node.start_mark.line + 1
        raise UnreadableError(source, line, f"`items` of a {kind} is a list, this is a {_type(found)}")
    nodes = next(entry.value for key, entry in node.value if key.value == "items")
    known = {} if kind == "List" else {"apiVersion": version, "kind": kind.removesuffix("List")}
    for item, place in zip(cast("list[Any]", found), nodes, strict=True):
        yield from _objects({**known, **item} if isinstance(item, dict) else item, place, source)


def _full_name(manifest: dict[str, Any]) -> str:
    name = get(manifest, "metadata", "name") or get(manifest, "metadata", "generateName") or "unnamed"
    namespace = get(manifest, "metadata", "namespace")
    return f"{namespace}/{name}" if namespace else str(name)


def _type(value: Any) -> str:
    names = {list: "list", str: "string", bool: "boolean", int: "number", float: "number", dict: "map"}
    return names.get(value.__class__, "scalar")
