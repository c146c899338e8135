//! Says when the crate is out of date: a policy file that is new or gone changes what is embedded, and the macro that
//! embeds the folder can only name the files it found. It generates nothing.

fn main() {
    println!("cargo::rerun-if-changed=policies");
}
