-- Who else is asked while a conversation is offered to several: their snapshot finds it as their offer. An offer lasts seconds, so
-- what is open during the upgrade is not looked for.

CREATE TABLE conversation_asked (
    conversation TEXT NOT NULL,
    agent TEXT NOT NULL,
    PRIMARY KEY (agent, conversation)
) {KEYED};
