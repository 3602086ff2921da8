// Drives MQTT.js by lines of JSON: a command a line on stdin, an event a line on stdout.
// The same little language as peer_paho.py, so that one test asks both.
'use strict';
const mqtt = require('mqtt');
const readline = require('node:readline');

let client = null;
const tell = (event, fields = {}) => process.stdout.write(JSON.stringify({ event, ...fields }) + '\n');

function options(command) {
    const chosen = {
        host: '127.0.0.1', port: command.port, protocol: 'mqtt', protocolVersion: command.version,
        clientId: command.clientId, clean: command.clean, reconnectPeriod: 0, resubscribe: false, keepalive: 60,
    };
    if (command.version === 5 && command.expiry !== undefined)
        chosen.properties = { sessionExpiryInterval: command.expiry };
    if (command.will) {
        chosen.will = { topic: command.will.topic, payload: command.will.payload, qos: command.will.qos ?? 0 };
        if (command.will.delay !== undefined)
            chosen.will.properties = { willDelayInterval: command.will.delay };
    }
    return chosen;
}

function connect(command) {
    if (client) { // the same object, so that its stores carry the session
        Object.assign(client.options, options(command));
        client.reconnect();
        return;
    }
    client = mqtt.connect(options(command));
    client.on('connect', (connack) => tell('connack',
        { sessionPresent: connack.sessionPresent ? 1 : 0, reason: connack.reasonCode ?? connack.returnCode }));
    client.on('message', (topic, payload, packet) => tell('message',
        { topic, payload: payload.toString(), qos: packet.qos, retain: packet.retain, dup: packet.dup }));
    client.on('close', () => tell('closed'));
    client.on('error', (error) => tell('error', { text: error.message }));
}

function carryOut(command) {
    switch (command.do) {
    case 'connect': return connect(command);
    case 'subscribe': return client.subscribe(command.topic, { qos: command.qos },
        (error, granted, packet) => tell('suback', { codes: packet ? packet.granted : [], error: error?.message }));
    case 'publish': return client.publish(command.topic, command.payload,
        { qos: command.qos, retain: command.retain ?? false }, (error) => tell('published', { error: error?.message }));
    case 'cut': return client.stream.destroy();
    case 'disconnect': return client.end(false,
        { reasonCode: command.reason ?? 0, properties: command.expiry === undefined ? undefined : { sessionExpiryInterval: command.expiry } });
    case 'quit': process.exit(0);
    }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => carryOut(JSON.parse(line))).on('close', () => process.exit(0));
