// A network of sockets with a sink that writes everything down, both ends of each connection in it, and waits with a
// bound.
#pragma once

#include "core/net/socket_network.h"
#include "tests/link/recording_sink.h"

#include <QDir>
#include <QTest>

namespace sessionscope {

/// Longer than anything here takes on a busy machine; a test that fails waits this long once.
constexpr int patience = 20'000;

template<class Sockets> struct BasicSocketWorld
{
    RecordingSink sink;
    Sockets network;
    Endpoint endpoint;
    LinkId nextClient{1};

    explicit BasicSocketWorld(const SocketLimits &limits = {}) : network(limits)
    {
        network.setSink(&sink);
        sink.onTurnEnd = [this] { network.flush(); };
    }

    /// False when listening or connecting fails.
    bool listen(const QString &url = QStringLiteral("127.0.0.1:0"), const TlsSettings &tls = {})
    {
        Endpoint wanted = *parseEndpoint(url);
        wanted.tls = tls;
        const auto listening = network.listen(wanted);
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

/// Of plain sockets only.
using SocketWorld = BasicSocketWorld<TcpNetwork>;

/// Descriptors that this process has open.
inline qsizetype openDescriptors()
{
    return QDir(QStringLiteral("/proc/self/fd"))
        .entryList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::System)
        .size();
}

} // namespace sessionscope
