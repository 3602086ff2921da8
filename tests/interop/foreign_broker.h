// Other people's brokers, each on a free port of 127.0.0.1 for as long as the object lives.
#pragma once

#include "core/link/endpoint.h"
#include "core/mqtt/types.h"
#include "tests/interop/process.h"

#include <QTemporaryDir>

namespace sessionscope::interop {

enum class Maker
{
    Mosquitto, ///< Debian's
    Aedes      ///< of npm, pinned in package-lock.json; 3.1 and 3.1.1 only
};

class ForeignBroker
{
public:
    /// What mosquitto is told to grant no more of.
    static constexpr quint16 longestKeepAlive = 120;
    static constexpr quint32 largestPacket = 100'000;

    /// Empty when the broker can be had here; else what is missing.
    static QString missing(Maker maker);

    bool start(Maker maker);
    /// mosquitto with the test's certificate, at a port for TLS and one for WebSocket besides.
    bool startWithTransports();
    Endpoint endpoint() const { return {.host = QStringLiteral("127.0.0.1"), .port = m_port, .path = {}}; }
    /// After startWithTransports(): where Tls or WebSocket is, for a client that trusts the test's CA.
    Endpoint endpoint(Scheme scheme) const;

private:
    enum class Listeners
    {
        Tcp,
        AllTransports
    };
    bool startMosquitto(Listeners listeners);
    bool startAedes();

    QTemporaryDir m_folder;
    LineProcess m_process{StandardError::Read}; ///< where mosquitto logs to
    quint16 m_port = 0;
    quint16 m_tlsPort = 0;
    quint16 m_webSocketPort = 0;
};

/// One of each, started when it is first asked for. Rows of test data name one by its maker.
class ForeignBrokers
{
public:
    /// With the columns "maker" and "version": every broker in every version it speaks, from the given one on.
    static void addRows(Version from = Version::V31);
    /// nullptr when it did not start.
    const ForeignBroker *get(Maker maker);

private:
    std::array<std::unique_ptr<ForeignBroker>, 2> m_brokers;
};

} // namespace sessionscope::interop
