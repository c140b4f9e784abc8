//! Every operation of every service: its schemas can be made, an input with all members be written, and an output with
//! all members be read back.

use session_core::dynamic::conformance::sweep;

#[test]
fn every_operation_of_every_service_takes_an_input_and_reads_its_output() {
    let swept = sweep::operations().unwrap();
    let (count, wrong) = (swept.count, swept.wrong);
    assert!(count > 19_000, "{count} operations");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    let (made, all) = swept.schemas;
    assert!(made <= 2 * all, "a shape has one schema for each direction: {made} of {all}");
}

#[test]
fn a_call_makes_the_schemas_of_what_its_values_hold_and_no_others() {
    let answer = "<DescribeRegionsResponse><regionInfo><item><regionName>eu-west-1</regionName></item></regionInfo>\
                  </DescribeRegionsResponse>";
    let (made, all) = sweep::schemas_of("ec2", "DescribeRegions", answer).unwrap();
    assert!(made < 24 && all > 4_000, "{made} of {all}");
}
