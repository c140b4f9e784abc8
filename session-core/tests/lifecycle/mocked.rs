//! Strict expectations instead of a cloud: mockall's mocks of the traits.
#![cfg(feature = "mockall")]

use session_core::mocks::{MockClient, MockResource, MockSession};
use session_core::{
    Catalog, Client, Error, ErrorKind, Resource, ServiceName, Session, SessionConfig, SessionExt,
};

use crate::DynamoDb;

#[tokio::test]
async fn a_mocked_session_answers_as_it_was_told() {
    let mut mock = MockSession::new();
    let config = SessionConfig::builder().region_name("eu-west-1").build().unwrap();
    mock.expect_config().return_const(config);
    mock.expect_catalog().return_const(Catalog::of_services([ServiceName::from_static("dynamodb")]));
    mock.expect_connect()
        .withf(|service, config| service.as_str() == "dynamodb" && config.region_name().is_none())
        .times(1)
        .returning(|_, _| Err(Error::new(ErrorKind::AccessDenied, "not today")));
    let session: &dyn Session = &mock;
    assert_eq!(session.region_name().unwrap().as_str(), "eu-west-1");
    assert_eq!(session.available_services().len(), 1);
    assert!(session.client(DynamoDb).await.unwrap_err().is_access_denied());
}

#[tokio::test]
async fn mocked_clients_and_resources_stand_in_for_the_traits() {
    let mut client = MockClient::new();
    client.expect_is_open().times(1).return_const(true);
    client
        .expect_call()
        .withf(|operation, _| operation == "ListTables")
        .times(1)
        .returning(|_, input| Ok(input));
    let client: &dyn Client = &client;
    assert!(client.is_open());
    assert!(client.call("ListTables", true.into()).await.unwrap().as_bool().unwrap());

    let mut resource = MockResource::new();
    resource.expect_exists().times(1).returning(|| Ok(false));
    resource.expect_identifiers().return_const(vec!["films".to_owned()]);
    let resource: Box<dyn Resource> = Box::new(resource);
    assert!(!resource.exists().await.unwrap());
    assert_eq!(resource.identifiers(), ["films"]);
}
