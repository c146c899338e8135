//! Shell: scripts of machines, commands and entry points of containers, scripts in an image.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plangate::server::{Container, Evidence, File, Files, Given, backend, user_data};
use plangate_fuzz::source_within;

fuzz_target!(|text: &str| {
    let script = format!("#!/bin/sh\n{text}");
    let machine = user_data::machine(&"script".into(), &script);
    for run in &machine.runs {
        source_within("script", &script, &run.from);
    }
    let _ = backend(&Evidence { machine: Some(machine), ..Evidence::default() });
    let beside: Files = [File::new("entrypoint.sh", Given::from(&*script))].into_iter().collect();
    for command in [vec!["sh".into(), "-c".into(), Given::from(text)], vec!["./entrypoint.sh".into()]] {
        let container = Container { image: "shop/app:1".into(), command: Some(command), ..Container::default() };
        let evidence = Evidence {
            container: Some(container),
            beside: beside.clone(),
            beside_belongs: true,
            ..Evidence::default()
        };
        let (one, other) = (backend(&evidence), backend(&evidence));
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
    }
});
