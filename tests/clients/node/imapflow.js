'use strict';

// Puts an ImapFlow client into the hands of a test: commands come in as lines of JSON,
// {"id": 1, "method": "fetchAll", "args": ["1:*", {"flags": true}, {"uid": true}]}, and results go out the same way,
// {"id": 1, "result": ...} or {"id": 1, "error": ...}; between them {"event": "exists", ...}, {"sent": "A LIST ..."} and,
// of what the client could not make sense, {"complaint": ...}.
// What JSON has not is an object of one member: {"$big": "5"}, {"$octets": "base64"}, {"$set": [...]}.

const { ImapFlow } = require('imapflow');
const readline = require('readline');

const pack = value => {
    if (typeof value === 'bigint') return { $big: value.toString() };
    if (Buffer.isBuffer(value)) return { $octets: value.toString('base64') };
    if (value instanceof Date) return value.toISOString();
    if (value instanceof Set) return { $set: [...value].map(pack) };
    if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [k, pack(v)]));
    if (Array.isArray(value)) return value.map(pack);
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, pack(v)]));
    return value;
};

const unpack = (key, value) => {
    if (value && value.$big) return BigInt(value.$big);
    if (value && value.$octets) return Buffer.from(value.$octets, 'base64');
    return value;
};

const tell = message => process.stdout.write(JSON.stringify(pack(message)) + '\n');

const lines = readline.createInterface({ input: process.stdin });
let client;

// What is no method of the client, or gives what cannot be sent.
const own = {
    async start(options) {
        const complain = entry => tell({ complaint: entry.msg || String(entry.err || entry) });
        const sent = entry => entry.src === 'c' && tell({ sent: entry.msg });
        const logger = { trace() {}, debug: sent, info() {}, warn: complain, error: complain };
        client = new ImapFlow({ ...options, logger });
        for (const event of ['exists', 'expunge', 'flags', 'mailboxOpen', 'mailboxClose', 'close']) {
            client.on(event, data => tell({ event, ...data }));
        }
        client.on('error', error => tell({ event: 'error', message: error.message }));
        await client.connect();
    },
    async state() {
        const { capabilities, enabled, serverInfo, namespace, mailbox } = client;
        return { capabilities, enabled, serverInfo, namespace, mailbox, isCompressed: !!client._inflate };
    },
    async readPart(range, part, options) {
        const { meta, content } = await client.download(range, part, options);
        const chunks = [];
        for await (const chunk of content) chunks.push(chunk);
        return { meta, content: Buffer.concat(chunks) };
    }
};

lines.on('line', async line => {
    const { id, method, args } = JSON.parse(line, unpack);
    try {
        const result = await (own[method] ? own[method](...args) : client[method](...args));
        tell({ id, result: result === undefined ? null : result });
    } catch (error) {
        tell({ id, error: error.message, response: error.responseText, code: error.serverResponseCode });
    }
});
lines.on('close', () => process.exit());
