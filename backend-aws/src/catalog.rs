//! The services of AWS, and those that have resources here.

use std::sync::LazyLock;

use session_core::{Catalog, ServiceName};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let with_resources = ["dynamodb", "s3"].map(ServiceName::from_static);
    Catalog::of_aws().with_resources(with_resources)
});

/// All services, and those that have resources here.
pub(crate) fn catalog() -> &'static Catalog {
    &CATALOG
}
