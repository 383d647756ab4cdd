//! Guests of the tests; each is an example of this package.
