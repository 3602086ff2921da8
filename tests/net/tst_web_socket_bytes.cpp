// WebSocket as bytes, without a socket: frames in any pieces, both sides of the handshake, and what is refused.
#include "core/net/web_socket_frames.h"
#include "core/net/web_socket_handshake.h"
#include "core/net/web_socket_layer.h"

#include <QRandomGenerator>
#include <QTest>

using namespace sessionscope;

namespace {

const QByteArray exampleKey = "dGhlIHNhbXBsZSBub25jZQ=="; // with the accept value below in RFC 6455 §1.3
const QByteArray exampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

// What a reader makes of bytes, in words: 'payload "ab"', "ping \"x\"", "violation 1002 …".
QStringList readAll(FrameReader &reader)
{
    QStringList events;
    while (const auto event = reader.next()) {
        if (const auto *payload = std::get_if<FrameReader::Payload>(&*event)) {
            // Pieces of one payload are one: where they break depends on what had arrived.
            if (events.isEmpty() || !events.last().startsWith(u'"'))
                events << QStringLiteral("\"\"");
            events.last().insert(events.last().size() - 1, QString::fromLatin1(payload->bytes));
        } else if (const auto *control = std::get_if<FrameReader::Control>(&*event)) {
            events << QStringLiteral("%1 %2")
                          .arg(quint8(control->kind))
                          .arg(QString::fromLatin1(control->payload.toHex()));
        } else {
            const auto &violation = std::get<FrameReader::Violation>(*event);
            events << QStringLiteral("%1: %2").arg(violation.status).arg(violation.words);
        }
    }
    return events;
}

QByteArray upgradeWith(const QByteArray &replaced, const QByteArray &by)
{
    QByteArray request = "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: WebSocket\r\n"
                         "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: " +
                         exampleKey + "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: foo, mqtt\r\n\r\n";
    return replaced.isEmpty() ? request : request.replace(replaced, by);
}

QByteArray responseWith(const QByteArray &replaced, const QByteArray &by)
{
    QByteArray response = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Accept: " +
                          exampleAccept + "\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";
    return replaced.isEmpty() ? response : response.replace(replaced, by);
}

} // namespace

