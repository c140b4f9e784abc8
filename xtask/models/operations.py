"""Prints the operations of every service of botocore, a line a service; `cargo xtask parity` compares them with ours."""

import botocore.loaders

loader = botocore.loaders.Loader(include_default_search_paths=False)
loader.search_paths.append(loader.BUILTIN_DATA_PATH)

for name in loader.list_available_services("service-2"):
    operations = loader.load_service_model(name, "service-2")["operations"]
    print(name, " ".join(sorted(operations)), sep="\t")
