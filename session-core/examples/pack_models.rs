//! Packs AWS's service models into the files that `session-core` carries; `cargo xtask models` calls it.
//!
//! ```text
//! pack_models BOTOCORE BOTO3 MODELS [--check]
//! ```
//! The first two are directories of unpacked source distributions, the third is `session-core/models`. Of each service
//! the newest API version is taken, under the name that botocore has for it. With `--check` nothing is written: it fails
//! where the manifest or the notices are not what would be written. The digests in the manifest are those of the frames
//! before they are deflated, so that the check need not deflate; a test of the crate compares the embedded frames with
//! them.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Write;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use serde_json::Value;
use session_core::dynamic::conformance::pack::{self, Extras};
use sha2::{Digest, Sha256};
use zopfli::{BlockType, DeflateEncoder};

/// Inflating a larger model would take more than the first use of its service may, a millisecond: it is compressed by LZ4,
/// so far EC2's alone.
const INFLATED_AT_MOST: usize = 400_000;

/// How often the deflater looks for something shorter. Three times as many passes save a thousandth.
const PASSES: NonZeroU64 = NonZeroU64::new(5).unwrap();

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [botocore, boto3, models] => write(&Sources::of(botocore, boto3), Path::new(models)),
        [botocore, boto3, models, "--check"] => check(&Sources::of(botocore, boto3), Path::new(models)),
        _ => Err("arguments: BOTOCORE BOTO3 MODELS [--check]".into()),
    };
    match done {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The unpacked source distributions.
struct Sources {
    botocore: PathBuf,
    boto3: PathBuf,
}

/// One service, packed.
struct Packed {
    name: String,
    api_version: String,
    operations: usize,
    shapes: u32,
    model: Vec<u8>,
    extras: String,
}

/// The manifest's columns besides where frames are.
struct Line<'p> {
    packed: &'p Packed,
    /// Of the model's frame and of the extras', where it begins and how long it is.
    frames: [(usize, usize); 2],
}

fn write(sources: &Sources, models: &Path) -> Result<String, Failure> {
    let packed = sources.packed()?;
    let dictionary = pack::of_texts(packed.iter().map(|packed| pack::texts(&packed.model)));
    let typical = packed.iter().find(|packed| packed.name == pack::TYPICAL_EXTRAS);
    let typical = typical.ok_or("the service is gone whose extras the others are deflated against")?;
    let deflated = in_parallel(&packed, |packed| {
        let of_extras = if packed.name == typical.name { "" } else { &typical.extras };
        let extras = deflate(packed.extras.as_bytes(), of_extras.as_bytes())?;
        let model = match packed.is_lz4() {
            true => lz4_flex::block::compress(&packed.model),
            false => deflate(&packed.model, &dictionary)?,
        };
        Ok([model, extras])
    })?;
    let mut bytes = deflate(&dictionary, &[])?;
    let mut manifest = sources.head()?;
    for (packed, frames) in packed.iter().zip(&deflated) {
        let frames = [&frames[0], &frames[1]].map(|frame| {
            let at = bytes.len();
            bytes.extend_from_slice(frame);
            (at, frame.len())
        });
        manifest.push_str(&Line { packed, frames }.text());
    }
    fs::write(models.join("models.bin"), &bytes)?;
    fs::write(models.join("models.txt"), manifest)?;
    for (name, text) in sources.notices()? {
        fs::write(models.join(name), text)?;
    }
    let operations: usize = packed.iter().map(|packed| packed.operations).sum();
    Ok(format!("{} services, {operations} operations: {} kB", packed.len(), bytes.len().div_ceil(1000)))
}

/// A frame as it is embedded: a raw deflate stream against a dictionary, as small as it gets. The same bytes in give the
/// same bytes out; so this is not done by what inflates them, which chooses by the processor's instructions.
fn deflate(frame: &[u8], dictionary: &[u8]) -> Result<Vec<u8>, Failure> {
    let options = zopfli::Options { iteration_count: PASSES, ..zopfli::Options::default() };
    let mut encoder = DeflateEncoder::new(options, BlockType::Dynamic, Vec::new());
    // Deflated first and thrown away, the dictionary is in the window.
    if !dictionary.is_empty() {
        encoder.write_all(dictionary)?;
    }
    encoder.write_all(frame)?;
    let of_dictionary = encoder.get_ref().len();
    let deflated = encoder.finish()?;
    // The dictionary ends within the next eight bits, nobody tells where: there from where the frame is what follows.
    let found = (0..=8).find_map(|bit| {
        let mut stream = from_bit(&deflated, 8 * of_dictionary + bit);
        let length = length_of(&stream, frame, dictionary)?;
        stream.truncate(length);
        Some(stream)
    });
    found.ok_or_else(|| "a frame was not deflated".into())
}

