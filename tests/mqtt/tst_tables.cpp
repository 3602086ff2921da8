// The property and reason-code tables against the lists that the standard prints packet by packet.
#include "core/mqtt/packet.h"

#include <QSet>
#include <QTest>

using namespace sessionscope;

class TestTables : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void lists_the_properties_of_each_packet_data();
    void lists_the_properties_of_each_packet();
    void finds_a_property_by_its_identifier_only();
    void says_what_absence_means();
    void keeps_properties_in_order_with_duplicates();
    void changes_no_copy_of_properties();
    void lists_the_reasons_of_each_packet_data();
    void lists_the_reasons_of_each_packet();
    void keeps_reasons_ascending_and_named();
    void names_a_reason_after_its_packet();
    void maps_reasons_to_return_codes();
    void reads_subscription_options_both_ways();
    void names_the_packet_types();
};

namespace {

QList<int> fromHex(const char *text)
{
    QList<int> numbers;
    for (const char byte : QByteArray::fromHex(text))
        numbers.append(quint8(byte));
    return numbers;
}

} // namespace

void TestTables::lists_the_properties_of_each_packet_data()
{
    QTest::addColumn<PropertyPlaces>("where");
    QTest::addColumn<QList<int>>("identifiers");

    const auto row = [](PacketType type, const char *identifiers) {
        QTest::newRow(packetTypeName(type)) << place(type) << fromHex(identifiers);
    };
    row(PacketType::Connect, "11 15 16 17 19 21 22 26 27");
    QTest::newRow("will") << willPlace << fromHex("01 02 03 08 09 18 26");
    row(PacketType::Connack, "11 12 13 15 16 1A 1C 1F 21 22 24 25 26 27 28 29 2A");
    row(PacketType::Publish, "01 02 03 08 09 0B 23 26");
    for (const auto type : {PacketType::Puback, PacketType::Pubrec, PacketType::Pubrel, PacketType::Pubcomp,
                            PacketType::Suback, PacketType::Unsuback})
        row(type, "1F 26");
    row(PacketType::Subscribe, "0B 26");
    row(PacketType::Unsubscribe, "26");
    row(PacketType::Disconnect, "11 1C 1F 26");
    row(PacketType::Auth, "15 16 1F 26");
    row(PacketType::Pingreq, "");
    row(PacketType::Pingresp, "");
}

void TestTables::lists_the_properties_of_each_packet()
{
    QFETCH(PropertyPlaces, where);
    QFETCH(QList<int>, identifiers);
    QList<int> listed;
    for (const auto &info : propertyTable()) {
        if (info.allowedIn & where)
            listed.append(int(info.id));
    }
    QCOMPARE(listed, identifiers);
}

void TestTables::finds_a_property_by_its_identifier_only()
{
    QCOMPARE(propertyTable().size(), 27u);
    int found = 0;
    for (int id = 0; id <= 0xFF; ++id) {
        const auto *info = propertyInfo(PropertyId(id));
        found += info != nullptr;
        if (info)
            QCOMPARE(int(info->id), id);
    }
    QCOMPARE(found, 27);
}

