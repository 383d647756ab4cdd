// Greets in every language.

import { greet } from 'hello:greeter/greet@0.1.0';
import { hello, languages } from 'hello:phrases/phrases@0.1.0';

export const run = {
  run() {
    for (const language of languages()) {
      const words = hello(language);
      if (words !== undefined) console.log(greet(words, 'world'));
    }
  },
};
