// The packet list: what it holds, filters, says and takes apart.
#include "tests/ui/packet_samples.h"

#include "ui/common/icons.h"
#include "ui/common/table_view.h"
#include "ui/messages/message_model.h"
#include "ui/packets/event_words.h"
#include "ui/packets/hex_text.h"
#include "ui/packets/packet_detail.h"
#include "ui/packets/packet_model.h"
#include "ui/packets/packet_peek.h"
#include "ui/packets/packet_words.h"
#include "ui/packets/packets_panel.h"
#include "ui/shell/watch_page.h"

#include <QAbstractItemModelTester>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

using namespace sessionscope;

namespace {

TraceRecord brokerRecord(TraceEvent what, quint32 link)
{
    TraceRecord record = recordOf(std::move(what), ClientKey{});
    record.role = Role::Broker;
    record.link = {link};
    return record;
}

TraceRecord brokerRecord(PacketBody body, quint32 link)
{
    return brokerRecord(traceOf(std::move(body), Direction::Received), link);
}

} // namespace

class TestPackets : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { initResources(); }
    void lists_packets_and_events_of_one_client();
    void appends_without_a_reset();
    void drops_the_oldest_when_the_log_is_full();
    void lists_the_brokers_end_of_a_link();
    void takes_one_more_link_without_a_reset();
    void watches_a_client_from_link_to_link();
    void filters_data();
    void filters();
    void refuses_filters_data();
    void refuses_filters();
    void keeps_the_list_when_a_filter_cannot_be_read();
    void peeks_without_decoding();
    void survives_any_bytes();
    void takes_a_packet_apart();
    void shows_no_password_even_of_a_corrupted_packet();
    void names_what_exceeds_the_hex_limit();
    void finds_bytes_in_the_dump();
    void lists_delivered_messages();
    void filters_a_long_list_at_once();
    void follows_the_newest_until_somebody_scrolls();
};

void TestPackets::lists_packets_and_events_of_one_client()
{
    TraceLog log;
    PacketModel model(log, nullptr);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setSource({ours, {}});
    auto records = sample();
    log.append(records);
    QVERIFY(records.empty());
    QCOMPARE(column(model, PacketModel::Packet),
             QStringList({QStringLiteral("PUBLISH"), QStringLiteral("PUBREC"), QStringLiteral("link")}));
    QCOMPARE(column(model, PacketModel::Id), QStringList({QStringLiteral("12"), QStringLiteral("12"), QString()}));
    QCOMPARE(column(model, PacketModel::Arrow),
             QStringList({QStringLiteral("\u2192"), QStringLiteral("\u2190"), QString()}));
    const QStringList summaries = column(model, PacketModel::Summary);
    QCOMPARE(summaries[0], QStringLiteral("QoS 2 \u00b7 plant/7/valve \u00b7 open"));
    QCOMPARE(summaries[1], QStringLiteral("0x00 Success"));
    QCOMPARE(summaries[2], QStringLiteral("cut on purpose"));
    QCOMPARE(log.packetCount(), 3U);
}

void TestPackets::appends_without_a_reset()
{
    TraceLog log;
    PacketModel model(log, nullptr);
    model.setSource({ours, {}});
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    QSignalSpy inserts(&model, &QAbstractItemModel::rowsInserted);
    auto first = sample();
    auto second = sample();
    log.append(first);
    log.append(second);
    QCOMPARE(resets.size(), 0);
    QCOMPARE(inserts.size(), 2);
    QCOMPARE(model.rowCount(), 6);
}

void TestPackets::drops_the_oldest_when_the_log_is_full()
{
    TraceLog log;
    PacketModel model(log, nullptr);
    model.setSource({ours, {}});
    const auto big = [] {
        PacketTrace trace = traceOf(publish(Qos::AtMostOnce, 0, "t", {}));
        trace.payload = QByteArray(1024 * 1024, 'x');
        return trace;
    }();
    // One payload shared by all counts as often as it is shown, so the byte limit is reached without the bytes.
    const qint64 count = TraceLog::byteLimit / big.size() + 8192;
    std::vector<TraceRecord> records;
    for (qint64 i = 0; i < count; ++i)
        records.push_back(recordOf(big));
    log.append(records);
    QVERIFY(log.dropped() > 0);
    QVERIFY(log.packetBytes() < qint64(count) * big.size());
    QCOMPARE(quint64(model.rowCount()), quint64(count) - log.dropped());
    QCOMPARE(model.index(0, PacketModel::Packet).data().toString(), QStringLiteral("PUBLISH"));
}

