"""The tone linter: no blame, ranking, per-person totals, moods, cheering, padding, shouting, or wall of emojis.

Runs beside the fact gate on every draft and every edit. Whether a sentence is true is the gate's question; this one asks
whether the team would want to read it. It reads English only and looks at free text, never at task names put in by code.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from facilitator.drafts.draft import Draft
from facilitator.drafts.faults import Fault
from facilitator.drafts.placeholders import PLACEHOLDER
from facilitator.drafts.wording import Passage, passages

MAX_EMOJIS = 3
"""Emojis in a whole document; more is a wall (ceremonies reference, section 1: only the status sign)."""

_COUNT = r"(?:\d+(?:[.,]\d+)?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a dozen|most|half|§)"
_COUNTED = (
    r"(?:tasks?|points?|story points?|items?|tickets?|stories|cards?|bugs?|comments?|reviews?|commits?)"
)
_WORKED = r"(?:closed|finished|completed|did|delivered|shipped|resolved|merged|handled|took|reviewed|wrote|has|had|holds|owns|carries|burned)"
_PERSON = r"(?:he|she|everyone|each (?:person|developer|member)|every developer|one developer|one person|§p)"
_FELT = (
    r"(?:frustrated|unhappy|happy|tired|exhausted|stressed|demotivated|motivated|worried|anxious|excited|proud|upset|angry|annoyed|"
    r"overwhelmed|burn(?:ed|t)[ -]out|discouraged|enthusiastic|disappointed|relaxed|nervous|confident|in good spirits)"
)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One kind of tone that is refused, the words that show it, and how to say it instead."""

    name: str
    pattern: re.Pattern[str]
    remedy: str


def _rule(name: str, remedy: str, *patterns: str, flags: int = re.IGNORECASE) -> _Rule:
    return _Rule(name, re.compile("|".join(f"(?:{pattern})" for pattern in patterns), flags), remedy)


