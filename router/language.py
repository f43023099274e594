"""A guess at the language of a message: German, English, Spanish or French, by their commonest small words.

Good for whole sentences. Its limits: at least two such words and a clear lead are needed, otherwise it says nothing; names, single
words, mixed languages and every other language stay unguessed. A language that the channel or the customer stated goes first.
"""

from __future__ import annotations

from router.words import Words

_COMMON = {
    "de": "ich nicht und der die das ist mein meine meinen habe hat wir sie mit fur auf eine einen ein bitte wie kann konnen wann wo "
    "warum noch auch aber zu von dem den es bin haben mir mich ihr ihre danke guten hallo wurde wird nach bei uber schon",
    "en": "the is my and i not to you have has we with for on a an please how can when where why still also but of it am are was your "
    "thanks hello hi this that do does did would could there what from at been",
    "es": "el la los las es mi mis y no que tengo tiene con para por una un como puedo cuando donde todavia tambien pero de en se lo yo "
    "gracias hola buenos buenas esta este su sus ha he me muy quiero necesito favor",
    "fr": "le la les est mon ma mes et ne pas que je ai avec pour une un comment peux puis quand ou pourquoi encore aussi mais de en se "
    "vous nous merci bonjour cette ce votre vos il elle suis tres voudrais besoin sur dans du des",
}
COMMON = {language: frozenset(text.split()) for language, text in _COMMON.items()}
LEAST = 2


def guess(message: Words) -> str:
    """`de`, `en`, `es`, `fr`, or "" when it is not clear."""
    scores = sorted(
        ((len(common & message.each), language) for language, common in COMMON.items()), reverse=True
    )
    (best, language), (second, _) = scores[0], scores[1]
    return language if best >= LEAST and best > second else ""


def plain(stated: str) -> str:
    """A language that a channel stated, without its region and script: `pt` of `pt-BR`."""
    return stated.replace("_", "-").partition("-")[0].lower()