class TestWebSocketBytes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // ---- frames ----

    void reads_frames_data()
    {
        QTest::addColumn<QByteArray>("hex");
        QTest::addColumn<QStringList>("events");
        const auto row = [](const char *name, const char *hex, const QStringList &events) {
            QTest::newRow(name) << QByteArray(hex) << events;
        };
        row("one", "8203616263", {QStringLiteral("\"abc\"")});
        row("empty", "8200", {});
        row("two packets in one frame", "8204c000c000", {QStringLiteral("\"\xC0\0\xC0\0\"")});
        row("fragments", "020161 000162 800163", {QStringLiteral("\"abc\"")});
        row("a ping between fragments", "020161 890178 800162",
            {QStringLiteral("\"a\""), QStringLiteral("9 78"), QStringLiteral("\"b\"")});
        row("close", "880203e9", {QStringLiteral("8 03e9")});
        row("close without status", "8800", {QStringLiteral("8 ")});
        row("text", "810161", {QStringLiteral("1003: text frame, MQTT travels in binary ones (MQTT-6.0.0-1)")});
        row("reserved bit", "c20161", {QStringLiteral("1002: frame with a reserved bit set")});
        row("unknown kind", "8300", {QStringLiteral("1002: frame of the unknown kind 3")});
        row("masked by a server", "8281000000006 1", {QStringLiteral("1002: masked frame from a server")});
        row("continuation of nothing", "8000", {QStringLiteral("1002: continuation of no message")});
        row("message within a message", "020161 820162",
            {QStringLiteral("\"a\""), QStringLiteral("1002: new message within another one")});
        row("ping in fragments", "0900", {QStringLiteral("1002: control frame in fragments")});
        row("long ping", "897e0080", {QStringLiteral("1002: control frame of more than 125 bytes")});
        row("long form of a short length", "827e0001 61", {QStringLiteral("1002: frame whose length is ill-formed")});
        row("endless", "827fffffffffffffffff", {QStringLiteral("1002: frame whose length is ill-formed")});
        row("half a status", "880103", {QStringLiteral("1002: close frame with half a status")});
    }

    // MQTT-6.0.0-1, MQTT-6.0.0-2, v3:MQTT-6.0.0-1, v3:MQTT-6.0.0-2
    void reads_frames()
    {
        QFETCH(QByteArray, hex);
        QFETCH(QStringList, events);
        const QByteArray bytes = QByteArray::fromHex(hex.replace(" ", ""));
        FrameReader whole(FramesAre::Plain);
        whole.append(bytes);
        QCOMPARE(readAll(whole), events);
        FrameReader slow(FramesAre::Plain);
        QStringList joined;
        for (const char byte : bytes) {
            slow.append(QByteArray(1, byte));
            for (const QString &event : readAll(slow)) {
                if (event.startsWith(u'"') && !joined.isEmpty() && joined.last().startsWith(u'"'))
                    joined.last().insert(joined.last().size() - 1, event.mid(1, event.size() - 2));
                else
                    joined << event;
            }
        }
        QCOMPARE(joined, events);
    }

    void writes_what_it_reads_data()
    {
        QTest::addColumn<int>("size");
        for (const int size : {0, 1, 125, 126, 65'535, 65'536, 200'001})
            QTest::addRow("%d", size) << size;
    }
    void writes_what_it_reads()
    {
        QFETCH(int, size);
        QByteArray payload;
        for (int i = 0; i < size; ++i)
            payload += char(i * 7);
        for (const auto mask : {std::optional<quint32>(), std::optional<quint32>(0x12345678)}) {
            FrameReader reader(mask ? FramesAre::Masked : FramesAre::Plain);
            const QByteArray bytes = frame(FrameKind::Binary, payload, mask);
            // In pieces that are no multiples of the mask.
            QByteArray read;
            for (qsizetype at = 0; at < bytes.size(); at += 30'001) {
                reader.append(bytes.mid(at, 30'001));
                while (const auto event = reader.next())
                    read += std::get<FrameReader::Payload>(*event).bytes;
            }
            QVERIFY(read == payload);
        }
        // The example of RFC 6455 §5.7.
        QCOMPARE(frame(FrameKind::Text, "Hello", 0x37fa213d).toHex(), QByteArray("818537fa213d7f9f4d5158"));
    }

    // Whatever arrives, and however it is cut, the reader says the same, and comes to an end.
    void reads_any_bytes_alike_in_any_pieces()
    {
        QRandomGenerator random(20);
        for (int round = 0; round < 3000; ++round) {
            QByteArray bytes;
            for (int i = 0, frames = random.bounded(1, 6); i < frames; ++i) {
                static constexpr FrameKind kinds[] = {FrameKind::Binary, FrameKind::Continuation, FrameKind::Ping,
                                                      FrameKind::Close, FrameKind::Text};
                QByteArray one = frame(kinds[random.bounded(5)], QByteArray(random.bounded(130), 'p'), std::nullopt);
                if (random.bounded(2) == 0)
                    one[random.bounded(qMin<int>(one.size(), 4))] = char(random.bounded(256));
                bytes += one;
            }
            FrameReader whole(FramesAre::Plain);
            whole.append(bytes);
            const QString expected = readAll(whole).join(u' ');
            FrameReader pieces(FramesAre::Plain);
            QStringList events;
            for (qsizetype at = 0; at < bytes.size();) {
                const int size = random.bounded(1, 40);
                pieces.append(bytes.mid(at, size));
                at += size;
                events << readAll(pieces);
            }
            // A payload that came in pieces is one text less its quotes.
            QCOMPARE(events.join(u' ').remove(QStringLiteral("\" \"")),
                     QString(expected).remove(QStringLiteral("\" \"")));
        }
    }

    void demands_masks_of_clients()
    {
        FrameReader reader(FramesAre::Masked);
        reader.append(QByteArray::fromHex("820161"));
        QCOMPARE(readAll(reader), QStringList{QStringLiteral("1002: frame from a client without a mask")});
    }

    // ---- handshakes ----

    void answers_upgrades_data()
    {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<QByteArray>("status");
        QTest::addColumn<QString>("refusal");
        const auto row = [](const char *name, const QByteArray &request, const char *status, const char *refusal) {
            QTest::newRow(name) << request << QByteArray(status) << QString::fromLatin1(refusal);
        };
        row("right", upgradeWith("", ""), "101 ", "");
        row("case of HTTP's words", upgradeWith("Upgrade:", "UPGRADE:"), "101 ", "");
        row("POST", upgradeWith("GET", "POST"), "400 ", "expected a GET request");
        row("a browser", upgradeWith("Upgrade: WebSocket\r\n", ""), "426 ", "no page for a browser");
        row("another path", upgradeWith("/mqtt", "/"), "404 ", "MQTT is at /mqtt, and not at \"/\"");
        row("old version", upgradeWith(": 13", ": 8"), "426 ", "expected version 13");
        row("no key", upgradeWith(exampleKey, "abc"), "400 ", "Sec-WebSocket-Key");
        row("no subprotocol", upgradeWith("Sec-WebSocket-Protocol: foo, mqtt\r\n", ""), "400 ", "MQTT-6.0.0-3");
        row("other subprotocols", upgradeWith("foo, mqtt", "foo, mqttx"), "400 ", "\"foo, mqttx\"");
    }
    // MQTT-6.0.0-3, MQTT-6.0.0-4, v3:MQTT-6.0.0-3, v3:MQTT-6.0.0-4
    void answers_upgrades()
    {
        QFETCH(QByteArray, request);
        QFETCH(QByteArray, status);
        QFETCH(QString, refusal);
        WebSocketLayer layer(LayerEnd::Server, *parseEndpoint(QStringLiteral("ws://localhost")));
        layer.start();
        for (const char byte : request.chopped(1))
            layer.receive(QByteArray(1, byte));
        QCOMPARE(layer.state(), Layer::State::Handshaking);
        // The first frame may come together with the request.
        layer.receive(request.right(1) + frame(FrameKind::Binary, "first", 1));
        const QByteArray response = layer.takeDown();
        QVERIFY2(response.startsWith("HTTP/1.1 " + status), response.constData());
        QCOMPARE(layer.state(), refusal.isEmpty() ? Layer::State::Open : Layer::State::Failed);
        QCOMPARE(layer.takeUp(), refusal.isEmpty() ? QByteArray("first") : QByteArray());
        QVERIFY2(layer.words().contains(refusal), qPrintable(layer.words()));
        if (refusal.isEmpty()) {
            QVERIFY(response.contains("\r\nSec-WebSocket-Accept: " + exampleAccept + "\r\n"));
            QVERIFY(response.contains("\r\nSec-WebSocket-Protocol: mqtt\r\n"));
        }
    }

    void checks_the_servers_answer_data()
    {
        QTest::addColumn<QByteArray>("response");
        QTest::addColumn<QString>("refusal");
        const auto row = [](const char *name, const QByteArray &response, const char *refusal) {
            QTest::newRow(name) << response << QString::fromLatin1(refusal);
        };
        row("right", responseWith("", ""), "");
        row("no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", "does not speak HTTP");
        row("not found", "HTTP/1.1 404 Not Found\r\n\r\n", "\"404 Not Found\"");
        row("elsewhere", "HTTP/1.1 302 Found\r\nLocation: ws://there\r\n\r\n", "points to \"ws://there\"");
        row("no upgrade", responseWith("Upgrade: websocket\r\n", ""), "does not upgrade");
        row("wrong accept", responseWith("s3p", "S3p"), "does not fit our key");
        row("extension", responseWith("Upgrade\r\n", "Upgrade\r\nSec-WebSocket-Extensions: x\r\n"), "extension");
        row("no subprotocol", responseWith("Sec-WebSocket-Protocol: mqtt\r\n", ""), "MQTT-6.0.0-4");
        row("other subprotocol", responseWith("mqtt", "mqttv3.1"), "\"mqttv3.1\"");
    }
    // MQTT-6.0.0-4, v3:MQTT-6.0.0-4
    void checks_the_servers_answer()
    {
        QFETCH(QByteArray, response);
        QFETCH(QString, refusal);
        const auto head = takeHttpHead(response);
        QVERIFY(head);
        QVERIFY(response.isEmpty());
        const auto found = refusalIn(*head, exampleKey);
        QCOMPARE(found.has_value(), !refusal.isEmpty());
        QVERIFY2(found.value_or(QString()).contains(refusal), qPrintable(found.value_or(QString())));
    }

    // MQTT-6.0.0-3, v3:MQTT-6.0.0-3
    void asks_for_mqtt()
    {
        WebSocketLayer layer(LayerEnd::Client,
                             *parseEndpoint(QStringLiteral("ws://[::1]:8083/a b?token=1").remove(u' ')));
        layer.start();
        const QByteArray request = layer.takeDown();
        QVERIFY2(request.startsWith("GET /ab?token=1 HTTP/1.1\r\nHost: [::1]:8083\r\n"), request.constData());
        QVERIFY(request.contains("\r\nSec-WebSocket-Protocol: mqtt\r\n"));
    }

    void answers_the_latest_ping_once_the_other_end_reads_again()
    {
        WebSocketLayer layer(LayerEnd::Server, *parseEndpoint(QStringLiteral("ws://localhost")));
        layer.start();
        layer.receive(upgradeWith({}, {}));
        QCOMPARE(layer.state(), Layer::State::Open);
        layer.takeDown();
        layer.setBacklogged(true);
        for (const char *payload : {"1", "2", "3"})
            layer.receive(frame(FrameKind::Ping, payload, 0x01020304));
        QCOMPARE(layer.takeDown(), QByteArray());
        layer.setBacklogged(false);
        QCOMPARE(layer.takeDown(), frame(FrameKind::Pong, "3", {}));
        layer.setBacklogged(false);
        QCOMPARE(layer.takeDown(), QByteArray());
    }

    void reads_no_endless_head()
    {
        WebSocketLayer layer(LayerEnd::Server, *parseEndpoint(QStringLiteral("ws://localhost")));
        layer.start();
        layer.receive("GET /mqtt HTTP/1.1\r\n");
        layer.receive(QByteArray(WebSocketLayer::largestHead, 'x'));
        QCOMPARE(layer.state(), Layer::State::Failed);
        QVERIFY(layer.words().contains(QStringLiteral("larger than 8192 bytes")));
    }
};

QTEST_APPLESS_MAIN(TestWebSocketBytes)
#include "tst_web_socket_bytes.moc"
