"""The words of mail systems that report on deliveries: senders, subjects, sentences, forms of lines. Data and its patterns.

Own collection from what the servers write; used by `bounces` alone.
"""

from __future__ import annotations

import re

from connectors.email import bounce_words as words

SYSTEM_SENDER = re.compile(
    r"^(?:mailer[-_. ]?daemon|post[-_. ]?master|mail[-_. ]?(?:daemon|delivery|system)[\w.-]{0,20}|mailadmin|mdaemon|smtp[-_]?daemon|bounces?|bounced|maildaemon|mta|"
    r"no-?reply-?bounce|mdmailer|double-?bounce|microsoftexchange[0-9a-f]{4,40}|mailerdaemon|nondeliver\w{0,5}|uucp|root|system[-_.]?administrator|\"system administrator\"|e\d{3}_smtp_mail_service|[\w.]{0,40}(?:smtp_gateways?|mail_service|mailserver|mail-?gateway|antivirus))(?:[-+._=\\][\w.+=-]{0,200})?(?:@|$)",
    re.IGNORECASE,
)
SYSTEM_NAME = re.compile(
    r"mail(?:er)?[ -]?(?:delivery|daemon)(?: (?:sub)?system| service)?|mail administrator|postmaster|system administrator|microsoft outlook|microsoft exchange|internet mail delivery|"
    r"mail delivery (?:sub)?system|mailer-daemon|systemadministrator|administrateur système|administrador del sistema|amministratore di sistema|subsistema de entrega",
    re.IGNORECASE,
)
SUBJECT = re.compile(
    rf"^\W{{0,3}}(?:[^\]\n]{{1,30}}\]\W{{0,3}}|(?:\*{{1,5}})?(?:spam|bulk)[^\]]{{0,5}}\W{{0,3}})?(?:{words.TITLES}|"
    r"undeliver(?:able|ed)|un-?deliver(?:able|ed) (?:mail|message)|undelivered mail returned to sender|"
    r"mail (?:delivery )?(?:failed|failure|error)|failed (?:mail|message|delivery)|(?:mail )?processing error|mail delivery (?:problem|report|status|system|notification|subsystem)|mail system error|mail could not be delivered|"
    r"delivery (?:status notification|status|failure|failed|has failed|error|problem|report|notification|delayed|unsuccessful|to [^\n]{1,80}failed)|"
    r"(?:message|mail|e-?mail) (?:delivery )?(?:could not be|not|undeliver|delayed|status|has been (?:delayed|returned|bounced))|message you sent|could not (?:send|deliver)|"
    r"returned (?:mail|e-?mail|to sender|message)|return(?:ing|ed) (?:message|mail) to sender|failure (?:notice|delivery|notification)|non[ -]?deliver(?:y|able|ed)|nondeliverable|"
    r"notification d['’]état de remise|notification of delivery|dsn[ :]|bounce(?:d)?(?: mail| message)?\b|rejected (?:mail|message)|user unknown|unknown (?:user|recipient|address)|"
    r"warning: (?:could not send|message|e?-?mail)|warning[:-]|delayed mail|address not found|recipient not found|your (?:message|mail|e-?mail) [^\n]{0,80}(?:not|could|couldn|undeliver|delay|reject|blocked)|"
    r"permanent (?:delivery )?(?:failure|error)|temporary (?:delivery )?(?:failure|error)|postmaster notify|email delivery|email error|service message|sorry, your|(?:e-?mail|message) bounced|undelivered:|problem delivering|recipient rejected|blocked (?:mail|message)|(?:mail|message) (?:blocked|rejected)|"
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
    r"配信(?:不能|エラー|できません|に失敗)|配達(?:不能|不可|できません)|送信(?:エラー|失敗|できません)|(?:未達|不達)|メール配信|(?:メッセージ|メール)[はがを](?:配信|送信|配達)(?:でき|され)|반송|배달(?:되지| ?실패|할 수)|전송 ?실패|전달(?:되지| ?실패)|không (?:thể )?gửi|gửi không thành công|tidak terkirim)",
    re.IGNORECASE,
)
REPLY_OR_FORWARD = re.compile(
    r"^\W{0,5}(?:[^\]\n]{1,30}\]\W{0,3}|spam\W{1,6})?(?:re|fwd?|aw|wg|tr|sv|vs|antw|rv|enc|i|r|odp)\s?(?:\[\d+\])?:",
    re.IGNORECASE,
)
REPORT_START = re.compile(
    r"\s{0,8}(?:Content-Type: message/delivery-status\s{1,8})?(?:Reporting-MTA|Arrival-Date|Final-Recipient|Original-Recipient):[ \t]*[^\n]{1,300}\n(?:[^\n]{0,300}\n){0,8}?(?:Final-Recipient|Action|Status):",
    re.IGNORECASE,
)
TELLING = re.compile(
    rf"(?:{words.NOT_DELIVERED}|"
    r"could ?n[o']t be (?:delivered|sent)|was not (?:delivered|able to deliver)|(?:un|not )deliver(?:able|ed)|delivery (?:has |to the following recipients? )?(?:failed|has failed|aborted)|"
    r"did(?:n't| not) reach|permanent(?:ly)? (?:fatal )?(?:error|fail)|fatal errors|unable to deliver|could not deliver|couldn't deliver|(?:were|was) not delivered|has been rejected|returned to (?:the )?sender|failed (?:permanently|recipient)|"
    r"transcript of session follows|this is the (?:mail|qmail-send|postfix|mail delivery)|(?:mail|message) has been returned|returned mail follows|error (?:has )?occurred while (?:attempting|trying) to deliver|has been postponed|returned message|exceeded the maximum|i'm sorry to have to inform you|i wasn't able to deliver|i'm afraid i|message (?:was|is) undeliverable|"
    r"address (?:not found|couldn't be found|rejected)|invalid (?:user |recipient )?address|no such user|user unknown|unknown user|(?:not|n't) a (?:valid|known) (?:user|recipient|mailbox|address)|no such (?:user|mailbox|person|recipient)|mailbox (?:unavailable|not found|is full|full|disabled)|over(?: |-)?quota|quota exceeded|"
    r"recipient (?:rejected|unknown|address rejected)|delivery attempt|delivery status notification|konnte nicht|未能|无法|無法|배달되지|\b5\d\d[ -][45]\.\d\.\d|host (?:or domain )?name (?:lookup|not found)|"
    r"the following (?:address|recipient|message)|will be returned|warning message|delayed|has not been delivered)",
    re.IGNORECASE,
)
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
SMTP = re.compile(
    r"(?:(?<![\d.:#/-])|(?i:(?<=error code :)|(?<=error code:)))([45]\d\d)(?=[ -]{1,3}(?:#?[45]\.\d|[A-Za-z<*\"'(]))"
)
ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24}"
)
WIDE_ADDRESS = re.compile(r"[^\s<>,;:\"()@]{1,64}@[^\s<>,;:\"()@]{1,200}")
"""With letters of any script, for fields that hold nothing else."""
RECIPIENT_LINE = re.compile(
    r"^[ \t]*(?:(?:final-|original-|failed[ -]|intended |the )?recipients?(?: address)?(?:\(s\))?|to|address|user|an|destinataire|destinatario|收件人|宛先|rcpt to|failed address(?:es)?|mail to)(?:\s?:\s?|\s+)(?:<|smtp[;:=]|rfc822;|\"|'|mailto:)?\s?"
    r"([^\s<>;:\"',()]{1,80}@[^\s<>;:\"',()]{1,120})",
    re.IGNORECASE | re.MULTILINE,
)
ALONE = re.compile(
    r"^[ \t]*[<\"'(]?([^\s<>;:\"',()]{1,80}@[^\s<>;:\"',()]{1,120}?)[>\"')]{0,3}(?:\s?:.{0,300}|\s?\.{3}.{0,300}|\s{1,3}\(.{0,200}\)|\s+on \d.{0,60}|\s+-.{0,200})?[ \t]*$",
    re.MULTILINE,
)
BRACKETED = re.compile(r"<(?:mailto:)?([^\s<>;:]{1,80}@[^\s<>;:]{1,120})>")
ANNOUNCED = re.compile(
    r"following (?:recipient|address|user|mailbox)[^\n]{0,60}|(?:not|n't) (?:yet )?(?:be(?:en)? )?delivered to|delivering your (?:mail|message) to|permanent fatal errors[^\n]{0,10}|"
    r"delivery has failed to these recipients[^\n]{0,40}|folgende[nr]? (?:empfänger|adresse)[^\n]{0,60}|destinataires? suivants?[^\n]{0,40}|destinatarios? siguientes?[^\n]{0,40}|"
    r"seguent[ei] (?:destinatari|indirizz)[^\n]{0,40}|以下(?:收件人|地址|のあて先)[^\n]{0,20}|次のあて先[^\n]{0,40}",
    re.IGNORECASE,
)
COPY_BELOW = re.compile(
    r"^(?:[ \t]{0,8}-{2,}.{0,60}(?:copy of|original message|below this line|returned message|unsent message|message headers? follow|your (?:original )?message|the body of the message|undelivered message|message text|message headers? follows?|headers only|original headers|returned mail|コピー|原始邮件|原邮件).{0,80}|-{5,}\s?(?:original|returned|unsent|message).{0,60}|"
    r"received: (?:from|by) .{0,300}|return-path: .{0,200}|.{0,20}(?:original message follows|message (?:headers? )?follows?)\W{0,3})$",
    re.IGNORECASE | re.MULTILINE,
)
ORIGINAL_ID = re.compile(
    r"^[> \t]*(?:Message-ID:[ \t]*(?:\n[ \t>]+)?<|Original Message[- ]ID:[ \t]*<?(?=[^<>\s@]{1,250}@))([^<>\s]{1,500})",
    re.IGNORECASE | re.MULTILINE,
)
FIELD = re.compile(r"^([A-Za-z-]{3,40}):[ \t]*((?:.*)(?:\n[ \t]+.*){0,20})", re.MULTILINE)

