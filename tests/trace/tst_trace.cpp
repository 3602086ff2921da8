#include "core/base/shared_slice.h"
#include "core/trace/trace.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

const TraceContext outside{{}, Instant(1s), Role::Broker, {}, LinkId{7}};

TraceSeq appendBytes(Trace &trace, const QByteArray &bytes, const TraceContext &context = outside)
{
    return trace.appendPacket(context, Direction::Received, Version::V5, PacketType::Publish, bytes);
}

QByteArray frameOf(const Trace &trace, TraceSeq seq)
{
    const auto record = trace.record(seq);
    return record ? std::get<PacketTrace>(record->what).frame() : QByteArray();
}

} // namespace

class TestTrace : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void numbers_records_from_one()
    {
        Trace trace;
        QVERIFY(trace.isEmpty());
        QCOMPARE(trace.last(), TraceSeq{0});
        QCOMPARE(trace.append(outside, CommandTrace{QStringLiteral("a")}), TraceSeq{1});
        QCOMPARE(trace.append(outside, CommandTrace{QStringLiteral("b")}), TraceSeq{2});
        QCOMPARE(trace.last(), TraceSeq{2});
        QCOMPARE(trace.size(), std::size_t(2));
    }

    void keeps_where_a_record_belongs_and_what_caused_it()
    {
        Trace trace;
        const TraceSeq cause = trace.append(outside, CommandTrace{});
        const TraceSeq seq =
            trace.append({cause, Instant(3s), Role::Client, ClientKey{4}, LinkId{5}}, LinkTrace{LinkChange::Cut, {}});
        const auto record = trace.record(seq);
        QVERIFY(record);
        QCOMPARE(record->seq, seq);
        QCOMPARE(record->cause, cause);
        QCOMPARE(record->at, Instant(3s));
        QCOMPARE(record->role, Role::Client);
        QCOMPARE(record->client, ClientKey{4});
        QCOMPARE(record->link, LinkId{5});
        QCOMPARE(std::get<LinkTrace>(record->what).change, LinkChange::Cut);
    }

    void keeps_no_read_buffer_for_what_is_no_packet()
    {
        Trace trace(TraceLevel::Counters);
        const QByteArray read(64 * 1024, '\0');
        const TraceSeq seq = trace.appendMalformed(outside, Version::V5, sharedSlice(read, 0, 2), {});
        const auto packet = std::get<PacketTrace>(trace.record(seq)->what);
        QCOMPARE(packet.head, QByteArray(2, '\0'));
        QVERIFY(packet.head.capacity() < 1024);
    }

    // Short ones stand in a block, long ones among the events: nobody sees the difference.
    void keeps_what_became_of_links_and_sessions_data()
    {
        QTest::addColumn<int>("length");
        for (const int length : {0, 1, 15, 511, 512, 513, 70'000})
            QTest::addRow("text of %d", length) << length;
    }
    void keeps_what_became_of_links_and_sessions()
    {
        QFETCH(int, length);
        Trace trace(TraceLevel::Counters);
        const QString detail(length, QChar(0x00E9));
        const QByteArray clientId(length, 'c');
        for (int i = 0; i < 1100; ++i) { // more than a chunk, more than a block
            trace.append(outside, LinkTrace{LinkChange(i % 9), detail});
            const auto why = i % 2 ? std::optional(SessionEnd::Expired) : std::nullopt;
            trace.append(outside, BrokerNote{ServerSessionChanged{clientId, SessionChange(i % 4), why, LinkId{9}}});
            trace.append(outside, BrokerNote{BrokerClose{LinkId{quint32(i)}, "enough"}});
        }
        for (int i = 0; i < 1100; ++i) {
            const auto link = std::get<LinkTrace>(trace.record(TraceSeq{quint64(3 * i + 1)})->what);
            QCOMPARE(link.change, LinkChange(i % 9));
            QCOMPARE(link.detail, detail);
            const auto note = std::get<BrokerNote>(trace.record(TraceSeq{quint64(3 * i + 2)})->what);
            const auto &session = std::get<ServerSessionChanged>(note.effect);
            QCOMPARE(session.clientId, clientId);
            QCOMPARE(session.change, SessionChange(i % 4));
            QCOMPARE(session.why.has_value(), i % 2 == 1);
            QVERIFY(!session.why || *session.why == SessionEnd::Expired);
            QCOMPARE(session.link, LinkId{9});
            const auto last = std::get<BrokerNote>(trace.record(TraceSeq{quint64(3 * i + 3)})->what);
            QCOMPARE(std::get<BrokerClose>(last.effect).link, LinkId{quint32(i)});
            QCOMPARE(std::get<BrokerClose>(last.effect).why, "enough");
        }
        QCOMPARE(trace.bytes(), 0); // which are those of packets
    }

    void keeps_commands_and_what_became_of_publishes_data() { keeps_what_became_of_links_and_sessions_data(); }
    void keeps_commands_and_what_became_of_publishes()
    {
        QFETCH(int, length);
        Trace trace;
        const QString text(length, QChar(0x00E9));
        for (int i = 0; i < 1100; ++i) {
            trace.append(outside, CommandTrace{text});
            trace.append(outside, ClientNote{PublishAccepted{PublishToken{quint64(i)}}});
            trace.append(outside, ClientNote{PublishCompleted{PublishToken{quint64(i)}, ReasonCode::QuotaExceeded}});
        }
        for (int i = 0; i < 1100; ++i) {
            const auto event = [&](int place) { return trace.record(TraceSeq{quint64(3 * i + place)})->what; };
            QCOMPARE(std::get<CommandTrace>(event(1)).text, text);
            const auto accepted = std::get<PublishAccepted>(std::get<ClientNote>(event(2)).effect);
            QCOMPARE(accepted.token, PublishToken{quint64(i)});
            const auto completed = std::get<PublishCompleted>(std::get<ClientNote>(event(3)).effect);
            QCOMPARE(completed.token, PublishToken{quint64(i)});
            QCOMPARE(completed.reason, ReasonCode::QuotaExceeded);
        }
    }

    void finds_every_record_across_chunks()
    {
        Trace trace;
        const int count = int(3 * Trace::chunkSize + 1);
        for (int i = 1; i <= count; ++i)
            appendBytes(trace, QByteArray::number(i));
        for (int i = 1; i <= count; ++i)
            QCOMPARE(frameOf(trace, TraceSeq{quint64(i)}), QByteArray::number(i));
        QVERIFY(!trace.record(TraceSeq{0}));
        QVERIFY(!trace.record(TraceSeq{quint64(count + 1)}));
    }

    void discards_the_oldest_beyond_the_record_limit_and_says_so()
    {
        const std::size_t limit = Trace::chunkSize + 10;
        Trace trace(TraceLevel::Packets, {limit, 1 << 30});
        const quint64 count = 5 * Trace::chunkSize;
        for (quint64 i = 1; i <= count; ++i)
            appendBytes(trace, QByteArray::number(i));
        QCOMPARE(trace.size(), limit);
        QCOMPARE(trace.discarded(), count - limit);
        QCOMPARE(trace.first(), TraceSeq{count - limit + 1});
        QVERIFY(!trace.record(TraceSeq{count - limit}));
        QCOMPARE(frameOf(trace, trace.first()), QByteArray::number(count - limit + 1));
        QCOMPARE(frameOf(trace, trace.last()), QByteArray::number(count));
    }

    void discards_the_oldest_beyond_the_byte_limit()
    {
        Trace trace(TraceLevel::Packets, {1000, 10'000});
        for (int i = 0; i < 30; ++i)
            appendBytes(trace, QByteArray(1000, 'x'));
        QCOMPARE(trace.size(), std::size_t(10));
        QCOMPARE(trace.bytes(), qsizetype(10'000));
        QCOMPARE(trace.discarded(), quint64(20));
    }

    void keeps_one_packet_that_is_larger_than_the_byte_limit()
    {
        Trace trace(TraceLevel::Packets, {1000, 100});
        appendBytes(trace, QByteArray(50, 'a'));
        const TraceSeq large = appendBytes(trace, QByteArray(5000, 'b'));
        QCOMPARE(trace.size(), std::size_t(1));
        QCOMPARE(frameOf(trace, large), QByteArray(5000, 'b'));
    }

    void joins_small_packets_without_mixing_them_up()
    {
        Trace trace;
        for (int i = 0; i < 2000; ++i)
            trace.appendPacket(outside, Direction::Sent, Version::V5, PacketType::Publish, QByteArray(i % 300, 'h'),
                               QByteArray(i % 200, 'p'));
        for (int i = 0; i < 2000; ++i)
            QCOMPARE(frameOf(trace, TraceSeq{quint64(i + 1)}), QByteArray(i % 300, 'h') + QByteArray(i % 200, 'p'));
    }

    void keeps_a_copied_record_readable_after_the_trace_is_gone()
    {
        TraceRecord copy;
        {
            Trace trace;
            copy = *trace.record(appendBytes(trace, "first"));
            for (int i = 0; i < 5000; ++i)
                appendBytes(trace, "xxxxxxxxxxxxxxxxxxxx");
        }
        QCOMPARE(std::get<PacketTrace>(copy.what).frame(), QByteArray("first"));
    }

    void shares_the_payload_of_a_large_packet()
    {
        Trace trace;
        const QByteArray payload(100'000, 'x');
        const TraceSeq seq =
            trace.appendPacket(outside, Direction::Sent, Version::V5, PacketType::Publish, "head", payload);
        const auto record = trace.record(seq);
        const auto &packet = std::get<PacketTrace>(record->what);
        QCOMPARE(packet.payload.constData(), payload.constData());
        QCOMPARE(packet.size(), qsizetype(100'004));
    }

    void counts_packets_and_bytes_at_every_level_data()
    {
        QTest::addColumn<TraceLevel>("level");
        QTest::newRow("packets") << TraceLevel::Packets;
        QTest::newRow("counters") << TraceLevel::Counters;
        QTest::newRow("off") << TraceLevel::Off;
    }

    void counts_packets_and_bytes_at_every_level()
    {
        QFETCH(TraceLevel, level);
        Trace trace(level);
        appendBytes(trace, "12345");
        trace.appendPacketCopy(outside, Direction::Sent, Version::V5, PacketType::Puback, "1234");
        trace.append(outside, FindingTrace{});
        trace.appendMalformed(outside, Version::V5, "??", {});
        const TraceCounters &counters = trace.counters();
        QCOMPARE(counters.received[quint8(PacketType::Publish)], quint64(1));
        QCOMPARE(counters.sent[quint8(PacketType::Puback)], quint64(1));
        QCOMPARE(counters.bytesReceived, quint64(7));
        QCOMPARE(counters.bytesSent, quint64(4));
        QCOMPARE(counters.findings, quint64(1));
        QCOMPARE(counters.malformed, quint64(1));
    }

    void leaves_packets_and_messages_out_at_counters()
    {
        Trace trace(TraceLevel::Counters);
        const TraceSeq command = trace.append(outside, CommandTrace{});
        TraceContext caused = outside;
        caused.cause = command;
        QCOMPARE(appendBytes(trace, "12345", caused), command);
        QCOMPARE(trace.append(caused, ClientNote{MessageDelivered{}}), command);
        QCOMPARE(trace.append(caused, BrokerNote{MessageDropped{}}), command);
        QCOMPARE(trace.size(), std::size_t(1));
    }

    void keeps_connections_findings_and_refusals_at_counters()
    {
        Trace trace(TraceLevel::Counters);
        trace.append(outside, LinkTrace{});
        trace.append(outside, FindingTrace{});
        trace.append(outside, BrokerNote{BrokerRefused{}});
        trace.append(outside, BrokerNote{ServerSessionChanged{}});
        trace.append(outside, ClientNote{ConnectionRefused{}});
        trace.appendMalformed(outside, Version::V5, "?", {});
        QCOMPARE(trace.size(), std::size_t(6));
    }

    // Nothing would count its bytes: without packets the limit of bytes is never reached.
    void keeps_no_payload_of_a_will_at_counters()
    {
        for (const TraceLevel level : {TraceLevel::Counters, TraceLevel::Packets}) {
            Trace trace(level);
            const TraceSeq seq = trace.append(outside, BrokerNote{WillPublished{"door", "gone", "payload"}});
            const auto note = std::get<BrokerNote>(trace.record(seq)->what);
            const auto &will = std::get<WillPublished>(note.effect);
            QCOMPARE(will.topic, QByteArray("gone"));
            QCOMPARE(will.payload, QByteArray(level == TraceLevel::Packets ? "payload" : ""));
        }
    }

    void keeps_nothing_when_off()
    {
        Trace trace(TraceLevel::Off);
        QCOMPARE(trace.append(outside, LinkTrace{}), TraceSeq{});
        trace.appendMalformed(outside, Version::V5, "?", {});
        QVERIFY(trace.isEmpty());
    }
};

QTEST_APPLESS_MAIN(TestTrace)
#include "tst_trace.moc"
