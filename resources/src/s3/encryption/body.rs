//! Bodies that are encrypted while they are sent, and decrypted while they are read.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aws_smithy_types::body::SdkBody;
use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use session_core::{BoxError, Error, ErrorKind};
use tokio::io::{AsyncRead, ReadBuf};

use super::error::EncryptionError;
use super::gcm::{Gcm, TAG_BYTES, TooLong};

/// The most bytes that are encrypted at once: a body in memory is one piece, however large.
const PIECE_BYTES: usize = 64 << 10;

impl From<TooLong> for EncryptionError {
    fn from(_: TooLong) -> Self {
        Self::TooLong
    }
}

fn boxed(why: EncryptionError) -> BoxError {
    Error::from(why).into()
}

/// A body as it is sent: ciphertext, then the tag.
pub(super) struct EncryptingBody {
    plaintext: SdkBody,
    /// What of a piece is still to be encrypted.
    piece: Bytes,
    /// `None` once the tag was given out.
    cipher: Option<Gcm>,
    /// Bytes of plaintext that are still to come.
    left: u64,
}

impl EncryptingBody {
    /// `length` is that of the plaintext, which has to keep to it.
    pub(super) fn new(plaintext: SdkBody, length: u64, cipher: Gcm) -> Self {
        Self { plaintext, piece: Bytes::new(), cipher: Some(cipher), left: length }
    }

    fn encrypted(&mut self) -> Result<Bytes, BoxError> {
        let mut piece = BytesMut::from(self.piece.split_to(self.piece.len().min(PIECE_BYTES)));
        self.left = self.left.checked_sub(piece.len() as u64).ok_or_else(|| misfit("is longer"))?;
        if let Some(cipher) = &mut self.cipher {
            cipher.encrypt(&mut piece).map_err(|why| boxed(why.into()))?;
        }
        Ok(piece.freeze())
    }
}

fn misfit(how: &str) -> BoxError {
    let message = format!("the body {how} than its length was said to be");
    Error::new(ErrorKind::InvalidInput, message).into()
}

impl Body for EncryptingBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        loop {
            if this.cipher.is_none() {
                return Poll::Ready(None);
            }
            if !this.piece.is_empty() {
                return Poll::Ready(Some(this.encrypted().map(Frame::data)));
            }
            match ready!(Pin::new(&mut this.plaintext).poll_frame(cx)) {
                // Trailers of a body that the caller made are none of the ciphertext's.
                Some(Ok(frame)) => this.piece = frame.into_data().unwrap_or_default(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None if this.left > 0 => {
                    this.cipher = None;
                    return Poll::Ready(Some(Err(misfit("is shorter"))));
                }
                None => {
                    let tag = this.cipher.take().map(Gcm::tag).unwrap_or_default();
                    return Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(&tag)))));
                }
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self.cipher {
            Some(_) => SizeHint::with_exact(self.left + TAG_BYTES as u64),
            None => SizeHint::with_exact(0),
        }
    }
}

/// A reader of ciphertext over a reader of plaintext: all of it, then the tag.
pub(super) struct EncryptingReader<R> {
    plaintext: R,
    /// `None` once the plaintext ended.
    cipher: Option<Gcm>,
    /// What of the tag is still to be given out.
    tag: Bytes,
}

impl<R> EncryptingReader<R> {
    pub(super) fn new(plaintext: R, cipher: Gcm) -> Self {
        Self { plaintext, cipher: Some(cipher), tag: Bytes::new() }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for EncryptingReader<R> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        if let Some(cipher) = &mut this.cipher {
            let before = buf.filled().len();
            ready!(Pin::new(&mut this.plaintext).poll_read(cx, buf))?;
            let read = buf.filled_mut().get_mut(before..).unwrap_or_default();
            if !read.is_empty() {
                let encrypted = cipher.encrypt(read);
                return Poll::Ready(encrypted.map_err(|why| io::Error::other(boxed(why.into()))));
            }
            let tag = this.cipher.take().map(Gcm::tag).unwrap_or_default();
            this.tag = Bytes::copy_from_slice(&tag);
        }
        let piece = this.tag.split_to(this.tag.len().min(buf.remaining()));
        buf.put_slice(&piece);
        Poll::Ready(Ok(()))
    }
}

/// Decrypts a whole object in its place, and says whether it is authentic.
///
/// # Errors
/// [`EncryptionError::Truncated`] and [`EncryptionError::NotAuthentic`]; nothing of the plaintext is given out then.
pub(super) fn decrypted(mut object: BytesMut, mut cipher: Gcm) -> Result<Bytes, EncryptionError> {
    let Some(length) = object.len().checked_sub(TAG_BYTES) else {
        return Err(EncryptionError::Truncated { bytes: object.len() as u64 });
    };
    let tag = object.split_off(length);
    cipher.decrypt(&mut object)?;
    match cipher.verify(&tag) {
        true => Ok(object.freeze()),
        false => Err(EncryptionError::NotAuthentic),
    }
}

/// A body as it is read before anybody knows whether it is authentic: plaintext, and an error at its end if it is not.
pub(super) struct DecryptingBody {
    ciphertext: SdkBody,
    /// `None` once the tag was compared, or reading failed.
    cipher: Option<Gcm>,
    /// What came last, which may be the tag.
    held: BytesMut,
    /// Bytes of plaintext that are still to come, where it is known.
    left: Option<u64>,
    read: u64,
}

impl DecryptingBody {
    /// `length` is that of the plaintext.
    pub(super) fn new(ciphertext: SdkBody, length: Option<u64>, cipher: Gcm) -> Self {
        Self { ciphertext, cipher: Some(cipher), held: BytesMut::new(), left: length, read: 0 }
    }

    /// Plaintext of what came, but for what may be the tag.
    fn decrypt(&mut self, came: &[u8]) -> Result<Bytes, EncryptionError> {
        self.read += came.len() as u64;
        self.held.extend_from_slice(came);
        let mut piece = self.held.split_to(self.held.len().saturating_sub(TAG_BYTES));
        if let Some(cipher) = &mut self.cipher {
            cipher.decrypt(&mut piece)?;
        }
        self.left = self.left.map(|left| left.saturating_sub(piece.len() as u64));
        Ok(piece.freeze())
    }

    fn end(&mut self) -> Result<(), EncryptionError> {
        let Some(cipher) = self.cipher.take() else { return Ok(()) };
        if self.held.len() < TAG_BYTES {
            return Err(EncryptionError::Truncated { bytes: self.read });
        }
        match cipher.verify(&self.held) {
            true => Ok(()),
            false => Err(EncryptionError::NotAuthentic),
        }
    }
}

impl Body for DecryptingBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        while this.cipher.is_some() {
            let came = match ready!(Pin::new(&mut this.ciphertext).poll_frame(cx)) {
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
                Some(Err(error)) => {
                    this.cipher = None;
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    let ended = this.end();
                    return Poll::Ready(ended.err().map(|why| Err(boxed(why))));
                }
            };
            match this.decrypt(&came) {
                Ok(piece) if piece.is_empty() => {}
                Ok(piece) => return Poll::Ready(Some(Ok(Frame::data(piece)))),
                Err(why) => {
                    this.cipher = None;
                    return Poll::Ready(Some(Err(boxed(why))));
                }
            }
        }
        Poll::Ready(None)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
