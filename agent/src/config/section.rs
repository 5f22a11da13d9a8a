//! A section of the configuration, written once: the struct, its defaults and the sentences of the reference.

/// A key's name and the lines that explain it.
pub type KeyDoc = (&'static str, &'static [&'static str]);

/// The key of a field whose name is a word of the language.
pub const fn plain(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        _ => name,
    }
}

/// Declares a section.
///
/// The doc comments are the reference's text, so they speak to an administrator.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $name:ident { $( $(#[doc = $doc:literal])+ $key:ident: $type:ty = $default:expr ),+ $(,)? }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name { $( $(#[doc = $doc])+ pub $key: $type, )+ }

        impl Default for $name {
            fn default() -> Self {
                $name { $( $key: $default, )+ }
            }
        }

        impl $name {
            /// What the section is about.
            pub const ABOUT: &'static [&'static str] = &[$($about),+];
            /// The keys in the order of the reference.
            pub const KEYS: &'static [KeyDoc] = &[$( ($crate::config::section::plain(stringify!($key)), &[$($doc),+]) ),+];
        }
    };
}

pub(super) use section;
