// What encode and decode promise beyond the vectors of tests/vectors: sharing, cutting, heads and sizes.
#include "core/mqtt/codec.h"

#include <QTest>

using namespace sessionscope;

namespace {

QByteArray fromHex(const char *hex)
{
    return QByteArray::fromHex(hex);
}

Packet decoded(const QByteArray &frame, Version version)
{
    const auto result = decode(frame, version);
    if (!result) {
        qWarning("%s in %s at %lld", problemText(result.error().problem), result.error().field,
                 qlonglong(result.error().offset));
        return {};
    }
    return *result;
}

PublishPacket publishOf(qsizetype payloadSize)
{
    return {.topic = "a/b", .payload = QByteArray(payloadSize, 'x'), .packetId = {7}, .qos = Qos::AtLeastOnce};
}

} // namespace

class TestCodec : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writes_the_bytes_of_the_standard_data();
    void writes_the_bytes_of_the_standard();
    void shares_a_large_payload_with_its_frame();
    void copies_a_payload_that_is_small_beside_its_frame();
    void copies_what_does_not_own_its_bytes();
    void cuts_a_field_to_what_its_length_can_say();
    void writes_a_publish_head_that_its_payload_completes_data();
    void writes_a_publish_head_that_its_payload_completes();
    void leaves_out_what_may_be_left_out_data();
    void leaves_out_what_may_be_left_out();
    void measures_what_it_writes();
    void appends_behind_what_is_there();
};

void TestCodec::writes_the_bytes_of_the_standard_data()
{
    QTest::addColumn<Packet>("packet");
    QTest::addColumn<Version>("version");
    QTest::addColumn<QByteArray>("bytes");

    using enum Version;
    QTest::newRow("CONNECT 5.0") << Packet{ConnectPacket{.keepAlive = 60, .clientId = "a"}} << V5
                                 << fromHex("10 0E 00 04 4D 51 54 54 05 02 00 3C 00 00 01 61");
    QTest::newRow("CONNECT 5.0 with expiry")
        << Packet{ConnectPacket{.cleanStart = false,
                                .keepAlive = 60,
                                .clientId = "a",
                                .properties = {{PropertyId::SessionExpiryInterval, quint32(100)}}}}
        << V5 << fromHex("10 13 00 04 4D 51 54 54 05 00 00 3C 05 11 00 00 00 64 00 01 61");
    QTest::newRow("CONNECT 3.1.1") << Packet{ConnectPacket{.protocolLevel = 4, .keepAlive = 60, .clientId = "a"}}
                                   << V311 << fromHex("10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 61");
    QTest::newRow("CONNECT 3.1") << Packet{ConnectPacket{
                                        .protocolName = "MQIsdp", .protocolLevel = 3, .keepAlive = 60, .clientId = "a"}}
                                 << V31 << fromHex("10 0F 00 06 4D 51 49 73 64 70 03 02 00 3C 00 01 61");
    QTest::newRow("CONNACK 5.0") << Packet{ConnackPacket{.sessionPresent = true}} << V5 << fromHex("20 03 01 00 00");
    QTest::newRow("CONNACK 3.1.1") << Packet{ConnackPacket{.sessionPresent = true}} << V311 << fromHex("20 02 01 00");
    QTest::newRow("PUBLISH 5.0 QoS 1") << Packet{PublishPacket{
                                              .topic = "a", .payload = "x", .packetId = {1}, .qos = Qos::AtLeastOnce}}
                                       << V5 << fromHex("32 07 00 01 61 00 01 00 78");
    QTest::newRow("PUBLISH 5.0 QoS 0") << Packet{PublishPacket{.topic = "a", .payload = "x"}} << V5
                                       << fromHex("30 05 00 01 61 00 78");
    QTest::newRow("PUBLISH 3.1.1 QoS 0") << Packet{PublishPacket{.topic = "a", .payload = "x"}} << V311
                                         << fromHex("30 04 00 01 61 78");
    QTest::newRow("PUBLISH 3.1.1 QoS 2 repeated")
        << Packet{PublishPacket{.topic = "a", .payload = "x", .packetId = {1}, .qos = Qos::ExactlyOnce, .dup = true}}
        << V311 << fromHex("3C 06 00 01 61 00 01 78");
    QTest::newRow("PUBREL 5.0") << Packet{AckPacket{.type = PacketType::Pubrel, .packetId = {7}}} << V5
                                << fromHex("62 02 00 07");
    QTest::newRow("PUBCOMP 5.0 not found")
        << Packet{AckPacket{
               .type = PacketType::Pubcomp, .packetId = {7}, .reason = ReasonCode::PacketIdentifierNotFound}}
        << V5 << fromHex("70 03 00 07 92");
    QTest::newRow("PUBACK 3.1.1 has no reason")
        << Packet{AckPacket{.packetId = {7}, .reason = ReasonCode::NotAuthorized}} << V311 << fromHex("40 02 00 07");
    QTest::newRow("SUBSCRIBE 5.0") << Packet{SubscribePacket{.packetId = {1},
                                                             .entries = {{"a", {.maximumQos = Qos::AtLeastOnce}}}}}
                                   << V5 << fromHex("82 07 00 01 00 00 01 61 01");
    QTest::newRow("UNSUBACK 3.1.1") << Packet{UnsubackPacket{.packetId = {1}}} << V311 << fromHex("B0 02 00 01");
    QTest::newRow("PINGREQ") << Packet{PingreqPacket{}} << V311 << fromHex("C0 00");
    QTest::newRow("DISCONNECT 5.0 with will")
        << Packet{DisconnectPacket{.reason = ReasonCode::DisconnectWithWillMessage}} << V5 << fromHex("E0 01 04");
    QTest::newRow("DISCONNECT 5.0 with expiry")
        << Packet{DisconnectPacket{.properties = {{PropertyId::SessionExpiryInterval, quint32(60)}}}} << V5
        << fromHex("E0 07 00 05 11 00 00 00 3C");
    QTest::newRow("DISCONNECT 5.0 keeps an expiry of 0")
        << Packet{DisconnectPacket{.properties = {{PropertyId::SessionExpiryInterval, quint32(0)}}}} << V5
        << fromHex("E0 07 00 05 11 00 00 00 00");
    QTest::newRow("AUTH 5.0") << Packet{AuthPacket{.reason = ReasonCode::ContinueAuthentication,
                                                   .properties = {{PropertyId::AuthenticationMethod, QByteArray("M")}}}}
                              << V5 << fromHex("F0 06 18 04 15 00 01 4D");
    QTest::newRow("illegal flags are sendable") << Packet{PingreqPacket{}, quint8(1)} << V5 << fromHex("C1 00");
}

