//! Answers that begin while the request goes on: what streams of events in both directions need.

use futures_util::stream;
use http::Version;
use session_core::dynamic::Value;
use session_core::{Error, SessionExt};
use tokio::sync::mpsc;

use crate::authority::Authority;
use crate::server::{Answer, Server};
use crate::{config, session};

#[tokio::test]
async fn events_go_and_come_over_one_exchange_of_http_2() -> Result<(), Error> {
    let authority = Authority::new();
    for (offer, spoken) in [("h2", Version::HTTP_2), ("http/1.1", Version::HTTP_11)] {
        let mut tls = authority.server("127.0.0.1");
        tls.alpn_protocols = vec![offer.as_bytes().to_vec()];
        let server = Server::listen(Some(tls), |_| Answer::Echo).await;
        let config = config().verify(authority.bundle()).anonymous();
        let session = session().await;
        let bedrock = session.client("bedrock-runtime").endpoint_url(server.https()).config(config).await?;
        let (said, mut heard) = mpsc::unbounded_channel::<Value>();
        let input = Value::Map(vec![("modelId".into(), "m".into())]);
        let call = bedrock.operation("InvokeModelWithBidirectionalStream")?.input(input);
        let mut answer = call.events(stream::poll_fn(move |cx| heard.poll_recv(cx))).send().await?;
        let mut events = answer.take_events().unwrap();
        // Each is said only after the one before came back.
        for word in ["Good", "evening", "."] {
            let bytes = Value::Map(vec![("bytes".into(), word.into())]);
            said.send(Value::Map(vec![("chunk".into(), bytes)])).unwrap();
            let event = events.recv().await?.unwrap();
            assert_eq!(event["chunk"]["bytes"].as_blob(), Some(word.as_bytes()));
        }
        drop(said);
        assert_eq!(events.recv().await?, None);
        assert_eq!(server.requests()[0].version, spoken);
    }
    Ok(())
}