ADDRESS_BAD = re.compile(
    rf"{words.UNKNOWN}|"
    r"user unknown|unknown user|no such (?:user|mailbox|person|recipient|address|domain|host|account)|does(?:n't| not) exist|not exist|unknown (?:recipient|address|mailbox|local|e-?mail|domain|account|virtual)|"
    r"invalid (?:recipient|address|mailbox|user)|(?:mailbox|user|recipient|address|account|domain|host) (?:not (?:found|known|present|active|ok)|unknown|is unknown|is invalid|invalid|unavai?l?able|is unavailable|is disabled|disabled|has been disabled|is inactive|inactive)|"
    r"(?:couldn't|could not) be found|was not found|> not found|name is not found|nicht gefunden|introuvable|recipient (?:address )?rejected|recipients? (?:is |was |were )?not (?:accepted|local|ok)|rejected recipients|host (?:or domain name )?not found|name service error|name or service not known|"
    r"no mailbox|no (?:account|user|one|person|mail box)[^.\n]{0,30}(?:by that name|at this address|here|available)|not (?:a |an )(?:valid|known|active|local|existing|registered) (?:mailbox|recipient|user|address|account)|not a local|no valid recipients?\b(?! from)|"
    r"address rejected|bad (?:address|recipient)|badrcptto|badrecipientto|validrcptto|recipient has been denied|can(?:'t|not| not) accept user|recip(?:ient)? ?not ?found|no longer (?:valid|exists|available|accepts)|user not found|bad destination|not listed in|in name directory|non-?existent|(?:doesn't|does not) have an?\b|"
    r"home directory|kein solcher|benutzer unbekannt|empfänger unbekannt|utilisateur inconnu|destinataire inconnu|usuario desconocido|no existe|utente sconosciuto|nessun utente|пользователь не найден|用户不存在|不存在|"
    r"undeliverable address|domain not found|domain must exist|nxdomain|unroute?able (?:address|mail domain)|unknown host|no mx\b|null ?mx|does not accept mail\b(?! from)|mail receiving disabled",
    re.IGNORECASE,
)
FULL_WORDS = (
    rf"{words.FULL}|"
    r"mailbox (?:is )?full|(?:full|frozen) mailbox|mail(?:box|folder)? is (?:full|frozen)|bo[iî]te du destinataire pleine|quota|over limit|(?:insufficient|not sufficient) (?:system )?(?:storage|resources|disk)|enough (?:disk |storage )?space|not enough storage|no space left|space has been used up|storage (?:limit|allocation)|too much mail"
)
FULL = re.compile(FULL_WORDS, re.IGNORECASE)
NOT_ADDRESS = re.compile(
    rf"{FULL_WORDS}|"
    r"too (?:large|big)|size (?:limit|exceed)|exceed(?:s|ed|ing)? (?:(?:the|its|their|local|allowed|permitted|receiving|message) ){0,3}(?:maximum|size|limit)|"
    r"spam|black ?list|block ?list|blocked|spamhaus|reputation|policy|content rejected|virus|greylist|grey-list|unsolicited|bulk (?:e-?mail|mail)|filtered|message rejected|attachments? (?:is |are |was |were |types? )?(?:not |forbidden|blocked|rejected|refused)|mime type|(?:url|link)s? [^.\n]{0,20}listed|user (?:rules|preferences)|recipient preferences|refuses to receive|only accept(?:s|ing) mail from|"
    r"(?<!and )try again|try to resend|temporar|rate limit|too many|throttl|deferred|suspended|timed? ?out|delivery (?:time )?expired|message expired|expired after|retry time|queue too long|allowed queue period|has not been collected|multiple retries|have been failing|for exceeding|not be delivered for|"
    r"connection (?:refused|reset|timed|dropped|lost|closed)|connection to [^\n]{0,60}fail|lost connection|network (?:is )?unreachable|no route to host|(?:n't|not) reach any|did not respond|find a gateway|service (?:is )?not available|"
    r"dmarc|\bspf\b|dkim|authenticat|starttls|\btls\b|relay(?:ing)? (?:access )?denied|relaying not|not permitted to relay|allowed rcpthosts|access denied, traffic|(?<!rejected: )(?<!rejected : )access (?:denied|forbidden)|administrative(?:ly)? prohibit|not (?:allowed|authori[sz]ed|permitted) to|not authori[sz]ed|network not allowed|no access from|go away|requires? confirmation|confirm this mail ?server|"
    r"loop\b|hop count|(?:system|internal|configuration|mailer|syntax|protocol) error|internal server error|not (?:implemented|supported)|local delivery failed|non-?zero exit|exit status|x-unix|(?:cannot|can't|could not|unable to) (?:open|create|append|write)|8bit data",
    re.IGNORECASE,
)
SENDER_BAD = re.compile(
    r"\b(?:invalid|bogus|unroute?able|unverified|null|empty|blocked|domain of) (?:envelope )?sender\b|purported responsible|bogus mail from|mail from not owned|empty (?:e-?mail|envelope)|emetteur invalide|from:\s{1,8}domain|provide a valid from|"
    r"(?<!to )(?<!to the )\bsender(?:'s)? (?:e-?mail |ip )?(?:address |domain |is |was |has been |isn't |verify |verification |callback |not )[^.\n]{0,40}?(?:reject|fail|denied|black|block|empty|invalid|verif|approved|not |list)|sender rejected|sender verify|valid sender domain|address is not verified|"
    r"batv|backscatter|third-party dsns?|bouncedeny|returned mail not accepted|submit messages to this e-mail system|senderfilter|(?:does not|do not|not (?:currently )?)accept(?:ing)? mail from|not accepted from servers|"
    r"client host rejected|\b(?:sending|sender|source|connecting|dynamic|bad|your) (?:ip|ips)\b|bad ip\b|helo command|dynamic ip|reverse dns|\brdns\b|\bptr\b|cannot find your|resolve your (?:address|host|ip|domain)|nameserver query|allowed to (?:send|connect|post)|permission to post|投稿する権限|smtp server of your isp|open proxy|invalid ip\b|blacklisted",
    re.IGNORECASE,
)
"""What the receiving server holds against the sender or the sending server: no address is wrong."""

