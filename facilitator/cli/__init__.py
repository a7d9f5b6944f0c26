"""The command line: parse, call one verb, print the answer. It holds no rules."""
