// Drives MQTT.js by lines of JSON: a command a line on stdin, an event a line on stdout.
// The same little language as peer_paho.py, so that one test asks both.
'use strict';
const fs = require('node:fs');
const mqtt = require('mqtt');
const readline = require('node:readline');

let client = null;
const plain = (properties = {}) => Object.fromEntries(Object.entries(properties).map(
    ([name, value]) => [name, Buffer.isBuffer(value) ? value.toString() : value]));
function binary(properties) {
    if (properties?.correlationData !== undefined)
        properties.correlationData = Buffer.from(properties.correlationData);
    return properties;
}
const tell = (event, fields = {}) => process.stdout.write(JSON.stringify({ event, ...fields }) + '\n');

function options(command) {
    const chosen = {
        host: '127.0.0.1', port: command.port, protocol: command.protocol ?? 'mqtt', protocolVersion: command.version,
        clientId: command.clientId, clean: command.clean, reconnectPeriod: 0, resubscribe: false, keepalive: command.keepAlive ?? 60,
    };
    if (/^wss?$/.test(chosen.protocol)) // elsewhere a path is that of a Unix socket
        chosen.path = '/mqtt';
    if (command.ca)
        chosen.ca = fs.readFileSync(command.ca);
    if (command.version === 5)
        chosen.properties = { ...command.properties };
    if (command.version === 5 && command.expiry !== undefined)
        chosen.properties.sessionExpiryInterval = command.expiry;
    if (command.will) {
        chosen.will = { topic: command.will.topic, payload: command.will.payload, qos: command.will.qos ?? 0 };
        if (command.will.delay !== undefined)
            chosen.will.properties = { willDelayInterval: command.will.delay };
    }
    return chosen;
}

function connect(command) {
    if (command.fresh) {
        const old = client;
        client = null;
        old?.end(true);
        tell('fresh');
    }
    if (client) { // the same object, so that its stores carry the session
        Object.assign(client.options, options(command));
        const { outgoingStore, incomingStore } = client;
        const isEnded = client.disconnecting || client.disconnected; // and has closed its stores
        client.reconnect(isEnded ? undefined : { outgoingStore, incomingStore });
        return;
    }
    const made = mqtt.connect(options(command));
    client = made;
    let reason = 0;
    const report = (event, fields) => client === made && tell(event, fields);
    made.on('connect', (connack) => report('connack', {
        sessionPresent: connack.sessionPresent ? 1 : 0, reason: connack.reasonCode ?? connack.returnCode,
        properties: plain(connack.properties) }));
    made.on('message', (topic, payload, packet) => report('message', {
        topic, payload: payload.toString(), qos: packet.qos, retain: packet.retain, dup: packet.dup,
        properties: plain(packet.properties) }));
    made.on('disconnect', (packet) => { reason = packet.reasonCode; });
    made.on('close', () => report('closed', { reason }));
    made.on('error', (error) => report('error', { text: error.message }));
}

function carryOut(command) {
    switch (command.do) {
    case 'connect': return connect(command);
    case 'subscribe': return client.subscribe(command.topic, { qos: command.qos, ...command.options, properties: command.properties },
        (error, granted, packet) => tell('suback', { codes: packet ? packet.granted : [], error: error?.message }));
    case 'unsubscribe': return client.unsubscribe(command.topic, () => tell('unsuback'));
    case 'publish': return client.publish(command.topic, command.payload,
        { qos: command.qos, retain: command.retain ?? false, properties: binary(command.properties) },
        (error) => tell('published', { error: error?.message }));
    case 'cut': return client.stream.destroy();
    case 'disconnect': return client.end(false,
        { reasonCode: command.reason ?? 0, properties: command.expiry === undefined ? undefined : { sessionExpiryInterval: command.expiry } });
    case 'quit': process.exit(0);
    }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => carryOut(JSON.parse(line))).on('close', () => process.exit(0));
