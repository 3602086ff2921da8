// The engine on in-memory pipes: its thread, its batches, its end. No test waits for a time to pass, except for the
// keep alive that it is about.
#include "core/engine/engine.h"
#include "tests/engine/pumped_network.h"

#include <QElapsedTimer>
#include <QTest>

using namespace sessionscope;
using namespace std::chrono_literals;

namespace {

constexpr int limit = 30'000;

std::unique_ptr<Network> makeNetwork()
{
    return std::make_unique<PumpedNetwork>();
}

/// Takes every batch and keeps all of it.
struct Reader
{
    explicit Reader(Engine &toRead) : engine(toRead)
    {
        QObject::connect(&engine, &Engine::batchReady, &engine, [this] {
            EngineBatch batch = engine.takeBatch();
            ++batches;
            skipped += batch.skipped;
            records.insert(records.end(), batch.records.begin(), batch.records.end());
            view = std::move(batch.view);
        });
        QObject::connect(&engine, &Engine::brokerListening, &engine, [this](const QString &at) { url = at; });
        QObject::connect(&engine, &Engine::brokerFailed, &engine, [this](const QString &why) { failure = why; });
    }
    bool isConnected() const
    {
        return !view.clients.isEmpty() && view.clients.first().connection == ClientConnection::Connected;
    }

    Engine &engine;
    std::vector<TraceRecord> records;
    LabView view;
    QString url;
    QString failure;
    int batches = 0;
    quint64 skipped = 0;
};

ConnectPacket connectPacket(const QByteArray &clientId)
{
    ConnectPacket connect;
    connect.clientId = clientId;
    return connect;
}

ClientKey addConnected(Engine &engine, const QByteArray &name)
{
    const ClientKey key = engine.newClientKey();
    engine.submit(AddClient{key, name, {}, {}});
    engine.submit(ClientDo{key, ConnectCommand{connectPacket(name)}});
    return key;
}

} // namespace