void TestPackets::lists_the_brokers_end_of_a_link()
{
    TraceLog log;
    PacketModel model(log, nullptr);
    auto record = recordOf(traceOf(publish(Qos::AtMostOnce, 0, "t", "x"), Direction::Received), ClientKey{});
    record.role = Role::Broker;
    record.link = {9};
    std::vector<TraceRecord> records{record};
    log.append(records);
    QCOMPARE(model.rowCount(), 0);
    model.setSource({ClientKey{}, {LinkId{9}}});
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.index(0, PacketModel::Arrow).data().toString(), QStringLiteral("\u2192"));
}

void TestPackets::takes_one_more_link_without_a_reset()
{
    TraceLog log;
    PacketsPanel panel(log);
    PacketModel &model = *panel.model();
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    panel.setSource({ClientKey{}, {LinkId{9}}});
    // The old link still ends while the new one begins.
    std::vector<TraceRecord> records;
    for (const quint32 link : {9U, 10U, 10U, 9U, 10U, 11U})
        records.push_back(brokerRecord(ack(PacketType::Puback, quint16(records.size() + 1)), link));
    log.append(records);
    QCOMPARE(column(model, PacketModel::Id), QStringList({QStringLiteral("1"), QStringLiteral("4")}));
    panel.table()->selectRow(1);

    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    panel.addBrokerLink(LinkId{10}, log.begin() + 2); // what stands before cannot be its own
    QCOMPARE(column(model, PacketModel::Id),
             QStringList({QStringLiteral("1"), QStringLiteral("3"), QStringLiteral("4"), QStringLiteral("5")}));
    panel.addBrokerLink(LinkId{10}, log.begin());
    QCOMPARE(model.rowCount(), 4);
    std::vector<TraceRecord> later{brokerRecord(ack(PacketType::Puback, 7), 10)};
    log.append(later);
    QCOMPARE(model.rowCount(), 5);
    QCOMPARE(resets.size(), 0);
    QCOMPARE(panel.table()->currentIndex().row(), 2);
    QVERIFY(panel.detail()->fields()->rowCount() > 0);
}

void TestPackets::watches_a_client_from_link_to_link()
{
    TraceLog log;
    const auto begin = [&log](quint32 link) {
        // Accepted well before its CONNECT, and reported after that.
        std::vector<TraceRecord> accepted{brokerRecord(LinkTrace{LinkChange::Accepted, {}}, link)};
        log.append(accepted);
        ConnectPacket connect;
        connect.clientId = "door";
        std::vector<TraceRecord> records{
            brokerRecord(traceOf(connect, Direction::Received), link),
            brokerRecord(BrokerNote{ServerSessionChanged{"door", SessionChange::Created, {}, {link}}}, link),
            brokerRecord(traceOf(ConnackPacket{}), link)};
        log.append(records);
    };
    begin(3);
    WatchPage page(log, "door");
    const PacketModel &model = *page.packets()->model();
    const QStringList once{QStringLiteral("link"), QStringLiteral("CONNECT"), QStringLiteral("CONNACK")};
    QCOMPARE(column(model, PacketModel::Packet), once);
    page.packets()->table()->selectRow(1);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    begin(5);
    QCOMPARE(column(model, PacketModel::Packet), once + once);
    QCOMPARE(resets.size(), 0);
    QCOMPARE(page.packets()->table()->currentIndex().row(), 1);
    QVERIFY(page.packets()->detail()->title().startsWith(QStringLiteral("CONNECT")));
}

