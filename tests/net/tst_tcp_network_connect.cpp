// Connecting and listening on real sockets that cannot be had, and what the sink is told of it.
#include "socket_world.h"

#include <QHostInfo>
#include <QTemporaryDir>

#include <unistd.h>

using namespace sessionscope;

namespace {

// A listener of the system that takes no connection: its backlog is full from the start.
class DeafListener
{
public:
    bool open()
    {
        SocketAddress address = *numericAddress(QStringLiteral("127.0.0.1"), 0);
        m_listener = openSocket(AF_INET);
        if (bind(m_listener, address.get(), address.length) != 0 || ::listen(m_listener, 0) != 0)
            return false;
        port = localPort(m_listener);
        address = withPort(address, port);
        for (int &each : m_fillers) {
            each = openSocket(AF_INET);
            ::connect(each, address.get(), address.length);
        }
        return true;
    }
    ~DeafListener()
    {
        for (const int each : m_fillers)
            ::close(each);
        ::close(m_listener);
    }

    quint16 port = 0;

private:
    int m_listener = -1;
    std::array<int, 4> m_fillers{-1, -1, -1, -1};
};

} // namespace

class TestTcpNetworkConnect : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void closes_while_connecting()
    {
        DeafListener deaf;
        QVERIFY(deaf.open());
        SocketWorld world;
        world.endpoint.port = deaf.port;
        const LinkId numeric = world.open();
        world.endpoint.host = QStringLiteral("localhost");
        // Qt leaks a little of a lookup that is aborted while it runs; what it remembers is not looked up.
        QHostInfo::fromName(world.endpoint.host);
        const LinkId named = world.open();
        world.network.close(numeric, CloseHow::Close);
        world.network.close(named, CloseHow::Reset);
        QVERIFY(world.waitFor([&] { return world.sink.count("closed by us") == 2; }));
        QCOMPARE(world.sink.count("failed"), 0);
        QCOMPARE(world.network.slotCount(), 0);
    }

    void fails_with_the_systems_words_when_refused()
    {
        SocketWorld world;
        QVERIFY(world.listen());
        world.network.stopListening();
        const LinkId client = world.open();
        QVERIFY(world.waitFor([&] { return world.sink.saw(client, "failed"); }));
        QVERIFY2(world.sink.failure.contains(QStringLiteral("Connection refused")), qPrintable(world.sink.failure));
        QVERIFY(world.sink.failure.contains(QString::number(world.endpoint.port)));
        QCOMPARE(world.network.slotCount(), 0);
    }

    void fails_to_open_an_unresolvable_name()
    {
        SocketWorld world;
        world.endpoint = *parseEndpoint(QStringLiteral("no-such-host.invalid"));
        const LinkId client = world.open();
        QVERIFY(world.waitFor([&] { return world.sink.saw(client, "failed"); }));
        QVERIFY2(world.sink.failure.contains(QStringLiteral("no-such-host.invalid")), qPrintable(world.sink.failure));
        QCOMPARE(world.network.slotCount(), 0);
    }

    void gives_up_when_nobody_answers()
    {
        DeafListener deaf;
        QVERIFY(deaf.open());
        SocketLimits limits;
        limits.connect = std::chrono::milliseconds(300);
        SocketWorld world(limits);
        world.endpoint.port = deaf.port;
        const LinkId client = world.open();
        QVERIFY(world.waitFor([&] { return world.sink.saw(client, "failed"); }));
        QVERIFY2(world.sink.failure.contains(QStringLiteral("no answer within 0.3 s")), qPrintable(world.sink.failure));
        QCOMPARE(world.network.slotCount(), 0);
    }

    void refuses_what_needs_layers()
    {
        SocketWorld world;
        for (const char *url : {"mqtts://127.0.0.1:1", "ws://127.0.0.1:1", "wss://127.0.0.1:1"}) {
            world.endpoint = *parseEndpoint(QLatin1String(url));
            const auto listening = world.network.listen(world.endpoint);
            QVERIFY(!listening.ok());
            QVERIFY(listening.error().contains(QLatin1String(url)));
            const LinkId client = world.open();
            QVERIFY(world.waitFor([&] { return world.sink.saw(client, "failed"); }));
            QVERIFY(world.sink.failure.contains(QStringLiteral("mqtt:// and unix:// only")));
        }
    }

    void refuses_to_listen_with_the_systems_words_data()
    {
        QTest::addColumn<QString>("url");
        QTest::addColumn<QString>("words");
        QTest::newRow("not here") << QStringLiteral("192.0.2.1:0") << QStringLiteral("Cannot assign requested address");
        QTest::newRow("no folder") << QStringLiteral("unix:///no/such/folder/a.sock")
                                   << QStringLiteral("No such file or directory");
        QTest::newRow("long path") << QString(QStringLiteral("unix:///") + QString(200, u'x'))
                                   << QStringLiteral("at most 107 bytes");
        QTest::newRow("no such name") << QStringLiteral("no-such-host.invalid:0")
                                      << QStringLiteral("no-such-host.invalid");
    }

    void refuses_to_listen_with_the_systems_words()
    {
        QFETCH(QString, url);
        QFETCH(QString, words);
        SocketWorld world;
        const auto listening = world.network.listen(*parseEndpoint(url));
        QVERIFY(!listening.ok());
        QVERIFY2(listening.error().contains(words), qPrintable(listening.error()));
    }

    void refuses_an_address_in_use()
    {
        SocketWorld first;
        QVERIFY(first.listen());
        SocketWorld second;
        const auto listening = second.network.listen(first.endpoint);
        QVERIFY(!listening.ok());
        QVERIFY2(listening.error().contains(QStringLiteral("in use")), qPrintable(listening.error()));
    }

    void takes_over_a_stale_socket_file_but_not_a_living_one()
    {
        const QString path = m_folder.filePath(QStringLiteral("stale.sock"));
        const SocketAddress address = *unixAddress(path);
        const int dead = openSocket(AF_UNIX);
        QCOMPARE(bind(dead, address.get(), address.length), 0);
        ::close(dead);
        QVERIFY(QFile::exists(path));
        SocketWorld world;
        QVERIFY(world.listen(QStringLiteral("unix://") + path));
        SocketWorld second;
        QVERIFY(!second.network.listen(world.endpoint).ok());
        QVERIFY(QFile::exists(path));
        world.network.stopListening();
        QVERIFY(!QFile::exists(path));
    }

    void does_not_touch_a_file_that_is_no_socket()
    {
        const QString path = m_folder.filePath(QStringLiteral("notes.txt"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.close();
        SocketWorld world;
        QVERIFY(!world.network.listen(*parseEndpoint(QStringLiteral("unix://") + path)).ok());
        QVERIFY(QFile::exists(path));
    }

private:
    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestTcpNetworkConnect)
#include "tst_tcp_network_connect.moc"
