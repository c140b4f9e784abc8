//! Many tasks at the same items: money is neither made nor lost, and no count is forgotten.

use super::*;

const SEEDS: u64 = 1_000;
const TASKS: u64 = 4;
const TRANSFERS: usize = 2;
const ACCOUNTS: u64 = 3;
/// How often all balances are added up while transfers go on.
const AUDITS: usize = 4;
const BALANCE: i64 = 100;

fn account(number: u64) -> Value {
    json!({"id": {"S": format!("account-{number}")}})
}

fn amount(item: &Value) -> i64 {
    item["n"]["N"].as_str().unwrap().parse().unwrap()
}

/// The balances of some accounts, seen at one moment.
fn balances(cloud: &Cloud, accounts: impl Iterator<Item = u64>) -> Vec<i64> {
    let gets = accounts.map(|number| json!({"Get": {"TableName": "ttt", "Key": account(number)}}));
    let answer = cloud.ok("TransactGetItems", json!({"TransactItems": gets.collect::<Vec<_>>()}));
    answer["Responses"].as_array().unwrap().iter().map(|found| amount(&found["Item"])).collect()
}

/// A write of one account's balance that holds only if it is what was seen.
fn settle(number: u64, seen: i64, then: i64) -> Value {
    json!({"Update": {
        "TableName": "ttt",
        "Key": account(number),
        "UpdateExpression": "SET n = :then",
        "ConditionExpression": "n = :seen",
        "ExpressionAttributeValues": {":then": {"N": then.to_string()}, ":seen": {"N": seen.to_string()}},
    }})
}

/// Moves `money` from one account to another, reading again until nobody came between; not below zero.
fn transfer(cloud: &Cloud, from: u64, to: u64, money: i64) {
    loop {
        let seen = balances(cloud, [from, to].into_iter());
        if seen[0] < money {
            return;
        }
        let writes = [settle(from, seen[0], seen[0] - money), settle(to, seen[1], seen[1] + money)];
        let (status, answer) = cloud.call("TransactWriteItems", &json!({"TransactItems": writes}));
        if status == 200 {
            return;
        }
        let reasons = answer["CancellationReasons"].as_array().unwrap();
        assert!(reasons.iter().all(|reason| {
            ["None", "ConditionalCheckFailed", "TransactionConflict"]
                .contains(&reason["Code"].as_str().unwrap())
        }));
    }
}

#[test]
fn transfers_at_the_same_time_keep_the_bank_s_balance() {
    let total = BALANCE * ACCOUNTS as i64;
    for seed in 0..SEEDS {
        let cloud = Cloud::with_table();
        for number in 0..ACCOUNTS {
            let mut item = account(number);
            item["n"] = json!({"N": BALANCE.to_string()});
            cloud.put("ttt", item);
        }
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..AUDITS {
                    let sum: i64 = balances(&cloud, 0..ACCOUNTS).iter().sum();
                    assert_eq!(sum, total, "seed {seed}, half-way");
                }
            });
            for task in 0..TASKS {
                let cloud = &cloud;
                scope.spawn(move || {
                    let mut chance = IdSource::new(seed * TASKS + task);
                    for _ in 0..TRANSFERS {
                        let from = chance.next_u64() % ACCOUNTS;
                        let to = (from + 1 + chance.next_u64() % (ACCOUNTS - 1)) % ACCOUNTS;
                        transfer(cloud, from, to, (chance.next_u64() % 60) as i64);
                    }
                });
            }
        });
        let left = balances(&cloud, 0..ACCOUNTS);
        assert_eq!(left.iter().sum::<i64>(), total, "seed {seed}");
        assert!(left.iter().all(|balance| *balance >= 0), "seed {seed}: {left:?}");
    }
}

#[test]
fn counters_under_a_condition_lose_no_update() {
    for seed in 0..SEEDS {
        let cloud = Cloud::with_table();
        cloud.put("ttt", json!({"id": {"S": "1"}, "n": {"N": "0"}, "m": {"N": "0"}}));
        std::thread::scope(|scope| {
            for _ in 0..TASKS {
                scope.spawn(|| {
                    for _ in 0..TRANSFERS {
                        // One counter by what was seen, the other by what is there.
                        loop {
                            let seen = amount(&cloud.get("1"));
                            let mut update = settle(0, seen, seen + 1)["Update"].take();
                            update["Key"] = json!({"id": {"S": "1"}});
                            if cloud.call("UpdateItem", &update).0 == 200 {
                                break;
                            }
                        }
                        cloud.ok(
                            "UpdateItem",
                            json!({
                                "TableName": "ttt",
                                "Key": {"id": {"S": "1"}},
                                "UpdateExpression": "ADD m :one",
                                "ExpressionAttributeValues": {":one": {"N": "1"}},
                            }),
                        );
                    }
                });
            }
        });
        let (counted, item) = (TASKS as i64 * TRANSFERS as i64, cloud.get("1"));
        assert_eq!(
            (amount(&item), item["m"]["N"].as_str().unwrap()),
            (counted, &*counted.to_string()),
            "seed {seed}"
        );
    }
}
