//! Hashes, identifiers, and what is different every time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::reading::contents;
use super::{Call, Function, Kind, NUMBER, TEXT, undecidable};
use crate::load::hcl::{Fault, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("base64sha256", &[TEXT], Kind::Text, |call| text(call, |text| base64(Sha256::digest(text)))),
    Function::new("base64sha512", &[TEXT], Kind::Text, |call| text(call, |text| base64(Sha512::digest(text)))),
    Function::new("md5", &[TEXT], Kind::Text, |call| text(call, |text| hex(Md5::digest(text)))),
    Function::new("sha1", &[TEXT], Kind::Text, |call| text(call, |text| hex(Sha1::digest(text)))),
    Function::new("sha256", &[TEXT], Kind::Text, |call| text(call, |text| hex(Sha256::digest(text)))),
    Function::new("sha512", &[TEXT], Kind::Text, |call| text(call, |text| hex(Sha512::digest(text)))),
    Function::new("filebase64sha256", &[TEXT], Kind::Text, |call| file(call, |bytes| base64(Sha256::digest(bytes)))),
    Function::new("filebase64sha512", &[TEXT], Kind::Text, |call| file(call, |bytes| base64(Sha512::digest(bytes)))),
    Function::new("filemd5", &[TEXT], Kind::Text, |call| file(call, |bytes| hex(Md5::digest(bytes)))),
    Function::new("filesha1", &[TEXT], Kind::Text, |call| file(call, |bytes| hex(Sha1::digest(bytes)))),
    Function::new("filesha256", &[TEXT], Kind::Text, |call| file(call, |bytes| hex(Sha256::digest(bytes)))),
    Function::new("filesha512", &[TEXT], Kind::Text, |call| file(call, |bytes| hex(Sha512::digest(bytes)))),
    Function::new("uuidv5", &[TEXT, TEXT], Kind::Text, uuidv5),
    Function::new("bcrypt", &[TEXT], Kind::Text, |_| Ok(undecidable(Type::String, "bcrypt() is different every time")))
        .rest(NUMBER),
    Function::new("rsadecrypt", &[TEXT, TEXT], Kind::Text, rsadecrypt),
    Function::new("uuid", &[], Kind::Text, |_| Ok(undecidable(Type::String, "uuid() is different every time"))),
];

fn text(call: &Call<'_>, hash: fn(&[u8]) -> String) -> Result<Value, Fault> {
    Ok(Value::text(hash(call.text(0)?.as_bytes())))
}

fn file(call: &Call<'_>, hash: fn(&[u8]) -> String) -> Result<Value, Fault> {
    contents(call, call.text(0)?, Type::String, |bytes| Ok(Value::text(hash(bytes))))
}

fn hex(hash: impl AsRef<[u8]>) -> String {
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn base64(hash: impl AsRef<[u8]>) -> String {
    STANDARD.encode(hash)
}

/// Decrypts nothing; refuses what can never be decrypted.
fn rsadecrypt(call: &Call<'_>) -> Result<Value, Fault> {
    STANDARD.decode(call.text(0)?.as_bytes()).map_err(|_| Fault::new("the text to decrypt is no base64"))?;
    if !call.text(1)?.contains("-----BEGIN ") {
        return Err(Fault::new("the key is no key in PEM form"));
    }
    Ok(undecidable(Type::String, "plangate does not decrypt"))
}

fn uuidv5(call: &Call<'_>) -> Result<Value, Fault> {
    let namespace = match call.text(0)? {
        "dns" => uuid_bytes("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        "url" => uuid_bytes("6ba7b811-9dad-11d1-80b4-00c04fd430c8"),
        "oid" => uuid_bytes("6ba7b812-9dad-11d1-80b4-00c04fd430c8"),
        "x500" => uuid_bytes("6ba7b814-9dad-11d1-80b4-00c04fd430c8"),
        other => uuid_bytes(other),
    };
    let namespace = namespace.ok_or_else(|| Fault::new("the namespace is no UUID and none of dns, url, oid, x500"))?;
    let hash = Sha1::new().chain_update(namespace).chain_update(call.text(1)?).finalize();
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&hash[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex(bytes);
    Ok(Value::text(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])))
}

fn uuid_bytes(text: &str) -> Option<Vec<u8>> {
    let shape = text.len() == 36 && text.is_ascii() && [8, 13, 18, 23].iter().all(|&at| text.as_bytes()[at] == b'-');
    let digits: String = text.chars().filter(|char| *char != '-').collect();
    if !shape || digits.len() != 32 {
        return None;
    }
    (0..16).map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).ok()).collect()
}
