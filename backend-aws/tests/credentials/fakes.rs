//! Everything that hands out credentials, on one port of this machine: instance metadata, a container's endpoint, STS
//! and single sign-on. It plays S3 too, so that one sees who signed.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// A request as it came in, with lower-case header names.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }

    /// A field of a form, or of the query.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let query = self.path.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let fields = self.body.split('&').chain(query.split('&'));
        fields
            .filter_map(|field| field.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, v)| decoded(v))
    }

    /// The access key that signed.
    pub(crate) fn signer(&self) -> &str {
        let scope = self.header("authorization").split("Credential=").nth(1).unwrap_or_default();
        scope.split('/').next().unwrap_or_default()
    }
}

/// How the fakes answer; each may be told to answer something else.
#[derive(Default)]
pub(crate) struct Answers {
    /// By the beginning of the path, or by the action of STS: status and body.
    pub(crate) instead: BTreeMap<String, (u16, String)>,
    /// When what STS hands out expires; the last one stays. In the year 2100 without any.
    pub(crate) expirations: Vec<String>,
    /// What the container's endpoint and IMDS hand out expires then.
    pub(crate) expiration: Option<String>,
    /// What the container's endpoint demands as `Authorization`.
    pub(crate) container_token: String,
}

pub(crate) struct Fakes {
    pub(crate) url: String,
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    answers: Arc<Mutex<Answers>>,
    stopped: Arc<AtomicBool>,
    serving: Option<JoinHandle<()>>,
}

impl Fakes {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let answers = Arc::new(Mutex::new(Answers::default()));
        let stopped = Arc::new(AtomicBool::new(false));
        let serving = thread::spawn({
            let (requests, answers, stopped) = (requests.clone(), answers.clone(), stopped.clone());
            move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    if stopped.load(Ordering::SeqCst) {
                        return;
                    }
                    serve(stream, &requests, &answers);
                }
            }
        });
        let url = format!("http://{address}");
        Self { url, address, requests, answers, stopped, serving: Some(serving) }
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Answers)) -> &Self {
        change(&mut self.answers.lock().unwrap());
        self
    }

    /// Another answer where the path begins so, or where STS is asked for that action.
    pub(crate) fn answer(&self, to: &str, status: u16, body: &str) -> &Self {
        self.set(|answers| {
            answers.instead.insert(to.to_owned(), (status, body.to_owned()));
        })
    }

    /// The requests whose path begins so, or that ask STS for that action.
    pub(crate) fn asked(&self, what: &str) -> Vec<Request> {
        let all = self.requests.lock().unwrap();
        all.iter().filter(|request| is_for(request, what)).cloned().collect()
    }
}

impl Drop for Fakes {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.address);
        if let Some(serving) = self.serving.take() {
            let _ = serving.join();
        }
    }
}

fn is_for(request: &Request, what: &str) -> bool {
    match what.starts_with('/') {
        true => request.path.starts_with(what) && request.method != "POST",
        false => request.field("Action").as_deref() == Some(what),
    }
}

fn serve(stream: TcpStream, requests: &Mutex<Vec<Request>>, answers: &Mutex<Answers>) {
    let Some((request, mut stream)) = read(stream) else { return };
    requests.lock().unwrap().push(request.clone());
    let (status, body) = answer(&request, &mut answers.lock().unwrap());
    let head = format!(
        "HTTP/1.1 {status} Status\r\ncontent-length: {}\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

fn read(stream: TcpStream) -> Option<(Request, TcpStream)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let (method, path) = line.split_once(' ')?;
    let (method, path) = (method.to_owned(), path.split(' ').next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    Some((Request { method, path, headers, body }, reader.into_inner()))
}

fn answer(request: &Request, answers: &mut Answers) -> (u16, String) {
    if let Some((_, instead)) = answers.instead.iter().find(|(what, _)| is_for(request, what)) {
        return instead.clone();
    }
    let expiration = answers.expiration.clone().unwrap_or_else(|| "2100-01-01T00:00:00Z".to_owned());
    let json = |id: &str| {
        format!(
            "{{\"Code\": \"Success\", \"Type\": \"AWS-HMAC\", \"AccessKeyId\": \"{id}\", \"SecretAccessKey\": \
             \"hunter2\", \"Token\": \"tok3n\", \"Expiration\": \"{expiration}\"}}"
        )
    };
    const ROLE: &str = "/latest/meta-data/iam/security-credentials/";
    match (request.method.as_str(), request.path.as_str()) {
        ("PUT", "/latest/api/token") => (200, "metadata-token".to_owned()),
        ("GET", path) if path.starts_with("/latest/") => {
            match (request.header("x-aws-ec2-metadata-token"), path.strip_prefix(ROLE)) {
                ("metadata-token", Some("")) => (200, "instance-role".to_owned()),
                ("metadata-token", Some("instance-role")) => (200, json("INSTANCE")),
                ("metadata-token", _) => (404, String::new()),
                _ => (401, String::new()),
            }
        }
        ("GET", "/container") => match request.header("authorization") == answers.container_token {
            true => (200, json("CONTAINER")),
            false => (401, "{\"code\": \"Unauthorized\", \"message\": \"who are you\"}".to_owned()),
        },
        ("GET", path) if path.starts_with("/federation/credentials") => {
            match request.header("x-amz-sso_bearer_token") {
                "sso-tok3n" => (
                    200,
                    "{\"roleCredentials\": {\"accessKeyId\": \"SIGNON\", \"secretAccessKey\": \"hunter2\", \
                     \"sessionToken\": \"tok3n\", \"expiration\": 4102444800000}}"
                        .to_owned(),
                ),
                _ => (401, "{}".to_owned()),
            }
        }
        ("POST", _) => (200, assumed(request, answers)),
        _ => (200, "<ListAllMyBucketsResult/>".to_owned()),
    }
}

/// The role's name in capitals is its access key.
fn assumed(request: &Request, answers: &mut Answers) -> String {
    let (action, role) = (request.field("Action").unwrap(), request.field("RoleArn").unwrap());
    let (account, name) = (role.split(':').nth(4).unwrap(), role.rsplit('/').next().unwrap());
    let expiration = match answers.expirations.len() {
        0 => "2100-01-01T00:00:00Z".to_owned(),
        1 => answers.expirations[0].clone(),
        _ => answers.expirations.remove(0),
    };
    format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result><Credentials>\
         <AccessKeyId>{}</AccessKeyId><SecretAccessKey>hunter2</SecretAccessKey><SessionToken>tok3n</SessionToken>\
         <Expiration>{expiration}</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId>\
         <Arn>arn:aws:sts::{account}:assumed-role/{name}/s</Arn></AssumedRoleUser></{action}Result>\
         </{action}Response>",
        name.to_uppercase()
    )
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).unwrap()
}
