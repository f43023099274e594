"""Mails that report on the delivery of another mail: RFC 3464 reports, and what servers wrote before and beside that.

Read in this order: the machine-readable report part; X-Failed-Recipients; the known forms of text (Exim, qmail, Postfix, sendmail,
Exchange, Notes, providers). Only mail that a mail system sent is read by its text: a person who forwards a bounce does not bounce.
"""

from __future__ import annotations

import re

from connectors.email import charsets, headers, transfer
from connectors.email.mail import Bounce, MailAddress
from connectors.email.structure import Entity

MAX_REPORT = 64 * 1024
MAX_TEXT = 60_000

_SYSTEM_SENDER = re.compile(
    r"^(?:mailer[-_. ]?daemon|post[-_. ]?master|mail[-_. ]?(?:daemon|delivery|system)[\w.-]{0,20}|mailadmin|mdaemon|smtp[-_]?daemon|bounces?|bounced|maildaemon|mta|"
    r"no-?reply-?bounce|mdmailer|double-?bounce|microsoftexchange[0-9a-f]{4,40}|mailerdaemon|nondeliver\w{0,5}|uucp|root|system[-_.]?administrator)(?:[-+._=][\w.+=-]{0,200})?(?:@|$)",
    re.IGNORECASE,
)
_SYSTEM_NAME = re.compile(
    r"mail(?:er)?[ -]?(?:delivery|daemon)(?: (?:sub)?system| service)?|mail administrator|postmaster|system administrator|microsoft outlook|microsoft exchange|internet mail delivery|"
    r"mail delivery (?:sub)?system|mailer-daemon|systemadministrator|administrateur système|administrador del sistema|amministratore di sistema|subsistema de entrega",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"^\W{0,3}(?:(?:\*{1,5}|\[)?(?:spam|bulk)[^\]]{0,5}\]?\W{0,3})?(?:undeliver(?:able|ed)|un-?deliver(?:able|ed) (?:mail|message)|undelivered mail returned to sender|"
    r"mail (?:delivery )?(?:failed|failure|error)|mail delivery (?:problem|report|status|system|notification|subsystem)|mail system error|mail could not be delivered|"
    r"delivery (?:status notification|status|failure|failed|has failed|error|problem|report|notification|delayed|unsuccessful|to [^\n]{1,80}failed)|"
    r"(?:message|mail|e-?mail) (?:delivery )?(?:could not be|not|undeliver|delayed|status|has been (?:delayed|returned|bounced))|message you sent|could not (?:send|deliver)|"
    r"returned (?:mail|e-?mail|to sender|message)|return(?:ing|ed) (?:message|mail) to sender|failure (?:notice|delivery|notification)|non[ -]?deliver(?:y|able|ed)|nondeliverable|"
    r"notification d['’]état de remise|notification of delivery|dsn[ :]|bounce(?:d)?(?: mail| message)?\b|rejected (?:mail|message)|user unknown|unknown (?:user|recipient|address)|"
    r"warning: (?:could not send|message|e?-?mail)|warning[:-]|delayed mail|address not found|recipient not found|your (?:message|mail|e-?mail) [^\n]{0,80}(?:not|could|couldn|undeliver|delay|reject|blocked)|"
    r"permanent (?:delivery )?(?:failure|error)|temporary (?:delivery )?(?:failure|error)|postmaster notify|email delivery|email error|service message|sorry, your|"
    r"unzustellbar|nicht zustellbar|unzustellbare|zustellung (?:fehlgeschlagen|der nachricht)|fehler bei der (?:zustellung|nachrichtenzustellung)|mailzustellung|rückläufer|"
    r"ihre (?:nachricht|e-?mail) [^\n]{0,60}nicht|nachricht (?:konnte )?nicht (?:zugestellt|übermittelt)|"
    r"non remis|non distribuable|échec (?:de|d'|du)|non-remise|message non (?:délivré|distribué|remis)|courrier non|avis de non|rapport de non|courriel non|"
    r"no se (?:puede|pudo|ha podido) (?:entregar|enviar)|no entregado|correo no entregado|mensaje no entregad|no se entregó|error (?:de|en la) entrega|notificación de estado de entrega|imposible entregar|devuelto|"
    r"não (?:foi )?(?:possível )?entreg|mensagem não|não (?:é possível )?(?:entregue|entregar)|falha (?:na|de|no) entrega|não pode ser entregue|devolvid|notificação de status de entrega|"
    r"non recapitabile|mancat[ao] (?:consegna|recapito)|messaggio non (?:consegnato|recapit)|impossibile (?:consegnare|recapitare)|recapito non riuscito|notifica (?:di )?(?:stato|mancat)|"
    r"onbestelbaar|niet (?:bezorgd|afgeleverd|te bezorgen)|bezorging|kan niet worden (?:bezorgd|afgeleverd)|"
    r"(?:det )?gick inte att|inte levererat|olevererbart?|kunde inte levereras|leveransfel|kan ikke leveres|kunne ikke leveres|ikke leveret|uleveret|leveringsfejl|toimittaminen epäonnistui|viestiä ei (?:voi|voitu)|"
    r"nie(?:dostarczono|dostarczalne|można dostarczyć|doręczon)|nie dostarczono|nie można dostarczyć|zwrot|błąd dostarczenia|"
    r"nedoručiteln|nedoručen|nelze doručit|nedoručiteľn|kézbesíthetetlen|nem kézbesíthető|sikertelen kézbesítés|nu se poate livra|nelivrat|mesaj nelivrat|"
    r"недоставлен|не(?:воз|)можно доставить|не удалось доставить|сообщение не доставлено|не доставлено|ошибка доставки|невозможно|отказ в доставке|"
    r"не вдалося доставити|не доставлено|η παράδοση|μη παραδοτέο|αδυναμία παράδοσης|teslim edilemedi|teslim edilemiyor|iletilemedi|לא ניתן למסור|غير قابل للتسليم|تعذر التسليم|تعذر تسليم|"
    r"邮件(?:投递|发送)?(?:失败|退回)|系统退信|退信|无法(?:投递|送达|传递)|未(?:送达|传递|送達)|郵件(?:無法|傳送|遞送)|傳遞失敗|無法(?:傳遞|投遞|送達)|"
    r"配信(?:不能|エラー|できません|に失敗)|配達(?:不能|不可|できません)|送信(?:エラー|失敗|できません)|(?:未達|不達)|メール配信|반송|배달(?:되지| ?실패|할 수)|전송 ?실패|전달(?:되지| ?실패)|không (?:thể )?gửi|gửi không thành công|tidak terkirim)",
    re.IGNORECASE,
)
_REPLY_OR_FORWARD = re.compile(
    r"^\W{0,3}(?:re|fwd?|aw|wg|tr|sv|vs|antw|rv|enc|i|r|odp)\s?(?:\[\d+\])?:", re.IGNORECASE
)
_TELLING = re.compile(
    r"(?:could ?n[o']t be (?:delivered|sent)|was not (?:delivered|able to deliver)|(?:un|not )deliver(?:able|ed)|delivery (?:has |to the following recipients? )?(?:failed|has failed|aborted)|"
    r"did(?:n't| not) reach|permanent(?:ly)? (?:fatal )?(?:error|fail)|fatal errors|unable to deliver|could not deliver|couldn't deliver|(?:were|was) not delivered|has been rejected|returned to (?:the )?sender|failed (?:permanently|recipient)|"
    r"transcript of session follows|this is the (?:mail|qmail-send|postfix|mail delivery)|i'm sorry to have to inform you|i wasn't able to deliver|i'm afraid i|message (?:was|is) undeliverable|"
    r"address (?:not found|couldn't be found|rejected)|invalid (?:user |recipient )?address|no such user|user unknown|unknown user|no such (?:user|mailbox|person|recipient)|mailbox (?:unavailable|not found|is full|full|disabled)|over(?: |-)?quota|quota exceeded|"
    r"recipient (?:rejected|unknown|address rejected)|delivery attempt|delivery status notification|nicht zugestellt|konnte nicht|n'a pas (?:pu|été)|no se (?:pudo|ha podido)|impossibile recapitare|"
    r"niet worden (?:bezorgd|afgeleverd)|не (?:может|удалось|было) (?:быть )?доставл|未能|无法|無法|配信でき|送信でき|전송할 수 없|배달되지|\b5\d\d[ -][45]\.\d\.\d|host (?:or domain )?name (?:lookup|not found)|"
    r"the following (?:address|recipient|message)|will be returned|warning message|delayed|has not been delivered)",
    re.IGNORECASE,
)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_SMTP = re.compile(r"(?<![\d.:#/-])([45]\d\d)(?=[ -]{1,3}(?:#?[45]\.\d|[A-Za-z<*\"'(]))")
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24}"
)
_RECIPIENT_LINE = re.compile(
    r"^[ \t]*(?:(?:final-|original-|failed[ -]|intended |the )?recipients?(?: address)?(?:\(s\))?|to|address|user|an|destinataire|destinatario|收件人|宛先|rcpt to|failed address(?:es)?|mail to)\s?:?\s?(?:<|smtp;|rfc822;|\"|mailto:)?\s?"
    r"([^\s<>;:\"',()]{1,80}@[^\s<>;:\"',()]{1,120})",
    re.IGNORECASE | re.MULTILINE,
)
_ALONE = re.compile(
    r"^[ \t]*[<\"'(]?([^\s<>;:\"',()]{1,80}@[^\s<>;:\"',()]{1,120}?)[>\"')]{0,3}(?:\s?:.{0,300}|\s?\.{3}.{0,300}|\s{1,3}\(.{0,200}\)|\s+on \d.{0,60}|\s+-.{0,200})?[ \t]*$",
    re.MULTILINE,
)
_BRACKETED = re.compile(r"<(?:mailto:)?([^\s<>;:]{1,80}@[^\s<>;:]{1,120})>")
_ANNOUNCED = re.compile(
    r"following (?:recipient|address|user|mailbox)[^\n]{0,60}|(?:not|n't) (?:yet )?(?:be(?:en)? )?delivered to|delivering your (?:mail|message) to|permanent fatal errors[^\n]{0,10}|"
    r"delivery has failed to these recipients[^\n]{0,40}|folgende[nr]? (?:empfänger|adresse)[^\n]{0,60}|destinataires? suivants?[^\n]{0,40}|destinatarios? siguientes?[^\n]{0,40}|"
    r"seguent[ei] (?:destinatari|indirizz)[^\n]{0,40}|以下(?:收件人|地址|のあて先)[^\n]{0,20}|次のあて先[^\n]{0,40}",
    re.IGNORECASE,
)
_COPY_BELOW = re.compile(
    r"^(?:[- ]{2,}.{0,60}(?:copy of|original message|below this line|returned message|unsent message|message headers? follow|your (?:original )?message|the body of the message|undelivered message|message text|message headers? follows?|headers only|original headers|returned mail|コピー|原始邮件|原邮件).{0,80}|-{5,}\s?(?:original|returned|unsent|message).{0,60}|"
    r"received: (?:from|by) .{0,300}|return-path: .{0,200}|.{0,20}(?:original message follows|message (?:headers? )?follows?)\W{0,3})$",
    re.IGNORECASE | re.MULTILINE,
)
_ORIGINAL_ID = re.compile(
    r"^[> \t]*Message-ID:[ \t]*(?:\n[ \t>]+)?<([^<>\s]{1,500})>", re.IGNORECASE | re.MULTILINE
)
_FIELD = re.compile(r"^([A-Za-z-]{3,40}):[ \t]*((?:.*)(?:\n[ \t]+.*){0,20})", re.MULTILINE)

