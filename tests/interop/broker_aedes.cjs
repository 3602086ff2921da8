// aedes as a broker of its own on a free port of 127.0.0.1: prints "running PORT", and ends when its stdin closes.
'use strict';
const net = require('node:net');
const { pathToFileURL } = require('node:url');

async function main() {
    // aedes is an ES module, and import() does not look into NODE_PATH; require.resolve() does.
    const { Aedes } = await import(pathToFileURL(require.resolve('aedes')).href);
    const broker = await Aedes.createBroker();
    const server = net.createServer(broker.handle);
    server.listen(0, '127.0.0.1', () => console.log(`running ${server.address().port}`));
}

process.stdin.on('end', () => process.exit(0)).resume();
main();
