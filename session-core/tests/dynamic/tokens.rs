//! Tokens that databases take for a password.

use session_core::{ClientConfig, ErrorKind, SessionExt};

use crate::TestResult;
use crate::scripted::Scripted;

#[tokio::test]
async fn a_database_is_entered_with_a_signed_token() -> TestResult {
    let session = Scripted::new();
    let rds = session.client("rds").await?;
    let token = rds.generate_db_auth_token("films.abc.eu-west-1.rds.amazonaws.com", 5432, "agnès v").await?;
    let start = "films.abc.eu-west-1.rds.amazonaws.com:5432/?Action=connect&DBUser=agn%C3%A8s%20v&X-Amz-";
    assert!(token.starts_with(start), "{token}");
    for part in [
        "X-Amz-Expires=900",
        "%2Feu-west-1%2Frds-db%2Faws4_request",
        "X-Amz-SignedHeaders=host",
        "X-Amz-Signature=",
    ] {
        assert!(token.contains(part), "{token}");
    }
    let dsql = session.client("dsql").await?;
    let token = dsql.generate_db_connect_admin_auth_token("c.dsql.eu-west-1.on.aws").await?;
    assert!(token.starts_with("c.dsql.eu-west-1.on.aws/?Action=DbConnectAdmin&X-Amz-"), "{token}");
    assert!(token.contains("%2Feu-west-1%2Fdsql%2Faws4_request"), "{token}");
    let token = dsql.generate_db_connect_auth_token("c.dsql.eu-west-1.on.aws").await?;
    assert!(token.contains("Action=DbConnect&"), "{token}");
    assert!(session.asked().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_token_needs_its_service_a_host_and_credentials() -> TestResult {
    let session = Scripted::new();
    let error = session.client("ec2").await?.generate_db_auth_token("h", 1, "u").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("databases of rds"), "{error}");
    let rds = session.client("rds").await?;
    for wrong in ["", "https://films", "films:5432", "a/b", "a b"] {
        let error = rds.generate_db_auth_token(wrong, 1, "u").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{wrong}");
    }
    let anonymous = session.client("rds").config(ClientConfig::builder().anonymous()).await?;
    let error = anonymous.generate_db_auth_token("films", 1, "u").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCredentials);
    Ok(())
}
