//! A global table against the same naive model: one map for all regions.

use std::time::{Duration, SystemTime};

use super::super::account::{Account, ReplicaInput, ReplicaUpdate};
use super::*;

const REGIONS: [&str; 3] = ["us-east-1", "us-east-2", "us-west-2"];
const DELAY: Duration = Duration::from_secs(2);

/// The table `t` in three regions, of which the second made the third.
fn account(replication_delay: Duration) -> Account {
    let options = EngineOptions { replication_delay, ..EngineOptions::default() };
    let mut account = Account::new(AccountId::default(), options);
    let [first, second, third] = REGIONS.map(RegionName::new);
    create_table(account.region(&first));
    for (source, target) in [(&first, &second), (&second, &third)] {
        let input = ReplicaInput {
            region: target.clone(),
            kms_key_id: None,
            table_class: None,
            has_provisioned_read: false,
            on_demand_read: None,
            index_reads: Vec::new(),
        };
        let create = ReplicaUpdate::Create(input);
        account.update_replica(source, "t", create, UNIX_EPOCH, &mut IdSource::new(1)).unwrap();
        for region in [&first, &second, &third] {
            account.pass_time(region, UNIX_EPOCH);
        }
    }
    account
}

fn run(account: &mut Account, region: &RegionName, command: &Command, now: SystemTime) {
    account.pass_time(region, now);
    run_on_engine(account.region(region), command);
    account.send(region, now);
}

fn check(account: &mut Account, model: &Model, now: SystemTime) -> Result<(), TestCaseError> {
    let items = || model.iter().map(|(key, rest)| item(*key, rest));
    let indexed = items().filter(|item| item.contains_key("g")).collect();
    for region in REGIONS.map(RegionName::new) {
        account.pass_time(&region, now);
        let engine = account.region(&region);
        prop_assert_eq!(scan_all(engine, None, 4), sorted(items().collect()), "{}", region);
        prop_assert_eq!(scan_all(engine, Some("by-g"), 4), sorted(Vec::clone(&indexed)), "{}", region);
    }
    Ok(())
}

fn steps(command: impl Strategy<Value = Command>) -> impl Strategy<Value = Vec<(usize, Command, u64)>> {
    prop::collection::vec((0..REGIONS.len(), command, 0..4_u64), 1..40)
}

fn whole_write() -> impl Strategy<Value = Command> {
    command().prop_filter("what is read before it is written depends on the region", |command| {
        matches!(command, Command::Put { .. } | Command::Delete { .. })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn without_a_delay_all_regions_are_one_table(steps in steps(command())) {
        let (mut account, mut model) = (account(Duration::ZERO), Model::new());
        for (region, command, _) in &steps {
            run(&mut account, &RegionName::new(REGIONS[*region]), command, UNIX_EPOCH);
            run_on_model(&mut model, command);
        }
        check(&mut account, &model, UNIX_EPOCH)?;
    }

    #[test]
    fn with_a_delay_all_regions_come_to_what_was_written_last(steps in steps(whole_write())) {
        let (mut account, mut model, mut now) = (account(DELAY), Model::new(), UNIX_EPOCH);
        for (region, command, seconds) in &steps {
            now += Duration::from_secs(*seconds);
            run(&mut account, &RegionName::new(REGIONS[*region]), command, now);
            run_on_model(&mut model, command);
        }
        check(&mut account, &model, now + DELAY)?;
    }
}
