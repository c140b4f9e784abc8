//! Frames, by their bytes.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::frames::{FrameError, Frames};
use super::{framed, message};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_the_frames_panic(bytes in vec(any::<u8>(), 0..200), at in 0..100_usize, flip in any::<u8>()) {
        let mut frames = Frames::default();
        frames.push(&bytes);
        while let Ok(Some(_)) = frames.next() {}
        // A good frame with one bad byte.
        let mut frame = framed(&message(&[(":message-type", "event"), (":event-type", "End")], &bytes));
        let at = at % frame.len();
        frame[at] ^= flip;
        let mut frames = Frames::default();
        frames.push(&frame);
        let whole = frames.next();
        prop_assert_eq!(matches!(whole, Ok(Some(_))), flip == 0, "{:?}", whole);
    }
}

#[test]
fn frames_are_judged_by_their_first_bytes() {
    // From botocore's suite: checksums are right, lengths are not.
    let mut frames = Frames::default();
    frames.push(b"\x01\x80\x00\x21\x00\x00\x00\x00\xdd\x3f\x33\xb1");
    assert!(matches!(frames.next(), Err(FrameError::Length { total: 0x0180_0021, headers: 0 })));
    let mut frames = Frames::default();
    frames.push(b"\x00\x00\x00\x3d\xff\x00\x01\x02\x15\x83\xf5\xc2");
    assert!(matches!(frames.next(), Err(FrameError::Length { .. })));
    let mut frames = Frames::default();
    frames.push(b"\x01\x00\x00\x1d\x00\x00\x00\x00\xfdR\x8cZ");
    assert!(matches!(frames.next(), Err(FrameError::Prelude)));
}

#[test]
fn headers_of_every_type_are_read() {
    // From botocore's suite.
    let mut frames = Frames::default();
    frames.push(
        b"\x00\x00\x00\x62\x00\x00\x00\x52\x03\xb5\xcb\x9c\x010\x00\x011\x01\x012\x02\x02\x013\x03\x00\x03\
          \x014\x04\x00\x00\x00\x04\x015\x05\x00\x00\x00\x00\x00\x00\x00\x05\x016\x06\x00\x05bytes\x017\x07\x00\x04utf8\
          \x018\x08\x00\x00\x00\x00\x00\x00\x00\x08\x019\x090123456789abcdef\x63\x35\x36\x71",
    );
    let message = frames.next().unwrap().unwrap();
    assert_eq!(message.headers().len(), 10);
    assert_eq!(message.headers()[7].value().as_string().unwrap().as_str(), "utf8");
    assert!(frames.next().unwrap().is_none() && frames.end().is_ok());
}
