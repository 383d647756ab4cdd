"""Greets in every language."""

from wit_world import exports
from wit_world.imports import greet, phrases


class Run(exports.Run):
    def run(self) -> None:
        for language in phrases.languages():
            hello = phrases.hello(language)
            if hello is not None:
                print(greet.greet(hello, "world"))
