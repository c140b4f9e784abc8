//! Every operation of every service: its schemas can be made, and an input with all members be written.

#[test]
fn every_operation_of_every_service_takes_an_input() {
    let (count, wrong) = session_core::dynamic::conformance::sweep::inputs().unwrap();
    assert!(count > 19_000, "{count} operations");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}