void TestTables::says_what_absence_means()
{
    const Properties none;
    QCOMPARE(none.integerOrDefault(PropertyId::ReceiveMaximum), 65'535u);
    QCOMPARE(none.integerOrDefault(PropertyId::RequestProblemInformation), 1u);
    QCOMPARE(none.integerOrDefault(PropertyId::MaximumQos), 2u);
    QCOMPARE(none.integerOrDefault(PropertyId::TopicAliasMaximum), 0u);
    QCOMPARE(none.integerOrDefault(PropertyId::SessionExpiryInterval), 0u);
    QCOMPARE(none.integerOrDefault(PropertyId::SharedSubscriptionAvailable), 1u);
    QVERIFY(!none.integer(PropertyId::ReceiveMaximum));
    QVERIFY(!none.bytes(PropertyId::ContentType));
}

void TestTables::keeps_properties_in_order_with_duplicates()
{
    Properties properties;
    properties.addUserProperty("k", "1");
    properties.add(PropertyId::TopicAlias, 5);
    properties.addUserProperty("k", "2");
    properties.add(PropertyId::TopicAlias, 6);
    QCOMPARE(properties.size(), 4);
    QCOMPARE(properties.count(PropertyId::UserProperty), 2);
    QCOMPARE(properties.integer(PropertyId::TopicAlias), std::optional<quint32>(5));
    properties.removeAll(PropertyId::TopicAlias);
    QVERIFY(!properties.contains(PropertyId::TopicAlias));
    QCOMPARE(std::get<StringPair>((properties.end() - 1)->value).value, QByteArray("2"));
}

void TestTables::changes_no_copy_of_properties()
{
    const Properties none;
    Properties properties{{PropertyId::TopicAlias, 5U}};
    const Properties copy = properties;
    QCOMPARE(copy, properties);
    properties.add(PropertyId::ReceiveMaximum, 7);
    QCOMPARE(copy.size(), 1);
    properties.removeAll(PropertyId::TopicAlias);
    QCOMPARE(copy.integer(PropertyId::TopicAlias), std::optional<quint32>(5));
    QVERIFY(copy != properties);
    properties.removeAll(PropertyId::ReceiveMaximum);
    QVERIFY(properties.isEmpty());
    QCOMPARE(properties, none);
}

void TestTables::lists_the_reasons_of_each_packet_data()
{
    QTest::addColumn<PacketType>("type");
    QTest::addColumn<Sender>("from");
    QTest::addColumn<QList<int>>("codes");

    const auto row = [](PacketType type, Sender from, const char *codes) {
        QTest::addRow("%s of a %s", packetTypeName(type), from == Sender::Client ? "client" : "server")
            << type << from << fromHex(codes);
    };
    using enum PacketType;
    row(Connack, Sender::Server, "00 80 81 82 83 84 85 86 87 88 89 8A 8C 90 95 97 99 9A 9B 9C 9D 9F");
    for (const auto type : {Puback, Pubrec}) {
        row(type, Sender::Server, "00 10 80 83 87 90 91 97 99");
        row(type, Sender::Client, "00 80 83 87 90 91 97 99");
    }
    for (const auto type : {Pubrel, Pubcomp}) {
        row(type, Sender::Server, "00 92");
        row(type, Sender::Client, "00 92");
    }
    row(Suback, Sender::Server, "00 01 02 80 83 87 8F 91 97 9E A1 A2");
    row(Unsuback, Sender::Server, "00 11 80 83 87 8F 91");
    row(Disconnect, Sender::Client, "00 04 80 81 82 83 8C 90 93 94 95 96 97 98 99 9B");
    row(Disconnect, Sender::Server,
        "00 80 81 82 83 87 89 8B 8C 8D 8E 8F 90 93 94 95 96 97 98 99 9A 9B 9C 9D 9E 9F A0 A1 A2");
    row(Auth, Sender::Client, "18 19");
    row(Auth, Sender::Server, "00 18");
    row(Publish, Sender::Client, "");
}

void TestTables::lists_the_reasons_of_each_packet()
{
    QFETCH(PacketType, type);
    QFETCH(Sender, from);
    QFETCH(QList<int>, codes);
    QList<int> listed;
    for (int code = 0; code <= 0xFF; ++code) {
        if (isListed(ReasonCode(code), type, from))
            listed.append(code);
    }
    QCOMPARE(listed, codes);
}

void TestTables::keeps_reasons_ascending_and_named()
{
    int previous = 0;
    for (const auto &info : reasonCodeTable()) {
        QVERIFY(int(info.code) >= previous);
        previous = int(info.code);
        QVERIFY(*info.name && info.packets != 0 && (info.fromClient || info.fromServer));
    }
}

void TestTables::names_a_reason_after_its_packet()
{
    QCOMPARE(reasonCodeName(ReasonCode::Success, PacketType::Connack), "Success");
    QCOMPARE(reasonCodeName(ReasonCode::Success, PacketType::Disconnect), "Normal disconnection");
    QCOMPARE(reasonCodeName(ReasonCode::Success, PacketType::Suback), "Granted QoS 0");
    QCOMPARE(reasonCodeName(ReasonCode::SessionTakenOver, PacketType::Disconnect), "Session taken over");
    QVERIFY(!reasonCodeName(ReasonCode::SessionTakenOver, PacketType::Puback));
    QVERIFY(!reasonCodeName(ReasonCode(0xFF), PacketType::Disconnect));
}

void TestTables::maps_reasons_to_return_codes()
{
    QCOMPARE(v3ConnackReturnCode(ReasonCode::Success), std::optional<quint8>(0));
    QCOMPARE(v3ConnackReturnCode(ReasonCode::UnsupportedProtocolVersion), std::optional<quint8>(1));
    QCOMPARE(v3ConnackReturnCode(ReasonCode::ClientIdentifierNotValid), std::optional<quint8>(2));
    for (const quint8 code : {0x88, 0x89, 0x8B, 0x97, 0x9C, 0x9D, 0x9F})
        QCOMPARE(v3ConnackReturnCode(ReasonCode(code)), std::optional<quint8>(3));
    QCOMPARE(v3ConnackReturnCode(ReasonCode::BadUserNameOrPassword), std::optional<quint8>(4));
    for (const quint8 code : {0x87, 0x8A, 0x8C})
        QCOMPARE(v3ConnackReturnCode(ReasonCode(code)), std::optional<quint8>(5));
    for (const quint8 code : {0x80, 0x81, 0x82, 0x95, 0xFF})
        QVERIFY(!v3ConnackReturnCode(ReasonCode(code)));
    for (quint8 code = 0; code <= 5; ++code)
        QVERIFY(v3ReturnCodeName(code));
    QVERIFY(!v3ReturnCodeName(6));
}

void TestTables::reads_subscription_options_both_ways()
{
    for (int byte = 0; byte <= 0xFF; ++byte)
        QCOMPARE(int(SubscriptionOptions::fromByte(quint8(byte)).toByte()), byte);
    const auto options = SubscriptionOptions::fromByte(0x2E);
    QCOMPARE(options.maximumQos, Qos::ExactlyOnce);
    QVERIFY(options.noLocal && options.retainAsPublished);
    QCOMPARE(options.retainHandling, RetainHandling::DoNotSend);
}

void TestTables::names_the_packet_types()
{
    QCOMPARE(packetTypeName(PacketType::Connect), "CONNECT");
    QCOMPARE(packetTypeName(PacketType::Unsuback), "UNSUBACK");
    QCOMPARE(packetTypeName(PacketType::Auth), "AUTH");
    QSet<QByteArray> names;
    for (int type = 0; type < 16; ++type)
        names.insert(packetTypeName(PacketType(type)));
    QCOMPARE(names.size(), 16);
}

QTEST_APPLESS_MAIN(TestTables)
#include "tst_tables.moc"
