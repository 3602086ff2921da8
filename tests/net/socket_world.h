// A TcpNetwork with a sink that writes everything down, both ends of each connection in it, and waits with a bound.
#pragma once

#include "core/net/tcp_network.h"
#include "tests/link/recording_sink.h"

#include <QDir>
#include <QTest>

namespace sessionscope {

/// Longer than anything here takes on a busy machine; a test that fails waits this long once.
constexpr int patience = 20'000;

struct SocketWorld
{
    RecordingSink sink;
    TcpNetwork network;
    Endpoint endpoint;
    LinkId nextClient{1};

    explicit SocketWorld(const SocketLimits &limits = {}) : network(limits)
    {
        network.setSink(&sink);
        sink.onTurnEnd = [this] { network.flush(); };
    }

    /// False when listening or connecting fails.
    bool listen(const QString &url = QStringLiteral("127.0.0.1:0"))
    {
        const auto listening = network.listen(*parseEndpoint(url));
        if (!listening) {
            qWarning("%s", qPrintable(listening.error()));
            return false;
        }
        endpoint = *listening;
        return true;
    }

    LinkId open()
    {
        const LinkId link{nextClient.value++};
        network.open(link, endpoint);
        return link;
    }

    /// A connection of which both ends know; client and server tell the ends.
    bool connectPair(LinkId &client, LinkId &server)
    {
        const auto before = sink.accepted.size();
        client = open();
        if (!waitFor([&] { return sink.saw(client, "opened") && sink.accepted.size() == before + 1; }))
            return false;
        server = sink.accepted.last();
        return true;
    }

    void sendNow(LinkId link, const QByteArray &head, const QByteArray &payload = {})
    {
        network.send(link, head, payload);
        network.flush();
    }

    template<class Condition> static bool waitFor(Condition condition) { return QTest::qWaitFor(condition, patience); }
};

/// Descriptors that this process has open.
inline qsizetype openDescriptors()
{
    return QDir(QStringLiteral("/proc/self/fd"))
        .entryList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::System)
        .size();
}

} // namespace sessionscope