// MQTT-2.2.1-2, MQTT-2.2.2-1, v3:MQTT-2.3.1-5
void TestCodec::writes_the_bytes_of_the_standard()
{
    QFETCH(Packet, packet);
    QFETCH(Version, version);
    QFETCH(QByteArray, bytes);

    QCOMPARE(encode(packet, version).toHex(' '), bytes.toHex(' '));
    QCOMPARE(encodedSize(packet, version), bytes.size());
    if (version == Version::V5 || packet.type() != PacketType::Puback)
        QVERIFY(decoded(bytes, version) == packet);
}

void TestCodec::shares_a_large_payload_with_its_frame()
{
    const auto frame = encode({publishOf(64 * 1024)}, Version::V5);
    const auto packet = decoded(frame, Version::V5);
    const auto *payload = packet.as<PublishPacket>()->payload.constData();
    QVERIFY(payload > frame.constData() && payload < frame.constData() + frame.size());
    QCOMPARE(packet.as<PublishPacket>()->payload, QByteArray(64 * 1024, 'x'));
}

void TestCodec::copies_a_payload_that_is_small_beside_its_frame()
{
    auto frame = encode({publishOf(2000)}, Version::V5);
    frame.reserve(64 * 1024);
    const auto packet = decoded(frame, Version::V5);
    const auto *payload = packet.as<PublishPacket>()->payload.constData();
    QVERIFY(payload < frame.constData() || payload >= frame.constData() + frame.size());
}

void TestCodec::copies_what_does_not_own_its_bytes()
{
    const auto bytes = encode({publishOf(64 * 1024)}, Version::V5);
    Packet packet;
    {
        const std::string mortal = bytes.toStdString();
        packet = decoded(QByteArray::fromRawData(mortal.data(), qsizetype(mortal.size())), Version::V5);
    }
    QCOMPARE(packet.as<PublishPacket>()->payload, QByteArray(64 * 1024, 'x'));
}

