"""What the providers publish about their bodies: Google's discovery documents and Graph's metadata (CSDL), as validators."""
import base64
import json
import os
import re
import urllib.parse
import xml.etree.ElementTree as xml


class Discovery:
    def __init__(self, name, problems):
        self.problems = problems
        import googleapiclient

        folder = os.path.join(os.path.dirname(googleapiclient.__file__), "discovery_cache", "documents")
        with open(os.path.join(folder, name + ".json"), encoding="utf-8") as file:
            document = json.load(file)
        self.schemas = document["schemas"]
        self.methods = list(self.methods_of(document.get("resources", {})))

    def methods_of(self, resources):
        """(HTTP method, template, pattern of the path, schema of the answer) of every method."""
        for resource in resources.values():
            for method in resource.get("methods", {}).values():
                template = method.get("flatPath", method["path"])
                pattern = re.compile("/" + re.sub(r"\\\{\\?\+?\w+\\\}", "[^/]+", re.escape(template)) + "$")
                yield method["httpMethod"], "/" + template, pattern, method.get("response")
            yield from self.methods_of(resource.get("resources", {}))

    def find(self, method, path):
        for http_method, template, pattern, schema in self.methods:
            if http_method == method and pattern.match(path):
                return template, schema
        return None, None

    def check(self, value, schema, where):
        if "$ref" in schema:
            schema = self.schemas[schema["$ref"]]
        kind = schema.get("type")
        if kind == "any":
            return
        if kind == "object":
            if not isinstance(value, dict):
                self.problems.append(f"{where}: not an object")
                return
            known = schema.get("properties", {})
            for key, item in value.items():
                if key in known:
                    self.check(item, known[key], f"{where}.{key}")
                elif "additionalProperties" in schema:
                    self.check(item, schema["additionalProperties"], f"{where}.{key}")
                else:
                    self.problems.append(f"{where}.{key}: no such field")
        elif kind == "array":
            if not isinstance(value, list):
                self.problems.append(f"{where}: not an array")
                return
            for index, item in enumerate(value):
                self.check(item, schema["items"], f"{where}[{index}]")
        elif kind == "string":
            if not isinstance(value, str):
                self.problems.append(f"{where}: not a string")
            elif schema.get("format") in ("uint64", "int64") and not value.lstrip("-").isdigit():
                self.problems.append(f"{where}: not a number in a string")
            elif "enum" in schema and value not in schema["enum"]:
                self.problems.append(f"{where}: {value!r} is not one of the enumeration")
        elif kind == "integer":
            if not isinstance(value, int) or isinstance(value, bool):
                self.problems.append(f"{where}: not an integer")
        elif kind == "boolean":
            if not isinstance(value, bool):
                self.problems.append(f"{where}: not a boolean")


EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


class Csdl:
    def __init__(self, file, problems):
        self.problems = problems
        self.types, self.enums, self.sets, self.functions = {}, {}, {}, {}
        for schema in xml.parse(file).getroot().iter(EDM + "Schema"):
            for element in schema.iter(EDM + "EntitySet"):
                self.sets[element.get("Name")] = f"Collection({element.get('EntityType')})"
            for element in schema.findall(EDM + "Function"):
                if element.get("IsBound") == "true":
                    bound, answer = element.find(EDM + "Parameter").get("Type"), element.find(EDM + "ReturnType").get("Type")
                    self.functions[element.get("Name"), self.full(bound)] = answer
            names = [n for n in (schema.get("Namespace"), schema.get("Alias")) if n]
            for kind in ("EntityType", "ComplexType", "EnumType"):
                for element in schema.findall(EDM + kind):
                    for name in names:
                        (self.enums if kind == "EnumType" else self.types)[name + "." + element.get("Name")] = element

    @staticmethod
    def full(type_name):
        return re.sub(r"\bgraph\.", "microsoft.graph.", type_name.replace("microsoft.graph.", "graph."))

    def resolve(self, path):
        """The template and the type of what a path below /v1.0 names; 'stream' for $value; (None, None) if the metadata knows no such path."""
        pieces = []
        for piece in path.strip("/").split("/"):
            piece = urllib.parse.unquote(piece)
            key = re.fullmatch(r"(\w+)\('(.*)'\)", piece)
            pieces += [key.group(1), key.group(2)] if key else [piece]
        kind = self.sets.get(pieces[0])
        template = pieces[0]
        for piece in pieces[1:]:
            if kind is None or kind == "stream":
                return None, None
            name = piece.removesuffix("()").removeprefix("microsoft.graph.")
            if piece == "$value":
                kind, template = "stream", template + "/$value"
            elif (name, self.full(kind)) in self.functions:
                kind, template = self.functions[name, self.full(kind)], f"{template}/{name}"
            elif kind.startswith("Collection("):
                kind, template = kind[11:-1], template + "/{id}"
            else:
                kind, template = self.properties(kind).get(piece, (None, None))[0], f"{template}/{piece}"
        return template, kind

    def properties(self, name):
        found = {}
        while name:
            element = self.types[name]
            for tag in ("Property", "NavigationProperty"):
                for item in element.findall(EDM + tag):
                    found.setdefault(item.get("Name"), (item.get("Type"), item.get("Nullable") != "false"))
            name = element.get("BaseType")
        return found

    def check(self, value, type_name, where, nullable=True):
        if value is None:
            if not nullable:
                self.problems.append(f"{where}: null is not allowed")
            return
        if type_name.startswith("Collection("):
            if not isinstance(value, list):
                self.problems.append(f"{where}: not a collection")
                return
            for index, item in enumerate(value):
                self.check(item, type_name[11:-1], f"{where}[{index}]")
            return
        if type_name in self.enums:
            members = [m.get("Name") for m in self.enums[type_name].findall(EDM + "Member")]
            if value not in members:
                self.problems.append(f"{where}: {value!r} is not a member of {type_name}")
            return
        if type_name in self.types:
            if not isinstance(value, dict):
                self.problems.append(f"{where}: not an object")
                return
            declared = value.get("@odata.type", "").lstrip("#")
            known = self.properties(declared if declared in self.types else type_name)
            for key, item in value.items():
                if key.startswith("@") or "@odata." in key:
                    continue
                if key not in known:
                    self.problems.append(f"{where}.{key}: no such property of {declared or type_name}")
                else:
                    self.check(item, known[key][0], f"{where}.{key}", known[key][1])
            return
        wanted = {"Edm.Boolean": bool, "Edm.Int32": int, "Edm.Int64": int, "Edm.Int16": int, "Edm.Double": (int, float), "Edm.Single": (int, float)}.get(type_name, str)
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            self.problems.append(f"{where}: {value!r} is no {type_name}")
        elif type_name == "Edm.DateTimeOffset" and not value.endswith("Z"):
            self.problems.append(f"{where}: {value!r} is no time in UTC")
        elif type_name == "Edm.Binary":
            base64.b64decode(value, validate=True)