_RULES = (
    _rule(
        "blame",
        "say what happened and what would help, and leave out who",
        r"(?<!\w)(?:the team|we|they|he|she|who|§p|somebody|someone|developers?|owner|reviewers?) (?:has |have |had )?(?:again |once more )?(?:failed|neglected|forgot|forgotten|refused|ignored|didn['’]t bother)\b",
        r"\bfail(?:ed|s|ing|ure) (?:to|of) (?:deliver|finish|complete|meet|review|respond|communicate|estimate|test|plan|follow|update|do|get|keep|move|answer|start|close|the)\b",
        r"(?<!\w)(?:should|ought to)(?: not|n['’]t)? have\b|\bcould have (?:been (?:avoided|prevented)|known better|asked)\b",
        r"\bbecause (?:of )?(?:§p|he|she|they|somebody|someone|nobody|no one|the (?:owner|developer|reviewer|tester|team|designer)) (?:did(?:n['’]t| not)|does(?:n['’]t| not)|was(?:n['’]t| not)|is(?:n['’]t| not)|had(?:n['’]t| not)|has(?:n['’]t| not)|forgot|never|bothered|ignored|broke|missed|delayed)\b",
        r"(?<!\w)(?:(?:the|§p['’]s|his|her|their|whose) fault|fault of (?:§p|the|our)|at fault|to blame|blamed? (?:on|for)|let (?:us|the team|everyone) down|careless(?:ness|ly)?|sloppy|lazy|negligen\w+|incompeten\w+|poor (?:work|effort|performance|discipline)|dropped the ball|lack of (?:effort|discipline|commitment|ownership|care))\b",
        r"\bthanks to §p['’]s (?:mistake|error|delay)\b",
        r"(?<!\w)(?:§p|he|she)(?:['’]s)? (?:is|was|has been) (?:slow|late|behind|the bottleneck|holding (?:up|back)|blocking|responsible for the (?:delay|failure|slip))\b",
        r"(?<!\w)(?:mistake|error|delay|slip)s? (?:made |caused )?by (?:§p|the (?:owner|developer|reviewer|tester|designer))\b",
        r"\bnobody (?:bothered|cared)\b|\bas usual,? (?:the|nobody|no one|§p)\b|\b(?:yet )?again (?:failed|missed|late)\b|\binexcusable\b|\bunacceptable\b",
    ),
    _rule(
        "ranking",
        "compare work with the team's own past, never people with people",
        r"(?<!\w)(?:best|top|worst|weakest|strongest|fastest|slowest|star|biggest|leading|lowest|highest) (?:performers?|contributors?|developers?|engineers?|testers?|reviewers?|team ?members?|members?|colleagues?|people|person|player|individual)\b",
        r"(?<!\w)(?:most|least) (?:productive|active|helpful|efficient|reliable|valuable|responsive|hard-?working) (?:person|people|developer|member|engineer|team|colleague|of|contributor|player|owner|reviewer|was|is|this)\b",
        r"(?<!\w)(?:§p|he|she) (?:\w+ ){0,4}(?:slower|faster|better|worse|more|less|fewer)(?: \w+){0,3} than (?:§p|everyone|anyone|the (?:others|rest|team)|others|his|her|him|most)\b",
        r"(?<!\w)(?:slower|faster|better|worse|more productive|less productive) than (?:§p|everyone|anyone|the (?:others|rest of the team|other (?:developers|members|teams?))|his|her|colleagues)\b",
        r"\boutperform(?:s|ed|ing)?\b|\bunderperform\w*\b|\bmvp\b|\bemployee of the\b|\bleader ?board\b|\bahead of (?:his|her|their) colleagues\b|\bnumber one (?:contributor|on the team)\b|\bcarried the team\b|\bpulled (?:his|her|their) weight\b",
        r"(?<!\w)§p (?:leads|led|topped|tops|comes|came) (?:the|first|last|second|with)\b|\b(?:first|last) among the (?:team|developers)\b",
    ),
    _rule(
        "per-person total",
        "count for the team, never for a person",
        rf"(?<!\w){_PERSON}(?: alone| also| has| have| had)? {_WORKED} (?:over |about |only |just |all |another |as many as )?{_COUNT} (?:\w+ ){{0,2}}{_COUNTED}\b",
        rf"\b{_COUNT} (?:\w+ ){{0,2}}{_COUNTED}(?: \w+){{0,2}} (?:by|from|for|with|assigned to|owned by) (?:§p|him|her)(?!\w)",
        rf"§p['’]s {_COUNT} (?:\w+ ){{0,2}}{_COUNTED}\b|§p ?[:(–-] ?{_COUNT}(?: \w+){{0,1}} {_COUNTED}",
        rf"\b{_COUNTED} per (?:person|developer|engineer|head|member|assignee|capita)\b|\bper-(?:person|developer|head) (?:velocity|throughput|output|totals?)\b|\bindividual (?:velocity|output|throughput|performance)\b",
    ),
    _rule(
        "mood",
        "leave feelings to the people who have them; tell what was recorded",
        rf"(?<!\w)(?:team|everyone|people|everybody|members|developers|we|they|§p|he|she|folks|morale|mood)\b(?: \w+){{0,2}}? (?:seems?|seemed|feels?|felt|is|are|was|were|looks?|looked|sounds?|sounded|appears?|appeared|gets?|got|getting)(?: (?:to be|a bit|very|quite|increasingly|rather|more|less|somewhat|pretty|really|still|now|understandably))* {_FELT}\b",
        r"\bmorale\b|\bthe mood\b(?! boards?\b)|\bteam spirit\b|\bin (?:good|high|low) spirits\b|\bspirits (?:are|were|seem)\b|\bmood (?:is|was|seems)\b|\batmosphere (?:is|was|seems)\b|\bfrustration\b|\bsentiment in the team\b|\btension(?:s)? (?:in|within|between)\b|\benerg(?:y|ised|ized) (?:is|was|in the team|levels?)\b",
    ),
    _rule(
        "cheering",
        "state the outcome and let it speak",
        r"!",
        r"(?<!\w)(?:great|good|nice|excellent|amazing|awesome|fantastic|outstanding|superb|incredible|stellar|brilliant|wonderful|impressive|terrific|phenomenal|solid) (?:job|work|effort|progress|stuff|sprint|week|result|achievement|achievements|teamwork|momentum|team)\b",
        r"(?<!\w)(?:amazing|awesome|fantastic|incredible|crush(?:ed|ing) it|nailed it|kill(?:ed|ing) it|rock ?stars?|ninjas?|superstars?|heroes|heroic|kudos|well done|bravo|hooray|hurray|congrat\w*|way to go|keep (?:it|the great work|up the|up the good work) ?up|keep up the (?:good|great)|shout-?outs?|hats off|smashed it|knocked it out|on fire|proudly|thrilled|delighted|unstoppable|world-class|top-notch|stellar|phenomenal|flawless(?:ly)?)\b",
    ),
    _rule(
        "padding",
        "cut it: the sentence says as much without",
        r"\bit (?:is|['’]s) (?:worth|important|interesting|good) (?:noting|to note|mentioning|to mention|to remember|to point out|pointing out)\b|\bworth noting\b|\bplease note\b|\bneedless to say\b|\bas (?:we all know|everyone knows|you know|mentioned (?:above|before|earlier)|previously mentioned|always)\b",
        r"\bin (?:conclusion\b|a nutshell\b|(?:summary|short|essence)[,:])|\bto (?:sum up|summari[sz]e|conclude)\b|\ball in all\b|\bat the end of the day\b|\bgoing forward\b|\bmoving forward\b|\bin order to\b|\bdue to the fact that\b|\bat this point in time\b|\bwith that (?:being )?said\b|\bhaving said that\b|\bneedless\b|\bfirst and foremost\b|\blast but not least\b|\bon the bright side\b",
        r"\bleverag(?:e|es|ed|ing)\b|\bsynerg\w+\b|\bholistic\w*\b|\bgame[- ]chang\w+\b|\bparadigm\b|\bbest[- ]in[- ]class\b|\bactionable insights?\b|\bdeep dive\b|\bcircle back\b|\btouch base\b|\blow[- ]hanging fruit\b|\bmove the needle\b|\bvalue[- ]add\b|\bseamless(?:ly)?\b|\brobust and\b|\bcutting[- ]edge\b|\butili[sz](?:e|es|ed|ing)\b|\bstakeholder alignment\b|\bdelve\b|\btestament to\b|\bnavigat(?:e|ing) the\b|\bin today['’]s fast\b",
    ),
)

