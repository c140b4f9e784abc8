//! Forms that browsers post (`multipart/form-data`): fields first, then a file that is taken in as it comes.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Method};
use http_body_util::BodyExt as _;

use crate::context::Body;
use crate::s3::engine::{Code, Content, Error, Gathering, MAX_PUT_BYTES};

/// How much may stand in front of the file.
const MAX_FIELDS_BYTES: usize = 20 * 1024;

/// The lines of one part's head are no longer.
const MAX_HEAD_BYTES: usize = 8 * 1024;

/// The file of a form.
#[derive(Debug)]
pub(super) struct File {
    /// The last part of the name that the browser gave.
    pub(super) name: String,
    pub(super) content_type: Option<String>,
    pub(super) content: Content,
}

/// The fields of a form, as they came, and its file.
#[derive(Debug)]
pub(super) struct Form {
    fields: Vec<(String, String)>,
    pub(super) file: File,
}

/// Whether the request posts a form.
pub(crate) fn is_form(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::POST && media_type(headers).is_some_and(|name| name == "multipart/form-data")
}

impl Form {
    /// Reads a form from the body of a request with these headers.
    ///
    /// # Errors
    /// `MalformedPOSTRequest` when it is none; S3's words for a form without a file, and for one with too many fields.
    pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Self, Error> {
        let boundary = boundary(headers).ok_or_else(malformed)?;
        let declared = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let mut reader = Reader::new(body, &boundary);
        let mut fields = Vec::new();
        let mut room = MAX_FIELDS_BYTES;
        reader.skip_to_part().await?;
        while let Some(part) = reader.part().await? {
            if part.name.eq_ignore_ascii_case("file") {
                let content = reader.file(declared.unwrap_or_default()).await?;
                let File { name, content_type, .. } = part.file;
                return Ok(Self { fields, file: File { name, content_type, content } });
            }
            let value = reader.field(room).await?;
            let used = part.name.len() + value.len();
            room =
                room.checked_sub(used).ok_or_else(|| Error::new(Code::MaxPostPreDataLengthExceededError))?;
            let value = String::from_utf8(value).map_err(|_| malformed())?;
            fields.push((part.name, value));
        }
        Err(Error::invalid_argument("POST requires exactly one file upload per request.", "file", 0))
    }

    /// The value of a field, whose name has no case.
    pub(super) fn field(&self, wanted: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Puts the file's name where fields ask for it.
    pub(super) fn expand(&mut self) {
        for (_, value) in &mut self.fields {
            if value.contains("${filename}") {
                *value = value.replace("${filename}", &self.file.name);
            }
        }
    }
}

fn malformed() -> Error {
    Error::new(Code::MalformedPOSTRequest)
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(content_type.split(';').next()?.trim().to_ascii_lowercase())
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let boundary = parameter(content_type, "boundary")?;
    (1..=70).contains(&boundary.len()).then_some(boundary)
}

/// A parameter of a header such as `form-data; name="key"`. Browsers escape quotes as `%22` or with a backslash.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mut rest = header.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, behind) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => quoted_text(quoted)?,
            None => {
                let (value, behind) = after.split_once(';').unwrap_or((after, ""));
                (value.trim().to_owned(), behind)
            }
        };
        if name.trim().trim_start_matches(';').trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = behind;
    }
}

fn quoted_text(text: &str) -> Option<(String, &str)> {
    let (mut value, mut characters) = (String::new(), text.char_indices());
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            // A backslash is part of a path unless it stands before a quote.
            '\\' if text[at + 1..].starts_with('"') => {
                characters.next();
                value.push('"');
            }
            other => value.push(other),
        }
    }
    None
}

/// The head of a part: the name of its field, and of a file the rest.
struct Part {
    name: String,
    file: File,
}

/// Reads parts from frames, wherever those are cut. What it gives of a file are slices of the frames.
struct Reader {
    body: Body,
    /// A line end and the boundary: what every part ends with.
    delimiter: Vec<u8>,
    /// What has come in and has not been read.
    rest: Bytes,
}