_ADDRESS_BAD = re.compile(
    r"user unknown|unknown user|no such (?:user|mailbox|person|recipient|address|domain|host)|does(?:n't| not) exist|not exist|unknown (?:recipient|address|mailbox|local)|invalid (?:recipient|address|mailbox)|"
    r"(?:mailbox|user|recipient|address|account|domain) (?:not found|unknown|is unknown|is invalid|invalid|unavailable|is disabled|disabled|has been disabled|is inactive|inactive)|(?:couldn't|could not) be found|"
    r"recipient (?:address )?rejected|host (?:or domain name )?not found|name service error|no mailbox|not a valid (?:mailbox|recipient|user)|address rejected|no longer (?:valid|exists|available)|user not found|bad destination|not listed in|kein solcher|benutzer unbekannt|empfänger unbekannt|utilisateur inconnu|destinataire inconnu|usuario desconocido|utente sconosciuto|пользователь не найден|用户不存在|不存在|undeliverable address|domain not found|nxdomain|unrouteable address|unknown host|no mx",
    re.IGNORECASE,
)
_NOT_ADDRESS = re.compile(
    r"mailbox (?:is )?full|quota|over limit|insufficient (?:system )?(?:storage|resources|disk)|not enough (?:storage|space)|storage limit|too (?:large|big)|size (?:limit|exceed)|exceed(?:s|ed)? (?:the )?(?:maximum|size|limit)|"
    r"spam|blacklist|block ?list|blocked|spamhaus|reputation|policy|content rejected|virus|greylist|grey-list|try again|temporar|rate limit|too many|throttl|deferred|timed? ?out|delivery time expired|"
    r"connection (?:refused|reset|timed)|dmarc|spf |dkim|authenticat|relay(?:ing)? (?:access )?denied|relaying not|not permitted to relay|access denied, traffic",
    re.IGNORECASE,
)


