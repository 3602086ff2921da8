// The lab itself: causes, pressure, bad bytes, links that come and go.
#include "core/lab/publish_cache.h"
#include "tests/lab/world.h"

#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

QByteArray connectBytes(const QByteArray &clientId, quint32 expiry = 300)
{
    ConnectPacket connect;
    connect.clientId = clientId;
    connect.properties.add(PropertyId::SessionExpiryInterval, expiry);
    return encode(Packet{connect, {}}, Version::V5);
}

QByteArray subscribeBytes(const QByteArray &filter, Qos qos)
{
    SubscribePacket subscribe;
    subscribe.packetId = PacketId{1};
    SubscriptionOptions options;
    options.maximumQos = qos;
    subscribe.entries.append({filter, options});
    return encode(Packet{subscribe, {}}, Version::V5);
}

QByteArray publishBytes(const QByteArray &topic, const QByteArray &payload)
{
    PublishPacket publish;
    publish.topic = topic;
    publish.payload = payload;
    return encode(Packet{publish, {}}, Version::V5);
}

/// The lab stepped by hand, with what it asks for kept by kind.
struct Bench
{
    Lab lab;
    LabEffects effects;
    Instant now;

    LinkId accept()
    {
        const LinkId link = dealLink(lab);
        feed(LinkAccepted{link, QStringLiteral("peer")});
        return link;
    }
    LinkId acceptConnected(const QByteArray &clientId)
    {
        const LinkId link = accept();
        feed(BytesArrived{link, connectBytes(clientId)});
        return link;
    }
    void feed(const LabEvent &event)
    {
        effects.clear();
        step(lab, event, now, effects);
    }
    QByteArray sentTo(LinkId link) const
    {
        QByteArray bytes;
        for (const LabEffect &effect : effects) {
            if (const auto *send = std::get_if<SendBytes>(&effect); send && send->link == link)
                bytes += send->head + send->payload;
        }
        return bytes;
    }
    template<class Effect> QList<Effect> all() const
    {
        QList<Effect> found;
        for (const LabEffect &effect : effects) {
            if (const auto *one = std::get_if<Effect>(&effect))
                found.append(*one);
        }
        return found;
    }
    TraceRecord record(TraceSeq seq) const { return *lab.trace.record(seq); }
    /// The newest record of one kind.
    template<class Kind> std::optional<TraceRecord> last() const
    {
        for (TraceSeq seq = lab.trace.last(); seq.value; --seq.value) {
            if (std::holds_alternative<Kind>(record(seq).what))
                return record(seq);
        }
        return {};
    }
};

} // namespace

