//! The documented quotas that the engine enforces.

/// Size of an item, names and values together.
pub(crate) const ITEM_BYTES: usize = 400 * 1024;
/// Size of the items that a table with local indexes keeps under one partition key, the indexes' included.
pub(crate) const ITEM_COLLECTION_BYTES: usize = 10 << 30;
/// Attributes that all indexes of a table may project by name together.
pub(crate) const PROJECTED_ATTRIBUTES: usize = 100;
/// Size of a partition key value.
pub(crate) const PARTITION_KEY_BYTES: usize = 2048;
/// Size of a sort key value.
pub(crate) const SORT_KEY_BYTES: usize = 1024;
/// Attributes that may make up the partition key of a global index together, or its sort key.
pub(crate) const KEY_ATTRIBUTES_OF_A_ROLE: usize = 4;
/// How many lists and maps may lie inside one another: the scalar in the innermost is the 32nd level.
pub(crate) const NESTING_LEVELS: usize = 31;
/// What one page of a query or a scan reads before it ends.
pub(crate) const PAGE_BYTES: usize = 1024 * 1024;
/// What one BatchGetItem answers before the rest stays unprocessed.
pub(crate) const BATCH_GET_BYTES: usize = 16 * 1024 * 1024;
/// Keys in one BatchGetItem.
pub(crate) const BATCH_GET_KEYS: usize = 100;
/// Requests in one BatchWriteItem.
pub(crate) const BATCH_WRITE_REQUESTS: usize = 25;
/// Items that one transaction may hold together.
pub(crate) const TRANSACTION_BYTES: usize = 4 * 1024 * 1024;
/// Length of one expression.
pub(crate) const EXPRESSION_BYTES: usize = 4096;
/// Operators and functions in one expression.
pub(crate) const EXPRESSION_OPERATORS: usize = 300;
/// Operands of one IN.
pub(crate) const IN_OPERANDS: usize = 100;
/// Operands of one IN of PartiQL on a partition key ("PartiQL operators for DynamoDB", developer guide).
pub(crate) const IN_PARTITION_KEYS: usize = 50;
/// Items of a page of a SELECT that names its partition keys by IN.
pub(crate) const IN_PAGE_ITEMS: usize = 10;
/// Levels of parentheses, NOT and functions in one expression. DynamoDB documents no such number; without one a
/// hostile expression would decide how deep our stack goes. As every level holds an operator or is redundant, no
/// expression that keeps the limit of operators comes here.
pub(crate) const EXPRESSION_DEPTH: usize = EXPRESSION_OPERATORS;
/// Capacity units that a request may name at all; what an account may have is less.
pub(crate) const CAPACITY_UNITS: i64 = 1_000_000_000_000;
/// Capacity units of either kind that a table may have, and a global index.
pub(crate) const TABLE_UNITS: i64 = 40_000;
/// Capacity units of either kind that an account may have provisioned in a region.
pub(crate) const ACCOUNT_UNITS: i64 = 80_000;
/// Tables of an account in a region.
pub(crate) const TABLES: usize = 2_500;
/// Tables that may be changing at one time.
pub(crate) const CHANGING_TABLES: usize = 500;
/// Local secondary indexes of a table.
pub(crate) const LOCAL_INDEXES: usize = 5;
/// Global secondary indexes of a table.
pub(crate) const GLOBAL_INDEXES: usize = 20;
/// Vector indexes of a table.
pub(crate) const VECTOR_INDEXES: usize = 5;
/// Dimensions of a vector.
pub(crate) const DIMENSIONS: usize = 4_096;
/// Items that one search may ask for.
pub(crate) const SEARCH_RESULTS: i64 = 100;
/// What one search answers.
pub(crate) const SEARCH_BYTES: usize = 16 * 1024 * 1024;
/// What a search, or a write to a vector index, counts for at least.
pub(crate) const VECTOR_REQUEST_BYTES: usize = 1_024;
/// For how long a client request token makes a transaction idempotent.
pub(crate) const TOKEN_LIFETIME: std::time::Duration = std::time::Duration::from_secs(600);