def read_bounce(
    root: Entity, sender: MailAddress, return_path: str | None, subject: str, text: str
) -> Bounce | None:
    """What this mail reports on another's delivery, or None when it is no report. Deliveries that succeeded are no bounce."""
    report = next(
        (
            one
            for one in root.walk()
            if one.type in ("message/delivery-status", "message/global-delivery-status")
        ),
        None,
    )
    if report is not None and not _attached_by_person(root, report):
        found = _from_report(root, report, text)
        if found is not None or _has_action(report):
            return found
    if not _from_system(root, sender, return_path, subject, text):
        return None
    return _from_text(root, text)


def _attached_by_person(root: Entity, report: Entity) -> bool:
    """The report belongs to a mail that is attached to this one."""
    entity = report.parent
    while entity is not None and entity is not root:
        if entity.type.startswith("message/"):
            return True
        entity = entity.parent
    return root.type != "multipart/report" and bool(_REPLY_OR_FORWARD.match(root.fields.text("subject")))


# --- RFC 3464 ----------------------------------------------------------------------------------------------------


def _report_text(report: Entity) -> str:
    data = transfer.decode(report.body[:MAX_REPORT], report.encoding)
    return charsets.decode(data)[0].replace("\r", "")


def _has_action(report: Entity) -> bool:
    return re.search(r"^Action:", _report_text(report), re.IGNORECASE | re.MULTILINE) is not None


