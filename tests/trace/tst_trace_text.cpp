#include "core/trace/json.h"
#include "core/trace/text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

TraceRecord sent(const Packet &packet, Version version = Version::V5)
{
    TraceRecord record;
    record.at = Instant(12s + 345us);
    record.client = ClientKey{1};
    record.what = PacketTrace{Direction::Sent, version, encode(packet, version), {}, {}};
    return record;
}

ConnectPacket secretConnect()
{
    ConnectPacket connect;
    connect.clientId = "door";
    connect.userName = "alice";
    connect.password = "s3cret-word";
    connect.properties.add(PropertyId::AuthenticationMethod, QByteArray("SCRAM"));
    connect.properties.add(PropertyId::AuthenticationData, QByteArray("s3cret-data"));
    return connect;
}

} // namespace

class TestTraceText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void says_what_a_finding_asks_for_data()
    {
        QTest::addColumn<TraceEvent>("event");
        QTest::addColumn<QString>("says");
        const rules::Finding wildcard{"MQTT-3.3.2-2", ReasonCode::TopicNameInvalid, Sender::Client, "wildcard"};
        const rules::Finding full{"v5 §4.13.2", ReasonCode::QuotaExceeded, Sender::Client, "too many"};
        QTest::newRow("with its packet")
            << TraceEvent(FindingTrace{wildcard, PacketType::Publish, Version::V5})
            << "finding: client broke MQTT-3.3.2-2: wildcard (fatal; server has to send DISCONNECT Topic Name invalid "
               "(0x90) and close)";
        QTest::newRow("before 5") << TraceEvent(FindingTrace{wildcard, PacketType::Publish, Version::V311})
                                  << "finding: client broke MQTT-3.3.2-2: wildcard (fatal; server has to close)";
        QTest::newRow("without") << TraceEvent(FindingTrace{{"", ReasonCode::QuotaExceeded, Sender::Client, "slow"}})
                                 << "finding: slow (limit)";
        QTest::newRow("refused") << TraceEvent(BrokerNote{BrokerRefused{LinkId{1}, wildcard}})
                                 << "refused: client broke MQTT-3.3.2-2: wildcard (fatal)";
        QTest::newRow("noted") << TraceEvent(BrokerNote{BrokerRefused{LinkId{1}, full, Handling::Noted}})
                               << "noted only: too many [v5 §4.13.2] (limit)";
    }
    void says_what_a_finding_asks_for()
    {
        QFETCH(TraceEvent, event);
        QFETCH(QString, says);
        TraceRecord record;
        record.what = event;
        QCOMPARE(eventText(record), says);
    }

    void says_a_packet_in_one_line_data()
    {
        QTest::addColumn<Packet>("packet");
        QTest::addColumn<Version>("version");
        QTest::addColumn<QString>("line");

        ConnectPacket connect;
        connect.clientId = "door";
        connect.cleanStart = false;
        connect.keepAlive = 60;
        connect.properties.add(PropertyId::SessionExpiryInterval, 3600);
        QTest::newRow("connect") << Packet{connect, {}} << Version::V5
                                 << "CONNECT \"door\" MQTT 5.0, Clean Start 0, Keep Alive 60 s, "
                                    "Session Expiry Interval 3600";
        connect.protocolLevel = 4;
        connect.properties = {};
        QTest::newRow("connect of 3.1.1")
            << Packet{connect, {}} << Version::V311 << "CONNECT \"door\" MQTT 3.1.1, Clean Session 0, Keep Alive 60 s";
        ConnackPacket connack;
        connack.sessionPresent = true;
        QTest::newRow("connack") << Packet{connack, {}} << Version::V5 << "CONNACK Success (0x00), Session Present 1";
        connack = {false, 0, 5, {}};
        QTest::newRow("connack of 3.1.1")
            << Packet{connack, {}} << Version::V311
            << QStringLiteral("CONNACK %1 (5), Session Present 0").arg(QString::fromLatin1(v3ReturnCodeName(5)));
        PublishPacket publish;
        publish.topic = "a/b";
        publish.payload = "hello";
        QTest::newRow("publish") << Packet{publish, {}} << Version::V5 << "PUBLISH QoS 0 \"a/b\": \"hello\"";
        publish.qos = Qos::ExactlyOnce;
        publish.packetId = PacketId{9};
        publish.dup = true;
        publish.retain = true;
        QTest::newRow("publish with flags")
            << Packet{publish, {}} << Version::V5 << "PUBLISH #9 QoS 2 DUP RETAIN \"a/b\": \"hello\"";
        const AckPacket ack{PacketType::Pubrec, PacketId{9}, ReasonCode::NotAuthorized, {}};
        QTest::newRow("pubrec") << Packet{ack, {}} << Version::V5 << "PUBREC #9 Not authorized (0x87)";
        QTest::newRow("pubrec of 3.1.1") << Packet{ack, {}} << Version::V311 << "PUBREC #9";
        SubscribePacket subscribe;
        subscribe.packetId = PacketId{1};
        subscribe.entries.append({"t/#", {Qos::AtLeastOnce, true, false, RetainHandling::DoNotSend, 0}});
        QTest::newRow("subscribe") << Packet{subscribe, {}} << Version::V5
                                   << "SUBSCRIBE #1 \"t/#\" QoS 1 No Local Retain Handling 2";
        const SubackPacket suback{PacketId{1}, {}, {ReasonCode::GrantedQos1, ReasonCode::NotAuthorized}};
        QTest::newRow("suback") << Packet{suback, {}} << Version::V5
                                << "SUBACK #1 Granted QoS 1 (0x01), Not authorized (0x87)";
        QTest::newRow("pingreq") << Packet{PingreqPacket{}, {}} << Version::V5 << "PINGREQ";
        const DisconnectPacket disconnect{ReasonCode::SessionTakenOver, {}};
        QTest::newRow("disconnect") << Packet{disconnect, {}} << Version::V5 << "DISCONNECT Session taken over (0x8e)";
    }

    void says_a_packet_in_one_line()
    {
        QFETCH(Packet, packet);
        QFETCH(Version, version);
        QFETCH(QString, line);
        QCOMPARE(packetText(packet, version), line);
        QCOMPARE(eventText(sent(packet, version)), QStringLiteral("→ ") + line);
    }

    void shows_a_payload_as_text_only_when_it_is_text_data()
    {
        QTest::addColumn<QByteArray>("payload");
        QTest::addColumn<QString>("shown");
        QTest::newRow("empty") << QByteArray() << "\"\"";
        QTest::newRow("text") << QByteArray("24.5") << "\"24.5\"";
        QTest::newRow("umlaut") << QByteArray("gr\xC3\xBC\xC3\x9F") << QStringLiteral("\"grüß\"");
        QTest::newRow("quote and line end") << QByteArray("a\"b\nc") << "\"a\\\"b\\nc\"";
        QTest::newRow("binary") << QByteArray("\x00\x01\xFF", 3) << "0x0001ff";
        QTest::newRow("long") << QByteArray(100, 'x')
                              << QStringLiteral("\"%1\" … 100 bytes").arg(QString(48, QLatin1Char('x')));
        QTest::newRow("no text behind what is shown")
            << QByteArray(60, 'x') + '\xFF' << QStringLiteral("0x%1 … 61 bytes").arg(QStringLiteral("78").repeated(24));
        QTest::newRow("long umlauts") << QByteArray("\xC3\xBC").repeated(300)
                                      << QStringLiteral("\"%1\" … 600 bytes").arg(QString(48, QChar(0xFC)));
        QTest::newRow("long binary") << QByteArray(100, '\xFF')
                                     << QStringLiteral("0x%1 … 100 bytes").arg(QString(48, QLatin1Char('f')));
    }

    void shows_a_payload_as_text_only_when_it_is_text()
    {
        QFETCH(QByteArray, payload);
        QFETCH(QString, shown);
        QCOMPARE(payloadText(payload), shown);
    }

    void says_durations_data()
    {
        QTest::addColumn<quint32>("seconds");
        QTest::addColumn<QString>("text");
        QTest::newRow("zero") << 0u << "0s";
        QTest::newRow("seconds") << 59u << "59s";
        QTest::newRow("hour") << 3600u << "1h";
        QTest::newRow("mixed") << 90'061u << "1d 1h 1min 1s";
        QTest::newRow("never") << sessionNeverExpires << "never";
    }

    void says_durations()
    {
        QFETCH(quint32, seconds);
        QFETCH(QString, text);
        QCOMPARE(secondsText(seconds), text);
    }

    void puts_time_and_owner_in_front()
    {
        const QString line = recordText(sent(Packet{PingreqPacket{}, {}}), QStringLiteral("door"));
        QCOMPARE(line, QStringLiteral("   12.000345  door        → PINGREQ"));
        TraceRecord broker = sent(Packet{PingreqPacket{}, {}});
        broker.role = Role::Broker;
        broker.link = LinkId{3};
        QCOMPARE(recordText(broker, {}), QStringLiteral("   12.000345  broker/3    → PINGREQ"));
    }

    void names_a_section_where_the_standard_has_no_number()
    {
        TraceRecord record;
        record.what = FindingTrace{{"v5 §3.8.3.1", ReasonCode::ProtocolError, Sender::Client, "no such option"}};
        QCOMPARE(eventText(record), QStringLiteral("finding: client broke v5 §3.8.3.1: no such option (fatal)"));
    }

    void says_why_bytes_are_no_packet()
    {
        TraceRecord record;
        const Malformed malformed{Malformed::Problem::FieldRunsPastEnd, 4, "Topic Name", ReasonCode::MalformedPacket};
        record.what = PacketTrace{Direction::Received, Version::V5, "abc", {}, malformed};
        const QString text = eventText(record);
        QVERIFY2(text.contains(QStringLiteral("3 bytes")) && text.contains(QStringLiteral("byte 4")) &&
                     text.contains(QStringLiteral("Topic Name")),
                 qPrintable(text));
    }

    void hides_password_and_authentication_data()
    {
        const TraceRecord record = sent(Packet{secretConnect(), {}});
        const QString line = recordText(record, {});
        QVERIFY(line.contains(QStringLiteral("alice")));
        QVERIFY(line.contains(QStringLiteral("SCRAM")));
        QVERIFY2(!line.contains(QStringLiteral("s3cret")), qPrintable(line));
        const QByteArray json = QJsonDocument(toJson(record, {})).toJson();
        QVERIFY(json.contains("alice"));
        QVERIFY2(!json.contains("s3cret"), json.constData());
        QVERIFY(!json.contains(QByteArray("s3cret-data").toBase64()));
    }

    void gives_a_packet_as_json()
    {
        PublishPacket publish;
        publish.topic = "a/b";
        publish.payload = QByteArray("\xFF\x00", 2);
        publish.qos = Qos::AtLeastOnce;
        publish.packetId = PacketId{5};
        publish.properties.add(PropertyId::MessageExpiryInterval, 60);
        const QJsonObject json = toJson(Packet{publish, {}}, Version::V5);
        QCOMPARE(json.value(QStringLiteral("type")).toString(), QStringLiteral("PUBLISH"));
        QCOMPARE(json.value(QStringLiteral("topic")).toString(), QStringLiteral("a/b"));
        QCOMPARE(json.value(QStringLiteral("payload_base64")).toString(), QStringLiteral("/wA="));
        QCOMPARE(json.value(QStringLiteral("packet_id")).toInt(), 5);
        QCOMPARE(json.value(QStringLiteral("qos")).toInt(), 1);
        QCOMPARE(json.value(QStringLiteral("properties"))
                     .toArray()
                     .at(0)
                     .toObject()
                     .value(QStringLiteral("message_expiry_interval"))
                     .toInt(),
                 60);
    }
};

QTEST_APPLESS_MAIN(TestTraceText)
#include "tst_trace_text.moc"