void TestPackets::filters_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("left"); // of the packet column
    const QString publish = QStringLiteral("PUBLISH");
    const QString pubrec = QStringLiteral("PUBREC");
    const QString link = QStringLiteral("link");
    QTest::newRow("empty") << "" << QStringList{publish, pubrec, link};
    QTest::newRow("word in topic") << "VALVE" << QStringList{publish};
    QTest::newRow("word in payload") << "open" << QStringList{publish};
    QTest::newRow("word in type") << "pub" << QStringList{publish, pubrec};
    QTest::newRow("word in event") << "cut" << QStringList{link};
    QTest::newRow("type") << "type=pubrec" << QStringList{pubrec};
    QTest::newRow("as in code") << "type == PUBLISH && qos == 2" << QStringList{publish};
    QTest::newRow("not") << "type!=PUBLISH" << QStringList{pubrec, link};
    QTest::newRow("id") << "id=12" << QStringList{publish, pubrec};
    QTest::newRow("topic filter") << "topic=plant/+/valve" << QStringList{publish};
    QTest::newRow("direction") << "dir=in" << QStringList{pubrec};
    QTest::newRow("events") << "kind=event" << QStringList{link};
    QTest::newRow("nothing") << "id=13" << QStringList{};
    const QString finding = QStringLiteral("finding");
    QTest::newRow("findings") << "kind=finding" << QStringList{finding, finding};
    QTest::newRow("word for findings") << "Finding" << QStringList{finding, finding};
    QTest::newRow("statement") << "statement=MQTT-3.3.2-8" << QStringList{finding};
    QTest::newRow("statement of 3.1.1") << "statement=v3:mqtt-3.3.1-4" << QStringList{finding};
    QTest::newRow("statement of either") << "statement=3.3.1-4" << QStringList{finding};
    QTest::newRow("statement that nobody broke") << "statement=MQTT-3.3.1-4" << QStringList{};
    QTest::newRow("other than findings") << "kind=event kind!=finding" << QStringList{link};
}

void TestPackets::filters()
{
    QFETCH(QString, text);
    TraceLog log;
    PacketModel model(log, nullptr);
    model.setSource({ours, {}});
    auto records = sample();
    log.append(records);
    if (text.contains(QStringLiteral("finding"), Qt::CaseInsensitive) || text.startsWith(QStringLiteral("statement"))) {
        auto broken = brokenSample();
        log.append(broken);
    }
    const auto filter = PacketFilter::parse(text);
    QVERIFY(filter);
    model.setFilter(*filter);
    QTEST(column(model, PacketModel::Packet), "left");
}

void TestPackets::refuses_filters_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("position");
    QTest::newRow("field") << "open colour=red" << 5;
    QTest::newRow("type") << "type=PUBLISHED" << 0;
    QTest::newRow("number") << "dir=in qos=two" << 7;
    QTest::newRow("topic") << "topic=a/#/b" << 0;
    QTest::newRow("direction") << "dir=up" << 0;
    QTest::newRow("no value") << "dir=in qos=" << 7;
    QTest::newRow("kind") << "kind=row" << 0;
    QTest::newRow("statement") << "x statement=MQTT-3.3.1" << 2;
}

void TestPackets::refuses_filters()
{
    QFETCH(QString, text);
    const auto filter = PacketFilter::parse(text);
    QVERIFY(!filter);
    QVERIFY(!filter.error().what.isEmpty());
    QTEST(int(filter.error().position), "position");
}

void TestPackets::keeps_the_list_when_a_filter_cannot_be_read()
{
    TraceLog log;
    PacketsPanel panel(log);
    panel.setSource({ours, {}});
    auto records = sample();
    log.append(records);
    panel.filterField()->setText(QStringLiteral("id=12"));
    QCOMPARE(panel.model()->rowCount(), 2);
    panel.filterField()->setText(QStringLiteral("id=12 qos="));
    panel.filterField()->setText(QStringLiteral("id=12 qos=x"));
    QCOMPARE(panel.model()->rowCount(), 2);
    QVERIFY(panel.filterField()->toolTip().contains(QStringLiteral("position 7")));
    panel.filterField()->clear();
    QCOMPARE(panel.model()->rowCount(), 3);
}

