//! What a plan says in one of few words. Each is stated once, with the word that JSON has
//! for it, in the order of the numbers that CBOR has.

/// Declares an enum of such words.
macro_rules! choice {
    (
        $(#[$about:meta])*
        $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal,)+ }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$each])* $variant,)+
        }

        impl $name {
            /// All of them, each with its word.
            pub(crate) const CHOICES: &'static [(&'static str, Self)] = &[$(($word, Self::$variant),)+];

            /// The words, each at the place that is its number.
            pub(crate) const WORDS: &'static [&'static str] = &[$($word,)+];

            /// How JSON has it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// How CBOR has it.
            pub(crate) fn number(self) -> u64 {
                let before = Self::CHOICES.iter().take_while(|(_, other)| *other != self);
                before.count() as u64
            }
        }
    };
}

pub(crate) use choice;