/// What follows that many bits, moved to a byte's begin.
fn from_bit(bytes: &[u8], bits: usize) -> Vec<u8> {
    let rest = bytes.get(bits / 8..).unwrap_or_default();
    let after = rest.iter().skip(1).chain(&[0]);
    let pairs = rest.iter().zip(after).map(|(low, high)| u16::from_le_bytes([*low, *high]));
    pairs.map(|pair| (pair >> (bits % 8)).to_le_bytes()[0]).collect()
}

/// How many bytes of it are the frame deflated; `None` where it is another or none.
fn length_of(stream: &[u8], frame: &[u8], dictionary: &[u8]) -> Option<usize> {
    let mut inflated = [dictionary, &vec![0; frame.len()]].concat();
    let (status, read, length) = decompress(
        &mut DecompressorOxide::new(),
        stream,
        &mut inflated,
        dictionary.len(),
        TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
    );
    let done = status == TINFLStatus::Done && length == frame.len() && inflated.ends_with(frame);
    done.then_some(read)
}

fn check(sources: &Sources, models: &Path) -> Result<String, Failure> {
    let packed = sources.packed()?;
    let found = fs::read_to_string(models.join("models.txt")).unwrap_or_default();
    let head = sources.head()?;
    let mut differ: Vec<String> = Vec::new();
    if !found.starts_with(&head) {
        differ.push("the head of models.txt".to_owned());
    }
    let lines = found.lines().filter(|line| !line.starts_with('#'));
    let mut lines: BTreeMap<&str, &str> =
        lines.map(|line| (line.split('\t').next().unwrap_or_default(), line)).collect();
    for packed in &packed {
        let same = lines.remove(packed.name.as_str()).is_some_and(|line| Line::describes(line, packed));
        if !same {
            differ.push(packed.name.clone());
        }
    }
    differ.extend(lines.into_keys().map(str::to_owned));
    for (name, text) in sources.notices()? {
        if fs::read_to_string(models.join(name)).unwrap_or_default() != text {
            differ.push(name.to_owned());
        }
    }
    match differ.is_empty() {
        true => Ok(format!("{} models are what botocore says", packed.len())),
        false => Err(format!("not what `cargo xtask models` writes: {}", differ.join(", ")).into()),
    }
}

impl Packed {
    /// Whether the model is compressed by LZ4, and not deflated.
    fn is_lz4(&self) -> bool {
        self.model.len() > INFLATED_AT_MOST
    }
}

impl Line<'_> {
    fn text(&self) -> String {
        let Self { packed, frames: [(model_at, model), (extras_at, extras)] } = self;
        let [name, version, model_inflated, extras_inflated, compression, operations, shapes, digest] =
            Self::columns(packed);
        format!(
            "{name}\t{version}\t{model_at}\t{model}\t{model_inflated}\t{extras_at}\t{extras}\t{extras_inflated}\t\
             {compression}\t{operations}\t{shapes}\t{digest}\n"
        )
    }

    /// Whether a line says the same of the service, wherever its frames are.
    fn describes(line: &str, packed: &Packed) -> bool {
        let found: Vec<&str> = line.split('\t').collect();
        let wanted = Self::columns(packed);
        let found =
            [0, 1, 4, 7, 8, 9, 10, 11].map(|column: usize| found.get(column).copied().unwrap_or_default());
        found.iter().eq(wanted.iter())
    }

    fn columns(packed: &Packed) -> [String; 8] {
        let digest = Sha256::new().chain_update(&packed.model).chain_update(&packed.extras).finalize();
        let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        [
            packed.name.clone(),
            packed.api_version.clone(),
            packed.model.len().to_string(),
            packed.extras.len().to_string(),
            if packed.is_lz4() { "lz4" } else { "-" }.to_owned(),
            packed.operations.to_string(),
            packed.shapes.to_string(),
            digest,
        ]
    }
}

impl Sources {
    fn of(botocore: &str, boto3: &str) -> Self {
        Self { botocore: botocore.into(), boto3: boto3.into() }
    }

    /// Every service, in alphabetical order.
    fn packed(&self) -> Result<Vec<Packed>, Failure> {
        let mut newest: BTreeMap<String, String> = BTreeMap::new();
        for service in names(&self.botocore.join("botocore").join("data"))? {
            let versions = self.botocore.join("botocore").join("data").join(&service);
            for version in names(&versions)? {
                let newer = newest.get(&service).is_none_or(|known| *known < version);
                if newer && versions.join(&version).join("service-2.json").exists() {
                    newest.insert(service.clone(), version);
                }
            }
        }
        let newest: Vec<_> = newest.into_iter().collect();
        in_parallel(&newest, |(name, version)| {
            self.service(name, version).map_err(|error| format!("{name}: {error}").into())
        })
    }