void TestPackets::peeks_without_decoding()
{
    auto packet = publish(Qos::AtLeastOnce, 515, "a/b", "text");
    packet.dup = true;
    packet.properties.add(PropertyId::MessageExpiryInterval, 60U);
    const PacketTrace trace = traceOf(packet);
    const PacketPeek seen = peek(trace);
    QCOMPARE(seen.type, PacketType::Publish);
    QCOMPARE(seen.qos, Qos::AtLeastOnce);
    QVERIFY(seen.dup && !seen.retain);
    QCOMPARE(seen.packetId.value, quint16(515));
    QCOMPARE(seen.topic.toByteArray(), QByteArray("a/b"));
    QCOMPARE(seen.payload.toByteArray(), QByteArray("text"));
}

void TestPackets::survives_any_bytes()
{
    const QByteArray whole = traceOf(publish(Qos::ExactlyOnce, 1, "topic", "payload")).head;
    for (int length = 0; length <= whole.size(); ++length) {
        for (int first = 0; first < 256; ++first) {
            PacketTrace trace;
            trace.head = whole.first(length);
            if (length)
                trace.head[0] = char(first);
            peek(trace);
            QVERIFY(!packetSummary(trace).isNull() || trace.head.isEmpty() || peek(trace).type != PacketType::Publish);
        }
    }
}

void TestPackets::takes_a_packet_apart()
{
    const TraceLog log;
    PacketDetail detail(log);
    const TraceRecord record = recordOf(traceOf(ack(PacketType::Pubrec, 12), Direction::Received));
    detail.setRecord(&record);
    QVERIFY(detail.title().startsWith(QStringLiteral("PUBREC \u00b7 4 bytes")));
    QVERIFY(detail.hexText().startsWith(QStringLiteral("0000  50 02 00 0c")));
    QStringList names;
    for (const FieldSpan &field : detail.fields()->fields())
        names << QString::fromUtf8(field.name);
    QVERIFY2(names.contains(QStringLiteral("Packet Identifier")), qPrintable(names.join(QLatin1Char(','))));
    auto *title = detail.findChild<QLabel *>(QStringLiteral("panelTitle"));
    QCOMPARE(title->focusPolicy(), Qt::StrongFocus);
    QVERIFY(title->textInteractionFlags().testFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard));
    detail.setRecord(nullptr);
    QCOMPARE(title->focusPolicy(), Qt::NoFocus); // nothing to copy
    QCOMPARE(detail.fields()->rowCount(), 0);
}

void TestPackets::shows_no_password_even_of_a_corrupted_packet()
{
    ConnectPacket connect;
    connect.clientId = "door";
    connect.password = "battery staple";
    const PacketTrace plain = traceOf(connect);
    FaultTrace fault{.act = FaultAct::Corrupted, .bytes = plain.head};
    fault.bytes[0] = char(fault.bytes[0] ^ 0x20); // to the other end it is a PUBLISH
    PacketTrace arrived = plain;
    arrived.direction = Direction::Received;
    arrived.head = fault.bytes;
    std::vector<TraceRecord> records{recordOf(plain), recordOf(fault), recordOf(arrived)};
    records[1].cause = records[0].seq;
    records[2].cause = records[1].seq;
    records[2].role = Role::Broker;

    TraceLog log;
    log.append(records);
    QCOMPARE(log.end(), LogRow(3));
    PacketDetail detail(log);
    for (LogRow row = 0; row < log.end(); ++row) {
        const TraceRecord &record = log.at(row);
        detail.setRecord(&record);
        QString text = detail.title() + detail.hexText();
        for (const FieldSpan &field : detail.fields()->fields())
            text += QString::fromUtf8(field.value);
        text += log.shown(record, eventWords(record).text);
        for (const char *secret : {"batt", "stap", "62 61 74 74", "73 74 61 70"})
            QVERIFY2(!text.contains(QLatin1String(secret)), qPrintable(text));
    }
}