impl Reader {
    fn new(body: Body, boundary: &str) -> Self {
        // The first boundary has no line in front of it, so that one is put there.
        Self { body, delimiter: format!("\r\n--{boundary}").into_bytes(), rest: Bytes::from_static(b"\r\n") }
    }

    /// Takes in the next frame behind what is left.
    async fn more(&mut self) -> Result<(), Error> {
        loop {
            let frame = self.body.frame().await.ok_or_else(malformed)?;
            let frame = frame.map_err(|_| Error::new(Code::IncompleteBody))?.into_data().unwrap_or_default();
            if frame.is_empty() {
                continue;
            }
            self.rest = match self.rest.is_empty() {
                true => frame,
                false => [&self.rest[..], &frame[..]].concat().into(),
            };
            return Ok(());
        }
    }

    /// Reads over what stands in front of the first boundary.
    async fn skip_to_part(&mut self) -> Result<(), Error> {
        self.until_delimiter(MAX_HEAD_BYTES).await.map(drop)
    }

    /// The head of the next part; nothing behind the last.
    async fn part(&mut self) -> Result<Option<Part>, Error> {
        while self.rest.len() < 2 {
            self.more().await?;
        }
        if self.rest.starts_with(b"--") {
            return Ok(None);
        }
        let end = loop {
            match find(&self.rest, b"\r\n\r\n") {
                Some(end) => break end,
                None if self.rest.len() > MAX_HEAD_BYTES => return Err(malformed()),
                None => self.more().await?,
            }
        };
        let head = self.rest.split_to(end + 4);
        let head = str::from_utf8(&head).map_err(|_| malformed())?;
        let header = |wanted: &str| {
            let lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
            let mut found = lines.filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
            found.next().map(|(_, value)| value.trim())
        };
        let disposition = header("content-disposition").ok_or_else(malformed)?;
        let name = parameter(disposition, "name").ok_or_else(malformed)?;
        let path = parameter(disposition, "filename").unwrap_or_default();
        let file = File {
            name: path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned(),
            content_type: header("content-type").map(str::to_owned),
            content: Content::default(),
        };
        Ok(Some(Part { name, file }))
    }

    /// The value of a field.
    async fn field(&mut self, room: usize) -> Result<Vec<u8>, Error> {
        self.until_delimiter(room).await
    }

    async fn until_delimiter(&mut self, room: usize) -> Result<Vec<u8>, Error> {
        loop {
            if let Some(at) = find(&self.rest, &self.delimiter) {
                let value = self.rest.split_to(at).to_vec();
                self.rest = self.rest.slice(self.delimiter.len()..);
                return Ok(value);
            }
            if self.rest.len() > room + self.delimiter.len() {
                return Err(Error::new(Code::MaxPostPreDataLengthExceededError));
            }
            self.more().await?;
        }
    }

    /// The file, and whatever follows it, which S3 does not read.
    async fn file(&mut self, expected: u64) -> Result<Content, Error> {
        let mut gathering = Gathering::of(expected);
        let keep = self.delimiter.len() - 1;
        loop {
            if let Some(at) = find(&self.rest, &self.delimiter) {
                gathering.push(self.rest.split_to(at));
                break;
            }
            // A delimiter may have begun in the last bytes.
            let sure = self.rest.len().saturating_sub(keep);
            gathering.push(self.rest.split_to(sure));
            if gathering.gathered() > MAX_PUT_BYTES {
                return Err(Error::entity_too_large(gathering.gathered(), MAX_PUT_BYTES));
            }
            let begun = std::mem::take(&mut self.rest);
            self.more().await?;
            self.behind(&begun, &mut gathering);
        }
        while let Some(Ok(_ignored)) = self.body.frame().await {}
        Ok(gathering.finish())
    }

