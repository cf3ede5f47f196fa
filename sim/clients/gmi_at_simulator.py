#!/usr/bin/env python3
"""Run lieer's unmodified `gmi` with Google's host replaced: gmi_at_simulator.py ROOT_URL ARGUMENTS…

lieer has no option for another host, so the discovery document that it builds its client from names ROOT_URL. Nothing
else of lieer changes. Runs in the current folder, as gmi does.
"""
import json
import os
import sys

import googleapiclient
from googleapiclient import discovery

sys.path.insert(0, "/usr/share/lieer")


def build_for(root):
    def build(name, version, credentials=None, **_):
        folder = os.path.join(os.path.dirname(googleapiclient.__file__), "discovery_cache", "documents")
        with open(os.path.join(folder, f"{name}.{version}.json"), encoding="utf-8") as file:
            document = json.load(file)
        document["rootUrl"] = root + "/"
        document["baseUrl"] = root + "/" + document.get("servicePath", "")
        return discovery.build_from_document(document, credentials=credentials)

    return build


def main():
    import apiclient.discovery

    apiclient.discovery.build = discovery.build = build_for(sys.argv.pop(1))
    from lieer import Gmailieer

    sys.argv[0] = "gmi"
    Gmailieer().main()


if __name__ == "__main__":
    main()
