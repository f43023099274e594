"""Signatures at the end of what somebody wrote: delimiter lines, mobile sign-offs, contact blocks, list footers, disclaimers.

`find` only says where one begins. It is careful: a wrong cut costs the reader content, a missed one only a few lines.
"""

from __future__ import annotations

import re

from connectors.email.quotes import SIGNATURE_MARK, is_rule

MAX_LINES = 30
MAX_SHORT_LINES = 14
MAX_LAYERS = 12

_DELIMITER = re.compile(r"^(?:-- ?|--\u00a0|—|–|―|\*--\*|-- --|- -- ?|_{2,3}|-{3,4})$")
_DEVICE = (
    r"(?:i-?phon\w*|i-?pad|i-?pod|ios|apple watch|mac(?:book)?|android\w*|samsung|galaxy|huawei|honor|xiaomi|redmi|mi phone|oneplus|oppo|vivo|nokia|"
    r"blackberry|htc|lg|motorola|moto|sony|xperia|pixel|realme|windows ?(?:phone|mobile|mail|10|11)?|lumia|handy|smartphone|smart ?phone|mobil\w*|móvil|"
    r"m[óo]vel|cellulare|celular|téléphone|telefon\w*|telefono|teléfono|puhelim\w*|phone|tablet\w*|handset|cell(?:phone)?|device|terminal|gerät|outlook\w*|gmail|"
    r"yahoo|aol|hotmail|(?:the )?(?:new )?mail(?: app)?|e-?mail|k-9|fairemail|bluemail|blue|typemail|spark|newton|mailspring|airmail|superhuman|"
    r"proton ?mail|tutanota|tuta|canary|zoho|edison|polymail|hey|front|mailbird|thunderbird|nine|aqua ?mail|my ?mail|mail\.ru|яндекс\w*|myself|"
    r"айфон\w*|смартфон\w*|телефон\w*|планшет\w*|acompli|mailbox|boxer|cloudmagic|gmx|web\.de|t-online|orange|free|sfr|laposte|libero|virgilio)"
)
_SENT = (
    r"sent (?:wirelessly )?(?:from|via|with|using|by|through)|sent on|get outlook for|gesendet (?:von|mit|über|via|aus)|"
    r"(?:von|aus) mein\w* [^\n]{0,40}(?:gesendet|verschickt|geschickt)|diese (?:nachricht|e-?mail) wurde (?:von|mit)|holen sie sich outlook|outlook für|"
    r"verschickt (?:von|mit)|versendet (?:von|mit)|envoyé (?:de|depuis|à partir|avec|par|via)|envoyé d['’]un|télécharge[rz] outlook|obtenez outlook|obtenir outlook|"
    r"enviado (?:desde|de|do|a partir|com|con|por|mediante|via)|enviada (?:do|de|a partir)|enviat des|obtener outlook|descarga outlook|obter o outlook|"
    r"inviato (?:da|dal|con|tramite)|scarica outlook|ottieni outlook|verzonden (?:vanaf|vanuit|met|via)|verstuurd (?:vanaf|vanuit|met|via)|outlook voor|download outlook|"
    r"skickat (?:från|med|via)|skickad från|hämta outlook|sendt (?:fra|med|via)|hent outlook|få outlook|lähetetty|hanki outlook|saadetud|"
    r"wysłan[eoay] z|wysłano z|pobierz (?:aplikację )?outlook|odesláno z|odoslan[éo] z|poslan[éo] z|získat outlook|küldve|elküldve|trimis (?:de|din|cu)|"
    r"отправлено (?:с|из|от|через)|(?:получить|завантажити|скачать) outlook|get (?:blue ?mail|aqua mail|spark|typeapp) for|надіслано (?:з|із|через)|изпратен[оа] от|στάλθηκε από|εστάλη από|poslano (?:s|iz|z)|послато са|"
    r"gönderildi|נשלח מ|أُ?رسلت من|تم الإرسال من|ส่งจาก|được gửi từ|đã gửi từ|gửi từ|dikirim dari|dihantar daripada|išsiųsta iš|nosūtīts no|sent frá|enviado do meu"
)
_MOBILE = re.compile(rf"^\W{{0,4}}(?:{_SENT})[^\n]{{0,90}}$", re.IGNORECASE)
_MOBILE_DEVICE = re.compile(_DEVICE, re.IGNORECASE)
_MOBILE_TAIL = re.compile(
    r"(?:iphone(?:'?u?m?dan| ?から送信)|i(?:Phone|Pad)から送信|から送信|自我的|發自我的|发自我的|发自|從我的 ?\S{2,20} ?傳送|傳送自|나의 ?\S{2,12}에서 보냄|에서 보냄|보낸 ?메일|"
    r"gönderildi|iphone-omról|iphone-?ról|\w+-?omról küldve|puhelimestani|iphonesta|meinem \w+ gesendet|sans fil par mon|móvil blackberry|"
    r"get outlook for (?:ios|android|mac)|获取 ?outlook for \w+|取得 ?(?:android|ios)? ?(?:版)? ?outlook|outlook for \w+ を入手|outlook for \w+ 다운로드)",
    re.IGNORECASE,
)
_PRODUCT = re.compile(
    r"^(?:sent (?:from|via|with|using)|gesendet (?:von|mit)|envoyé (?:avec|via|depuis)|enviado (?:con|desde|via)) (?:my )?(?-i:[A-Z]|e(?=M ))[A-Za-z]{1,20}(?: (?-i:[A-Z])[a-z]{2,12})?(?: (?:for|für|pour|para) [A-Za-z]{2,12})?\W{0,2}$",
    re.IGNORECASE,
)
_FROM_MY = re.compile(
    r"^\W{0,3}(?:(?:sent )?from my(?: [^\s,.;?!]{1,20}){1,4}|von (?:meine[mr](?:/meiner)? )?[^\s,.;]{2,30} gesendet|gönderen: ?\w+|我的 ?\S{2,12} ?发送|provenance : courrier pour windows \d{1,2}|"
    r"bitte entschuldigen sie die kürze[^\n]{0,60}|(?:please )?(?:excuse|forgive|pardon) (?:my |the |any )?(?:brevity|typos|mistakes|terseness)[^\n]{0,60})"
    r"(?:[,.;-]{1,2}\s*(?:please )?(?:excuse|forgive|pardon|sorry for|apolog)[^\n]{0,80})?[.!)]?$",
    re.IGNORECASE,
)
_MAILER_LINE = re.compile(
    r"^\W{0,3}(?:yahoo mail:? (?:search|encrypted)|download (?:the )?(?:app|mail\.ru)|protected by|secured? (?:by|with)|this message was sent from|"
    r"virus-free\.|virenfrei\.|garanti sans virus|libre de virus|livre de vírus|privo di virus|this email has been (?:checked|scanned)|"
    r"diese e-mail wurde (?:von avast|auf viren)|l'absence de virus|este (?:mensaje|correo) (?:ha sido|fue) (?:analizado|enviado desde)|avast)",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"(?:^|\b)(?:confidentiality (?:notice|note|statement)|legal (?:notice|disclaimer)|disclaimer\s*[:.]?$|privileged (?:and|and/or|or) confidential|"
    r"confidential(?:,| and| and/or| or) (?:may be |legally )?privileged|intended (?:solely|only|exclusively) for (?:the )?(?:use|person|individual|addressee|named|intended|recipient)|"
    r"(?:this|the information (?:contained )?in this) (?:e-?mail|message|communication|transmission)[^\n]{0,100}(?:confidential|privileged|intended)|"
    r"please consider the environment|think before (?:you )?print|if you (?:are not|aren't) the (?:intended|named) (?:recipient|addressee)|(?:have )?received this (?:e-?mail|message|communication)[^\n]{0,20} (?:in error|by mistake)|"
    r"nicht der (?:richtige|beabsichtigte|bestimmungsgemäße) (?:adressat|empfänger)|(?:e-?mail|nachricht) irrtümlich erhalten|reçu (?:ce|cet) (?:message|e-?mail|courriel) par erreur|recibido (?:este|esta)[^\n]{0,30} por error|"
    r"recebeu(?:-a| esta| este)[^\n]{0,30} por engano|ricevuto (?:questo|questa)[^\n]{0,30} per errore|(?:bericht|e-?mail) (?:ten onrechte|per abuis) ontvang|"
    r"diese (?:e-?mail|nachricht)[^\n]{0,100}(?:vertraulich|rechtlich geschützt)|vertrauliche (?:und/oder|oder|und) rechtlich|"
    r"ce (?:message|courriel|mail)[^\n]{0,100}(?:confidentiel|destiné exclusivement)|este (?:mensaje|correo)[^\n]{0,100}confidencial|"
    r"aviso (?:legal|de confidencialidad)|esta mensagem[^\n]{0,100}confidencia|(?:questo messaggio|le informazioni contenute)[^\n]{0,120}(?:riservat|confidenzial)|"
    r"dit (?:e-?mail)?bericht[^\n]{0,100}vertrouwelijk|den här (?:e-posten|mejlet)[^\n]{0,80}konfidentiell|denne (?:e-?mail|e-?post)[^\n]{0,80}fortrolig|"
    r"(?:niniejsza|ta) (?:wiadomość|korespondencja)[^\n]{0,100}poufn|"
    r"(?:это|данное) (?:сообщение|письмо)[^\n]{0,100}конфиденциальн)",
    re.IGNORECASE,
)
_LIST_FOOTER = re.compile(
    r"(?:mailing list\b|_{3,}list\b|you received this (?:message|email) because you are subscribed|to unsubscribe (?:from|send|,|click)|unsubscribe:? https?:|"
    r"hotmail\.com|msn\.com|yahoo\.com|juno\.com|netzero|lycos|sponsored by|free e-?mail|do you yahoo|yahoo! groups|"
    r"reply to this email directly(?: or|,)|view it on github|manage your subscription|mailman/listinfo|lists\.[a-z0-9.-]+/)",
    re.IGNORECASE,
)
_FOOTER_HEAD = re.compile(
    r"^(?:-{6,}\s?Yahoo! Groups (?:Sponsor|Links)|Yahoo! Groups Links|Your use of Yahoo! Groups is subject|This sf\.net email is sponsored by|To unsubscribe from this (?:list: send the line|group,? send an? e-?mail)|"
    r"To unsubscribe,? e-?mail: |You received this message because you are subscribed to)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^\W{0,3}(?:(?:with |my |many )?(?:best|kind|kindest|warm|warmest)(?: (?:regards|wishes|greetings))?|regards|cheers|sincerely(?: yours)?|"
    r"yours (?:sincerely|truly|faithfully)|(?:many )?thanks(?: (?:and|&) (?:best |kind )?regards| again| in advance)?|thank you(?: very much)?|thx|br|"
    r"mit (?:freundlichen|besten|lieben|herzlichen|kollegialen) gr(?:ü|ue)(?:ß|ss)en?|(?:freundliche|beste|viele|liebe|herzliche|schöne) gr(?:ü|ue)(?:ß|ss)e[^\n,]{0,25}|"
    r"mfg|lg|vg|gruß|gruss|grüße|danke(?: und)?[^\n]{0,25}|cordialement|bien cordialement|bien à vous|salutations(?: distinguées)?|merci(?: d'avance)?|"
    r"(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|muchas gracias|gracias|atenciosamente|cumprimentos|obrigad[oa]|abraços?|att|"
    r"cordiali saluti|distinti saluti|saluti|grazie(?: mille)?|met (?:vriendelijke|hartelijke) groet(?:en)?|groet(?:en|jes)?|mvg|vriendelijke groet(?:en)?|"
    r"(?:med )?(?:vänlig(?:a)?|bästa) hälsning(?:ar)?|mvh|hälsningar|(?:med )?venlig hilsen|(?:med )?vennlig hilsen|hilsen|"
    r"(?:de )?bedste hilsner|kærlig hilsen|kh|dbh|vh|hälsn\.?|vänligen|ha det(?: så)? bra|all the best|best,? always|take care|yours|love|xo(?:xo)?|warmly|respectfully|cordially|"
    r"(?:hochachtungsvoll|liebe gr(?:ü|ue)(?:ß|ss)e|sch(?:ö|oe)ne gr(?:ü|ue)(?:ß|ss)e|beste gr(?:ü|ue)(?:ß|ss)e|bg|gr|sg|freundlichst)|bonne (?:journée|soirée|réception)|(?:très )?cordialement|sincères salutations|bises?|amicalement|"
    r"cordialmente|atte\.?|quedo (?:a la espera|atent[oa])|un abrazo|saludos|melhores cumprimentos|com os melhores cumprimentos|grat[oa]|abs|buona giornata|un saluto|ciao|hartelijke groet(?:en)?|groeten|vriendelijk|met vriendelijke groeten|"
    r"(?:z )?wyrazami szacunku|łączę wyrazy szacunku|serdecznie pozdrawiam|serdeczne pozdrowienia|z powazaniem|s úctou|s přáním hezkého dne|hezký den|děkuji|s pozdravem a přáním|с наилучшими пожеланиями|всего доброго|tisztelettel|köszönettel|"
    r"(?:ystävällisin|parhain) terveisin|terveisin|t\.|yst\. terv\.?|z poważaniem|pozdrawiam|pozdrowienia|s pozdravem|s pozdravom|с уважением|з повагою|с уважение|"
    r"üdvözlettel|cu (?:stimă|respect)|saygılarımla|iyi çalışmalar|με εκτίμηση|lp|lep pozdrav|lijep pozdrav|srdačan pozdrav|s poštovanjem|pozdrav|s spoštovanjem|lugupidamisega|parimate soovidega|tervitades|tervitustega|salutacions(?: cordials)?|cordialment|atentament|pagarbiai|ar cieņu|adeitasunez|agur|kveðja|með kveðju|с поздрави|поздрави|поздрав|с поштовањем|срдачан поздрав|trân trọng|thân mến|salam(?: hormat)?|hormat (?:saya|kami)|terima kasih|בברכה|תודה|مع (?:أطيب )?التحي(?:ة|ات)|تحياتي|ขอแสดงความนับถือ|ขอบคุณ(?:ครับ|ค่ะ)?|敬具|此致|敬礼|祝好|顺颂商祺|谢谢|謝謝|감사합니다|드림|以上|よろしくお願いいたします|よろしくお願い致します|よろしくお願いします)"
    r"[^\w\n]{0,6}$",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"(?:\+?\d[\d\s()./-]{6,}\d|\b(?:tel|phone|fon|mobile|mobil|cell|fax|telefon|téléphone|teléfono|telefono|тел)\b\.?\s?[:.]?|https?://|\bwww\.|"
    r"[^\s@]{1,60}@[^\s@]{1,60}\.[a-z]{2,}|\b(?:gmbh|ltd|inc|llc|s\.?r\.?l|s\.?a\.?s|ag|b\.?v|oy|ab|as|kg|co\. ?kg|corp)\b\.?)",
    re.IGNORECASE,
)
_DASH_NAME = re.compile(
    r"^(?:[-–—~]{1,2}[^\W\d][\w.'’-]{0,20}(?: [A-ZÀ-ÞА-Я][\w.'’-]{0,20}){0,2}|[-–—] ?[A-ZÀ-ÞА-Я][\w.'’-]{0,20}(?: [A-ZÀ-ÞА-Я][\w.'’-]{0,20}){0,2}|- [a-z]{2,15})\.?$"
)
_SLASH_NAME = re.compile(r"^/ ?[A-ZÀ-ÞА-Я][^\W\d]{1,20}(?: [A-ZÀ-ÞА-Я][^\W\d]{1,20}){0,2}$")
_NAME = re.compile(
    r"^[*_~–—-]{0,3}\s?(?:(?:Dr|Prof|Mr|Mrs|Ms|Herr|Frau|M|Mme|Ing|Dipl|Sr|Sra|Dott|pan|pani)\.?[ -]?(?:[A-Za-z]{2,5}\.)?\s?)?[^\W\d_][^\W\d_.'’-]{0,24}[.,]?(?:[ -](?:[^\W\d_][^\W\d_.'’-]{0,24}\.?|&|/)){0,3}\s?[*_,.!:)]{0,3}$"
)
_THANKS = re.compile(
    r"^\W{0,3}(?:(?:many |with )?thanks?|thank|thx|danke|merci|gracias|muchas|obrigad|grazie|bedankt|dank|tack|tak|takk|kiitos|dzięk|děkuj|ďakuj|спасибо|дякую|köszön|mulțum|teşekkür|谢|謝|ありがとう|감사)",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^\s{0,3}(?:```|~~~)")


def find(lines: list[str]) -> int:
    """The index of the first line of the signature, or `len(lines)`. Lines as `quotes.plain_line` gives them.

    Signatures stand below one another (a name, a telephone's advertisement, a list's footer): each is taken off from below.
    """
    whole = end = _rstrip_blank(lines, len(lines))
    for _layer in range(MAX_LAYERS):
        start = next((at for rule in _RULES if (at := rule(lines, end)) < end), end)
        if end in {start, 0}:
            break
        end = _rstrip_blank(lines, start)
    return end if end < whole else len(lines)


def below_name(lines: list[str], author: str) -> int:
    """Where a block begins that the writer's own full name heads (`Ann Lee | Sales` above a company), or `len(lines)`.

    It is the last paragraph, short, and something stands above it; a first name alone is part of what was said.
    """
    words = re.findall(r"[^\W\d_][\w'’-]{1,30}", author)
    end = _rstrip_blank(lines, len(lines))
    if not 2 <= len(words) <= 5 or not end:
        return len(lines)
    there = r"\s+(?:\w\.?\s+)?".join(map(re.escape, words))
    turned = rf"{re.escape(words[-1])},\s*{re.escape(' '.join(words[:-1]))}"
    name = re.compile(
        rf"\W{{0,3}}(?:{there}|{turned})(?:\W{{0,3}}$|\s*[|,/(•·]\s?\S|\s+[–—-]\s)", re.IGNORECASE
    )
    for at in range(max(1, end - MAX_SHORT_LINES), end):
        block = [line.strip() for line in lines[at:end] if line.strip()]
        if not lines[at - 1].strip() and name.match(lines[at].strip()) and _heads(block):
            above = next((line.strip() for line in reversed(lines[:at]) if line.strip()), ":")
            asked = above.endswith((":", "：")) or (len(block) == 1 and above[-1:].isalnum())
            return len(lines) if asked else at
    return len(lines)


def _heads(block: list[str]) -> bool:
    """A name alone, or above ways to reach its owner; a name above nothing but an address may be where to send something."""
    reached = len(block) == 1 or "|" in block[0] or any(_CONTACT.search(line) for line in block[1:])
    return reached and all(_short(line) and len(line) <= 70 for line in block)


def _rstrip_blank(lines: list[str], end: int) -> int:
    while end > 0 and not lines[end - 1].strip():
        end -= 1
    return end


def _marked(lines: list[str], end: int) -> int:
    """Lines that a mail program's HTML calls a signature."""
    start = end
    while start > 0 and (lines[start - 1].startswith(SIGNATURE_MARK) or not lines[start - 1].strip()):
        start -= 1
    marked = any(line.startswith(SIGNATURE_MARK) for line in lines[start:end])
    return start if marked else end


def _delimited(lines: list[str], end: int) -> int:
    """`-- ` and its relatives; the topmost within reach, so that a signature may hold another line of dashes."""
    inside_fence = _fences(lines, end)
    best = end
    for at in range(end - 1, max(-1, end - 1 - MAX_LINES * 2), -1):
        line = lines[at].strip()
        ruled = is_rule(line) and len(line) >= 3 and line[0] in "-–—_="
        if inside_fence[at] or not (ruled or _DELIMITER.match(line)):
            continue
        below = [one for one in lines[at + 1 : end] if one.strip()]
        if line == "--":
            limit, short = MAX_LINES, all(len(one) <= 200 for one in below)
        else:
            limit, short = (
                MAX_SHORT_LINES // 2,
                all(len(one) <= 60 and len(one.split()) <= 9 for one in below),
            )
        if line != "--" and any(
            one.rstrip().endswith(("?", ".", "!")) and len(one.split()) >= 4 for one in below
        ):
            continue
        if len(below) <= limit and short and (at > 0 or not below):
            best = at
    return best


def _fences(lines: list[str], end: int) -> list[bool]:
    inside, out = False, []
    for line in lines[:end]:
        fence = bool(_FENCE.match(line))
        out.append(inside or fence)
        inside ^= fence
    return out if not inside else [False] * end


def _mobile(lines: list[str], end: int) -> int:
    """`Sent from my iPhone` in its own paragraph, with at most a link or a name below it."""
    texts = [at for at in range(max(0, end - 8), end) if lines[at].strip()][-4:]
    for at in texts:
        line = lines[at].strip(" *_<>-—–")
        own_paragraph = (
            at == 0
            or not lines[at - 1].strip()
            or _DELIMITER.match(lines[at - 1].strip())
            or line[:1].isupper()
            or not line[:1].isalpha()
        )
        if (
            own_paragraph
            and is_mobile(line)
            and sum(len(lines[below]) for below in texts if below > at) < 160
        ):
            return at
    return end


def is_mobile(line: str) -> bool:
    """Whether a line is a mail program's own advertisement."""
    text = line.strip()
    if len(text) > 130:
        return False
    if _MAILER_LINE.match(text) or _FROM_MY.match(text):
        return True
    if _MOBILE_TAIL.search(text) and len(text) < 60:
        return True
    found = _MOBILE.match(text)
    if not found:
        return False
    words = text.split()
    device = _MOBILE_DEVICE.search(text)
    linked = "<http" in text or "(http" in text or "[http" in text
    # `Sent from my desk, is much easier than my phone.` is a sentence: the device comes late, after a comma.
    if device is None and not linked and not _PRODUCT.match(text):
        return False
    return (
        len(words) <= 12 and "," not in text[: device.start() if device else None] and not text.endswith("?")
    )


def _contact_block(lines: list[str], end: int) -> int:
    """`Best regards,` above a name, a company, a telephone number: what a corporate signature looks like."""
    texts = [at for at in range(max(0, end - MAX_LINES), end) if lines[at].strip()]
    for at in texts:
        if not _CLOSING.match(lines[at].strip()) or at == 0:
            continue
        below = [lines[one].strip() for one in texts if one > at]
        if _thanks_above_closing(lines[at].strip(), below):
            continue
        if (
            below
            and len(below) <= MAX_SHORT_LINES
            and all(map(_short, below))
            and any(_CONTACT.search(one) for one in below[1:])
        ):
            return at
    return end


def _thanks_above_closing(line: str, below: list[str]) -> bool:
    """`Thank you!` above `Best regards,` is said to the reader; above a name it closes the mail."""
    return _THANKS.match(line) is not None and bool(below) and _CLOSING.match(below[0]) is not None


def _short(line: str) -> bool:
    return (
        len(line) <= 110
        and len(line.split()) <= 14
        and not line.endswith("?")
        and not line.startswith(("* ", "- ", "• "))
    )


def _sign_off(lines: list[str], end: int) -> int:
    """`Best regards,` above a name and perhaps a position; a valediction alone counts, thanks alone are said to the reader."""
    texts = [at for at in range(max(0, end - 14), end) if lines[at].strip()][-7:]
    for at in texts:
        if at == 0 or not _CLOSING.match(lines[at].strip()) or not any(line.strip() for line in lines[:at]):
            continue
        below = [lines[one].strip() for one in texts if one > at]
        if _thanks_above_closing(lines[at].strip(), below):
            continue
        if not below and not _THANKS.match(lines[at].strip()):
            return at
        if (
            below
            and _NAME.match(below[0])
            and all(len(one) <= 60 and _short(one) and len(one.split()) <= 7 for one in below)
        ):
            return at
    return end


def _dash_name(lines: list[str], end: int) -> int:
    """`-Ann Lee`, `- Ann` or `/Ann` as the last line."""
    if end < 2:
        return end
    line, above = lines[end - 1].strip(), lines[end - 2].strip()
    if _DASH_NAME.match(line) and not above.startswith(("-", "*", "•", "–")):
        return end - 1 if not line.startswith("- ") or not above else end
    return end - 1 if _SLASH_NAME.match(line) else end


def _list_footer(lines: list[str], end: int) -> int:
    """What a mailing list appends: below a line of underscores, or in words that only lists use."""
    for at in range(max(1, end - 24), end):
        if _FOOTER_HEAD.match(lines[at].strip()) and all(len(line) <= 300 for line in lines[at:end]):
            return at - 1 if lines[at - 1].strip() in ("-", "--") or is_rule(lines[at - 1]) else at
    for at in range(end - 1, max(0, end - 14), -1):
        if is_rule(lines[at]) or lines[at].strip() in ("--", "-- ", "—"):
            below = " ".join(lines[at + 1 : end])
            if _LIST_FOOTER.search(below):
                return at
    return end


def _disclaimer(lines: list[str], end: int) -> int:
    """The last paragraphs, when the first of them speaks of confidentiality."""
    start = end
    for _ in range(6):
        top = _paragraph(lines, start)
        if top >= start:
            break
        text = " ".join(lines[top:start])
        if top > 0 and _DISCLAIMER.search(text[:600]):
            while top > 0 and (is_rule(lines[top - 1]) or not lines[top - 1].strip()):
                top -= 1
            return top
        start = _rstrip_blank(lines, top)
    return end


def _paragraph(lines: list[str], end: int) -> int:
    start = end
    while start > 0 and lines[start - 1].strip() and not is_rule(lines[start - 1]):
        start -= 1
    return start


_RULES = (_marked, _delimited, _list_footer, _disclaimer, _mobile, _contact_block, _sign_off, _dash_name)
