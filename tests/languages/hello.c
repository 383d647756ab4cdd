// Greets in every language, as an ordinary command line program would.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// The canonical form of strings and lists of them.
typedef struct {
  const char *text;
  size_t length;
} string;

typedef struct {
  string *items;
  size_t count;
} strings;

typedef struct {
  uint8_t is_some;
  string value;
} optional_string;

#define IMPORT(interface, function) \
  __attribute__((import_module(interface), import_name(function))) extern void

IMPORT("hello:greeter/greet@0.1.0", "greet")
greet(const char *salutation, size_t salutation_length, const char *name,
      size_t name_length, string *result);

IMPORT("hello:phrases/phrases@0.1.0", "languages")
languages(strings *result);

IMPORT("hello:phrases/phrases@0.1.0", "hello")
hello(const char *language, size_t length, optional_string *result);

// Callees allocate their results by this.
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(
    void *old, size_t old_size, size_t alignment, size_t size) {
  (void)old_size;
  (void)alignment;
  void *result = realloc(old, size);
  if (result == NULL) abort();
  return result;
}

int main(void) {
  strings known;
  languages(&known);
  for (size_t index = 0; index < known.count; index++) {
    optional_string words;
    hello(known.items[index].text, known.items[index].length, &words);
    if (!words.is_some) continue;
    string greeting;
    greet(words.value.text, words.value.length, "world", 5, &greeting);
    printf("%.*s\n", (int)greeting.length, greeting.text);
  }
  return 0;
}
