// Many connections: all at once, one after the other, and more than the system has descriptors for.
#include "socket_world.h"

#include <sys/resource.h>
#include <unistd.h>

using namespace sessionscope;

class TestTcpNetworkLoad : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void accepts_1000_connections_at_once()
    {
        constexpr int count = 1000;
        SocketWorld world;
        QVERIFY(world.listen());
        world.sink.onBytes = [&](LinkId link, const QByteArray &bytes) {
            if (link.value >= 1'000'000)
                world.network.send(link, bytes);
        };
        // A lost SYN is sent again after a second.
        QElapsedTimer timer;
        timer.start();
        for (int i = 0; i < count; ++i)
            world.network.send(world.open(), "ping");
        QVERIFY(
            world.waitFor([&] { return world.sink.accepted.size() == count && world.sink.count("opened") == count; }));
        qInfo("%lld ms for %d connections", timer.elapsed(), count);
        QVERIFY(world.waitFor([&] {
            int answered = 0;
            for (int i = 1; i <= count; ++i)
                answered += world.sink.bytes.value(quint32(i)) == "ping";
            return answered == count;
        }));
        QCOMPARE(world.network.slotCount(), 2 * count);
        QCOMPARE(world.network.chunksInUse(), 0);
    }

    void leaves_nothing_behind_after_10000_connections()
    {
        constexpr int batches = 40;
        constexpr int batchSize = 250;
        SocketWorld world;
        QVERIFY(world.listen());
        const auto before = openDescriptors();
        for (int batch = 0; batch < batches; ++batch) {
            world.sink.events.clear();
            world.sink.accepted.clear();
            QList<LinkId> links;
            for (int i = 0; i < batchSize; ++i)
                links.append(world.open());
            QVERIFY(world.waitFor(
                [&] { return world.sink.accepted.size() == batchSize && world.sink.count("opened") == batchSize; }));
            for (int i = 0; i < batchSize; ++i) {
                const LinkId link = i % 4 < 2 ? links[i] : world.sink.accepted[i];
                world.network.close(link, i % 2 == 0 ? CloseHow::Close : CloseHow::Reset);
            }
            QVERIFY(world.waitFor([&] { return world.network.slotCount() == 0; }));
            QVERIFY(world.waitFor([&] { return world.sink.count("closed") == 2 * batchSize; }));
        }
        QCOMPARE(openDescriptors(), before);
        QCOMPARE(world.network.chunksInUse(), 0);
    }

    void pauses_accepting_without_descriptors_and_goes_on_by_itself()
    {
        constexpr int count = 30;
        SocketWorld world;
        QVERIFY(world.listen());
        std::vector<int> clients;
        for (int i = 0; i < count; ++i)
            clients.push_back(openSocket(AF_INET));
        rlimit original{};
        QCOMPARE(getrlimit(RLIMIT_NOFILE, &original), 0);
        rlimit tight = original;
        tight.rlim_cur = rlim_t(clients.back()) + 6;
        QCOMPARE(setrlimit(RLIMIT_NOFILE, &tight), 0);
        const auto restore = qScopeGuard([&] { setrlimit(RLIMIT_NOFILE, &original); });

        const SocketAddress address = *numericAddress(QStringLiteral("127.0.0.1"), world.endpoint.port);
        for (const int each : clients)
            ::connect(each, address.get(), address.length);
        QVERIFY(world.waitFor([&] { return !world.sink.pauses.isEmpty(); }));
        QVERIFY2(world.sink.pauses.first().contains(QStringLiteral("Too many open files")),
                 qPrintable(world.sink.pauses.first()));
        const auto accepted = world.sink.accepted.size();
        QVERIFY(accepted > 0 && accepted < count);
        const int turns = world.sink.turns;
        QTest::qWait(250);
        QVERIFY2(world.sink.turns - turns < 10, qPrintable(QString::number(world.sink.turns - turns)));
        QCOMPARE(world.sink.pauses.size(), 1);

        setrlimit(RLIMIT_NOFILE, &original);
        QVERIFY(world.waitFor([&] { return world.sink.accepted.size() == count; }));
        for (const int each : clients)
            ::close(each);
        QVERIFY(world.waitFor([&] { return world.network.slotCount() == 0; }));
    }
};

QTEST_GUILESS_MAIN(TestTcpNetworkLoad)
#include "tst_tcp_network_load.moc"
