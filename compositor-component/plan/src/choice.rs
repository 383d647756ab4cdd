//! What a plan says in one of few words. Each is stated once, with the word that JSON has
//! for it and the number that CBOR has.

/// One of few words.
pub trait Words: Copy + 'static {
    /// All of them, each with its word.
    const CHOICES: &'static [(&'static str, Self)];
    /// The words, each at the place that is its number.
    const WORDS: &'static [&'static str];

    /// How JSON has it.
    fn word(self) -> &'static str;
    /// How CBOR has it.
    fn number(self) -> u64;
}

/// Declares an enum of such words, numbered from 0.
macro_rules! choice {
    (
        $(#[$about:meta])*
        $name:ident { $($(#[$each:meta])* $variant:ident = $number:literal, $word:literal;)+ }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$each])* $variant = $number,)+
        }

        impl $name {
            /// The words that there are.
            pub const WORDS: &'static [&'static str] = <Self as crate::choice::Words>::WORDS;

            /// How JSON has it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The one of a word.
            pub fn named(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl crate::choice::Words for $name {
            const CHOICES: &'static [(&'static str, Self)] = &[$(($word, Self::$variant),)+];
            const WORDS: &'static [&'static str] = {
                // A number is the place of its word.
                let mut next = 0;
                $(assert!(next == $number); next += 1;)+
                assert!(next == Self::CHOICES.len());
                &[$($word,)+]
            };

            fn word(self) -> &'static str {
                self.as_str()
            }

            fn number(self) -> u64 {
                match self {
                    $(Self::$variant => $number,)+
                }
            }
        }
    };
}

pub(crate) use choice;
