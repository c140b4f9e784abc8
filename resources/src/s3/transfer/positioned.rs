//! Reading and writing at a place in a file that others read or write at the same time.

use std::fs::File;
use std::io::{self, ErrorKind};

/// Writes all of it there.
pub(super) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    write_all(|bytes, offset| write_at(file, bytes, offset), bytes, offset)
}

/// Writes some of it there.
#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, bytes, offset)
}

/// Writes some of it there.
#[cfg(windows)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    // It moves the file's position, which nobody goes by.
    std::os::windows::fs::FileExt::seek_write(file, bytes, offset)
}

/// Goes on after what `write` leaves, on every system alike.
fn write_all(
    write: impl Fn(&[u8], u64) -> io::Result<usize>,
    mut bytes: &[u8],
    mut offset: u64,
) -> io::Result<()> {
    while !bytes.is_empty() {
        match write(bytes, offset) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = bytes.get(written..).unwrap_or_default();
                offset += written as u64;
            }
            Err(why) if why.kind() == ErrorKind::Interrupted => {}
            Err(why) => return Err(why),
        }
    }
    Ok(())
}

/// Fills `room` with what is there.
pub(super) fn read_exact_at(file: &File, mut room: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !room.is_empty() {
        match read_at(file, room, offset) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                room = room.get_mut(read..).unwrap_or_default();
                offset += read as u64;
            }
            Err(why) if why.kind() == ErrorKind::Interrupted => {}
            Err(why) => return Err(why),
        }
    }
    Ok(())
}

/// Reads some of what is there.
#[cfg(unix)]
fn read_at(file: &File, room: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, room, offset)
}

/// Reads some of what is there.
#[cfg(windows)]
fn read_at(file: &File, room: &mut [u8], offset: u64) -> io::Result<usize> {
    // It moves the file's position, which nobody goes by.
    std::os::windows::fs::FileExt::seek_read(file, room, offset)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn what_one_write_leaves_the_next_one_writes_behind_it() {
        let (written, interrupted) = (RefCell::new(Vec::new()), RefCell::new(false));
        let write = |bytes: &[u8], offset: u64| {
            if !interrupted.replace(true) {
                return Err(ErrorKind::Interrupted.into());
            }
            written.borrow_mut().push((offset, bytes[..bytes.len().min(3)].to_vec()));
            Ok(bytes.len().min(3))
        };
        write_all(write, b"once upon", 7).unwrap();
        let expected = [(7, b"onc".to_vec()), (10, b"e u".to_vec()), (13, b"pon".to_vec())];
        assert_eq!(*written.borrow(), expected);
    }

    #[test]
    fn a_file_that_takes_nothing_or_refuses_ends_it() {
        let nothing = write_all(|_, _| Ok(0), b"x", 0).unwrap_err();
        assert_eq!(nothing.kind(), ErrorKind::WriteZero);
        let full = write_all(|_, _| Err(ErrorKind::StorageFull.into()), b"x", 0).unwrap_err();
        assert_eq!(full.kind(), ErrorKind::StorageFull);
    }

    #[test]
    fn places_in_a_file_are_written_in_any_order() {
        let file = tempfile::NamedTempFile::new().unwrap();
        write_all_at(file.as_file(), b"time", 5).unwrap();
        write_all_at(file.as_file(), b"once ", 0).unwrap();
        assert_eq!(std::fs::read(file.path()).unwrap(), b"once time");
    }
}
