//! Sign-ins of the demo city.

use crate::Said;
use sha2::{Digest, Sha256};

/// A role where it holds: in a place, by code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleAt {
    pub role: &'static str,
    pub place: &'static str,
}

/// A demo account. The password is to be printed once and changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    pub login: &'static str,
    pub name: Said,
    pub roles: Vec<RoleAt>,
    pub purposes: Vec<&'static str>,
    pub password: String,
}

type Row = (&'static str, &'static str, &'static str, &'static [&'static str], &'static str, &'static [&'static str]);

const CITY: &str = "360100";
const ROWS: [Row; 23] = [
    ("admin", "系统管理员", "Administrator", &["admin"], CITY, &[]),
    ("operator", "坐席员", "Operator", &["operator"], CITY, &["handle-report"]),
    ("mediator", "调解员", "Mediator", &["mediator"], "360102", &["mediate"]),
    ("grid", "网格员", "Grid worker", &["grid-worker"], "360103", &["handle-report"]),
    ("unit", "承办单位", "Handling unit", &["unit"], CITY, &["handle-report"]),
    ("verifier", "核查员", "Verifier", &["verifier"], CITY, &["handle-report"]),
    ("duty", "值班长", "Duty officer", &["duty-officer"], CITY, &["emergency"]),
    ("hospital", "医院值班员", "Hospital staff", &["duty-officer"], "360104", &["emergency"]),
    ("school", "学校值班员", "School staff", &["duty-officer"], "360111", &["emergency"]),
    ("official", "决策人员", "Official", &["official"], CITY, &[]),
    ("resident", "居民", "Resident", &["resident"], CITY, &[]),
    // Whoever can be sent to an alarm: see `dispatch`.
    ("police-1", "民警一", "Police officer 1", &["police"], CITY, &[]),
    ("police-2", "民警二", "Police officer 2", &["police"], CITY, &[]),
    ("police-3", "民警三", "Police officer 3", &["police"], CITY, &[]),
    ("guard-1", "保安一", "Guard 1", &["guard"], CITY, &[]),
    ("guard-2", "保安二", "Guard 2", &["guard"], CITY, &[]),
    ("guard-3", "保安三", "Guard 3", &["guard"], CITY, &[]),
    ("volunteer-1", "群防志愿者一", "Volunteer 1", &["resident"], CITY, &[]),
    ("volunteer-2", "群防志愿者二", "Volunteer 2", &["resident"], CITY, &[]),
    ("volunteer-3", "群防志愿者三", "Volunteer 3", &["resident"], CITY, &[]),
    ("medical-1", "急救组一", "Medical crew 1", &["unit"], CITY, &[]),
    ("medical-2", "急救组二", "Medical crew 2", &["unit"], CITY, &[]),
    ("fire-1", "消防组一", "Fire crew 1", &["unit"], CITY, &[]),
];

/// The accounts, with passwords made from `secret`: give it at least 16 random bytes, kept nowhere.
pub fn accounts(secret: &[u8]) -> Vec<Account> {
    ROWS.iter()
        .map(|(login, zh, en, roles, place, purposes)| Account {
            login,
            name: Said::new(*zh, *en),
            roles: roles.iter().map(|role| RoleAt { role, place }).collect(),
            purposes: purposes.to_vec(),
            password: password(secret, login),
        })
        .collect()
}

/// 60 bits in three groups, without letters that look alike.
fn password(secret: &[u8], login: &str) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut hash = Sha256::new();
    hash.update((secret.len() as u64).to_le_bytes());
    hash.update(secret);
    hash.update(login.as_bytes());
    let mut out = String::new();
    for (i, byte) in hash.finalize().iter().take(12).enumerate() {
        if i > 0 && i % 4 == 0 {
            out.push('-');
        }
        let letter = ALPHABET.get(usize::from(byte % 32)).copied().unwrap_or(b'x');
        out.push(char::from(letter));
    }
    out
}
