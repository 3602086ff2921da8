// The in-memory network: order, cuts and back-pressure, all without a clock.
#include "core/link/pipe_network.h"

#include "recording_sink.h"

#include <QTest>

using namespace sessionscope;

namespace {

constexpr LinkId client{1};

// One client connected to one listener, the noise of connecting already cleared away.
struct Connected
{
    RecordingSink sink;
    PipeNetwork network;
    LinkId server;

    Connected()
    {
        network.setSink(&sink);
        (void)network.listen({});
        network.open(client, {});
        network.deliver();
        server = sink.accepted.value(0);
        sink.events.clear();
        sink.turns = 0;
    }

    void sendNow(LinkId link, const QByteArray &bytes)
    {
        network.send(link, bytes);
        network.flush();
    }

    void deliverAll()
    {
        while (network.deliver()) {
        }
    }
};

} // namespace

class TestPipeNetwork : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void connects_both_ends_to_each_other()
    {
        RecordingSink sink;
        PipeNetwork network;
        network.setSink(&sink);
        const auto listening = network.listen({.port = 0});
        QVERIFY(listening.ok());
        QCOMPARE(listening->port, PipeNetwork::defaultPort);
        network.open(client, *listening);
        QVERIFY(sink.events.isEmpty());
        QVERIFY(network.deliver());
        QCOMPARE(sink.events, (QStringList{QStringLiteral("1000000 accepted"), QStringLiteral("1 opened")}));
        QCOMPARE(network.peerOf(client), sink.accepted.first());
        QCOMPARE(network.peerOf(sink.accepted.first()), client);
        QVERIFY(!network.deliver());
        QCOMPARE(sink.turns, 1);
    }

    void fails_to_open_where_nothing_listens_data()
    {
        QTest::addColumn<QString>("listening");
        QTest::addColumn<QString>("wanted");
        QTest::newRow("no listener") << QString() << QStringLiteral("h:1883");
        QTest::newRow("other port") << QStringLiteral("h:1883") << QStringLiteral("h:1884");
        QTest::newRow("other scheme") << QStringLiteral("mqtt://h:1883") << QStringLiteral("ws://h:1883");
        QTest::newRow("other path") << QStringLiteral("unix:///a") << QStringLiteral("unix:///b");
    }

    void fails_to_open_where_nothing_listens()
    {
        QFETCH(QString, listening);
        QFETCH(QString, wanted);
        RecordingSink sink;
        PipeNetwork network;
        network.setSink(&sink);
        if (!listening.isEmpty())
            QVERIFY(network.listen(*parseEndpoint(listening)).ok());
        network.open(client, *parseEndpoint(wanted));
        network.deliver();
        QCOMPARE(sink.events, QStringList{QStringLiteral("1 failed")});
        QVERIFY(sink.failure.contains(QStringLiteral("nothing listens")));
        QCOMPARE(network.endCount(), 0);
    }

    void refuses_a_second_listener_until_the_first_stopped()
    {
        PipeNetwork network;
        QVERIFY(network.listen({}).ok());
        QVERIFY(!network.listen({.port = 2}).ok());
        network.stopListening();
        QVERIFY(network.listen({.port = 2}).ok());
    }

    void keeps_bytes_until_flushed_and_delivered()
    {
        Connected pair;
        pair.network.send(client, "ab", "cd");
        QVERIFY(!pair.network.deliver());
        QCOMPARE(pair.network.unsentBytes(client), 4);
        pair.network.flush();
        QCOMPARE(pair.network.bytesUnderWay(client), 4);
        QVERIFY(pair.sink.bytes.isEmpty());
        pair.network.deliver();
        QCOMPARE(pair.sink.bytes[pair.server.value], QByteArray("abcd"));
        QCOMPARE(pair.network.unsentBytes(client), 0);
        QCOMPARE(pair.sink.turns, 1);
    }

    void leaves_answers_to_the_next_turn()
    {
        Connected pair;
        pair.sink.onBytes = [&](LinkId link, const QByteArray &) {
            if (link == pair.server)
                pair.sendNow(pair.server, "pong");
        };
        pair.sendNow(client, "ping");
        QVERIFY(pair.network.deliver());
        QVERIFY(!pair.sink.bytes.contains(client.value));
        QVERIFY(pair.network.deliver());
        QCOMPARE(pair.sink.bytes[client.value], QByteArray("pong"));
        QVERIFY(!pair.network.deliver());
    }

    void delivers_in_the_order_of_flushing()
    {
        Connected pair;
        pair.network.open(LinkId{2}, {});
        pair.network.deliver();
        QList<quint32> order;
        pair.sink.onBytes = [&](LinkId link, const QByteArray &) { order.append(link.value); };
        pair.sendNow(LinkId{2}, "second client");
        pair.sendNow(pair.server, "to first client");
        pair.sendNow(client, "first client");
        pair.network.deliver();
        QCOMPARE(order, (QList<quint32>{pair.sink.accepted[1].value, client.value, pair.server.value}));
    }

    void keeps_bytes_sent_while_connecting()
    {
        RecordingSink sink;
        PipeNetwork network;
        network.setSink(&sink);
        QVERIFY(network.listen({}).ok());
        network.open(client, {});
        network.send(client, "early");
        network.flush();
        network.deliver();
        QCOMPARE(sink.bytes.first(), QByteArray("early"));
    }

    void shares_bytes_that_travel_alone()
    {
        Connected pair;
        const QByteArray sent(100, 'x');
        const char *arrivedAt = nullptr;
        pair.sink.onBytes = [&](LinkId, const QByteArray &bytes) { arrivedAt = bytes.constData(); };
        pair.sendNow(client, sent);
        pair.network.deliver();
        QCOMPARE(arrivedAt, sent.constData());
    }

    void cuts_in_the_middle_of_a_packet()
    {
        Connected pair;
        pair.sendNow(client, "0123456789");
        pair.sendNow(pair.server, "answer");
        QCOMPARE(pair.network.deliver(client, 4), 4);
        QCOMPARE(pair.sink.turns, 1);
        pair.network.cut(client);
        pair.deliverAll();
        QCOMPARE(pair.sink.bytes[pair.server.value], QByteArray("0123"));
        QVERIFY(!pair.sink.bytes.contains(client.value));
        QCOMPARE(pair.sink.events, (QStringList{RecordingSink::line(client, "closed by reset"),
                                                RecordingSink::line(pair.server, "closed by reset")}));
        QCOMPARE(pair.network.endCount(), 0);
        QCOMPARE(pair.network.peerOf(client), LinkId{});
    }

    void delivers_the_rest_after_a_limited_piece()
    {
        Connected pair;
        pair.sendNow(client, "0123456789");
        QCOMPARE(pair.network.deliver(client, 100), 10);
        QCOMPARE(pair.network.deliver(client, 100), 0);
        pair.sendNow(client, "abc");
        QCOMPARE(pair.network.deliver(client, 1), 1);
        pair.deliverAll();
        QCOMPARE(pair.sink.bytes[pair.server.value], QByteArray("0123456789abc"));
    }

    void delivers_what_was_queued_before_an_orderly_close()
    {
        Connected pair;
        pair.sendNow(client, "flushed ");
        pair.network.send(client, "queued");
        pair.network.close(client, CloseHow::Close);
        pair.network.send(client, "too late");
        pair.sendNow(pair.server, "nobody reads this");
        pair.deliverAll();
        QCOMPARE(pair.sink.bytes[pair.server.value], QByteArray("flushed queued"));
        QVERIFY(!pair.sink.bytes.contains(client.value));
        QCOMPARE(pair.sink.events, (QStringList{RecordingSink::line(client, "closed by us"),
                                                RecordingSink::line(pair.server, "closed by peer")}));
        QCOMPARE(pair.network.endCount(), 0);
    }

    void throws_everything_away_on_reset()
    {
        Connected pair;
        pair.sendNow(client, "lost");
        pair.sendNow(pair.server, "lost");
        pair.network.close(client, CloseHow::Reset);
        pair.deliverAll();
        QVERIFY(pair.sink.bytes.isEmpty());
        QCOMPARE(pair.sink.events, (QStringList{RecordingSink::line(pair.server, "closed by reset"),
                                                RecordingSink::line(client, "closed by us")}));
        QCOMPARE(pair.network.endCount(), 0);
    }

    void delivers_what_was_queued_before_a_reset_that_waits_for_it()
    {
        Connected pair;
        pair.sendNow(client, "flushed ");
        pair.network.send(client, "queued");
        pair.network.close(client, CloseHow::ResetWhenSent);
        pair.sendNow(pair.server, "nobody reads this");
        pair.deliverAll();
        QCOMPARE(pair.sink.bytes[pair.server.value], QByteArray("flushed queued"));
        QVERIFY(!pair.sink.bytes.contains(client.value));
        QCOMPARE(pair.sink.events, (QStringList{RecordingSink::line(client, "closed by us"),
                                                RecordingSink::line(pair.server, "closed by reset")}));
        QCOMPARE(pair.network.endCount(), 0);
    }

    void survives_both_ends_closing_at_once_data()
    {
        QTest::addColumn<CloseHow>("first");
        QTest::addColumn<CloseHow>("second");
        QTest::addColumn<bool>("turnBetween");
        for (const bool turnBetween : {false, true}) {
            const auto row = [&](const char *name, CloseHow first, CloseHow second) {
                QTest::addRow("%s%s", name, turnBetween ? ", a turn between" : "") << first << second << turnBetween;
            };
            row("close, close", CloseHow::Close, CloseHow::Close);
            row("close, reset", CloseHow::Close, CloseHow::Reset);
            row("reset, close", CloseHow::Reset, CloseHow::Close);
            row("reset when sent, close", CloseHow::ResetWhenSent, CloseHow::Close);
            row("close, reset when sent", CloseHow::Close, CloseHow::ResetWhenSent);
        }
    }

    void survives_both_ends_closing_at_once()
    {
        QFETCH(CloseHow, first);
        QFETCH(CloseHow, second);
        QFETCH(bool, turnBetween);
        Connected pair;
        // The server does not read, so that the client's bytes and FIN are still under way when the server closes.
        pair.network.setReading(pair.server, false);
        pair.sendNow(client, "bytes");
        pair.network.close(client, first);
        if (turnBetween)
            pair.network.deliver();
        pair.network.close(pair.server, second);
        pair.deliverAll();
        QCOMPARE(pair.sink.events.filter(QRegularExpression(QStringLiteral("^1 closed"))).size(), 1);
        QCOMPARE(pair.sink.events.filter(QStringLiteral("1000000 closed")).size(), 1);
        QVERIFY(pair.sink.bytes.isEmpty());
        QCOMPARE(pair.network.endCount(), 0);
    }

    void tells_nothing_more_after_close_within_the_same_turn()
    {
        Connected pair;
        pair.sink.onBytes = [&](LinkId link, const QByteArray &) {
            if (link == pair.server)
                pair.network.close(client, CloseHow::Reset);
        };
        pair.sendNow(client, "ends it");
        pair.sendNow(pair.server, "must not arrive");
        pair.deliverAll();
        QVERIFY(!pair.sink.bytes.contains(client.value));
        QCOMPARE(pair.sink.events.size(), 2);
    }

    void closes_while_connecting()
    {
        RecordingSink sink;
        PipeNetwork network;
        network.setSink(&sink);
        QVERIFY(network.listen({}).ok());
        network.open(client, {});
        network.close(client, CloseHow::Close);
        network.deliver();
        QCOMPARE(sink.events, QStringList{QStringLiteral("1 closed by us")});
        QCOMPARE(network.endCount(), 0);
    }

    void keeps_bytes_and_fin_from_an_end_that_does_not_read()
    {
        Connected pair;
        pair.network.setReading(pair.server, false);
        pair.sendNow(client, "held");
        pair.deliverAll();
        QVERIFY(pair.sink.bytes.isEmpty());
        QCOMPARE(pair.network.unsentBytes(client), 4);
        QCOMPARE(pair.network.deliver(client, 2), 0);
        pair.network.close(client, CloseHow::Close);
        pair.deliverAll();
        QCOMPARE(pair.sink.events, QStringList{RecordingSink::line(client, "closed by us")});
        pair.network.setReading(pair.server, true);
        pair.deliverAll();
        QCOMPARE(pair.sink.bytes[pair.server.value], QByteArray("held"));
        QCOMPARE(pair.sink.events.last(), RecordingSink::line(pair.server, "closed by peer"));
        QCOMPARE(pair.network.endCount(), 0);
    }

    void tells_of_a_reset_even_to_an_end_that_does_not_read()
    {
        Connected pair;
        pair.network.setReading(pair.server, false);
        pair.network.close(client, CloseHow::Reset);
        pair.deliverAll();
        QVERIFY(pair.sink.events.contains(RecordingSink::line(pair.server, "closed by reset")));
    }

    void drains_once_after_the_high_water_mark()
    {
        Connected pair;
        pair.network.setReading(pair.server, false);
        pair.sendNow(client, QByteArray(Network::highWaterMark, 'x'));
        pair.network.deliver();
        pair.sendNow(client, "one byte more");
        QVERIFY(pair.network.unsentBytes(client) > Network::highWaterMark);
        pair.deliverAll();
        QVERIFY(pair.sink.drained.isEmpty());
        pair.network.setReading(pair.server, true);
        // Piece by piece, so that the marks are passed one after the other.
        while (pair.network.unsentBytes(client) > Network::lowWaterMark + 1000) {
            QCOMPARE(pair.network.deliver(client, 1000), 1000);
            QVERIFY(pair.sink.drained.isEmpty());
        }
        pair.network.deliver(client, 1000);
        QCOMPARE(pair.sink.drained, QList<LinkId>{client});
        pair.deliverAll();
        QCOMPARE(pair.sink.drained.size(), 1);
    }

    void does_not_drain_below_the_high_water_mark()
    {
        Connected pair;
        pair.sendNow(client, QByteArray(Network::highWaterMark, 'x'));
        pair.deliverAll();
        QVERIFY(pair.sink.drained.isEmpty());
        QCOMPARE(pair.sink.bytes[pair.server.value].size(), Network::highWaterMark);
    }

    void ignores_unknown_links()
    {
        Connected pair;
        const LinkId stranger{77};
        pair.network.send(stranger, "x");
        pair.network.close(stranger, CloseHow::Reset);
        pair.network.setReading(stranger, false);
        pair.network.cut(stranger);
        pair.network.flush();
        QCOMPARE(pair.network.unsentBytes(stranger), 0);
        QVERIFY(!pair.network.deliver());
    }
};

QTEST_APPLESS_MAIN(TestPipeNetwork)
#include "tst_pipe_network.moc"
