//! Headers of a scrape: whatever they say, an answer is negotiated that can be sent.
#![no_main]

use hostward_agent::readers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str, &str)| {
    let (accept, encodings, authorization) = input;
    readers::accept(accept, encodings);
    readers::authorization(authorization);
});