void TestPackets::names_what_exceeds_the_hex_limit()
{
    const TraceLog log;
    PacketDetail detail(log);
    const TraceRecord record =
        recordOf(traceOf(publish(Qos::AtMostOnce, 0, "t", QByteArray(PacketDetail::hexLimit, 'x'))));
    detail.setRecord(&record);
    QVERIFY(detail.hexText().contains(QStringLiteral("more")));
    QCOMPARE(detail.hexText().count(QLatin1Char('\n')), int(PacketDetail::hexLimit / hex::bytesPerLine));
}

void TestPackets::finds_bytes_in_the_dump()
{
    const QByteArray bytes(40, 'A');
    const QStringList lines = hex::dump(bytes, bytes.size()).split(QLatin1Char('\n'));
    QCOMPARE(lines.size(), 3);
    for (qsizetype byte = 0; byte < bytes.size(); ++byte) {
        const int line = int(byte / hex::bytesPerLine);
        QCOMPARE(lines[line].mid(hex::digitColumn(byte), 2), QStringLiteral("41"));
        QCOMPARE(lines[line].mid(hex::characterColumn(byte), 1), QStringLiteral("A"));
        QCOMPARE(hex::byteAt(line, hex::digitColumn(byte), bytes.size()), byte);
        QCOMPARE(hex::byteAt(line, hex::characterColumn(byte), bytes.size()), byte);
    }
    QCOMPARE(hex::byteAt(0, 0, bytes.size()), qsizetype(-1));
    QCOMPARE(hex::byteAt(2, hex::digitColumn(41), bytes.size()), qsizetype(-1));
}

void TestPackets::lists_delivered_messages()
{
    TraceLog log;
    MessageModel model(log, nullptr);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setSource({ours, {}});
    auto records = sample();
    log.append(records);
    QCOMPARE(column(model, MessageModel::Topic), QStringList(QStringLiteral("cmd/7/open")));
    QCOMPARE(column(model, MessageModel::Payload), QStringList(QStringLiteral("go")));
    QCOMPARE(model.message(0).qos, Qos::AtLeastOnce);
}

void TestPackets::filters_a_long_list_at_once()
{
    TraceLog log;
    PacketModel model(log, nullptr);
    model.setSource({ours, {}});
    std::vector<TraceRecord> records;
    for (int i = 0; i < 100'000; ++i)
        records.push_back(
            recordOf(traceOf(ack(i % 10 ? PacketType::Puback : PacketType::Pubrec, quint16(i % 60'000 + 1)))));
    log.append(records);
    QBENCHMARK_ONCE
    {
        model.setFilter(*PacketFilter::parse(QStringLiteral("type=PUBREC")));
    }
    QCOMPARE(model.rowCount(), 10'000);
}

void TestPackets::follows_the_newest_until_somebody_scrolls()
{
    TraceLog log;
    PacketsPanel panel(log);
    panel.setSource({ours, {}});
    panel.resize(800, 400);
    panel.show();
    QVERIFY(QTest::qWaitForWindowExposed(&panel));
    const auto grow = [&log] {
        for (int i = 0; i < 20; ++i) {
            auto records = sample();
            log.append(records);
        }
    };
    const QScrollBar *bar = panel.table()->verticalScrollBar();
    grow();
    QTRY_VERIFY(bar->maximum() > 0);
    QTRY_COMPARE(bar->value(), bar->maximum());
    panel.resize(800, 200); // a smaller table still shows the newest
    QTRY_COMPARE(panel.height(), 200);
    QTRY_COMPARE(bar->value(), bar->maximum());
    panel.table()->scrollToTop();
    const int before = bar->maximum();
    grow();
    QTRY_VERIFY(bar->maximum() > before);
    QCOMPARE(bar->value(), 0);
    panel.table()->scrollToBottom();
    grow();
    QTRY_VERIFY(bar->maximum() > before + 60);
    QTRY_COMPARE(bar->value(), bar->maximum());
}

QTEST_MAIN(TestPackets)
#include "tst_packets.moc"