_SHOUT = re.compile(r"(?<![\w{}])(?:[A-Z]{4,}(?:[\s,]+[A-Z]{2,})+|[A-Z]{6,})(?![\w{}])")
_LOUD = frozenset(
    "NOW URGENT ASAP MUST NEVER ALWAYS STOP DONE BLOCKED LATE OVERDUE CRITICAL IMPORTANT WARNING ATTENTION FAILED READ VERY ALL "
    "NOT HELP PLEASE TODAY AGAIN IMMEDIATELY WAITING BROKEN".split()
)
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff\U0001f300-\U0001f6ff\U0001f700-\U0001f77f\U0001f7e0-\U0001f7ff\U0001f900-\U0001f9ff"
    "\U0001fa70-\U0001faff\u2600-\u27bf\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u231a\u231b\u23e9-\u23fa]"
)
_SENTENCE = re.compile(r"[^.!?;]+[.!?;]*")


def check(draft: Draft, people: Collection[str] = ()) -> list[Fault]:
    """Every sentence whose tone is refused, told once a rule, with how to say it instead.

    `people` are names as the facts write them ("Mara K."); with them, judgements about a named person are seen too.
    Without them a capitalised word before a verb of work is taken for a name.
    """
    texts = list(passages(draft))
    names = _names(people)
    found = [fault for passage in texts for fault in _passage(passage, names)]
    return [*found, *_emojis(texts)]


def _names(people: Collection[str]) -> re.Pattern[str] | None:
    parts = {
        part for name in people for part in (name, name.split()[0] if name.split() else "") if len(part) > 2
    }
    if not parts:
        return None
    return re.compile(
        "|".join(
            rf"(?<!\w){re.escape(part)}(?!\w)" for part in sorted(parts, key=lambda part: (-len(part), part))
        )
    )


