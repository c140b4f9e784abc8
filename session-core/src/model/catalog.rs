//! The embedded models by service name, each inflated once.

use std::sync::{LazyLock, OnceLock};

use zlib_rs::{Inflate, InflateFlush, Status};

use super::dictionary::{LONGEST, TYPICAL_EXTRAS};
use super::records::Model;
use crate::error::{Error, ErrorKind};

/// The dictionary of texts, then all frames, one after the other; `models.txt` says where each begins.
static FRAMES: &[u8] = include_bytes!("../../models/models.bin");

/// A line a service: name, API version, then of each of its two frames where it begins, how long it is, and how long
/// inflated; `lz4` where the first is no deflate stream, else `-`; operations, shapes, and the digest of both frames
/// inflated. Lines with `#` are comments.
const MANIFEST: &str = include_str!("../../models/models.txt");

/// What is deflated is so with the largest window there is.
const WINDOW_BITS: u8 = 15;

struct Entry {
    api_version: &'static str,
    frame: Frame,
    extras: Frame,
    model: OnceLock<Option<&'static Model>>,
    inflated_extras: OnceLock<Option<&'static str>>,
}

#[derive(Clone, Copy)]
struct Frame {
    at: usize,
    length: usize,
    inflated: usize,
    compression: Compression,
}

#[derive(Clone, Copy)]
enum Compression {
    /// The smallest there is, at half a gigabyte a second.
    Deflate,
    /// A block of its own, a third larger and there in a quarter of the time: for what is too long to wait for.
    Lz4,
}

/// In alphabetical order, as the manifest has them.
static ENTRIES: LazyLock<Vec<(&'static str, Entry)>> = LazyLock::new(|| {
    let lines = MANIFEST.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(entry).collect()
});

fn entry(line: &'static str) -> Option<(&'static str, Entry)> {
    let mut columns = line.split('\t');
    let (name, api_version) = (columns.next()?, columns.next()?);
    let mut frame = || {
        let mut number = || columns.next()?.parse().ok();
        let (at, length, inflated) = (number()?, number()?, number()?);
        Some(Frame { at, length, inflated, compression: Compression::Deflate })
    };
    let (mut frame, extras) = (frame()?, frame()?);
    frame.compression = match columns.next()? {
        "-" => Compression::Deflate,
        "lz4" => Compression::Lz4,
        _ => return None,
    };
    Some((
        name,
        Entry { api_version, frame, extras, model: OnceLock::new(), inflated_extras: OnceLock::new() },
    ))
}

fn entry_of(service: &str) -> Option<&'static Entry> {
    let at = ENTRIES.binary_search_by(|(name, _)| (*name).cmp(service)).ok()?;
    Some(&ENTRIES.get(at)?.1)
}

/// The names of all services that have a model, in alphabetical order.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().map(|(name, _)| *name)
}

/// The version of the API that the model of a service is of, a date; `None` where there is no model.
pub(crate) fn api_version(service: &str) -> Option<&'static str> {
    entry_of(service).map(|entry| entry.api_version)
}

/// The model of a service; `None` where there is none.
///
/// # Errors
/// [`ErrorKind::InvalidConfig`]: the embedded model is broken, which tests rule out.
pub(crate) fn find(service: &str) -> Result<Option<&'static Model>, Error> {
    let Some(entry) = entry_of(service) else { return Ok(None) };
    let model = entry.model.get_or_init(|| load(entry.frame));
    model.map(Some).ok_or_else(|| broken(service))
}

#[cfg(any(test, feature = "conformance"))]
/// The model of a service, inflated anew and leaked: for measuring what the first use of a service costs.
///
/// # Errors
/// As [`find`].
pub(crate) fn find_anew(service: &str) -> Result<Option<&'static Model>, Error> {
    let Some(entry) = entry_of(service) else { return Ok(None) };
    load(entry.frame).map(Some).ok_or_else(|| broken(service))
}

fn load(frame: Frame) -> Option<&'static Model> {
    let frame = Vec::leak(inflate(frame, dictionary_of_texts())?);
    Some(&*Box::leak(Box::new(Model::over(frame).ok()?)))
}

fn broken(service: &str) -> Error {
    Error::new(ErrorKind::InvalidConfig, format!("the embedded model of {service} is broken"))
}

/// The second frame of a service: JSON with `rules`, `paginators`, `waiters` and `resources`, each where there is one.
pub(crate) fn extras(service: &str) -> Option<&'static str> {
    let entry = entry_of(service)?;
    *entry.inflated_extras.get_or_init(|| {
        let text = String::from_utf8(inflate(entry.extras, dictionary_of_extras(service))?).ok()?;
        Some(&*String::leak(text))
    })
}

/// What models are deflated against: it stands, deflated too, before the first frame.
fn dictionary_of_texts() -> &'static [u8] {
    static INFLATED: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let packed = ENTRIES.first().and_then(|(_, entry)| FRAMES.get(..entry.frame.at));
        let mut inflated = vec![0; LONGEST];
        let mut stream = Inflate::new(false, WINDOW_BITS);
        // Without it every model is told to be broken.
        let status = stream.decompress(packed.unwrap_or_default(), &mut inflated, InflateFlush::Finish);
        let length = if matches!(status, Ok(Status::StreamEnd)) { stream.total_out() } else { 0 };
        inflated.truncate(usize::try_from(length).unwrap_or_default());
        inflated
    });
    &INFLATED
}

/// What the extras of a service are deflated against: those of another, and these against nothing.
fn dictionary_of_extras(service: &str) -> &'static [u8] {
    match service {
        TYPICAL_EXTRAS => &[],
        _ => extras(TYPICAL_EXTRAS).unwrap_or_default().as_bytes(),
    }
}