// MQTT-4.7.3-3, v3:MQTT-4.7.3-3
void TestCodec::cuts_a_field_to_what_its_length_can_say()
{
    const PublishPacket tooLong{.topic = QByteArray(70'000, 't')};
    const auto packet = decoded(encode({tooLong}, Version::V311), Version::V311);
    QCOMPARE(packet.as<PublishPacket>()->topic.size(), 65'535);
    QVERIFY(packet.as<PublishPacket>()->payload.isEmpty());
}

void TestCodec::writes_a_publish_head_that_its_payload_completes_data()
{
    QTest::addColumn<Qos>("qos");
    QTest::addColumn<qsizetype>("payloadSize");
    QTest::addColumn<qsizetype>("packetIdOffset");

    QTest::newRow("QoS 0") << Qos::AtMostOnce << qsizetype(5) << qsizetype(-1);
    QTest::newRow("QoS 1, short") << Qos::AtLeastOnce << qsizetype(5) << qsizetype(2 + 5);
    QTest::newRow("QoS 2, two length bytes") << Qos::ExactlyOnce << qsizetype(200) << qsizetype(3 + 5);
    QTest::newRow("QoS 1, three length bytes") << Qos::AtLeastOnce << qsizetype(20'000) << qsizetype(4 + 5);
}

void TestCodec::writes_a_publish_head_that_its_payload_completes()
{
    QFETCH(Qos, qos);
    QFETCH(qsizetype, payloadSize);
    QFETCH(qsizetype, packetIdOffset);

    auto publish = publishOf(payloadSize);
    publish.qos = qos;
    publish.properties.add(PropertyId::TopicAlias, 3);
    qsizetype offset = 0;
    const auto head = encodePublishHead(publish, Version::V5, &offset);
    QCOMPARE(head + publish.payload, encode({publish}, Version::V5));
    QCOMPARE(offset, packetIdOffset);
    if (offset >= 0)
        QCOMPARE(head.mid(offset, 2), fromHex("00 07"));
}

void TestCodec::leaves_out_what_may_be_left_out_data()
{
    QTest::addColumn<Packet>("packet");
    const auto row = [](const char *statements, const PacketBody &body) { QTest::newRow(statements) << Packet{body}; };
    const auto ack = [](PacketType type) { return AckPacket{.type = type, .packetId = {1}}; };
    row("MQTT-3.2.2-19, -20", ConnackPacket{});
    row("MQTT-3.4.2-2, -3", ack(PacketType::Puback));
    row("MQTT-3.5.2-2, -3", ack(PacketType::Pubrec));
    row("MQTT-3.6.2-2, -3", ack(PacketType::Pubrel));
    row("MQTT-3.7.2-2, -3", ack(PacketType::Pubcomp));
    row("MQTT-3.9.2-1, -2", SubackPacket{.packetId = {1}, .reasons = {ReasonCode::GrantedQos1}});
    row("MQTT-3.11.2-1, -2", UnsubackPacket{.packetId = {1}, .reasons = {ReasonCode::Success}});
    row("MQTT-3.14.2-3, -4", DisconnectPacket{.reason = ReasonCode::ServerBusy});
    row("MQTT-3.15.2-2, -3", AuthPacket{.reason = ReasonCode::ContinueAuthentication});
}

void TestCodec::leaves_out_what_may_be_left_out()
{
    QFETCH(Packet, packet);
    const auto sizeWith = [&packet](std::initializer_list<Property> more) {
        Packet copy = packet;
        for (const Property &property : more)
            propertiesOf(copy)->append(property);
        return encodedSize(copy, Version::V5);
    };
    const Property reason{PropertyId::ReasonString, QByteArray("why")};
    const Property user{PropertyId::UserProperty, StringPair{"k", "v"}};
    const qsizetype whole = sizeWith({user, reason, user});
    const qsizetype withReason = sizeWith({reason});
    const qsizetype bare = sizeWith({});
    const auto fitted = [&](qsizetype limit) {
        Packet copy = packet;
        for (const Property &property : {user, reason, user})
            propertiesOf(copy)->append(property);
        const bool fits = fitInto(copy, Version::V5, limit);
        return std::pair(fits, encodedSize(copy, Version::V5));
    };
    QCOMPARE(fitted(0), std::pair(true, whole));
    QCOMPARE(fitted(whole), std::pair(true, whole));
    QCOMPARE(fitted(whole - 1), std::pair(true, withReason));
    QCOMPARE(fitted(withReason), std::pair(true, withReason));
    QCOMPARE(fitted(withReason - 1), std::pair(true, bare));
    QCOMPARE(fitted(bare - 1).first, false);
}

void TestCodec::measures_what_it_writes()
{
    for (const qsizetype payload : {0, 100, 121, 122, 123, 16'370, 16'380, 2'097'140, 2'097'152}) {
        const Packet packet{publishOf(payload)};
        QCOMPARE(encodedSize(packet, Version::V5), encode(packet, Version::V5).size());
    }
}

void TestCodec::appends_behind_what_is_there()
{
    QByteArray out("before");
    encodeTo(out, {PingreqPacket{}}, Version::V5);
    encodeTo(out, {PingrespPacket{}}, Version::V5);
    QCOMPARE(out, "before" + fromHex("C0 00 D0 00"));
}

QTEST_APPLESS_MAIN(TestCodec)
#include "tst_codec.moc"