_TAKEN_FOR_NAME = re.compile(
    r"(?<![\w§])(?!(?:The|This|That|These|Those|We|They|It|Nobody|Everyone|Someone|Somebody|All|Both|Each|One|Team|Sprint|Tasks|Work|What|Who|Today|"
    r"Yesterday|And|But|So|Also|Then|Still|Now|Most|Half|Nine|Ten|Two|Three|Four|Five|Six|Seven|Eight|Reviewers?|Developers?|Vendors?|Customers?|"
    r"Scope|Points|QA|Support|Operations|Design|Legal|Finance|Product|Engineering|Marketing|Sales|Harbour)\b)"
    r"[A-Z][a-zà-ÿ]{2,}(?: [A-Z]\.)?(?=(?:['’]s)? (?:alone )?(?:closed|finished|completed|did|delivered|shipped|resolved|merged|failed|forgot|neglected|"
    r"ignored|refused|is (?:slow|slower|faster|the bottleneck)|was (?:slow|slower|faster|the bottleneck)))|"
    r"(?<=\bby )(?!(?:The|Our)\b)[A-Z][a-zà-ÿ]{2,}(?: [A-Z]\.)?(?=$|[ ,.;])|(?<=\bbecause )(?!(?:The|Our)\b)[A-Z][a-zà-ÿ]{2,}(?: [A-Z]\.)?(?= (?:did|does|was|is|had|forgot|never))"
)
_DAYS = re.compile(
    r"(?<!\w)(?:by|because) (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\bby (?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b"
)


def _passage(passage: Passage, names: re.Pattern[str] | None) -> Iterator[Fault]:
    plain = PLACEHOLDER.sub("§", passage.text)
    marked = names.sub("§p", plain) if names is not None else plain
    marked = _TAKEN_FOR_NAME.sub("§p", _DAYS.sub(lambda day: day[0].lower(), marked))
    for rule in _RULES:
        match = rule.pattern.search(marked)
        if match:
            yield _told(passage, rule.name, _words(match[0], passage.text), rule.remedy)
    shouted = next((match[0] for match in _SHOUT.finditer(plain) if _is_loud(match[0])), "")
    if shouted or (shouted := _lone_shout(plain)):
        yield _told(passage, "shouting", shouted, "write it in small letters")


def _words(found: str, text: str) -> str:
    """The words at fault as they stand in the text, where no name or figure was masked."""
    claim = found.strip()
    return claim if claim in text else claim.replace("§p", "…").replace("§", "…")


def _is_loud(words: str) -> bool:
    """Several words in capitals, or one long one that is no abbreviation."""
    parts = words.split()
    return len(parts) > 1 or (any(vowel in words for vowel in "AEIOU") and len(words) >= 8) or words in _LOUD


def _lone_shout(text: str) -> str:
    """A short word that is only ever shouted: NOW, ASAP, BLOCKED."""
    return next((word for word in re.findall(r"(?<![\w-])[A-Z]{3,}(?![\w-])", text) if word in _LOUD), "")


def _told(passage: Passage, kind: str, claim: str, remedy: str) -> Fault:
    sentence = next((part.strip() for part in _SENTENCE.findall(passage.text) if claim in part), passage.text)
    return Fault(
        check="tone",
        where=passage.where,
        message=f"{kind}: '{claim}'; {remedy}",
        sentence=sentence,
        claim=claim,
    )


def _emojis(texts: list[Passage]) -> Iterator[Fault]:
    found = [(passage, match[0]) for passage in texts for match in _EMOJI.finditer(passage.text)]
    if len(found) > MAX_EMOJIS:
        passage, _ = found[MAX_EMOJIS]
        signs = "".join(sign for _, sign in found)
        message = f"emojis: {len(found)} in the document, at most {MAX_EMOJIS}; keep the status sign and drop the rest"
        yield Fault(check="tone", where=passage.where, message=message, sentence=passage.text, claim=signs)