fn inflate(frame: Frame, dictionary: &[u8]) -> Option<Vec<u8>> {
    let packed = FRAMES.get(frame.at..frame.at + frame.length)?;
    // Its length is known, so that nothing grows and moves on the way.
    let mut inflated = vec![0; frame.inflated];
    let length = match frame.compression {
        Compression::Lz4 => lz4_flex::block::decompress_into(packed, &mut inflated).ok()?,
        Compression::Deflate => {
            let mut stream = Inflate::new(false, WINDOW_BITS);
            if !dictionary.is_empty() {
                stream.set_dictionary(dictionary).ok()?;
            }
            let status = stream.decompress(packed, &mut inflated, InflateFlush::Finish).ok()?;
            (status == Status::StreamEnd).then_some(stream.total_out())?.try_into().ok()?
        }
    };
    (length == frame.inflated).then_some(inflated)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::model::{Location, Operation};

    #[test]
    fn every_embedded_frame_is_what_the_manifest_says() {
        let mut at = ENTRIES[0].1.frame.at;
        for line in MANIFEST.lines().filter(|line| !line.starts_with('#')) {
            let (name, entry) = entry(line).unwrap();
            let model = inflate(entry.frame, dictionary_of_texts()).unwrap();
            let extras = inflate(entry.extras, dictionary_of_extras(name)).unwrap();
            let digest = Sha256::new().chain_update(&model).chain_update(&extras).finalize();
            let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            let columns: Vec<&str> = line.split('\t').collect();
            assert_eq!(columns.len(), 12, "{name}");
            assert_eq!(columns[11], digest, "{name}");
            let model = Model::over(Vec::leak(model)).unwrap();
            let counts = [model.operation_count(), model.shape_count()].map(|count| count.to_string());
            assert_eq!(columns[9..11], counts, "{name}");
            assert_eq!(model.metadata().api_version, entry.api_version, "{name}");
            assert_eq!((entry.frame.at, entry.extras.at), (at, at + entry.frame.length), "{name}");
            at = entry.extras.at + entry.extras.length;
        }
        assert_eq!(at, FRAMES.len());
        assert!(FRAMES.len() < 2_000_000, "{}", FRAMES.len());
    }

    #[test]
    fn every_service_that_aws_publishes_has_a_model() {
        let published = crate::Catalog::of_aws();
        let published: Vec<_> = published.services().map(|service| service.as_str()).collect();
        assert_eq!(names().collect::<Vec<_>>(), published);
    }

    #[test]
    fn every_operation_is_found_and_every_number_in_it_leads_somewhere() {
        for name in names() {
            let model = find(name).unwrap().unwrap();
            let shapes = model.shape_count();
            for index in 0..model.operation_count() {
                let operation: Operation = model.operation(index);
                assert_eq!(model.find_operation(operation.name), Some(index), "{name}");
                assert!(!operation.method.is_empty() && operation.uri.starts_with('/'), "{name}");
                let messages = operation.input.into_iter().chain(operation.output);
                for shape in messages.chain(model.errors(&operation)) {
                    assert!(
                        shape < shapes && !model.shape(shape).name.is_empty(),
                        "{name}.{}",
                        operation.name
                    );
                }
            }
            for shape in (0..shapes).map(|index| model.shape(index)) {
                for member in model.members(&shape) {
                    assert!(member.shape < shapes && !member.name.is_empty(), "{name}: {}", shape.name);
                    let traits = member.traits.unwrap_or("{}");
                    assert!(serde_json::from_str::<serde_json::Value>(traits).unwrap().is_object());
                }
            }
            assert_eq!(model.find_operation("NoSuchOperation"), None);
        }
    }

    #[test]
    fn extras_are_one_object_with_endpoint_rules_in_it() {
        for name in names() {
            let extras: serde_json::Value = serde_json::from_str(extras(name).unwrap()).unwrap();
            assert!(extras["rules"].is_object(), "{name}");
        }
        let sqs: serde_json::Value = serde_json::from_str(extras("sqs").unwrap()).unwrap();
        assert!(sqs["resources"]["resources"]["Queue"].is_object());
        assert!(sqs["paginators"]["ListQueues"].is_object());
        let s3: serde_json::Value = serde_json::from_str(extras("s3").unwrap()).unwrap();
        assert!(s3["waiters"]["BucketExists"].is_object());
    }

    #[test]
    fn a_model_is_inflated_once() {
        let (first, second) = (find("sts").unwrap().unwrap(), find("sts").unwrap().unwrap());
        assert!(std::ptr::eq(first, second));
        assert!(std::ptr::eq(extras("sts").unwrap(), extras("sts").unwrap()));
        assert!(find("no-such-service").unwrap().is_none());
        assert!(extras("no-such-service").is_none() && api_version("no-such-service").is_none());
    }

    #[test]
    fn what_is_laid_over_the_documents_is_in_the_models() {
        // `service-2.sdk-extras.json` of RDS.
        let rds = find("rds").unwrap().unwrap();
        let copy = rds.operation(rds.find_operation("CopyDBSnapshot").unwrap());
        let input = rds.shape(copy.input.unwrap());
        assert!(rds.members(&input).any(|member| member.name == "SourceRegion"));
        assert!(find("sqs").unwrap().unwrap().metadata().is_query_compatible);
        let s3 = find("s3").unwrap().unwrap();
        let put = s3.operation(s3.find_operation("PutObject").unwrap());
        let key = s3.members(&s3.shape(put.input.unwrap())).find(|member| member.name == "Key").unwrap();
        assert_eq!(key.location, Location::Uri);
    }
}