    /// Puts the bytes in which a delimiter may have begun in front of a new frame, without a copy of the frame: unless
    /// one did begin there, they are the file's.
    fn behind(&mut self, begun: &Bytes, gathering: &mut Gathering) {
        let seam = self.rest.len().min(self.delimiter.len() - 1);
        let joined = [&begun[..], &self.rest[..seam]].concat();
        let begins_here = find(&joined, &self.delimiter).is_some();
        if begins_here || seam == self.rest.len() {
            self.rest = [&begun[..], &self.rest[..]].concat().into();
        } else {
            gathering.push(begun.clone());
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let (&first, rest) = wanted.split_first()?;
    let mut from = 0;
    while let Some(at) = bytes.get(from..)?.iter().position(|byte| *byte == first) {
        if bytes[from + at + 1..].starts_with(rest) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use http_body::Frame;
    use http_body_util::StreamBody;
    use proptest::prelude::*;

    use super::*;

    fn read(text: &[u8], cut: usize) -> Result<Form, Error> {
        let frames =
            text.chunks(cut).map(|piece| Ok::<_, std::io::Error>(Frame::data(Bytes::copy_from_slice(piece))));
        let body = StreamBody::new(futures_util::stream::iter(frames.collect::<Vec<_>>()));
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "multipart/form-data; boundary=\"x\"".parse().unwrap());
        Form::read(&headers, Body::http_body(body)).now_or_never().unwrap()
    }

    fn form_with(file: &[u8]) -> Vec<u8> {
        let mut form = b"--x\r\nContent-Disposition: form-data; name=\"Key\"\r\n\r\nfilms/${filename}\r\n\
            --x\r\nContent-Disposition: form-data; name=file; filename=\"C:\\films\\me\\\"t.mp4\"\r\n\
            Content-Type: video/mp4\r\n\r\n"
            .to_vec();
        form.extend_from_slice(file);
        form.extend_from_slice(
            b"\r\n--x\r\nContent-Disposition: form-data; name=\"late\"\r\n\r\n1\r\n--x--\r\n",
        );
        form
    }

    fn bytes_of(form: &Form) -> Vec<u8> {
        form.file.content.segments().flatten().copied().collect()
    }

    #[test]
    fn a_form_has_fields_and_a_file_and_what_follows_is_not_read() {
        let mut form = read(&form_with(b"1927"), usize::MAX).unwrap();
        form.expand();
        assert_eq!(form.field("key"), Some("films/me\"t.mp4"));
        assert_eq!((form.file.content_type.as_deref(), form.field("late")), (Some("video/mp4"), None));
        assert_eq!(bytes_of(&form), b"1927");
    }

    #[test]
    fn a_form_that_is_none_is_refused() {
        let code = |text: &[u8]| read(text, usize::MAX).unwrap_err().code();
        assert_eq!(code(b"1927"), Code::MalformedPOSTRequest);
        assert_eq!(
            code(b"--x\r\nContent-Disposition: form-data\r\n\r\n\r\n--x--"),
            Code::MalformedPOSTRequest
        );
        let cut = form_with(b"1927");
        let end = find(&cut, b"\r\n--x\r\nContent-Disposition: form-data; name=\"late\"").unwrap();
        assert_eq!(code(&cut[..end]), Code::MalformedPOSTRequest);
        assert_eq!(code(b"--x--\r\n"), Code::InvalidArgument);
        let long = [b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n".to_vec(), vec![b'a'; 21 << 10]]
            .concat();
        assert_eq!(code(&long), Code::MaxPostPreDataLengthExceededError);
    }

    proptest! {
        #[test]
        fn a_file_is_whole_wherever_its_frames_are_cut(
            file in prop::collection::vec(prop::sample::select(b"\r\n-xy".to_vec()), 0..200),
            cut in 1..64usize,
        ) {
            let ended = [&file[..], b"\r\n--x"].concat();
            prop_assume!(find(&ended, b"\r\n--x") == Some(file.len()));
            prop_assert_eq!(bytes_of(&read(&form_with(&file), cut).unwrap()), file);
        }

        #[test]
        fn reading_a_form_never_panics(text in ".{0,300}", cut in 1..64usize) {
            let _any = read(text.as_bytes(), cut);
        }
    }
}
