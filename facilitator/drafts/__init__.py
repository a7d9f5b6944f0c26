"""What is said: a draft from the agent's words to the bytes of a comment, and the rules it is held to.

`draft` and `faults` are the types. `checks.check_draft` lists all faults of a draft (`shape`, `citing`, `wording`, and
the gate and tone linter handed in). `rendering` makes comment and brief from templates, `richtext` guards what Asana
takes, `rubric` reads the graders' rubrics. The room reads template and rubric files and does no other I/O.
"""
