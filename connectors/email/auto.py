"""Which mails no person wrote: vacation notices, automatic answers, machines' mail, receipts; and lists, and spam by its headers.

Sources: RFC 3834 (Auto-Submitted), RFC 2076 and vendors' habits (X-Auto-Response-Suppress of Exchange, X-Autoreply, Precedence), and
the subjects that programs write when they send no header at all. A person's mail called automatic is worse than the other way
round: a subject counts only where a program would put it, and `Auto-Submitted: no` is believed.
"""

from __future__ import annotations

import re

from connectors.email.headers import Fields
from connectors.email.mail import AutoKind, MailAddress
from connectors.email.structure import Entity

_VACATION_SUBJECT = (
    r"out[ -]of[ -](?:the[ -])?office(?: (?:auto[- ]?)?(?:reply|response|message|notification|autoreply))?|ooo|away from (?:the |my )?(?:office|desk|mail)|"
    r"vacation (?:reply|notice|response|message)|on vacation|on holiday|holiday (?:reply|notice)|(?:automatic|auto) vacation (?:reply|response)|"
    r"abwesenheits(?:notiz|nachricht|meldung|assistent|benachrichtigung|agent)|abwesend|abwesenheit(?: [^\n]{0,40})?|nicht im b(?:ü|ue)ro|au(?:ß|ss)er haus|urlaub(?:snotiz|smeldung)|"
    r"absence du bureau|absen(?:t|te|ce)(?: (?:du|de|au|jusqu)[^\n]{0,40})?|message d['’]absence|en congés?|notification d['’]absence|"
    r"fuera de (?:la )?oficina|ausente|ausencia(?: [^\n]{0,30})?|ausência(?: [^\n]{0,30})?|fora do escrit(?:ó|o)rio|em férias|"
    r"fuori (?:sede|ufficio)|risposta non al computer|assen(?:te|za)(?: [^\n]{0,40})?|assente dal lavoro|"
    r"afwezig(?:heid(?:sbericht|smelding|sassistent)?)?(?: [^\n]{0,30})?|niet aanwezig|buiten kantoor|"
    r"frånvaro(?:meddelande)?|semester(?:meddelande)?|fravær(?:sbesked|smelding|sassistent)?|ikke til stede|ikke på kontoret|poissa(?:olo(?:viesti|ilmoitus)?)?|lomalla|loma-?automaattivastaus|"
    r"nieobecno(?:ść|sc)(?: [^\n]{0,30})?|poza biurem|nieobecny|mimo kancel(?:ář|áriu)|nepřítomnost(?: [^\n]{0,30})?|neprítomnosť|nem vagyok az irodában|házon kívül|szabadságon|"
    r"absen[tț](?: din)?(?: [^\n]{0,20})?|în concediu|вне офиса|нет на месте|в отпуске|отсутств(?:ую|ие)(?: [^\n]{0,30})?|поза офісом|у відпустці|"
    r"εκτός γραφείου|απουσία|ofis dışında|ofis dışı|işyeri dışında|מחוץ למשרד|הודעת היעדרות|خارج المكتب|不在(?:通知|のお知らせ|连絡|連絡)?|不在办公室|外出中|"
    r"休假(?:通知|自动回复)?|부재중(?: ?자동 ?응답| ?메시지)?|휴가중|ngoài văn phòng|vắng mặt|di luar kantor|sedang cuti"
)
_REPLY_SUBJECT = (
    r"auto(?:matic|matisk|matische|matisch|mated|-|_)?[ :_-]?(?:reply|response|respond(?:er)?|answer|acknowledg(?:e)?ment)|autoreply|autoresponse|autoresponder|auto:|automail|"
    r"automat(?:ed|ic) (?:e-?mail )?(?:reply|response|message|notification|acknowledg(?:e)?ment)|automatische (?:antwort|r(?:ü|ue)ckmeldung|r(?:ü|ue)ckantwort|e-?mail|eingangsbest(?:ä|ae)tigung|best(?:ä|ae)tigung)|"
    r"automatische(?:s)? antwort(?:schreiben)?|autoantwort|auto-?antwort|automatisch generierte|eingangsbest(?:ä|ae)tigung|"
    r"r(?:é|e)ponse automatique|message automatique|accus(?:é|e) de r(?:é|e)ception automatique|r(?:é|e)pondeur(?: automatique)?|"
    r"respuesta autom(?:á|a)tica|contestaci(?:ó|o)n autom(?:á|a)tica|autorespuesta|auto-?respuesta|mensaje autom(?:á|a)tico|"
    r"resposta autom(?:á|a)tica|mensagem autom(?:á|a)tica|auto-?resposta|risposta automatica|messaggio automatico|"
    r"automatisch(?:e)? (?:antwoord|bericht|reactie)|automatisch bericht|autoantwoord|autosvar|automatiskt? svar|automatsvar|svarsmeddelande|automatiskt meddelande|"
    r"automaattinen vastaus|automaattivastaus|automaatvastus|automaatne vastus|odpowied(?:ź|z) automatyczna|automatyczna odpowied(?:ź|z)|autoodpowied(?:ź|z)|autoresponder|"
    r"automatick(?:á|a) odpov(?:ě|e)ď|automatická odpoveď|automatikus v(?:á|a)lasz|r(?:ă|a)spuns automat|"
    r"автоматический ответ|автоответ(?:чик)?|автоматическое (?:уведомление|сообщение)|автоматична відповідь|автовідповідь|автоматичен отговор|автоматски одговор|"
    r"automatski odgovor|samodejni odgovor|αυτόματη απάντηση|otomatik (?:yanıt|cevap)|תשובה אוטומטית|מענה אוטומטי|הודעה אוטומטית|رد تلقائي|الرد التلقائي|رد آلي|پاسخ خودکار|"
    r"自动(?:回复|答复|回覆)|自動(?:返信|応答|回覆|回復|送信|答覆)|자동 ?(?:회신|응답|답장)|tr(?:ả|a) l(?:ờ|o)i t(?:ự|u) (?:độ|do)ng|thư trả lời tự động|balasan otomatis|balasan automatik|"
    r"ตอบกลับอัตโนมัติ|การตอบกลับอัตโนมัติ|स्वचालित उत्तर|resposta automàtica|automatinis atsakymas|automātiska atbilde|erantzun automatikoa"
)
# A program puts its words first and ends them with a colon, or writes nothing else.
_VACATION = re.compile(
    rf"^\W{{0,3}}(?:{_VACATION_SUBJECT})\W{{0,3}}(?:[:：|]|\s[-–—]\s|$|\((?:re|was|aw))",
    re.IGNORECASE,
)
_VACATION_COLON = re.compile(rf"^\W{{0,3}}(?:{_VACATION_SUBJECT})\s?[:：]", re.IGNORECASE)
_REPLY = re.compile(
    rf"^\W{{0,3}}(?:{_REPLY_SUBJECT})(?=[^\w]|$)\W{{0,4}}(?:[:：|\[(\"“«-]|re\b|from\b|von\b|de\b|$)",
    re.IGNORECASE,
)
_RECEIPT = re.compile(
    r"^\W{0,3}(?:read|gelesen|lu|leído|lida|letto|gelezen|läst|læst|lest|luettu|przeczytano|přečteno|прочитано|已读|開封済み|읽음|okundu)\s?[:：]|"
    r"^(?:read receipt|return receipt|lesebestätigung|lesebest(?:ä|ae)tigung|accusé de lecture|confirmación de lectura|disposition notification)\b",
    re.IGNORECASE,
)
_FORMULA = re.compile(
    r"(?:this is an? (?:automatic(?:ally)?(?: generated)?|automated|auto[- ]?generated|auto)[ -](?:reply|response|e-?mail|message|acknowledg(?:e)?ment|notification|generated (?:e-?mail|message|reply|response))|"
    r"(?:this (?:e-?mail|message|reply|response)|it) (?:was|has been|is) (?:automatically (?:generated|sent)|generated automatically|sent automatically|auto-?generated)|"
    r"(?:please )?do not (?:reply|respond) to this (?:automated |automatic )?(?:e-?mail|message)|this mailbox is not monitored|"
    r"dies(?:e|es)? ist eine automatisch (?:generierte|erstellte|erzeugte|versendete)|diese (?:e-?mail|nachricht) wurde automatisch (?:generiert|erstellt|erzeugt|versendet|verschickt)|"
    r"dies ist eine automatische (?:antwort|nachricht|benachrichtigung)|bitte antworten sie nicht auf diese|"
    r"ceci est (?:un message|une réponse|un e-?mail|un courriel) automatique|(?:ce message|cet e-?mail|ce courriel) (?:a été|est) (?:généré|envoyé) automatiquement|merci de ne pas répondre à ce|"
    r"este es un (?:mensaje|correo) (?:automático|generado automáticamente)|(?:por favor,? )?no responda a este (?:mensaje|correo)|"
    r"esta é uma (?:mensagem|resposta) automática|(?:por favor,? )?não responda (?:a )?este|questo è un messaggio (?:automatico|generato automaticamente)|(?:si prega di )?non rispondere a questa|"
    r"dit is een automatisch(?:e)? (?:antwoord|bericht|gegenereerd)|detta är ett automatiskt|dette er (?:en|et) automatisk|to jest automatyczna|wiadomość (?:została )?wygenerowana automatycznie|"
    r"это автоматическ|(?:данное )?(?:письмо|сообщение) (?:создано|сформировано|отправлено) автоматически|此(?:邮件|郵件)(?:为|為|由)?系[统統]自[动動]|这是一封自动|このメールは自動|自動送信|이 ?메일은 ?자동|자동으로 ?발송)",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"(?:i (?:am|'m|will be) (?:currently )?(?:out of (?:the )?office|on (?:annual |maternity |parental |sick )?(?:leave|vacation|holiday)|away from (?:the |my )?(?:office|desk))(?:[^.\n]|\d\.){0,80}"
    r"(?:until|through|till|and will|with (?:no|limited)|return|from|\d)|"
    r"ich bin (?:derzeit |zurzeit |momentan |bis |vom |ab |am )?(?:[^.\n]|\d\.){0,60}(?:nicht im (?:büro|hause)|außer haus|abwesend|im urlaub|nicht erreichbar)|"
    r"je suis (?:actuellement )?(?:absente?|en congés?|en vacances|hors du bureau)(?:[^.\n]|\d\.){0,60}(?:jusqu|du \d|et |de retour)|"
    r"(?:estoy|estaré) (?:fuera de la oficina|de vacaciones|ausente)(?:[^.\n]|\d\.){0,60}(?:hasta|del|y )|(?:estou|estarei) (?:fora do escritório|de férias|ausente)(?:[^.\n]|\d\.){0,60}(?:até|de )|"
    r"(?:sono|sarò) (?:assente|fuori ufficio|in ferie)(?:[^.\n]|\d\.){0,60}(?:fino|dal|e )|ik ben (?:momenteel |tot |van )?(?:[^.\n]|\d\.){0,50}(?:afwezig|niet aanwezig|op vakantie)|"
    r"jag är (?:på semester|inte på kontoret|ledig|frånvarande)|я (?:нахожусь )?в отпуске)",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(
    r"(?:(?:limited|no|without|intermittent|restricted|sporadic) access to (?:my )?(?:e-?mails?|messages)|(?:will|shall) (?:respond|reply|answer|get back to you|read your)[^.\n]{0,80}(?:return|back|soon|possible)|"
    r"(?:in|for) (?:urgent|emergency|immediate)|if (?:it is|this is|your (?:matter|request|message) is|you (?:need|require))[^.\n]{0,30}(?:urgent|immediate|assistance)|"
    r"in dringenden (?:fällen|angelegenheiten)|ihre (?:e-?mail|nachricht) wird nicht weitergeleitet|(?:werde|wird)[^.\n]{0,60}nach meiner rückkehr|"
    r"en cas d['’]urgence|à mon retour|en caso de urgencia|a mi (?:regreso|vuelta)|em caso de urgência|no meu regresso|per (?:urgenze|emergenze)|al mio (?:rientro|ritorno)|"
    r"(?:bij|voor) (?:spoed|dringende)|na mijn terugkomst|vid brådskande)",
    re.IGNORECASE,
)
_MACHINE_HEADERS = (
    "x-autoreply", "x-auto-reply", "x-autorespond", "x-autoresponder", "x-auto-respond", "x-autoreply-from", "x-mail-autoreply",
    "x-ms-exchange-inbox-rules-loop", "x-auto-response", "x-vacation", "x-facebook-notify", "x-cron-env",
    "x-auto-response-id", "x-amazon-auto-reply", "x-auto-reply-from", "x-mail-autorespond", "x-vacationreply", "x-rt-autoreply", "x-ms-exchange-generated-message-source",
)  # fmt: skip
_NO_REPLY = re.compile(
    r"^(?:[\w.+-]{0,30}[._+-])?(?:no|do[._-]?not|donot|never|nicht|ne)[._-]?(?:reply|antwort\w*|respond|respuesta|responder|pas-?repondre|risposta|rispondere|svara?|odpowiadaj)(?:[._+-][\w.+-]{0,30})?@",
    re.IGNORECASE,
)
_DAEMON = re.compile(
    r"^(?:mailer[-_.]?daemon|post[-_.]?master|mail[-_.]?daemon|autoresponder|auto-?reply|bounces?)(?:[-+._][\w.+=-]{0,200})?@",
    re.IGNORECASE,
)


def auto_kind(
    root: Entity, sender: MailAddress, reply_to: tuple[MailAddress, ...], subject: str, text: str
) -> AutoKind | None:
    """What kind of automatic mail this is; None for a person's. Bounces are recognised in `bounces`, before this is asked."""
    fields = root.fields
    submitted = fields.token("auto-submitted")
    if submitted == "no":
        return None
    report = _report_kind(root)
    if report:
        return report
    written = _by_subject(subject) or _by_text(text, subject)
    if _through_form(fields, sender, reply_to):
        return written if written == "vacation" else None
    marked = _by_headers(fields, submitted)
    if marked:
        return (
            written
            if written in ("vacation", "receipt")
            else "vacation"
            if _AWAY.search(text[:1500])
            else marked
        )
    if written:
        return written
    if _NO_REPLY.match(sender.address) or _DAEMON.match(sender.address):
        return "generated"
    return None


def _report_kind(root: Entity) -> AutoKind | None:
    kind = root.content.params.get("report-type", "").lower() if root.type == "multipart/report" else ""
    if kind == "disposition-notification" or any(
        child.type == "message/disposition-notification" for child in root.children
    ):
        return "receipt"
    if kind == "feedback-report":
        return "report"
    if kind == "delivery-status":
        return "receipt"  # what failed is a bounce and was seen before
    return None


def _by_subject(subject: str) -> AutoKind | None:
    if _RECEIPT.match(subject):
        return "receipt"
    if _VACATION_COLON.match(subject) or (_VACATION.match(subject) and len(subject) < 60):
        return "vacation"
    return "reply" if _REPLY.match(subject) else None


def _by_text(text: str, subject: str) -> AutoKind | None:
    """What programs and their users' templates say; a person who only tells that they are away is a person."""
    start = text[:900]
    if re.match(r"\W{0,3}(?:fwd?|wg|tr)\s?:", subject, re.IGNORECASE):
        return None
    away = _AWAY.search(text[:300])
    if away and (_FORMULA.search(start) or _TEMPLATE.search(start)):
        return "vacation"
    return "generated" if _FORMULA.search(start) else None


def _by_headers(fields: Fields, submitted: str) -> AutoKind | None:
    if submitted:
        return "reply" if submitted.startswith("auto-repl") else "generated"
    if any(fields.has(name) and fields.token(name) not in ("no", "false", "0") for name in _MACHINE_HEADERS):
        return "generated" if fields.has("x-cron-env") or fields.has("x-facebook-notify") else "reply"
    if fields.token("x-autogenerated"):
        return "reply" if fields.token("x-autogenerated") == "reply" else "generated"
    suppress = {word.strip().lower() for word in fields.text("x-auto-response-suppress").split(",")}
    if suppress & {"all", "autoreply"}:
        return "generated"
    return _by_rare_headers(fields)


def _by_rare_headers(fields: Fields) -> AutoKind | None:
    precedences = {fields.token("precedence"), fields.token("x-precedence"), fields.token("preference")}
    if precedences & {"auto_reply", "auto-reply", "autoreply"}:
        return "reply"
    if "autorespond" in fields.text("x-post-messageclass").lower() or "autoresponder" in fields.token(
        "delivered-to"
    ):
        return "reply"
    if fields.token("x-fc-machinegenerated") == "true" or "holidayreply" in fields.text(
        "x-mailer"
    ).lower().replace(" ", ""):
        return "reply"
    if re.search(
        r"vacation|out of office|autorespon|auto-?reply",
        f"{fields.text('x-mailer')} {fields.text('user-agent')}",
        re.IGNORECASE,
    ):
        return "vacation"
    if precedences & {"bulk", "junk"} and not is_list(fields):
        return "generated"
    if fields.has("return-path") and fields.text("return-path").replace(" ", "") in ("<>", "<<>>"):
        return "reply"
    return None


def _through_form(fields: Fields, sender: MailAddress, reply_to: tuple[MailAddress, ...]) -> bool:
    """A contact form writes for a person: from a machine's address, with the person's in Reply-To, in answer to nothing."""
    if len(reply_to) != 1 or fields.has("in-reply-to") or fields.has("references") or is_list(fields):
        return False
    answer = reply_to[0].address.lower()
    if _NO_REPLY.match(answer) or _DAEMON.match(answer) or answer == sender.address.lower():
        return False
    return answer.rpartition("@")[2] != sender.address.lower().rpartition("@")[2]


def is_no_reply(address: str) -> bool:
    """Whether nobody reads what is sent to `address`."""
    return bool(_NO_REPLY.match(address) or _DAEMON.match(address))


# --- lists and spam ----------------------------------------------------------------------------------------------


def is_list(fields: Fields) -> bool:
    """Whether a list server or a bulk sender distributed it."""
    return bool(list_name(fields))


def list_name(fields: Fields) -> str:
    """The list's id or what else names it; empty for personal mail."""
    for name in ("list-id", "x-mailing-list", "x-beenthere", "mailing-list", "list-post"):
        text = fields.text(name)
        if text:
            found = re.search(r"<([^<>]{1,300})>", text)
            return (found.group(1) if found else text)[:300]
    if re.match(
        r"owner-|[\w.+-]{1,60}-(?:owner|request|bounces)@", fields.text("sender").strip("< ").lower()
    ):
        return fields.text("sender")[:300]
    if fields.token("precedence") == "list":
        return "list"
    return "bulk" if fields.has("list-unsubscribe") else ""


def is_spam(fields: Fields) -> bool:
    """What a filter on the way said: X-Spam-Flag, X-Spam-Status, rspamd's and Exchange's verdicts."""
    if fields.token("x-spam-flag") in ("yes", "true") or fields.token("x-spam") in ("yes", "true"):
        return True
    if fields.text("x-spam-status").lower().startswith("yes") or fields.token("x-bogosity").startswith(
        "spam"
    ):
        return True
    verdict = re.search(r"\bSFV:SPM\b|\bSCL:([5-9])\b", fields.text("x-forefront-antispam-report"))
    return verdict is not None or fields.token("x-ms-exchange-organization-scl") in ("5", "6", "7", "8", "9")
