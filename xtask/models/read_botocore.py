"""Prints what botocore knows of AWS as one JSON document; `cargo xtask models` makes the embedded files from it.

Nothing is interpreted here: the service models' metadata and two documents of AWS's, as botocore ships them.
"""

import json
import sys

import botocore
import botocore.loaders

loader = botocore.loaders.Loader(include_default_search_paths=False)
loader.search_paths.append(loader.BUILTIN_DATA_PATH)

json.dump(
    {
        "version": botocore.__version__,
        "services": {
            name: loader.load_service_model(name, "service-2")["metadata"]
            for name in loader.list_available_services("service-2")
        },
        "partitions": loader.load_data("partitions")["partitions"],
        "endpoints": loader.load_data("endpoints")["partitions"],
    },
    sys.stdout,
)
