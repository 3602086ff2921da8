"""Drives Eclipse Paho for Python by lines of JSON: a command a line on stdin, an event a line on stdout.

The same little language as peer_mqttjs.cjs, so that one test asks both. Commands have a "do":
connect {version, clientId, clean, expiry?, will?, port} | subscribe {topic, qos} | publish {topic, payload, qos, retain?}
| cut | disconnect {reason?, expiry?} | quit
"""
import json
import select
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCodes

client = None


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def reason_value(reason):
    return getattr(reason, "value", reason)


def new_client(command):
    version = mqtt.MQTTv5 if command["version"] == 5 else mqtt.MQTTv311
    options = {} if version == mqtt.MQTTv5 else {"clean_session": command["clean"]}
    made = mqtt.Client(command["clientId"], protocol=version, **options)
    made.on_connect = lambda c, u, flags, reason, *rest: tell(
        "connack", sessionPresent=flags["session present"], reason=reason_value(reason))
    made.on_message = lambda c, u, m: tell(
        "message", topic=m.topic, payload=m.payload.decode(), qos=m.qos, retain=m.retain, dup=m.dup)
    made.on_publish = lambda c, u, mid: tell("published", id=mid)
    made.on_subscribe = lambda c, u, mid, codes, *rest: tell("suback", codes=[reason_value(code) for code in codes])
    return made


def connect(command):
    global client
    if client is None:
        client = new_client(command)
    options = {}
    if command["version"] == 5:
        options["clean_start"] = command["clean"]
        properties = Properties(PacketTypes.CONNECT)
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
    client.connect("127.0.0.1", command["port"], 60, **options)


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
        client.subscribe(command["topic"], command["qos"])
    elif what == "publish":
        client.publish(command["topic"], command["payload"], command["qos"], command.get("retain", False))
    elif what == "cut":
        client._sock_close()  # the library has no public way to lose a connection
        tell("closed")
    elif what == "disconnect":
        disconnect(command)
        tell("closed")
    elif what == "quit":
        sys.exit(0)


def main():
    while True:
        socket = client.socket() if client else None
        reading = [sys.stdin] + ([socket] if socket else [])
        writing = [socket] if socket and client.want_write() else []
        readable, writable, _ = select.select(reading, writing, [], 1.0)
        if socket and socket in readable:
            client.loop_read()
        if socket and socket in writable and client.socket() is socket:
            client.loop_write()
        if client:
            client.loop_misc()
        if sys.stdin in readable:
            line = sys.stdin.readline()
            if not line:
                return
            carry_out(json.loads(line))


main()