    fn service(&self, name: &str, version: &str) -> Result<Packed, Failure> {
        let directory = self.botocore.join("botocore").join("data").join(name).join(version);
        let extended = |stem: &str| -> Result<Option<Value>, Failure> {
            let Some(mut document) = document(&directory.join(format!("{stem}.json")))? else {
                return Ok(None);
            };
            if let Some(mut over) = document_of_extras(&directory, stem)? {
                pack::merge(&mut document, over["merge"].take());
            }
            Ok(Some(document))
        };
        let part = |document: Option<Value>, key: &str| document.map(|mut document| document[key].take());
        let service = extended("service-2")?.ok_or("there is no service-2.json")?;
        let extras = Extras {
            rules: extended("endpoint-rule-set-1")?,
            paginators: part(extended("paginators-1")?, "pagination"),
            waiters: part(extended("waiters-2")?, "waiters"),
            resources: self.resources(name)?,
        };
        let operations = service["operations"].as_object().map(serde_json::Map::len).unwrap_or_default();
        let api_version = service["metadata"]["apiVersion"].as_str().unwrap_or(version).to_owned();
        let model = pack::model(&service)?;
        let shapes = model.get(8..12).and_then(|count| count.try_into().ok()).map(u32::from_le_bytes);
        Ok(Packed {
            name: name.to_owned(),
            api_version,
            operations,
            shapes: shapes.ok_or("the frame is too short")?,
            model,
            extras: pack::extras(extras),
        })
    }

    /// boto3's resources of a service: those of the newest version.
    fn resources(&self, service: &str) -> Result<Option<Value>, Failure> {
        let versions = self.boto3.join("boto3").join("data").join(service);
        if !versions.is_dir() {
            return Ok(None);
        }
        let newest = names(&versions)?.pop().ok_or("boto3 has a directory without versions")?;
        document(&versions.join(newest).join("resources-1.json"))
    }

    /// The head of the manifest.
    fn head(&self) -> Result<String, Failure> {
        Ok(format!(
            "# The services of models.bin, a line each: name, API version, of each of two frames where it begins, its\n\
             # length and its length inflated; `lz4` where the first is not deflated; operations, shapes, and the digest\n\
             # of both frames inflated: 8 bytes of SHA-256. Before the first is the dictionary that models are deflated\n\
             # against.\n\
             #\n\
             # Source: botocore {} and boto3 {}, Copyright Amazon.com, Inc. or its affiliates, Apache-2.0; see NOTICE.\n\
             # Written by `cargo xtask models`.\n",
            version(&self.botocore)?,
            version(&self.boto3)?
        ))
    }

    /// What the licence asks for beside the models, by file name.
    fn notices(&self) -> Result<[(&'static str, String); 2], Failure> {
        let copyrights = [&self.botocore, &self.boto3].map(|source| -> Result<String, Failure> {
            let notice = fs::read_to_string(source.join("NOTICE"))?;
            // The rest of botocore's is about libraries that it has copied, of which nothing is here.
            Ok(notice.split("\n----").next().unwrap_or_default().trim().to_owned())
        });
        let [botocore, boto3] = copyrights;
        let notice = format!(
            "models.bin holds AWS's service models, made from the JSON documents in the source distributions of\n\
             botocore {} and boto3 {}, which are licensed under the Apache License 2.0 (see LICENSE).\n\
             They were modified: documentation, examples, enumerations, patterns, bounds and deprecations were left out,\n\
             and what remains was put into another format and compressed.\n\n{}\n\n{}\n",
            version(&self.botocore)?,
            version(&self.boto3)?,
            botocore?,
            boto3?
        );
        Ok([("NOTICE", notice), ("LICENSE", fs::read_to_string(self.botocore.join("LICENSE.txt"))?)])
    }
}

/// Version of an unpacked source distribution.
fn version(source: &Path) -> Result<String, Failure> {
    let told = fs::read_to_string(source.join("PKG-INFO"))?;
    let version = told.lines().find_map(|line| line.strip_prefix("Version: "));
    Ok(version.ok_or("PKG-INFO names no version")?.to_owned())
}

/// The directories in a directory, in alphabetical order.
fn names(directory: &Path) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(|error| format!("{}: {error}", directory.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn document(path: &Path) -> Result<Option<Value>, Failure> {
    match fs::read(path) {
        Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn document_of_extras(directory: &Path, stem: &str) -> Result<Option<Value>, Failure> {
    document(&directory.join(format!("{stem}.sdk-extras.json")))
}

/// The work done on each, in order, by as many threads as there are processors.
fn in_parallel<I: Sync, O: Send>(
    all: &[I],
    work: impl Fn(&I) -> Result<O, Failure> + Sync,
) -> Result<Vec<O>, Failure> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let work = &work;
    let mut done: Vec<(usize, O)> = thread::scope(|scope| {
        let started: Vec<_> = (0..threads)
            .map(|first| {
                // Every so manieth, and not one part each: the largest models are neighbours.
                let some = all.iter().enumerate().skip(first).step_by(threads);
                scope.spawn(move || some.map(|(at, one)| Ok((at, work(one)?))).collect::<Result<Vec<_>, _>>())
            })
            .collect();
        let joined = started.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked")?);
        joined.collect::<Result<Vec<_>, Failure>>().map(|all| all.into_iter().flatten().collect())
    })?;
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, one)| one).collect())
}
