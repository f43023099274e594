"""Which language a text is in: by script where that decides, else by its commonest small words. Short texts stay undecided."""

from __future__ import annotations

import re

_SAMPLE = 4_000
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7a3\u1100-\u11ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("fa", re.compile("[\u067e\u0686\u0698\u06af\u06cc]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("ka", re.compile("[\u10a0-\u10ff]")),
    ("hy", re.compile("[\u0530-\u058f]")),
)
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SMALL_WORDS = {
    "en": "the and you for is that have this with not are can my your please it we i was what hi hello thanks but would of to be on our me has",
    "de": "und der die das ist nicht ich sie ein eine mit für auf den von zu haben wir bitte es dass wie auch mein habe kann noch hallo danke im",
    "fr": "le la les des et est je vous pour que une dans pas avec sur nous ce mon votre bonjour merci du au ai qui ne par mais sont en",
    "es": "el la los que de y en una por con para es no se mi su hola gracias lo como pero me tengo está muy ha las un del le más",
    "it": "il che di e la un per non è con una sono mi ho come del ciao grazie ma anche si alla questo le ha da della mio più nel",
    "pt": "o que de e a um para não com uma é do da em os no na por mais obrigado olá meu você se foi está como mas eu dos ao",
    "nl": "de het een en ik van is dat niet op te mijn voor met zijn je u hallo bedankt wij kan maar heb dit er ook naar bij hebben aan",
    "sv": "och att det är jag en på som inte för har med av till ni hej tack kan vi men den om ett mig min från så vill detta",
    "da": "og det at er jeg en på som ikke til har med af for vi hej tak kan de den men et mig min fra om hvad skal være",
    "nb": "og det at er jeg en på som ikke til har med av for vi hei takk kan de den men et meg min fra om hva skal være",
    "fi": "ja on ei se että olen minun mutta kun hei kiitos niin voi tämä ovat oli joka myös minä kanssa mitä sen jos hän nyt voitte",
    "pl": "i w nie na się z do jest to że jak dzień dobry dziękuję czy mam po od ale proszę mój za tym ma o co jego tak już mnie",
    "cs": "a v i byla byl se na je že to s z do ne dobrý den děkuji jsem jak ale prosím mám pro po od tak co by už které nebo mi",
    "sk": "a v sa na je že to s z do nie dobrý deň ďakujem som ako ale prosím mám pre po od tak čo by už ktoré alebo mi",
    "hu": "a az és hogy nem is egy van köszönöm de meg ez csak kérem már mint szeretném ha volt én jó napot nekem vagy lehet tisztelt",
    "ro": "și de la în nu este cu pentru că o un din mai am pe mulțumesc bună să care ce dar acest ale sunt vă mi al fi ați",
    "tr": "ve bir bu için de da ne ben çok ile var merhaba teşekkür ederim ama değil mi olarak daha gibi siz benim olan nasıl lütfen",
    "ru": "и в не на я что с по это как но мы вы за у мне из же к спасибо здравствуйте так все для от пожалуйста мой был",
    "uk": "і в не на я що з по це як але ми ви за у мені із до дякую доброго дня так все для від будь ласка мій був та є",
    "bg": "и на в да се не от за с че е по аз но ще са ми това как благодаря здравейте моля имам при до има съм ли",
    "sr": "и у не на ја да са по то како али ми ви за из до хвала поштовани све од молим мој био што сам је се",
    "hr": "i u ne na ja da sa po to kako ali mi vi za iz do hvala poštovani sve od molim moj bio što sam je se su",
    "id": "yang dan di saya tidak ini untuk dengan dari ada apa bisa terima kasih tolong anda akan itu ke sudah atau juga halo kami mohon",
    "vi": "và của là tôi không có cho được này với một bạn xin cảm ơn đã các trong chào những người để khi nhưng anh chị rất",
    "ca": "el la els que de i en una per amb és no es meu hola gràcies com però tinc molt les un del més dels si us plau",
    "et": "ja on ei see et ma minu aga kui tere aitäh võib ka oma mis oli või teie palun saan mulle kas",
    "lt": "ir yra ne tai kad aš mano bet kaip labas ačiū gali su iš prašau ar mes jūs už tik buvo man",
    "lv": "un ir ne tas ka es mans bet kā labdien paldies var ar no lūdzu vai mēs jūs par tikai bija man",
}
_LETTERS = {
    "cs": "řěů", "sk": "ľĺŕô", "pl": "łąęśźż", "hu": "őű", "ro": "șțşţă", "tr": "ğış", "de": "ß", "es": "ñ¿¡", "pt": "ãõ",
    "da": "æø", "nb": "æø", "uk": "іїєґ", "bg": "ъ", "sr": "ћђљњј", "hr": "đć", "et": "õ", "lt": "ėųūį", "lv": "āēīņļ", "vi": "đạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
    "fr": "çœêèù", "ca": "·ïç", "ru": "ыэё",
}  # fmt: skip
_INDEX: dict[str, list[str]] = {}
for _code, _words in _SMALL_WORDS.items():
    for _one in _words.split():
        _INDEX.setdefault(_one, []).append(_code)


def detect(text: str) -> str:
    """The ISO 639-1 code of the text's language, or empty when it is too short or unclear."""
    sample = text[:_SAMPLE]
    letters = len(_LETTER.findall(sample))
    if letters < 4:
        return ""
    script = _by_script(sample, letters)
    return script or _by_words(sample)


def _by_script(sample: str, letters: int) -> str:
    for code, pattern in _SCRIPTS:
        share = len(pattern.findall(sample)) / letters
        if share > (0.05 if code in ("ja", "fa") else 0.3):
            return code
    return ""


def _by_words(sample: str) -> str:
    scores: dict[str, float] = {}
    words = _WORD.findall(sample.lower())
    for word in words:
        codes = _INDEX.get(word, ())
        for code in codes:
            # A word that belongs to one language says more than one shared by six.
            scores[code] = scores.get(code, 0.0) + 1.0 / len(codes) ** 0.5
    for code, letters in _LETTERS.items():
        # Letters that few others use decide between neighbours (Czech and Slovak, Russian and Ukrainian).
        scores[code] = scores.get(code, 0.0) + 0.5 * min(6, sum(sample.count(letter) for letter in letters))
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] < max(1.1, len(words) * 0.06):
        return ""
    if len(ranked) > 1 and ranked[0][1] < ranked[1][1] * 1.08:
        return ""
    return ranked[0][0]