def _from_report(root: Entity, report: Entity, text: str) -> Bounce | None:
    groups = [_group(block) for block in re.split(r"\n[ \t]*\n", _report_text(report))]
    recipients = [
        group
        for group in groups
        if "final-recipient" in group or "original-recipient" in group or "action" in group
    ]
    if not recipients:
        return None
    failed = next((group for group in recipients if _action(group) == "failed"), None)
    chosen = failed or next((group for group in recipients if _action(group) == "delayed"), None)
    if chosen is None:
        return None
    diagnostic = " ".join(chosen.get("diagnostic-code", "").split())[:500]
    given = _STATUS.search(chosen.get("status", ""))
    status = _best_status(given.group(1) if given else "", diagnostic)
    recipient = _recipient(chosen, root)
    sentence = diagnostic.partition(";")[2].strip() if ";" in diagnostic[:20] else diagnostic
    action = _action(chosen)
    hard = action == "failed" and _is_hard(status, sentence or text[:2_000])
    return Bounce(
        status=status,
        hard=hard,
        recipient=recipient,
        original_message_id=original_id(root, text),
        action=action,
        text=sentence,
    )


def _group(block: str) -> dict[str, str]:
    return {name.lower(): value.strip() for name, value in reversed(_FIELD.findall(block))}


def _action(group: dict[str, str]) -> str:
    word = re.match(r"[a-z]+", group.get("action", "").lower())
    if word:
        return word.group()
    return (
        "failed"
        if group.get("status", "").startswith("5")
        else "delayed"
        if group.get("status", "").startswith("4")
        else ""
    )


def _best_status(given: str, diagnostic: str) -> str:
    """The report's status, or the server's own when the report only says `5.0.0`."""
    found = _STATUS.search(diagnostic)
    if given and (not given.endswith(".0.0") or not found):
        return given
    if found and (not given or found.group(1)[0] == given[0]):
        return found.group(1)
    return given


def _recipient(group: dict[str, str], root: Entity) -> str:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        value = group.get(name, "").rpartition(";")[2].strip().strip("<>")
        found = _ADDRESS.search(value)
        if found and name == "final-recipient":
            return found.group()
    for name in ("final-recipient", "original-recipient", "x-actual-recipient"):
        value = group.get(name, "")
        found = _ADDRESS.search(value)
        if found:
            return found.group()
    failed = _ADDRESS.search(root.fields.text("x-failed-recipients"))
    return failed.group() if failed else group.get("final-recipient", "").rpartition(";")[2].strip()[:200]


# --- everything else ---------------------------------------------------------------------------------------------


def _from_system(root: Entity, sender: MailAddress, return_path: str | None, subject: str, text: str) -> bool:
    """A mail system wrote it: by its sender, or by a sender of nobody and what it says."""
    fields = root.fields
    if fields.token("auto-submitted") == "no":
        return False
    telling = bool(_TELLING.search(text[:6_000]))
    if (
        root.type == "multipart/report"
        and root.content.params.get("report-type", "").lower() == "delivery-status"
    ):
        return telling
    if fields.text("x-failed-recipients") and not _REPLY_OR_FORWARD.match(subject):
        return True
    by_system = (
        bool(_SYSTEM_SENDER.match(sender.address) or _SYSTEM_NAME.search(sender.name)) or not sender.address
    )
    if _REPLY_OR_FORWARD.match(subject):
        return by_system and bool(_TELLING.search(text[:600]))
    titled = bool(_SUBJECT.match(subject))
    if by_system:
        return titled or (telling and bool(_ADDRESS.search(text[:6_000]) or _STATUS.search(text[:6_000])))
    return return_path == "" and titled and telling