class TestEngine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void starts_and_ends_without_work()
    {
        for (int i = 0; i < 20; ++i)
            Engine engine(makeNetwork);
    }

    void tells_where_the_broker_listens()
    {
        Engine engine(makeNetwork);
        Reader reader(engine);
        engine.listen({});
        QTRY_COMPARE_WITH_TIMEOUT(reader.url, QStringLiteral("mqtt://127.0.0.1:1883"), limit);
        QTRY_VERIFY_WITH_TIMEOUT(reader.view.broker.listening, limit);
        engine.stopListening();
        QTRY_VERIFY_WITH_TIMEOUT(!reader.view.broker.listening, limit);
    }

    void tells_why_the_broker_cannot_listen()
    {
        Engine engine(makeNetwork);
        Reader reader(engine);
        engine.listen({});
        engine.listen({});
        QTRY_VERIFY_WITH_TIMEOUT(!reader.failure.isEmpty(), limit);
    }

    void connects_and_shows_both_ends()
    {
        Engine engine(makeNetwork);
        Reader reader(engine);
        engine.listen({});
        addConnected(engine, "door");
        QTRY_VERIFY_WITH_TIMEOUT(reader.isConnected(), limit);
        QTRY_COMPARE_WITH_TIMEOUT(reader.view.broker.sessionsTotal, 1, limit);
        QCOMPARE(reader.view.broker.sessions.first().clientId, QByteArray("door"));
    }

    void hands_over_every_record_once_and_in_order()
    {
        Engine engine(makeNetwork);
        Reader reader(engine);
        engine.listen({});
        const ClientKey key = addConnected(engine, "door");
        for (int i = 0; i < 500; ++i)
            engine.submit(ClientDo{key, PingCommand{}});
        engine.submit(ClientDo{key, DisconnectCommand{}});
        QTRY_VERIFY_WITH_TIMEOUT(!reader.view.clients.isEmpty() && !reader.isConnected() &&
                                     reader.view.lastSeq.value > 500 && reader.view.broker.sessionsTotal == 0,
                                 limit);
        QCOMPARE(reader.skipped, quint64(0));
        QCOMPARE(reader.records.size(), std::size_t(reader.view.lastSeq.value));
        for (std::size_t i = 0; i < reader.records.size(); ++i)
            QCOMPARE(reader.records[i].seq, TraceSeq{i + 1});
    }

    void announces_no_second_batch_before_the_first_was_taken()
    {
        Engine engine(makeNetwork);
        int announced = 0;
        QObject::connect(&engine, &Engine::batchReady, &engine, [&announced] { ++announced; });
        bool isListening = false;
        QObject::connect(&engine, &Engine::brokerListening, &engine, [&isListening] { isListening = true; });
        engine.listen({});
        QTRY_VERIFY_WITH_TIMEOUT(isListening && announced == 1, limit);
        // Each of these is news; the answer to the last one proves that the engine had its chances to announce it.
        for (int i = 0; i < 5; ++i) {
            isListening = false;
            engine.stopListening();
            engine.listen({});
            QTRY_VERIFY_WITH_TIMEOUT(isListening, limit);
        }
        QCOMPARE(announced, 1);
        const EngineBatch first = engine.takeBatch();
        QVERIFY(!first.records.empty());
        QVERIFY(engine.takeBatch().records.empty());
        QTRY_COMPARE_WITH_TIMEOUT(announced, 2, limit);
        QCOMPARE(engine.takeBatch().records.front().seq, TraceSeq{first.records.back().seq.value + 1});
    }

    // Who records needs to know that a view still holds, and no batch would come of nothing.
    void tells_when_nothing_has_happened_for_a_while()
    {
        Engine engine(makeNetwork);
        Instant last;
        std::optional<Instant> quietAt;
        QObject::connect(&engine, &Engine::batchReady, &engine, [&] {
            const EngineBatch batch = engine.takeBatch();
            if (batch.isQuiet)
                quietAt = batch.view.at;
            else
                last = batch.records.back().at;
        });
        engine.listen({});
        QTRY_VERIFY_WITH_TIMEOUT(quietAt, limit);
        QVERIFY(*quietAt - last > Engine::quietAfter / 2);
    }

    void skips_what_the_trace_has_discarded_and_counts_it()
    {
        EngineOptions options;
        options.traceLimits.records = 50;
        Engine engine(makeNetwork, options);
        bool isAnnounced = false;
        QObject::connect(&engine, &Engine::batchReady, &engine, [&isAnnounced] { isAnnounced = true; });
        engine.submit(AddClient{engine.newClientKey(), "first", {}, {}});
        QTRY_VERIFY_WITH_TIMEOUT(isAnnounced, limit);
        for (int i = 0; i < 200; ++i)
            engine.submit(AddClient{engine.newClientKey(), "more", {}, {}});
        bool isListening = false;
        QObject::connect(&engine, &Engine::brokerListening, &engine, [&isListening] { isListening = true; });
        engine.listen({});
        QTRY_VERIFY_WITH_TIMEOUT(isListening, limit);
        const EngineBatch before = engine.takeBatch();
        isAnnounced = false;
        QTRY_VERIFY_WITH_TIMEOUT(isAnnounced, limit);
        const EngineBatch batch = engine.takeBatch();
        QCOMPARE(batch.records.size(), std::size_t(50));
        QCOMPARE(before.records.size() + batch.skipped + batch.records.size(), std::size_t(batch.view.lastSeq.value));
    }

    void keeps_a_connection_alive_by_its_timer()
    {
        Engine engine(makeNetwork);
        Reader reader(engine);
        engine.listen({});
        const ClientKey key = engine.newClientKey();
        engine.submit(AddClient{key, "door", {}, {}});
        ConnectPacket connect = connectPacket("door");
        connect.keepAlive = 1;
        engine.submit(ClientDo{key, ConnectCommand{connect}});
        const auto pings = [&reader] { return reader.view.counters.received[quint8(PacketType::Pingresp)]; };
        QTRY_VERIFY_WITH_TIMEOUT(pings() >= 2, limit);
        QVERIFY(reader.isConnected());
    }

    void ends_promptly_with_connections_open()
    {
        QElapsedTimer timer;
        {
            Engine engine(makeNetwork);
            Reader reader(engine);
            engine.listen({});
            addConnected(engine, "door");
            QTRY_VERIFY_WITH_TIMEOUT(reader.isConnected(), limit);
            timer.start();
        }
        QVERIFY(timer.elapsed() < limit);
    }

    void gives_out_every_key_once()
    {
        Engine engine(makeNetwork);
        const ClientKey first = engine.newClientKey();
        QVERIFY(first.value != 0);
        QVERIFY(engine.newClientKey() != first);
    }

    void tells_the_time_of_its_records()
    {
        Engine engine(makeNetwork);
        Reader reader(engine);
        const Instant before = engine.now();
        engine.submit(AddClient{engine.newClientKey(), "door", {}, {}});
        QTRY_VERIFY_WITH_TIMEOUT(!reader.records.empty(), limit);
        QVERIFY(reader.records.front().at >= before);
        QVERIFY(reader.records.front().at <= engine.now());
    }
};

QTEST_GUILESS_MAIN(TestEngine)
#include "tst_engine.moc"