class TestLab : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void names_the_cause_of_every_packet()
    {
        World world;
        const ClientKey s = world.addConnected("S");
        world.mark();
        const TraceSeq before = world.lab().trace.last();
        world.subscribe(s, "t", Qos::AtLeastOnce);
        const Trace &trace = world.lab().trace;
        const TraceSeq command{before.value + 1};
        QVERIFY(std::holds_alternative<CommandTrace>(trace.record(command)->what));
        QCOMPARE(trace.record(command)->cause, TraceSeq{});
        const auto sent = trace.record(TraceSeq{before.value + 2});
        QCOMPARE(std::get<PacketTrace>(sent->what).direction, Direction::Sent);
        QCOMPARE(sent->cause, command);
        const auto received = trace.record(TraceSeq{before.value + 3});
        QCOMPARE(received->role, Role::Broker);
        QCOMPARE(std::get<PacketTrace>(received->what).direction, Direction::Received);
        const auto suback = trace.record(TraceSeq{before.value + 4});
        QCOMPARE(suback->role, Role::Broker);
        QCOMPARE(std::get<PacketTrace>(suback->what).direction, Direction::Sent);
        QCOMPARE(suback->cause, received->seq);
    }

    void attributes_a_forwarded_message_to_the_one_that_came()
    {
        Bench bench;
        const LinkId p = bench.acceptConnected("P");
        const LinkId s = bench.acceptConnected("S");
        bench.feed(BytesArrived{s, subscribeBytes("t", Qos::AtMostOnce)});
        bench.feed(BytesArrived{p, publishBytes("t", "x")});
        const TraceRecord out = bench.record(bench.lab.trace.last());
        QCOMPARE(out.link, s);
        const TraceRecord in = bench.record(out.cause);
        QCOMPARE(in.link, p);
        QCOMPARE(std::get<PacketTrace>(in.what).direction, Direction::Received);
    }

    void gives_each_receiver_its_own_packet_id()
    {
        Bench bench;
        const LinkId p = bench.acceptConnected("P");
        const LinkId first = bench.acceptConnected("S1");
        bench.feed(BytesArrived{first, subscribeBytes("#", Qos::AtLeastOnce)});
        PublishPacket publish;
        publish.topic = "early";
        publish.qos = Qos::AtLeastOnce;
        publish.packetId = PacketId{1};
        bench.feed(BytesArrived{p, encode(Packet{publish, {}}, Version::V5)});
        const LinkId second = bench.acceptConnected("S2");
        bench.feed(BytesArrived{second, subscribeBytes("#", Qos::AtLeastOnce)});
        publish.topic = "t";
        publish.payload = "both";
        bench.feed(BytesArrived{p, encode(Packet{publish, {}}, Version::V5)});
        publish.packetId = PacketId{2};
        QCOMPARE(bench.sentTo(first), encode(Packet{publish, {}}, Version::V5));
        publish.packetId = PacketId{1};
        QCOMPARE(bench.sentTo(second), encode(Packet{publish, {}}, Version::V5));
    }

    void encodes_for_the_version_of_each_receiver()
    {
        Bench bench;
        const LinkId p = bench.acceptConnected("P");
        const LinkId modern = bench.acceptConnected("S5");
        bench.feed(BytesArrived{modern, subscribeBytes("t", Qos::AtMostOnce)});
        const LinkId old = bench.accept();
        ConnectPacket connect;
        connect.clientId = "S3";
        connect.protocolLevel = quint8(Version::V311);
        bench.feed(BytesArrived{old, encode(Packet{connect, {}}, Version::V311)});
        SubscribePacket subscribe;
        subscribe.packetId = PacketId{1};
        subscribe.entries.append(SubscribePacket::Entry{"t", {}});
        bench.feed(BytesArrived{old, encode(Packet{subscribe, {}}, Version::V311)});
        bench.feed(BytesArrived{p, publishBytes("t", "x")});
        PublishPacket publish;
        publish.topic = "t";
        publish.payload = "x";
        QCOMPARE(bench.sentTo(modern), encode(Packet{publish, {}}, Version::V5));
        QCOMPARE(bench.sentTo(old), encode(Packet{publish, {}}, Version::V311));
    }

    void shares_a_large_payload_between_receivers()
    {
        Bench bench;
        const LinkId p = bench.acceptConnected("P");
        for (const char *name : {"S1", "S2"})
            bench.feed(BytesArrived{bench.acceptConnected(name), subscribeBytes("t", Qos::AtMostOnce)});
        bench.feed(BytesArrived{p, publishBytes("t", QByteArray(50'000, 'x'))});
        const auto sends = bench.all<SendBytes>();
        QCOMPARE(sends.size(), 2);
        QCOMPARE(sends.at(0).payload.size(), 50'000);
        QCOMPARE(sends.at(0).payload.constData(), sends.at(1).payload.constData());
    }

    void joins_what_one_step_sends_on_a_link()
    {
        Bench bench;
        const LinkId p = bench.acceptConnected("P");
        const LinkId s = bench.acceptConnected("S");
        bench.feed(BytesArrived{s, subscribeBytes("t", Qos::AtMostOnce)});
        QByteArray hundred;
        for (int i = 0; i < 100; ++i)
            hundred += publishBytes("t", QByteArray::number(i));
        bench.feed(BytesArrived{p, hundred});
        QCOMPARE(bench.all<SendBytes>().size(), 1);
        QCOMPARE(bench.sentTo(s), hundred);
    }

    void keeps_the_order_of_small_and_large_messages()
    {
        Bench bench;
        const LinkId p = bench.acceptConnected("P");
        const LinkId s = bench.acceptConnected("S");
        bench.feed(BytesArrived{s, subscribeBytes("t", Qos::AtMostOnce)});
        const QByteArray all = publishBytes("t", "1") + publishBytes("t", QByteArray(5000, '2')) +
                               publishBytes("t", "3") + publishBytes("t", QByteArray(5000, '4'));
        bench.feed(BytesArrived{p, all});
        QCOMPARE(bench.sentTo(s), all);
    }

    void reads_packets_in_whatever_pieces_they_come()
    {
        Bench bench;
        const LinkId link = bench.accept();
        const QByteArray bytes = connectBytes("S") + subscribeBytes("t", Qos::AtMostOnce);
        QByteArray answers;
        for (const char byte : bytes) {
            bench.feed(BytesArrived{link, QByteArray(1, byte)});
            answers += bench.sentTo(link);
        }
        Bench whole;
        const LinkId other = whole.accept();
        whole.feed(BytesArrived{other, bytes});
        QCOMPARE(answers, whole.sentTo(other));
        QVERIFY(answers.size() > 4);
    }

    void closes_and_says_why_when_bytes_are_no_packet_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("reserved type") << QByteArray("\x00\x00", 2);
        QTest::newRow("endless length") << QByteArray("\x30\xFF\xFF\xFF\xFF\x7F", 6);
        QTest::newRow("claims 200 MB") << QByteArray("\x30\x80\x80\x80\x64", 5);
        QTest::newRow("field beyond the end") << QByteArray("\x30\x04\x00\xFF\x61\x62", 6);
        QTest::newRow("wrong flags") << QByteArray("\xC1\x00", 2);
    }

    void closes_and_says_why_when_bytes_are_no_packet()
    {
        QFETCH(QByteArray, bytes);
        Bench bench;
        const LinkId bystander = bench.acceptConnected("B");
        const LinkId link = bench.acceptConnected("S");
        bench.feed(BytesArrived{link, bytes});
        const auto closes = bench.all<CloseLink>();
        QCOMPARE(closes.size(), 1);
        QCOMPARE(closes.first().link, link);
        QCOMPARE(quint8(bench.sentTo(link).at(0)), quint8(0xE0));
        const auto note = bench.last<BrokerNote>();
        QVERIFY(note);
        // Whatever else comes on that link is not looked at any more.
        bench.feed(BytesArrived{link, subscribeBytes("t", Qos::AtMostOnce)});
        QVERIFY(bench.effects.empty());
        bench.feed(BytesArrived{bystander, QByteArray("\xC0\x00", 2)});
        QCOMPARE(bench.sentTo(bystander), QByteArray("\xD0\x00", 2));
    }

    // MQTT-3.1.0-1, v3:MQTT-3.1.0-1
    void refuses_another_first_packet_by_its_first_byte()
    {
        Bench bench;
        const LinkId link = bench.accept();
        bench.feed(BytesArrived{link, QByteArray::fromHex("30")});
        QCOMPARE(bench.all<CloseLink>().size(), 1);
        const auto note = bench.last<BrokerNote>();
        QVERIFY(note);
        const TraceRecord before = bench.record(TraceSeq{note->seq.value - 1});
        const auto *refused = std::get_if<BrokerRefused>(&std::get<BrokerNote>(before.what).effect);
        QVERIFY(refused);
        QCOMPARE(QByteArray(refused->finding.statement), QByteArray("MQTT-3.1.0-1"));
        const LinkId slow = bench.accept();
        bench.feed(BytesArrived{slow, connectBytes("A").first(1)});
        QVERIFY(bench.all<CloseLink>().isEmpty());
        bench.feed(BytesArrived{slow, connectBytes("A").sliced(1)});
        QVERIFY(!bench.sentTo(slow).isEmpty());
    }

    void takes_large_packets_only_of_clients_that_it_accepted()
    {
        Bench bench;
        const BrokerConfig &config = bench.lab.broker.config;
        const LinkId stranger = bench.accept();
        QByteArray claim = QByteArray::fromHex("10ffff06"); // a CONNECT of 114 683 bytes
        QVERIFY(114'683 > config.maximumConnectSize);
        bench.feed(BytesArrived{stranger, claim});
        QCOMPARE(bench.all<CloseLink>().size(), 1);
        const LinkId known = bench.acceptConnected("A");
        bench.feed(BytesArrived{known, publishBytes("t", QByteArray(qsizetype(config.maximumConnectSize) + 1, 'x'))});
        QVERIFY(bench.all<CloseLink>().isEmpty());
        QCOMPARE(bench.lab.broker.counters.messagesReceived, quint64(1));
    }

    void counts_the_bytes_of_the_brokers_links()
    {
        Bench bench;
        const LinkId link = bench.acceptConnected("A");
        const QByteArray connack = bench.sentTo(link);
        bench.feed(BytesArrived{link, QByteArray::fromHex("c000")});
        QCOMPARE(bench.lab.broker.counters.bytesReceived, quint64(connectBytes("A").size() + 2));
        QCOMPARE(bench.lab.broker.counters.bytesSent, quint64(connack.size() + 2));
        QCOMPARE(bench.lab.broker.counters.packetsSent, quint64(2));
    }

    void pauses_delivery_to_a_link_that_does_not_read()
    {
        Bench bench;
        const LinkId p = bench.acceptConnected("P");
        const LinkId s = bench.acceptConnected("S");
        bench.feed(BytesArrived{s, subscribeBytes("t", Qos::AtLeastOnce)});
        bench.feed(LinkBacklog{s, Network::highWaterMark + 1});
        QVERIFY(bench.last<FindingTrace>());
        QVERIFY(bench.effects.empty());
        PublishPacket publish;
        publish.topic = "t";
        publish.qos = Qos::AtLeastOnce;
        publish.packetId = PacketId{1};
        bench.feed(BytesArrived{p, encode(Packet{publish, {}}, Version::V5)});
        QCOMPARE(bench.sentTo(s), QByteArray());
        QVERIFY(!bench.sentTo(p).isEmpty());
        bench.feed(LinkDrained{s});
        QVERIFY(!bench.sentTo(s).isEmpty());
    }

    void stops_reading_from_a_link_whose_answers_pile_up()
    {
        Bench bench;
        const LinkId s = bench.acceptConnected("S");
        bench.feed(LinkBacklog{s, 3 * linkStopsReadingAt}); // by one step: messages, no answers
        QVERIFY(bench.all<SetReading>().isEmpty());
        bench.feed(LinkBacklog{s, 4 * linkStopsReadingAt});
        const auto stops = bench.all<SetReading>();
        QCOMPARE(stops.size(), 1);
        QCOMPARE(stops.first().reading, Reading::Stop);
        QCOMPARE(bench.last<FindingTrace>()->link, s);
        QVERIFY(QByteArrayView(std::get<FindingTrace>(bench.last<FindingTrace>()->what).finding.what).contains("wait"));
        bench.feed(LinkBacklog{s, 4 * linkStopsReadingAt + 1});
        QVERIFY(bench.all<SetReading>().isEmpty());
        bench.feed(LinkDrained{s});
        QCOMPARE(bench.all<SetReading>().size(), 1);
        QCOMPARE(bench.all<SetReading>().first().reading, Reading::Resume);
    }

    // v3:MQTT-4.8.0-2
    void closes_a_link_at_the_hard_limit_and_says_so()
    {
        Bench bench;
        const LinkId s = bench.acceptConnected("S");
        bench.feed(LinkBacklog{s, 2 * linkClosesAt}); // by one step: it had no time to read
        QVERIFY(bench.all<CloseLink>().isEmpty());
        bench.feed(LinkBacklog{s, 3 * linkClosesAt});
        QCOMPARE(bench.all<CloseLink>().size(), 1);
        QCOMPARE(bench.all<CloseLink>().first().how, CloseHow::Reset);
        QCOMPARE(bench.last<FindingTrace>()->link, s);
    }

    void own_messages_wait_while_the_link_takes_no_more()
    {
        World world;
        const ClientKey p = world.addConnected("P");
        const LinkId link = world.linkOf(p);
        world.driver().network().setReading(world.serverLinkOf(p), false);
        const QByteArray payload(1'000'000, 'x');
        for (int i = 0; i < 200; ++i)
            world.publish(p, "t", Qos(i % 2), payload);
        QVERIFY(world.driver().network().unsentBytes(link) < 4 * Network::highWaterMark);
        QVERIFY(world.view(p).neverSentTotal > 190);
        world.driver().network().setReading(world.serverLinkOf(p), true);
        world.run();
        QCOMPARE(world.linkOf(p), link);
        QCOMPARE(world.view(p).neverSentTotal, 0);
        QCOMPARE(world.lab().broker.counters.messagesReceived, quint64(200));
    }

    void survives_a_client_that_never_reads()
    {
        World world;
        const ClientKey s = world.addConnected("S");
        world.subscribe(s, "t", Qos::AtMostOnce);
        const ClientKey p = world.addConnected("P");
        const LinkId serverLink = world.serverLinkOf(s);
        world.driver().network().setReading(world.linkOf(s), false);
        const QByteArray payload(100'000, 'x');
        for (int i = 0; i < 200; ++i)
            world.publish(p, "t", Qos::AtLeastOnce, payload);
        QCOMPARE(world.view(p).sentTotal, 0);
        QVERIFY(world.driver().network().unsentBytes(serverLink) < 2 * Network::highWaterMark);
        QVERIFY(world.serverView("S")->dropped > 0);
        world.driver().network().setReading(world.linkOf(s), true);
        world.run();
        const quint64 delivered = world.view(s).delivered;
        QVERIFY(delivered >= 10);
        world.publish(p, "t", Qos::AtLeastOnce, "again");
        QCOMPARE(world.view(s).delivered, delivered + 1);
    }

    void shows_both_ends_of_a_client_among_many_others()
    {
        Bench bench;
        for (qsizetype i = 0; i < viewRowLimit; ++i)
            bench.acceptConnected("a" + QByteArray::number(i).rightJustified(4, '0'));
        bench.acceptConnected("plant-7");
        bench.lab.clients[ClientKey{1}].session.connect.clientId = "plant-7";
        const LabView view = viewOf(bench.lab, bench.now);
        QCOMPARE(view.broker.sessionsTotal, viewRowLimit + 1);
        QCOMPARE(view.broker.sessions.last().clientId, QByteArray("plant-7"));
    }

    void forgets_links_that_are_gone()
    {
        World world;
        for (int i = 0; i < 1000; ++i) {
            const ClientKey c = world.addConnected("C", {.sessionExpiry = 0});
            world.disconnect(c);
            world.submit(RemoveClient{c});
        }
        QCOMPARE(world.lab().links.size(), std::size_t(0));
        QVERIFY(world.lab().clients.empty());
        QVERIFY(world.lab().broker.sessions.empty());
        QVERIFY(world.lab().broker.connections.empty());
        QCOMPARE(world.driver().network().endCount(), 0);
    }

    void closes_the_connection_of_a_removed_client()
    {
        World world;
        const ClientKey s = world.addConnected("S");
        world.submit(RemoveClient{s});
        QVERIFY(!world.serverView("S")->connected);
        QCOMPARE(world.lab().links.size(), std::size_t(0));
    }

    void can_cut_and_reconnect_at_the_same_instant()
    {
        World world;
        const ClientKey s = world.addConnected("S");
        world.submitOnly(CutLink{s, CloseHow::Close});
        QCOMPARE(world.view(s).connection, ClientConnection::Closed);
        const auto connack = world.reconnect(s);
        QVERIFY(connack && connack->sessionPresent);
        QCOMPARE(world.lab().links.size(), std::size_t(2));
    }

    void refuses_commands_for_unknown_clients()
    {
        World world;
        const TraceSeq before = world.lab().trace.last();
        world.submit(ClientDo{ClientKey{99}, PingCommand{}});
        world.submit(CutLink{ClientKey{99}, CloseHow::Reset});
        world.submit(RemoveClient{ClientKey{99}});
        world.submit(AddClient{ClientKey{0}, "x", {}, {}});
        int refusals = 0;
        for (TraceSeq seq{before.value + 1}; seq <= world.lab().trace.last(); ++seq.value) {
            const TraceRecord record = *world.lab().trace.record(seq);
            const auto *note = std::get_if<ClientNote>(&record.what);
            refusals += note && std::holds_alternative<CommandRefused>(note->effect);
        }
        QCOMPARE(refusals, 4);
    }

    void fails_to_connect_where_nobody_listens()
    {
        World world;
        world.driver().stopListening();
        const ClientKey s = world.addClient("S");
        QVERIFY(!world.connect(s));
        QCOMPARE(world.view(s).connection, ClientConnection::Closed);
        QCOMPARE(world.lab().links.size(), std::size_t(0));
        QVERIFY(!world.driver().view().broker.listening);
    }

    void leaves_secrets_out_of_commands()
    {
        ConnectPacket connect;
        connect.clientId = "S";
        connect.userName = "alice";
        connect.password = "s3cret";
        const QString text = commandText(ClientDo{ClientKey{1}, ConnectCommand{connect}});
        QVERIFY(text.contains(QStringLiteral("alice")));
        QVERIFY2(!text.contains(QStringLiteral("s3cret")), qPrintable(text));
    }

    void shows_the_wire_on_both_ends_of_a_shut_down()
    {
        World world;
        const ClientKey s = world.addConnected("S");
        world.mark();
        world.submit(BrokerDo{ShutDown{}});
        QCOMPARE(world.lines(s, Direction::Received),
                 QStringList{QStringLiteral("DISCONNECT Server shutting down (0x8b)")});
        QCOMPARE(world.view(s).connection, ClientConnection::Closed);
    }
};

QTEST_APPLESS_MAIN(TestLab)
#include "tst_lab.moc"