UNDELIVERED = re.compile(words.NOT_DELIVERED, re.IGNORECASE)
DAEMON = re.compile(
    r"^\W?(?:mailer[-_. ]?daemon|mail[-_. ]?daemon|maildaemon)(?:[-+._=][\w.+=-]{0,200})?@", re.IGNORECASE
)
"""Nothing but a mail system writes under this name."""
PLAIN_REPORT = re.compile(
    r"(?:message|mail|e-?mail)[^\n]{0,60}\s{1,10}(?:could|can) ?not be delivered to(?: the following)?|non[- ]delivery report|failed recipients?\b|\[smtp error code \d{3}\]|"
    r"unable to deliver (?:the |your )?(?:message|mail) to|could(?: not|n't|n’t) deliver (?:the |your )?(?:message|mail) to|the following recipients? (?:could|can) ?not be reached|"
    r"konnte an (?:folgende|die folgenden?) empf(?:ä|ae)nger nicht|n'a pas (?:pu|pû) [eê]tre (?:d[eé]livr[eé]|remis|distribu[eé])|no (?:se )?(?:pudo|ha podido) (?:ser )?entrega",
    re.IGNORECASE,
)
"""How a report without any mark of its own begins."""
DELAYED = re.compile(
    r"\bdelayed\b|\bpostponed\b|will (?:continue|keep) (?:trying|to)|will be (?:retried|tried again)|being retried|will retry|will try (?:again|to deliver)|delivery incomplete|temporary problem|attempts? will (?:continue|be made)|(?:has|have) not yet been delivered|"
    r"(?:no action|nothing) is required|warning message only|warning only|(?:do|need) not (?:need to )?resend|noch nicht zugestellt|verz(?:ö|oe)gert|retardée?|retrasad[oa]|atrasad[oa]|in ritardo|vertraagd|задерж",
    re.IGNORECASE,
)
GIVEN_UP = re.compile(
    r"permanent|giving up|given up|gave up|fail(?:ed|ure) permanently|could not be delivered after|no longer (?:be tried|retry)|message has expired|delivery time expired|wrong or no longer",
    re.IGNORECASE,
)
WEAK_SENDER = re.compile(
    r"^(?:root|uucp|bounces?|bounced|mailadmin|system[-_.]?administrator|mta)(?:[-+._=][^@]{0,200})?@",
    re.IGNORECASE,
)
"""Programs of all kinds write under these names."""
GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|day|afternoon|evening)|hallo|guten|liebe|bonjour|hola|buen|ol[aá]|ciao|salve|beste|hej|здравствуйте|добрый)\b",
    re.IGNORECASE,
)
SCHEME = re.compile(r"^(?:smtp|rfc822|mailto|ex|internet)\s?[=;:]\s?", re.IGNORECASE)
DELAY_SUBJECT = re.compile(
    r"\(delay(?:ed)?\)|^\W{0,3}(?:delivery |mail |message )?(?:delay|delayed|verzögert)\b|^warning: (?:could not send|message)",
    re.IGNORECASE,
)
ARRIVED = re.compile(
    r"^\W{0,3}(?:delivered|relayed|zugestellt|delivery (?:receipt|confirmation)|successful mail delivery)\b|(?:was|were|has been) (?:successfully )?(?:delivered|relayed) (?:to|by)|successfully delivered|delivery notification was not sent by the destination",
    re.IGNORECASE,
)
"""A report of success. RFC 3464 calls it `delivered` or `relayed`; this is what stands in the text beside it."""
FAILED = re.compile(
    r"not (?:be |been )?deliver|undeliver|could ?n[o']t|fail|error|reject|\b[45]\d\d[ -]|\b[45]\.\d\.\d",
    re.IGNORECASE,
)