def _from_text(root: Entity, text: str) -> Bounce:
    text = text[:MAX_TEXT]
    below = _COPY_BELOW.search(text)
    told = text[: below.start()] if below and below.start() > 20 else text
    status = _status_in(told)
    recipient = _recipient_in(root, told)
    sentence = _sentence(told, recipient)
    delayed = bool(
        re.search(
            r"\bdelayed\b|will (?:continue|keep) (?:trying|to)|(?:has|have) not (?:yet )?been delivered|no action is required|warning message only|do not need to resend",
            f"{root.fields.text('subject')} {told[:3000]}",
            re.IGNORECASE,
        )
    )
    delayed = delayed and not re.search(
        r"permanent|giving up|given up|fail(?:ed|ure) permanently", told, re.IGNORECASE
    )
    return Bounce(
        status=status,
        hard=not delayed and _is_hard(status, told),
        recipient=recipient,
        original_message_id=original_id(root, text),
        action="delayed" if delayed else "failed",
        text=sentence,
    )


def _status_in(told: str) -> str:
    found: list[str] = [one for one in _STATUS.findall(told) if one[0] in "45"]
    if found:
        return next((one for one in found if not one.endswith(".0.0")), found[0])
    code = _SMTP.search(told)
    return f"{code.group(1)[0]}.0.0" if code else ""


def _recipient_in(root: Entity, told: str) -> str:
    """The address that failed: named below the words that announce it, or anywhere, but never the one that this report went to."""
    failed = _ADDRESS.search(root.fields.text("x-failed-recipients"))
    if failed:
        return failed.group()
    ours = {address.lower() for address in _ADDRESS.findall(root.fields.text("to"))}
    announced = [
        told[found.end() : found.end() + 600] for found in list(_ANNOUNCED.finditer(told[:20_000]))[:5]
    ]
    for text in (*announced, told[:20_000]):
        for one in (
            *_RECIPIENT_LINE.findall(text),
            *_ALONE.findall(text),
            *_BRACKETED.findall(text),
            *_ADDRESS.findall(text),
        ):
            found = _ADDRESS.search(one)
            if found and found.group().lower() not in ours and not _SYSTEM_SENDER.match(found.group()):
                return found.group().rstrip(".")
    return ""


def _sentence(told: str, recipient: str) -> str:
    lines = [" ".join(line.split()) for line in told.splitlines() if line.strip()]
    for pattern in (_STATUS, _SMTP, _ADDRESS_BAD, _NOT_ADDRESS):
        hit = next((line for line in lines if pattern.search(line)), "")
        if hit:
            return hit[:500]
    at = next((index for index, line in enumerate(lines) if recipient and recipient in line), -1)
    return lines[at + 1][:500] if 0 <= at < len(lines) - 1 else (lines[0][:500] if lines else "")


def _is_hard(status: str, told: str) -> bool:
    """Permanent and the fault of the address. A full mailbox or a refused content may pass next time."""
    if status.startswith("4"):
        return False
    if status.startswith("5.1.") or status in ("5.2.1", "5.4.4"):
        return not status.endswith((".1.8", ".1.7"))
    if status in ("5.2.2", "5.2.3", "5.3.4", "5.3.1", "5.4.5") or status.startswith(("5.7.", "5.5.", "5.6.")):
        return bool(_ADDRESS_BAD.search(told)) and not _NOT_ADDRESS.search(told)
    if _ADDRESS_BAD.search(told):
        return True
    return status.startswith("5") and not _NOT_ADDRESS.search(told)


def original_id(root: Entity, text: str) -> str:
    """The Message-ID of the mail that was not delivered: from the returned mail or headers, else from the text, else what it answers."""
    for entity in root.walk():
        if entity is root:
            continue
        if entity.depth >= 1 and entity.parent is not None and entity.parent.type.startswith("message/"):
            found = headers.message_id(entity.fields.text("message-id"))
            if found:
                return found
        if entity.type in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            inner = _report_text(entity)
            returned = _ORIGINAL_ID.search(inner)
            if returned:
                return str(returned.group(1))
    written = _ORIGINAL_ID.findall(text[:MAX_TEXT])
    if written:
        return str(written[-1])
    answered = headers.message_ids(f"{root.fields.text('in-reply-to')} {root.fields.text('references')}")
    return answered[0] if answered else ""
