"""Drives Eclipse Paho for Python by lines of JSON: a command a line on stdin, an event a line on stdout.

The same little language as peer_mqttjs.cjs, so that one test asks both. Commands have a "do":
connect {version, clientId, clean, expiry?, will?, port, keepAlive?, properties?, fresh?}
| subscribe {topic, qos, options?: {nl, rap, rh}, properties?} | unsubscribe {topic}
| publish {topic, payload, qos, retain?, properties?} | cut | disconnect {reason?, expiry?} | quit
"fresh" begins with a client object that has no session. Properties are named as in the standard, in camelCase.
"""
import json
import select
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCodes
from paho.mqtt.subscribeoptions import SubscribeOptions

client = None


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def reason_value(reason):
    return getattr(reason, "value", reason)


def properties_of(packet_type, command):
    made = Properties(packet_type)
    for name, value in command.get("properties", {}).items():
        setattr(made, name[0].upper() + name[1:], value.encode() if name == "correlationData" else value)
    return made


def plain(properties):
    found = {}
    for name in properties.names if properties else {}:
        name = name.replace(" ", "")
        if hasattr(properties, name):
            value = getattr(properties, name)
            if name == "SubscriptionIdentifier":
                value = value[0]
            found[name[0].lower() + name[1:]] = value.decode() if isinstance(value, bytes) else value
    return found


def new_client(command):
    version = mqtt.MQTTv5 if command["version"] == 5 else mqtt.MQTTv311
    options = {} if version == mqtt.MQTTv5 else {"clean_session": command["clean"]}
    made = mqtt.Client(command["clientId"], protocol=version, **options)
    made.on_connect = lambda c, u, flags, reason, *rest: tell(
        "connack", sessionPresent=flags["session present"], reason=reason_value(reason),
        properties=plain(rest[0] if rest else None))
    made.on_disconnect = lambda c, u, reason, *rest: tell("closed", reason=reason_value(reason))
    made.on_message = lambda c, u, m: tell(
        "message", topic=m.topic, payload=m.payload.decode(), qos=m.qos, retain=m.retain, dup=m.dup,
        properties=plain(getattr(m, "properties", None)))
    made.on_unsubscribe = lambda c, u, mid, *rest: tell("unsuback")
    made.on_publish = lambda c, u, mid: tell("published", id=mid)
    made.on_subscribe = lambda c, u, mid, codes, *rest: tell("suback", codes=[reason_value(code) for code in codes])
    return made


def connect(command):
    global client
    if command.get("fresh"):
        if client:
            client.on_disconnect = None
            client.disconnect()
        client = None
        tell("fresh")
    if client is None:
        client = new_client(command)
    options = {}
    if command["version"] == 5:
        options["clean_start"] = command["clean"]
        properties = properties_of(PacketTypes.CONNECT, command)
        if "expiry" in command:
            properties.SessionExpiryInterval = command["expiry"]
        options["properties"] = properties
    will = command.get("will")
    if will:
        will_properties = None
        if "delay" in will:
            will_properties = Properties(PacketTypes.WILLMESSAGE)
            will_properties.WillDelayInterval = will["delay"]
        client.will_set(will["topic"], will["payload"], will.get("qos", 0), False, will_properties)
    client.connect("127.0.0.1", command["port"], command.get("keepAlive", 60), **options)


def subscribe(command):
    if "options" not in command and "properties" not in command:
        client.subscribe(command["topic"], command["qos"])
        return
    chosen = command.get("options", {})
    options = SubscribeOptions(command["qos"], chosen.get("nl", False), chosen.get("rap", False), chosen.get("rh", 0))
    client.subscribe(command["topic"], options=options, properties=properties_of(PacketTypes.SUBSCRIBE, command))


def disconnect(command):
    if "reason" not in command and "expiry" not in command:
        client.disconnect()
        return
    properties = Properties(PacketTypes.DISCONNECT)
    if "expiry" in command:
        properties.SessionExpiryInterval = command["expiry"]
    client.disconnect(ReasonCodes(PacketTypes.DISCONNECT, identifier=command.get("reason", 0)), properties)


def carry_out(command):
    what = command["do"]
    if what == "connect":
        connect(command)
    elif what == "subscribe":
        subscribe(command)
    elif what == "unsubscribe":
        client.unsubscribe(command["topic"])
    elif what == "publish":
        properties = properties_of(PacketTypes.PUBLISH, command) if "properties" in command else None
        client.publish(command["topic"], command["payload"], command["qos"], command.get("retain", False), properties)
    elif what == "cut":
        client._sock_close()  # the library has no public way to lose a connection
        tell("closed")
    elif what == "disconnect":
        disconnect(command)
    elif what == "quit":
        sys.exit(0)


def main():
    # Unbuffered, so that no second command hides from select() behind the first.
    commands = open(0, "rb", buffering=0)
    while True:
        socket = client.socket() if client else None
        reading = [commands] + ([socket] if socket else [])
        writing = [socket] if socket and client.want_write() else []
        readable, writable, _ = select.select(reading, writing, [], 1.0)
        if socket and socket in readable:
            client.loop_read()
        if socket and socket in writable and client.socket() is socket:
            client.loop_write()
        if client:
            client.loop_misc()
        if commands in readable:
            line = commands.readline()
            if not line:
                return
            carry_out(json.loads(line))


main()
